--- `debitura webhooks`: the subscriptions of this partner, and signatures for local tests.
-- @module debitura.cli.webhooks

local core = require("debitura.core")
local diagnosis = require("debitura.webhook.diagnosis")
local encoding = require("debitura.base.encoding")
local failure = require("debitura.base.failure")
local input = require("debitura.cli.input")
local merged = require("debitura.base.merged")
local must = require("debitura.cli.must")
local operations = require("debitura.operations")
local options = require("debitura.cli.options")
local secrets = require("debitura.cli.secrets")
local send = require("debitura.cli.send")
local sorted_keys = require("debitura.base.sorted_keys")
local status = require("debitura.cli.exit_status")
local subscription = require("debitura.webhook.subscription")
local text = require("debitura.cli.text")
local webhook = require("debitura.webhook")

local field = subscription.field

local function field_named(name)
  return function(dto) return field(dto, name) end
end

local function events_text(dto)
  local names = {}
  for index, name in ipairs(field(dto, "events") or {}) do names[index] = tostring(name) end
  return table.concat(names, ",")
end

--- All events that the partner API knows, as its operation takes them.
local function all_events()
  for _, described in ipairs(operations.shapes("partner").CreateWebhookRequest.fields) do
    if described.name == "events" then return described.items.values end
  end
end

-- Listing -----------------------------------------------------------------------------------------

local COLUMNS = {
  { "ID", field_named("id"), whole = true }, { "ACTIVE", field_named("isActive") },
  { "TEST", field_named("isTestMode"), rank = 3 }, { "URL", field_named("url") },
  { "EVENTS", events_text, rank = 2 },
  { "DISABLED BECAUSE", field_named("disabledReason"), rank = 2 },
}

local list = { name = "list", summary = "Lists the subscriptions, without their secrets.",
  json = true, tables = true }

function list.run(_, session)
  local partner = must(session:partner())
  local found = must(partner.webhooks:list())
  if session.out:rows(COLUMNS, found) == 0 then
    session:note("There are none; `debitura webhooks ensure` makes one.")
  end
  return status.done
end

-- Secrets that are shown once ---------------------------------------------------------------------

local function secret_options(parser)
  parser:option("--secret-file",
    "Put the secret into this file (0600), before those that are there; `receive` reads it.")
    :argname("FILE")
  parser:flag("--show", "Print the secret.")
end

--- Where the secret that a command is about to get will go: nothing may be asked for that could not
-- be kept.
-- @treturn[1] table with `keep(secret, alone)` and `close()`
-- @treturn[2] nil
-- @treturn[2] string
local function keeper_of(arguments, session)
  local hook = session:webhook()
  local path = arguments.secret_file or hook and hook.secret_file
  if path then return secrets.keeper(path) end
  if not arguments.show then
    return nil,
      "the secret is shown once: say where it belongs with --secret-file FILE, or print it with "
        .. "--show"
  end
  return { keep = function() return true end, close = function() end }
end

local SUBSCRIPTION = {
  { "Id", field_named("id") }, { "URL", field_named("url") }, { "Active", field_named("isActive") },
  { "Test events only", field_named("isTestMode") },
  { "Events", events_text }, { "Secret", field_named("secret"), exact = true },
}

--- Prints a subscription; its secret only when that was asked for.
local function print_subscription(session, dto, report)
  local shown = merged(dto, report)
  if not session.arguments.show then shown.secret, shown.Secret = nil, nil end
  session.out:record(shown, SUBSCRIPTION)
end

-- Ensuring ----------------------------------------------------------------------------------------

local ensure = {
  name = "ensure", summary = "Sees to it that Debitura sends events to a URL.", json = true,
  changes = true,
  details = "Subscribes, changes the events of the subscription that is there, or wakes one that "
    .. "was switched off. Called again it changes nothing.",
}

function ensure.describe(parser)
  parser:option("--url", "Where webhooks are received, https; default: the configured webhook.url.")
    :argname("URL")
  parser:option("--event",
    "An event to hear of; may be repeated. Default: the configured webhook.events, or all.")
    :argname("EVENT"):count("*")
  parser:flag("--test", "Test events only.")
  secret_options(parser)
end

