--- `debitura check`: whether a definition could go to work. Sends nothing and changes nothing.
-- @module debitura.cli.check

local report = require("debitura.cli.report")
local secrets = require("debitura.cli.secrets")
local status = require("debitura.cli.exit_status")

local command = {
  summary = "Checks the platform's definition and its store; sends nothing, changes nothing.",
  json = true,
  details = "For CI and before a deploy: 0 when it can go to work, 2 when something is wrong, 3 "
    .. "when the store was not reached.",
}

function command.describe(parser)
  parser:flag("--no-store", "Leave the store out.")
end

-- The definition ----------------------------------------------------------------------------------

--- Makes the parts that are configured; the first mistake ends it.
local function check_parts(session, options)
  local configured = {
    partner = options.api_key or options.store, recipes = options.store,
    permalink = options.permalink, receiver = options.webhook,
  }
  for _, name in ipairs { "partner", "recipes", "permalink", "receiver" } do
    if configured[name] then
      local made, err = session:part(name)
      if not made then return "fail", err end
    end
  end
  return "ok", "every part can be made"
end

local function check_secret(options)
  local hook = options.webhook
  if not hook then return "skip", "no webhook is configured" end
  local verifier, count = secrets.verifier(hook)
  if not verifier then return "fail", count end
  return "ok", ("%d to verify webhooks with"):format(count)
end

local function check_channels(options)
  local names = {}
  for i, channel in ipairs(options.channels or {}) do names[i] = channel.name end
  if names[1] then return "ok", table.concat(names, ", ") end
  if options.permalink then return "ok", "none, but a permalink" end
  return "fail", "no channel carries a customer's URL",
    "Configure channels, such as debitura.channels.email, or a permalink."
end

-- The store ---------------------------------------------------------------------------------------

local function fail(err)
  return "fail", tostring(err), nil, err.retryable and status.transport or status.usage
end

local function check_stamp(opened, environment)
  local stamp, err = opened:stamp(nil)
  if stamp == nil then return fail(err) end
  if not stamp then return "ok", "belongs to no environment yet" end
  if stamp == environment then return "ok", "belongs to " .. stamp end
  return "fail", ("belongs to %s, this platform to %s"):format(stamp, environment),
    "Give it another store, or see `debitura store restamp`."
end

--- Whether this definition has what open jobs need: what records were promised.
local function check_needs(opened, session)
  local counts, err = opened:counts()
  if not counts then return fail(err) end
  local recipes = session:part("recipes")
  local has, missing = {}, {}
  for _, needs in ipairs(recipes and recipes.runner.can or {}) do has[needs] = true end
  for _, row in ipairs(counts) do
    if row.of == "need" and not has[row.kind] then
      missing[#missing + 1] = ("%d need %s"):format(row.count, row.kind)
    end
  end
  table.sort(missing)
  if not missing[1] then return "ok", "open jobs need nothing that this platform lacks" end
  return "fail", "open jobs wait for what this platform lacks: " .. table.concat(missing, ", "),
    "Customers were promised it: keep it until none are left."
end

-- All of it ---------------------------------------------------------------------------------------

local function check_store(session, platform, say)
  if session.arguments.no_store then return say("store", "skip", "left out") end
  if not platform.options.store then return say("store", "skip", "none is configured") end
  local opened, err = session:any_store()
  if not opened and err.missing then
    return say("store", "ok", "is not there yet; its first use makes it")
  end
  if not opened then return say("store", fail(err)) end
  say("store", "ok", "is there")
  say("environment", check_stamp(opened, platform.environment))
  say("jobs", check_needs(opened, session))
  opened:close()
end

function command.run(_, session)
  local told = report.new(session, status.usage)
  local function say(...) told:line(...) end
  local platform, err = session:platform()
  if not platform then
    say("definition", "fail", err)
    return told:status()
  end
  say("definition", "ok", session:config().path or "from the environment only")
  say("parts", check_parts(session, platform.options))
  say("channels", check_channels(platform.options))
  say("secret", check_secret(platform.options))
  check_store(session, platform, say)
  return told:status()
end

return command
