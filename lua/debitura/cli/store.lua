--- `debitura store`: what an operator does about the store itself.
-- @module debitura.cli.store

local must = require("debitura.cli.must")
local status = require("debitura.cli.exit_status")
local store = require("debitura.store")

local restamp = {
  name = "restamp", summary = "Says that the store belongs to the configured environment.",
  details = "A store belongs to the environment in which it was first used, and others are "
    .. "refused: its records are about clients that another environment does not have.",
  json = true, changes = true, destroys = true,
}

--- The store, opened whatever its stamp.
local function opened(session)
  local platform = must(session:platform())
  must(session:part("store"))
  local any = store.lazy(platform.options.store)
  any:require_existing()
  return must(any:opened()), platform.environment
end

--- Restamps a store that is open.
local function stamp(session, found, environment)
  local was = must(found:stamp(nil))
  if was == environment then
    session:note(("The store belongs to %s already."):format(environment))
    return status.done
  end
  if session.arguments.dry_run then
    session:note(("The store would belong to %s instead of %s."):format(environment, was or "none"))
    return status.done
  end
  if was then
    must(session:confirm(("The store of %s becomes one of %s"):format(was, environment),
      environment, true))
  end
  must(found:restamp(environment))
  session.out:record({ environment = environment, was = was or nil },
    { { "Environment", "environment" }, { "Was", "was" } })
  return status.done
end

function restamp.run(_, session)
  local found, environment = opened(session)
  local code = stamp(session, found, environment)
  found:close()
  return code
end

return { summary = "What is done about the store itself.", commands = { restamp } }