--- What was done, and what would be.
local DONE = {
  { "created", "A subscription was made.", "A subscription would be made." },
  { "updated", "Its events were changed.", "Its events would be changed." },
  { "enabled", "It was woken.", "It would be woken." },
}

local function tell(session, report)
  if report.disabled_reason then
    session:note("It had been switched off: " .. text.clean(report.disabled_reason))
  end
  local done = false
  for _, word in ipairs(DONE) do
    if report[word[1]] then
      done = true
      session:note(session.arguments.dry_run and word[3] or word[2])
    end
  end
  if not done then session:note("Nothing was to be done.") end
end

local function events_of(arguments, hook)
  local known = {}
  for _, event in ipairs(all_events()) do known[event] = true end
  local events = arguments.event[1] and arguments.event or hook.events or all_events()
  for _, event in ipairs(events) do
    if not known[event] then
      return nil, ("there is no event '%s'; there are %s")
        :format(event, table.concat(all_events(), ", "))
    end
  end
  return events
end

function ensure.run(arguments, session)
  local partner = must(session:partner())
  local hook = session:webhook()
  local url = arguments.url or hook.url
  if not url then return nil, "which URL? Give --url, or configure webhook.url" end
  local events = must(events_of(arguments, hook))
  local keeper = not arguments.dry_run and must(keeper_of(arguments, session))
  local dto, report = webhook.ensure(partner, {
    url = url, events = events, test = arguments.test, dry_run = arguments.dry_run,
    keep = function(secret) return keeper:keep(secret) end,
  })
  if keeper then keeper:close() end
  if dto == nil then return nil, report end
  if dto then print_subscription(session, dto, report) end
  tell(session, report)
  if keeper and keeper.new and not report.created then
    local id = field(dto, "id")
    session:note(("Its secret is not in %s, and is not shown again: "
      .. "`debitura webhooks rotate %s` makes another."):format(keeper.path, id))
  end
  return status.done
end

-- Rotating ----------------------------------------------------------------------------------------

local rotate = {
  name = "rotate", summary = "Gives a subscription a new secret.", json = true, changes = true,
  destroys = true,
  details = "The file keeps the old one as the second, so that what is under way still passes; "
    .. "--replace drops it.",
}

function rotate.describe(parser)
  parser:argument("id", "Of the subscription."):argname("ID")
  secret_options(parser)
  parser:flag("--replace", "Keep the new secret only, for when the old one is not secret any more.")
end

function rotate.run(arguments, session)
  local partner = must(session:partner())
  local call = { api = partner, row = operations.get("partner", "webhooks.rotate_secret"),
    path = { id = arguments.id } }
  local keeper = not arguments.dry_run and must(keeper_of(arguments, session))
  local code, err = send(session, call, function(dto)
    local secret = field(dto, "secret")
    if type(secret) ~= "string" then
      return nil, failure.new { kind = "malformed", operation = call.row.name,
        message = "the answer holds no secret; rotate again" }
    end
    local kept, problem = keeper:keep(secret, arguments.replace)
    if not kept then
      return nil, failure.new { kind = "store", operation = call.row.name, retryable = false,
        message = "the new secret was not kept, rotate again: " .. problem }
    end
    print_subscription(session, dto)
    return status.done
  end)
  if keeper then keeper:close() end
  return code, err
end

-- Testing -----------------------------------------------------------------------------------------

local test = {
  name = "test",
  summary =
  "Has Debitura send a test event about a real client or case; in the test environment only.",
  json = true, changes = true,
}

function test.describe(parser)
  parser:argument("event", "Such as client.linked."):argname("EVENT")
  parser:option("--tenant", "The externalTenantId, for events about clients."):argname("TENANT")
  parser:option("--case", "The id of the case, for events about cases."):argname("ID")
end

function test.run(arguments, session)
  local partner = must(session:partner())
  local call = {
    api = partner, row = operations.get("partner", "webhooks.test"),
    body = { eventType = arguments.event, externalTenantId = arguments.tenant,
      caseId = arguments.case },
  }
  return send(session, call, function(queued)
    session.out:record(queued, { { "Event", "eventType" }, { "Queued", "enqueuedCount" },
      { "Message", "message" } })
    if queued.enqueuedCount ~= 0 then return status.done end
    return session:refuse(
      "No subscription hears it: test events go to those made with `webhooks ensure --test`.",
      "not_found")
  end)
