--- `debitura forget`: blanks what is personal of clients, as the law may ask for.
-- @module debitura.cli.forget

local core = require("debitura.core")
local input = require("debitura.cli.input")
local must = require("debitura.cli.must")
local status = require("debitura.cli.exit_status")
local text = require("debitura.cli.text")

local command = {
  summary = "Blanks all that is personal of clients in the store.", json = true, changes = true,
  destroys = true,
  details = "Ids, states and times stay, so that late webhooks are known and bring nothing back. "
    .. "Debitura's own data are not touched: `clients delete` asks for that.",
}

function command.describe(parser)
  parser:argument("tenants", "The clients' externalTenantId."):argname("TENANT"):args("*")
  parser:option("--log",
    "File to which each request is added before anything is blanked, for --replay.")
      :argname("FILE")
  parser:option("--replay", "Does again what such a file asks for: after a backup was restored.")
    :argname("FILE")
  parser:flag("--now", "Also while a case or a request is under way.")
end

--- The clients that a file of earlier requests names, each once.
local function replayed(path)
  local content = must(input.read(path))
  local tenants, seen, number = {}, {}, 0
  for line in content:gmatch("[^\n]+") do
    number = number + 1
    local read = core.json.decode(line)
    local tenant = type(read) == "table" and read.forget
    if type(tenant) ~= "string" then
      return nil, ("%s: line %d is no request to forget"):format(path, number)
    end
    if not seen[tenant] then seen[tenant], tenants[#tenants + 1] = true, tenant end
  end
  return tenants
end

local function wanted(arguments)
  if arguments.replay then
    if #arguments.tenants > 0 then return nil, "either clients or --replay" end
    return replayed(arguments.replay)
  end
  if #arguments.tenants == 0 then return nil, "which? Give their externalTenantId" end
  return arguments.tenants
end

--- Writes a request down before it is carried out.
local function note(path, tenant)
  if not path then return true end
  local file = must(io.open(path, "a"))
  local line = assert(core.json.encode { forget = tenant, at = core.system.now() })
  local written, err = file:write(line, "\n")
  local closed = file:close()
  if written and closed then return true end
  return nil, ("%s: %s"):format(path, tostring(err))
end

local function forget(session, recipes, tenant)
  local arguments = session.arguments
  must(note(arguments.log, tenant))
  local count, err = recipes:forget(tenant, { now = arguments.now or arguments.replay ~= nil })
  if not count then return nil, err end
  if arguments.json then
    session.out:object { external_tenant_id = tenant, blanked = count }
  elseif count == 0 then
    session:note(("Nothing is kept of %s."):format(text.clean(tenant)))
  else
    session:note(("%s is forgotten; records and webhooks: %d."):format(text.clean(tenant), count))
  end
  return true
end

function command.run(arguments, session)
  local tenants = must(wanted(arguments))
  local recipes = must(session:recipes())
  if not session:proceeds(("Would forget %d clients."):format(#tenants),
    ("%d clients are forgotten in this store"):format(#tenants)) then
    return status.done
  end
  local done, failed, problem = 0, 0, nil
  for _, tenant in ipairs(tenants) do
    local forgotten, err = forget(session, recipes, tenant)
    if forgotten then
      done = done + 1
    else
      session:fail(err)
      failed, problem = failed + 1, err
    end
  end
  return status.of_many(done, failed, problem)
end

return command
