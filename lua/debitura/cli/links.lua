--- `debitura links`: the links in the store, and what an operator does about one.
-- @module debitura.cli.links

local records = require("debitura.cli.records")
local link_machine = require("debitura.recipes.link")
local options = require("debitura.cli.options")
local status = require("debitura.cli.exit_status")
local stored = require("debitura.workflow.records")
local text = require("debitura.cli.text")

local SHOWN = 500 -- cases and jobs of one link that are shown at most

local function tenant_argument(parser)
  parser:argument("tenant", "The client's externalTenantId."):argname("TENANT")
end

--- A link as it is shown, without its URL and payload.
local function visible(link)
  local data = stored.read(link).data
  return {
    tenant = link.tenant, state = link.state, generation = link.generation, variant = data.variant,
    reason = link.reason, detail = link.result, cases = data.cases or 0,
    awaited = data.awaited or 0, failed = data.failed or 0,
    terms = link.terms, requested_at = link.requested_at, expires_at = link.expires_at,
    created_at = link.created_at, updated_at = link.updated_at,
    is_attributed_client = records.attributed(data), has_url = link.url ~= nil,
    unreadable = link.unreadable and true or nil,
  }
end

-- Listing -----------------------------------------------------------------------------------------

local COLUMNS = {
  { "TENANT", "tenant" }, { "STATE", "state" }, { "GENERATION", "generation" },
  { "VARIANT", "variant" }, { "ATTRIBUTED", "is_attributed_client" },
  { "EXPIRES", records.moment("expires_at") }, { "CASES", "cases" },
  { "AWAITED", "awaited" }, { "FAILED", "failed" },
  { "UPDATED", records.moment("updated_at") },
}

local list = { name = "list", summary = "Lists the links in the store.", json = true }

function list.describe(parser)
  parser:option("--state", "In this state only."):choices(records.states(link_machine))
  parser:option("--after", "Those behind this client, in the order of the list."):argname("TENANT")
  parser:option("--limit", "How many at most."):argname("COUNT"):convert(options.whole(1))
end

function list.run(arguments, session)
  return records.list(session, COLUMNS, visible, {
    kind = "link", state = arguments.state,
    after = arguments.after and { tenant = arguments.after, name = "" },
  }, arguments.limit)
end

-- One link ----------------------------------------------------------------------------------------

local FIELDS = {
  { "Tenant", "tenant" }, { "State", function(link)
    return ("%s: %s"):format(link.state, link_machine.states[link.state] or "")
  end },
  { "Reason", "reason" }, { "Debitura says", "detail" }, { "Generation", "generation" },
  { "Variant", "variant" },
  { "Attributed", "is_attributed_client" },
  { "Requested", records.moment("requested_at") }, { "Expires", records.moment("expires_at") },
  { "Cases", "cases" }, { "Awaited", "awaited" }, { "Failed", "failed" },
  { "Created", records.moment("created_at") }, { "Updated", records.moment("updated_at") },
}

local function signings(store, tenant)
  local found = {}
  for _, kind in ipairs { "signing", "kyc" } do
    local record, err = store:record(kind, tenant, "")
    if record == nil then return nil, err end
    if record then
      found[#found + 1] = {
        kind = kind, state = record.state, generation = record.generation,
        updated_at = record.updated_at,
      }
    end
  end
  return found
end

local function cases_of(store, tenant)
  local page, err = store:records { kind = "case", tenant = tenant, limit = SHOWN }
  if not page then return nil, err end
  local shown = {}
  for i, case in ipairs(page) do
    local data = stored.read(case).data
    shown[i] = {
      creditor_reference = case.name, state = case.state, origin = case.origin,
      reference = data.reference, case_id = data.case_id, reason = case.reason,
      lifecycle = data.lifecycle, close_code = data.close_code,
    }
  end
  return shown
end

