--- `debitura links`: the links in the store.
-- @module debitura.cli.links

local actions = require("debitura.cli.link_actions")
local link_machine = require("debitura.recipes.link")
local link_view = require("debitura.cli.link_view")
local listing = require("debitura.cli.listing")
local must = require("debitura.cli.must")
local options = require("debitura.cli.options")
local records = require("debitura.cli.records")
local selection = require("debitura.cli.selection")
local status = require("debitura.cli.exit_status")

local SHOWN = 500 -- cases and jobs of one link that are shown at most

-- Listing -----------------------------------------------------------------------------------------

local COLUMNS = {
  { "TENANT", "tenant" }, { "STATE", "state" }, { "GENERATION", "generation", rank = 8 },
  { "VARIANT", "variant", rank = 7 }, { "ATTRIBUTED", "is_attributed_client", rank = 9 },
  { "EXPIRES", "expires_at", moment = true }, { "CASES", "cases", rank = 3 },
  { "AWAITED", "awaited", rank = 4 }, { "FAILED", "failed", rank = 5 },
  { "UPDATED", "updated_at", moment = true, rank = 2 },
  { "CUSTOMER", "customer", rank = 2 }, { "ADDRESS", "address", rank = 3 },
}

local list = { name = "list", summary = "Lists the links in the store.", json = true,
  tables = true }

function list.describe(parser)
  selection.describe_links(parser)
  parser:option("--after", "Those behind this client, in the order of the list."):argname("TENANT")
  listing.describe(parser, COLUMNS)
end

function list.run(arguments, session)
  local filter, wanted = selection.filter("link", arguments, session:now())
  filter.after = arguments.after and { tenant = arguments.after, name = "" }
  return listing.print(session, COLUMNS, "records", filter, function(link)
    return wanted(link) and link_view.visible(link)
  end)
end

-- One link ----------------------------------------------------------------------------------------

local FIELDS = {
  { "Tenant", "tenant" }, { "State", function(link)
    return ("%s: %s"):format(link.state, link_machine.states[link.state] or "")
  end },
  { "Customer", "customer" }, { "Address", "address" },
  { "Reason", "reason" }, { "Debitura says", "detail" }, { "Generation", "generation" },
  { "Variant", "variant" },
  { "Attributed", "is_attributed_client" }, { "Unanswered", "unanswered" },
  { "Requested", "requested_at", moment = true }, { "Expires", "expires_at", moment = true },
  { "Undelivered since", "undelivered_since", moment = true },
  { "Cases", "cases" }, { "Awaited", "awaited" }, { "Failed", "failed" },
  { "Created", "created_at", moment = true }, { "Updated", "updated_at", moment = true },
}

local function signings(store, tenant)
  local found = {}
  for _, kind in ipairs { "signing", "kyc" } do
    local record = must(store:record(kind, tenant, ""))
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
  local page = must(store:records { kind = "case", tenant = tenant, limit = SHOWN })
  local shown = {}
  for i, case in ipairs(page) do
    local data = records.data(case)
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
      { "CASE", "creditor_reference" }, { "STATE", "state" }, { "ORIGIN", "origin", rank = 4 },
      { "REFERENCE", "reference", rank = 3 }, { "LIFECYCLE", "lifecycle", rank = 2 },
      { "REASON", "reason" },
    },
  },
  {
    name = "jobs",
    rows = function(store, tenant) return store:jobs { tenant = tenant, limit = SHOWN } end,
    columns = {
      { "JOB", "kind" }, { "GENERATION", "generation", rank = 7 }, { "OF", "record", rank = 6 },
      { "NAME", "name", rank = 5 }, { "NEEDS", "needs", rank = 2 }, { "STATE", "state" },
      { "ATTEMPT", "attempt", rank = 4 }, { "DUE", "due_at", moment = true },
      { "ENDED", "ended_at", moment = true, rank = 3 }, { "RESULT", "result" },
    },
  },
  {
    name = "signings", rows = signings,
    columns = {
      { "SIGNING", "kind" }, { "STATE", "state" }, { "GENERATION", "generation", rank = 2 },
      { "UPDATED", "updated_at", moment = true },
    },
  },
  {
    name = "history",
    rows = function(store, tenant)
      return store:record_history { kind = "link", tenant = tenant, name = "", limit = SHOWN }
    end,
    columns = {
      { "HAPPENED", "event" }, { "AT", "at", moment = true }, { "FROM", "from_state" },
      { "TO", "to_state" }, { "GENERATION", "generation", rank = 3 },
      { "NOTE", "note", rank = 2 },
    },
  },
}

local show = {
  name = "show",
  summary = "Shows a link: its cases, what is due and was delivered, and what happened.",
  json = true, tables = true, describe = options.tenant,
}

function show.run(arguments, session)
  local store = must(session:store())
  local link = must(store:record("link", arguments.tenant, ""))
  if not link then return link_view.unknown(session, arguments.tenant) end
  local shown = link_view.visible(link)
  for _, part in ipairs(PARTS) do
    local rows = must(part.rows(store, arguments.tenant))
    shown[part.name] = rows
    if #rows == SHOWN then
      session:note(("Of its %s only the first %d are shown."):format(part.name, SHOWN))
    end
  end
  if session.out.json then
    session.out:object(shown)
    return status.done
  end
  session.out:record(link_view.visible(link), FIELDS)
  for _, part in ipairs(PARTS) do
    if shown[part.name][1] then
      session.out:line("")
      session.out:rows(part.columns, shown[part.name])
    end
  end
  return status.done
end

local commands = { list, show }
for _, command in ipairs(actions) do commands[#commands + 1] = command end

return { summary = "The links that are followed.", commands = commands }
