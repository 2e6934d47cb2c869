--- `debitura store`: what an operator does about the store itself.
-- @module debitura.cli.store

local status = require("debitura.cli.exit_status")
local store = require("debitura.store")

local restamp = {
  name = "restamp", summary = "Says that the store belongs to the configured environment.",
  details = "A store belongs to the environment in which it was first used, and others are "
    .. "refused: its records are about clients that another environment does not have.",
  json = true, changes = true, destroys = true,
}

function restamp.describe() end

--- The store, opened whatever its stamp.
local function opened(session)
  local platform, err = session:platform()
  if not platform then return nil, err end
  local configured
  configured, err = session:part("store")
  if not configured then return nil, err end
  local any = store.lazy(platform.options.store)
  any:require_existing()
  local found
  found, err = any:opened()
  if not found then return nil, err end
  return found, platform.environment
end

--- Restamps a store that is open.
local function stamp(session, found, environment)
  local was, err = found:stamp(nil)
  if was == nil then return nil, err end
  if was == environment then
    session:note(("The store belongs to %s already."):format(environment))
    return status.done
  end
  if session.arguments.dry_run then
    session:note(("The store would belong to %s instead of %s."):format(environment, was or "none"))
    return status.done
  end
  if was then
    local sure
    sure, err = session:confirm(("The store of %s becomes one of %s"):format(was, environment),
      environment, true)
    if not sure then return nil, err end
  end
  local done
  done, err = found:restamp(environment)
  if not done then return nil, err end
  session.out:record({ environment = environment, was = was or nil },
    { { "Environment", "environment" }, { "Was", "was" } })
  return status.done
end

function restamp.run(_, session)
  local found, environment = opened(session)
  if not found then return nil, environment end
  local code, err = stamp(session, found, environment)
  found:close()
  return code, err
end

return { summary = "What is done about the store itself.", commands = { restamp } }