--- What is shown beside the link, each as a table: how it is had from the store, and its columns.
local PARTS = {
  {
    name = "cases", rows = cases_of,
    columns = {
      { "CASE", "creditor_reference" }, { "STATE", "state" }, { "ORIGIN", "origin" },
      { "REFERENCE", "reference" }, { "LIFECYCLE", "lifecycle" }, { "REASON", "reason" },
    },
  },
  {
    name = "jobs",
    rows = function(store, tenant) return store:jobs { tenant = tenant, limit = SHOWN } end,
    columns = {
      { "JOB", "kind" }, { "GENERATION", "generation" }, { "OF", "record" }, { "NAME", "name" },
      { "NEEDS", "needs" }, { "STATE", "state" }, { "ATTEMPT", "attempt" },
      { "DUE", records.moment("due_at") }, { "ENDED", records.moment("ended_at") },
      { "RESULT", "result" },
    },
  },
  {
    name = "signings", rows = signings,
    columns = {
      { "SIGNING", "kind" }, { "STATE", "state" }, { "GENERATION", "generation" },
      { "UPDATED", records.moment("updated_at") },
    },
  },
  {
    name = "history",
    rows = function(store, tenant)
      return store:record_history { kind = "link", tenant = tenant, name = "", limit = SHOWN }
    end,
    columns = {
      { "HAPPENED", "event" }, { "AT", records.moment("at") }, { "FROM", "from_state" },
      { "TO", "to_state" }, { "GENERATION", "generation" }, { "NOTE", "note" },
    },
  },
}

local show = {
  name = "show",
  summary = "Shows a link: its cases, what is due and was delivered, and what happened.",
  json = true,
  describe = tenant_argument,
}

local function unknown(session, tenant)
  session:note(("There is no link of %s in the store."):format(text.clean(tenant)))
  return status.refused
end

function show.run(arguments, session)
  local store, err = session:store()
  if not store then return nil, err end
  local link
  link, err = store:record("link", arguments.tenant, "")
  if link == nil then return nil, err end
  if not link then return unknown(session, arguments.tenant) end
  local shown = visible(link)
  for _, part in ipairs(PARTS) do
    shown[part.name], err = part.rows(store, arguments.tenant)
    if not shown[part.name] then return nil, err end
  end
  if session.out.json then
    session.out:object(shown)
    return status.done
  end
  session.out:record(visible(link), FIELDS)
  for _, part in ipairs(PARTS) do
    if shown[part.name][1] then
      session.out:line("")
      local rows = session.out:table(part.columns)
      for _, row in ipairs(shown[part.name]) do rows:row(row) end
      rows:close()
    end
  end
  return status.done
end

-- Acting on one -----------------------------------------------------------------------------------

--- What an operator reads of a link that has moved, and of the deliveries that were to be made.
local function tell(session, link, deliveries)
  local failed = {}
  for channel, delivery in pairs(deliveries or {}) do
    if delivery.why then
      failed[#failed + 1] = ("The delivery by %s is %s: %s"):format(channel, delivery.state,
        text.clean(delivery.why))
    end
  end
  table.sort(failed)
  if session.out.json then
    local shown = visible(link)
    shown.deliveries = deliveries
    session.out:object(shown)
  else
    session:note(("%s is %s."):format(text.clean(link.tenant), link.state))
    for _, line in ipairs(failed) do session:note(line) end
  end
  return failed[1] and status.partial or status.done
end

--- A command about one link: `act` is given the recipes, the tenant and the arguments; `stays` says
-- why nothing has changed.
local function about_one(command)
  command.json, command.changes = true, true
  command.describe = function(parser)
    tenant_argument(parser)
    if command.more then command.more(parser) end
  end
  command.run = function(arguments, session)
    local recipes, err = session:recipes()
    if not recipes then return nil, err end
    local link
    link, err = session:store():record("link", arguments.tenant, "")
    if link == nil then return nil, err end
    if not link then return unknown(session, arguments.tenant) end
    if arguments.dry_run then
      session:note(command.would:format(text.clean(arguments.tenant), link.state))
      return status.done
    end
    if command.destroys then
      local sure
      sure, err = session:confirm(command.asks:format(text.clean(arguments.tenant)),
        arguments.tenant)
      if not sure then return nil, err end
    end
    local word, moved = command.act(recipes, arguments.tenant, arguments)
    if not word then return nil, moved end
    if word == "moved" then return tell(session, moved, moved.deliveries) end
    session:note(("%s is %s: %s"):format(text.clean(arguments.tenant), moved.state, command.stays))
    return status.refused
  end
  return command
end

local function channel_option(parser)
  parser:option("--channel", "By this one of the configured channels; default: all.")
    :argname("NAME")
end

