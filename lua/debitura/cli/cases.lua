--- `debitura cases`: cases that are submitted, and how they stand.
-- @module debitura.cli.cases

local case_import = require("debitura.cli.case_import")
local case_machine = require("debitura.recipes.case")
local core = require("debitura.core")
local listing = require("debitura.cli.listing")
local must = require("debitura.cli.must")
local records = require("debitura.cli.records")
local options = require("debitura.cli.options")
local selection = require("debitura.cli.selection")
local status = require("debitura.cli.exit_status")
local text = require("debitura.cli.text")

--- A case as it is shown: without its payload and what it could be opened with.
local function visible(case)
  local data = records.data(case)
  return {
    tenant = case.tenant, creditor_reference = case.name, state = case.state, origin = case.origin,
    generation = case.generation, reason = case.reason, detail = case.result,
    case_id = data.case_id,
    reference = data.reference, lifecycle = data.lifecycle, close_code = data.close_code,
    created_at = case.created_at, updated_at = case.updated_at,
  }
end

-- Listing -----------------------------------------------------------------------------------------

local COLUMNS = {
  { "TENANT", "tenant" }, { "CASE", "creditor_reference" }, { "STATE", "state" },
  { "ORIGIN", "origin", rank = 5 }, { "LIFECYCLE", "lifecycle", rank = 4 }, { "REASON", "reason" },
  { "REFERENCE", "reference", rank = 3 }, { "UPDATED", "updated_at", moment = true, rank = 2 },
}

local list = {
  name = "list", summary = "Lists the cases on the records.", json = true, tables = true,
}

function list.describe(parser)
  parser:option("--tenant", "Of this client only."):argname("TENANT")
  selection.describe(parser, case_machine)
  listing.describe(parser, COLUMNS)
end

function list.run(arguments, session)
  local filter, wanted = selection.filter("case", arguments, session:now())
  filter.tenant = arguments.tenant
  return listing.print(session, COLUMNS, "records", filter, function(case)
    return wanted(case) and visible(case)
  end)
end

-- One case ----------------------------------------------------------------------------------------

local FIELDS = {
  { "Tenant", "tenant" }, { "Case", "creditor_reference" },
  { "State", function(case)
    return ("%s: %s"):format(case.state, case_machine.states[case.state] or "")
  end },
  { "Lifecycle", "lifecycle" }, { "Close code", "close_code" },
  { "Reason", "reason" }, { "Debitura says", "detail" }, { "Advice", "advice" },
  { "Case id", "case_id" },
  { "Reference", "reference" }, { "Attempts", "generation" },
  { "Created", "created_at", moment = true }, { "Updated", "updated_at", moment = true },
}

local HISTORY = {
  { "HAPPENED", "event" }, { "AT", "at", moment = true }, { "FROM", "from_state" },
  { "TO", "to_state" }, { "NOTE", "note", rank = 2 },
}

local function one_case(parser)
  options.tenant(parser)
  parser:argument("reference", "The case's creditorReference."):argname("REFERENCE")
end

local show = { name = "show", summary = "Shows a case and what happened to it.", json = true,
  tables = true,
  describe = one_case }

local function unknown(session, arguments)
  return session:refuse(("There is no case %s of %s in the store."):format(
    text.clean(arguments.reference), text.clean(arguments.tenant)), "not_found")
end

function show.run(arguments, session)
  local store = must(session:store())
  local case = must(store:record("case", arguments.tenant, arguments.reference))
  if not case then return unknown(session, arguments) end
  local history = must(store:record_history {
    kind = "case", tenant = arguments.tenant, name = arguments.reference,
  })
  local shown = visible(case)
  if session.out.json then
    shown.history = core.json.array(history)
    session.out:object(shown)
    return status.done
  end
  session.out:record(shown, FIELDS)
  session.out:line("")
  session.out:rows(HISTORY, history)
  return status.done
end

local withdraw = {
  name = "withdraw", summary = "Gives up a case that Debitura does not have.", json = true,
  changes = true, destroys = true,
}

function withdraw.describe(parser)
  one_case(parser)
  parser:option("--reason", "For the history."):argname("TEXT")
end

function withdraw.run(arguments, session)
  local recipes = must(session:recipes())
  local case = must(recipes.submission:status(arguments.tenant, arguments.reference))
  if not case then return unknown(session, arguments) end
  local reference = text.clean(arguments.reference)
  if not session:proceeds(("%s (%s) would be withdrawn."):format(reference, case.state),
    ("The case %s of %s is given up"):format(arguments.reference, arguments.tenant),
    arguments.reference) then
    return status.done
  end
  local word = must(recipes.submission:withdraw(arguments.tenant, arguments.reference,
    arguments.reason))
  if word == "moved" then
    if session.out.json then
      session.out:object { creditor_reference = arguments.reference, state = "withdrawn" }
    end
    session:note(reference .. " is withdrawn.")
    return status.done
  end
  return session:refuse(("%s is %s: there is nothing to withdraw."):format(reference, case.state),
    "conflict")
end

-- Submitting --------------------------------------------------------------------------------------

--- The exit status that a case's state leads to.
local ENDED = { created = status.done, parked = status.done, submitting = status.transport }

local submit = {
  name = "submit", summary = "Submits a case, once however often it is called.", json = true,
  changes = true, makes_store = true,
  details = "A case that waits for a signature is parked: the customer is asked by the configured "
    .. "channels, and a sweep goes on with it.",
}

function submit.describe(parser)
  options.tenant(parser)
  parser:argument("file", "CreateCollectionCaseRequest as JSON; - for standard input.")
    :argname("FILE")
  parser:flag("--again", "Starts anew what has ended without success, also with another body.")
end

function submit.run(arguments, session)
  local case, recipes = records.prepare(arguments, session, "The case would be recorded and sent.",
    function(all, given)
      return all.submission:try(arguments.tenant, given, { again = arguments.again })
    end)
  if not case then return case == false and status.done or nil, recipes end
  local outcome = must(recipes.submission:submit(arguments.tenant, case,
    { again = arguments.again }))
  local err = outcome.failure
  outcome.case, outcome.failure, outcome.tenant = nil, nil, outcome.external_tenant_id
  session.out:record(outcome, FIELDS)
  if err then return nil, err end
  return ENDED[outcome.state] or status.refused
end

return {
  summary = "Cases that are submitted, and how they stand.",
  commands = { list, show, submit, case_import, withdraw },
}