end

-- Verifying ---------------------------------------------------------------------------------------

local verify = {
  name = "verify",
  summary =
  "Verifies a webhook that was recorded, and tells the likely cause when it does not pass.",
  json = true,
}

function verify.describe(parser)
  parser:argument("file", "The raw body; standard input without it, or for -."):argname("FILE")
    :args("?")
  parser:option("--signature", "The header X-Debitura-Signature."):argname("HEADER"):count(1)
  parser:option("--secret-file", "File with the secrets; else those configured."):argname("FILE")
  parser:flag("--any-age", "Let an old one pass.")
end

local EVENT = {
  { "Event", "event" }, { "Id", "id" }, { "Timestamp", "timestamp" },
  { "Tenant", function(event)
    return type(event.data) == "table" and event.data.externalTenantId
  end },
}

local ANY_AGE = 2 ^ 31 -- seconds

function verify.run(arguments, session)
  local hook = must(session:webhook())
  local verifier = must(secrets.verifier(hook, arguments.secret_file,
    arguments.any_age and ANY_AGE or nil))
  local body = must(input.read(arguments.file or "-"))
  local event, err = verifier:verify(body, arguments.signature)
  if event then
    session.out:record(event, EVENT)
    return status.done
  end
  if err.kind ~= "unauthorized" then return nil, err end
  local cause = diagnosis.cause(err.type, err.details, body, function(other)
    return (verifier.core:verify(arguments.signature, other, err.details.timestamp)) ~= nil
  end)
  return nil, failure.new { kind = "unauthorized", type = err.type,
    operation = "webhooks.verify", message = cause }
end

-- Signing -----------------------------------------------------------------------------------------

local sign = {
  name = "sign",
  summary = "Signs an event as Debitura does and prints it as a curl command, for local tests.",
  json = true,
  details = "debitura webhooks sign --event client.linked | sh",
}

function sign.describe(parser)
  parser:argument("file", "The body; - for standard input. Without it a sample event is made.")
    :argname("FILE"):args("?")
  parser:option("--event", "The sample event."):argname("NAME"):default("client.linked")
  parser:option("--tenant", "The sample's externalTenantId."):argname("TENANT")
  parser:option("--url",
    "Where to send it; default: the configured webhook.url, or where `receive` listens.")
      :argname("URL")
  options.span(parser, "--age", "A span of time: sign it as of then."):default("0s")
  parser:option("--secret-file", "File with the secret; else the one configured."):argname("FILE")
end

local RECEIVE = "http://127.0.0.1:8788/"

local quoted = encoding.shell

local function body_of(arguments)
  if arguments.file then return input.read(arguments.file) end
  local _, body = webhook.example(arguments.event, arguments.tenant
    and { data = { externalTenantId = arguments.tenant } } or nil)
  return body
end

function sign.run(arguments, session)
  local hook = must(session:webhook())
  local found = must(secrets.read(hook, arguments.secret_file))
  local body = must(body_of(arguments))
  local time = math.floor(core.system.now()) - arguments.age
  local signature, err = core.signature.sign(found[1], body, time)
  if not signature then return nil, err.message end
  local event = core.json.decode(body)
  local url = arguments.url or hook.url or RECEIVE
  local headers = {
    ["Content-Type"] = "application/json", ["X-Debitura-Signature"] = signature,
    ["X-Debitura-Timestamp"] = ("%d"):format(time),
    ["X-Debitura-Event"] = type(event) == "table" and type(event.event) == "string" and event.event
      or nil,
  }
  if session.out.json then
    session.out:object { url = url, headers = headers, body = body }
    return status.done
  end
  local words = { "curl -sS -w '\\n' -X POST", quoted(url) }
  local names = sorted_keys(headers)
  for _, name in ipairs(names) do
    words[#words + 1] = "-H " .. quoted(name .. ": " .. headers[name])
  end
  words[#words + 1] = "--data-raw " .. quoted(body)
  session.out:line(table.concat(words, " "))
  return status.done
end

return {
  summary = "Keeps subscriptions, and verifies and signs webhooks.",
  commands = { list, ensure, rotate, test, verify, sign },
}