--- Hands the URL over by a channel that there is.
local function deliver(remind)
  return function(recipes, tenant, arguments)
    return recipes.approval:deliver(tenant, { channel = arguments.channel, remind = remind })
  end
end

local deliver_again = about_one {
  name = "deliver", summary = "Hands a link's URL over once more.", more = channel_option,
  act = deliver(nil), would = "The URL of %s (%s) would be handed over once more.",
  stays = "there is no URL to hand over.",
}

local remind = about_one {
  name = "remind", summary = "Reminds a customer now.", more = channel_option, act = deliver(true),
  details = "Debitura is asked first: who has approved by now is not reminded, and the link is "
    .. "seen as linked.",
  would = "%s (%s) would be reminded.", stays = "there is nothing to be reminded of.",
}

local recover = about_one {
  name = "recover", summary = "Asks for a new URL now, and delivers it.",
  details = "Also when recovery makes a pause, or has given up. While the window is open the URL "
    .. "is still good: `links deliver`.",
  act = function(recipes, tenant) return recipes.recovery:recover(tenant) end,
  would = "A new URL would be asked for, for %s (%s).",
  stays = "there is nothing to recover. `links deliver` hands over what is good; `links request "
    .. "FILE --again` starts anew.",
}

local close = about_one {
  name = "close", summary = "Closes a link that is not answered.", destroys = true,
  details = "Nothing more is sent for it. An approval that comes all the same counts.",
  more = function(parser) parser:option("--reason", "For the history."):argname("TEXT") end,
  act = function(recipes, tenant, arguments)
    return recipes.approval:close(tenant, arguments.reason)
  end,
  would = "%s (%s) would be closed.", asks = "The link of %s is closed",
  stays = "there is nothing to close.",
}

local confirm_gone = {
  name = "confirm-gone", summary = "Says that Debitura no longer has some clients.", json = true,
  changes = true, destroys = true,
  details = "Where many clients are found gone at once, a sweep waits for this: a wrong key looks "
    .. "the same. `links request FILE --again` leads on from there.",
}

function confirm_gone.describe(parser)
  parser:argument("tenant", "The clients' externalTenantIds."):argname("TENANT"):args("+")
end

function confirm_gone.run(arguments, session)
  local recipes, err = session:recipes()
  if not recipes then return nil, err end
  local tenants = arguments.tenant
  if arguments.dry_run then
    session:note(("%d clients would be gone."):format(#tenants))
    return status.done
  end
  local sure
  sure, err = session:confirm(("%d clients are taken for gone"):format(#tenants))
  if not sure then return nil, err end
  local refused = 0
  for _, tenant in ipairs(tenants) do
    local word, link = recipes.approval:gone(tenant, "confirmed by an operator")
    if not word then return nil, link end
    if word == "moved" then
      tell(session, link)
    else
      session:note(("%s is %s: Debitura was not known to have it."):format(text.clean(tenant),
        link and link.state or "not in the store"))
      refused = refused + 1
    end
  end
  return status.of_many(#tenants - refused, refused)
end

-- A new one ---------------------------------------------------------------------------------------

local request = {
  name = "request",
  summary = "Asks for a client, delivers what the customer needs, and follows the link.",
  json = true, changes = true, makes_store = true,
}

function request.describe(parser)
  parser:argument("file", "CreateClientRequest as JSON; - for standard input."):argname("FILE")
  parser:flag("--again", "Starts anew what has ended, or sends another payload for what has not.")
end

function request.run(arguments, session)
  local payload, recipes = records.prepare(arguments, session,
    "The request would be recorded and sent.")
  if not payload then return payload == false and status.done or nil, recipes end
  local outcome, err = recipes.approval:request(payload, { again = arguments.again })
  if not outcome then return nil, err end
  if outcome.detail then session:note("Debitura says: " .. text.clean_lines(outcome.detail)) end
  if outcome.advice then session:note(outcome.advice) end
  local link
  link, err = session:store():record("link", outcome.external_tenant_id, "")
  if not link then return nil, err end
  local code = tell(session, link, outcome.deliveries)
  if outcome.failure then return nil, outcome.failure end
  return outcome.state == "refused" and status.refused or code
end

return {
  summary = "The links that are followed.",
  commands = { list, show, request, deliver_again, remind, recover, close, confirm_gone },
}
