--- `debitura clients`: the clients of this partner.
-- @module debitura.cli.clients

local input = require("debitura.cli.input")
local must = require("debitura.cli.must")
local null = require("debitura.base.null")
local operations = require("debitura.operations")
local options = require("debitura.cli.options")
local rows = require("debitura.cli.rows")
local send = require("debitura.cli.send")
local status = require("debitura.cli.exit_status")

--- A column with a field of a part of the client, such as its company.
local function of(part, name)
  return function(client) return null.field(client[part], name) end
end

-- Listing -----------------------------------------------------------------------------------------

local COLUMNS = {
  { "TENANT", "externalTenantId" }, { "COMPANY", of("client", "companyName") },
  { "COUNTRY", of("client", "country"), rank = 2 }, { "ONBOARDED", "onboardingDone" },
  { "ATTRIBUTED", "isAttributedClient", rank = 4 },
  { "LINKED", "dateLinked", moment = true, rank = 3 }, { "CASES", of("caseStats", "casesTotal") },
}

local list = {
  name = "list", summary = "Lists the clients with an active link.", json = true, tables = true,
  details = "Clients whose link is pending are not among them.",
}

local function yes_or_no(option)
  option:choices { "yes", "no" }:convert(function(chosen) return chosen == "yes" end)
end

function list.describe(parser)
  parser:option("--query",
    "Part of a company's name, of its e-mail address or its registration number."):argname("TEXT")
  yes_or_no(parser:option("--onboarded", "yes: those that have signed; no: the others."))
  yes_or_no(parser:option("--attributed",
    "yes: those created by this partner; no: those linked later."))
  parser:option("--sort", "dateCreated or name, with :asc or :desc."):argname("FIELD")
  options.count(parser, "--limit", "How many at most.")
end

function list.run(arguments, session)
  local partner = must(session:partner())
  local clients = partner.clients:list {
    Query = arguments.query, Sort = arguments.sort,
    OnboardingDone = arguments.onboarded, IsAttributedClient = arguments.attributed,
  }
  local shown = session.out:table(COLUMNS)
  local listed, err = rows.each(session, clients, "clients",
    function(client) shown:row(client) end, arguments.limit)
  if shown:close() == 0 and listed then session:note("There are none.") end
  return listed and status.done, err
end

-- One client --------------------------------------------------------------------------------------

local FIELDS = {
  { "Tenant", "externalTenantId" }, { "Company", of("client", "companyName") },
  { "Registration number", of("client", "companyRegistrationNumber") },
  { "Country", of("client", "country") }, { "E-mail", of("client", "officeEmail") },
  { "Onboarded", "onboardingDone" }, { "Onboarding URL", of("onboardingLinks", "url") },
  { "Attributed", "isAttributedClient" }, { "Linked", "dateLinked", moment = true },
  { "KYC", "kycStatus" },
  { "Cases", of("caseStats", "casesTotal") }, { "Closed cases", of("caseStats", "casesClosed") },
}

--- What `clients.*` operations of one client have in common.
local function call_of(session, name, arguments)
  local partner = must(session:partner())
  return { api = partner, row = operations.get("partner", name),
    path = { externalTenantId = arguments.tenant } }
end

local show = { name = "show", summary = "Shows one client.", json = true,
  describe = options.tenant }

function show.run(arguments, session)
  return send(session, call_of(session, "clients.get", arguments), function(client)
    session.out:record(client, FIELDS)
    return status.done
  end)
end

--- Lets the store know, where there is one: a new request leads on from there.
local function take_note(session, tenant, word)
  local defined = must(session:platform())
  if not defined.options.store then return end
  local recipes, err = session:recipes()
  if not recipes and err.missing then return end
  must(must(recipes, err).approval:gone(tenant, word))
end

--- A refusal together with what stands in the way, as Debitura names it when it is asked.
local function with_blockers(session, arguments, err)
  if type(err) ~= "table" or not err.status or err.kind == "not_found" then return err end
  local answer = session:partner().clients:is_deletable(arguments.tenant)
  local blockers = {}
  for _, blocker in ipairs(null.table(null.field(answer, "blockers"))) do
    if type(blocker) == "string" then blockers[#blockers + 1] = blocker end
  end
  err.blockers = blockers[1] and blockers
  return err
end

--- A command that does one operation to one client and has nothing to show. `refused` is given what
-- Debitura refused it with, and gives what is told.
local function act(name, operation_name, done, summary, details, refused)
  return {
    name = name, summary = summary, details = details, json = true, changes = true, destroys = true,
    describe = options.tenant,
    run = function(arguments, session)
      local code, err = send(session, call_of(session, operation_name, arguments), function()
        session:note(done:format(arguments.tenant))
        take_note(session, arguments.tenant, name)
        if session.out.json then
          session.out:object { externalTenantId = arguments.tenant, operation = operation_name }
        end
        return status.done
      end)
      if not code and refused then err = refused(session, arguments, err) end
      return code, err
    end,
  }
end

local withdraw = act("withdraw", "clients.withdraw", "%s is withdrawn.",
  "Withdraws a client that never finished onboarding.", "Its pending cases are closed.")
local delete = act("delete", "clients.delete", "%s is deleted.",
  "Deletes a client with all its cases; in the test environment only.",
  "Where cases stand in the way, they are named.", with_blockers)

-- A new one ---------------------------------------------------------------------------------------

local create = {
  name = "create", summary = "Creates a client, or asks again for one that is known.", json = true,
  changes = true,
  details = "What Debitura does not deliver is printed: the URL of the onboarding, or of the "
    .. "approval where the customer has an account already (status 1: the client does not exist "
    .. "yet). The recipes deliver and follow such URLs.",
}

function create.describe(parser)
  parser:argument("file", "The body of POST /clients as JSON; - for standard input.")
    :argname("FILE")
end

local REFUSED_CASES = { { "CASE", "creditorReference" }, { "REFUSED", "errorType" },
  { "WHY", "errorMessage" } }

local function created(session, client)
  session.out:record(client, FIELDS)
  local refused = null.field(client.caseResults, "failedCases") or {}
  if #refused == 0 then return status.done end
  session:complain(("%d of its cases were refused."):format(#refused), { kind = "business" })
  if not session.out.json then
    session.out:rows(REFUSED_CASES, refused)
  end
  return status.partial
end

local CONFLICT = {
  { "Tenant", "externalTenantId" }, { "State", "type" }, { "Variant", "variant" },
  { "Approval URL", "approvalUrl" },
}

function create.run(arguments, session)
  local body = must(input.json(arguments.file))
  local partner = must(session:partner())
  local call = { api = partner, row = operations.get("partner", "clients.create"), body = body }
  local code, err = send(session, call, function(client) return created(session, client) end)
  if not code and err.approval_url then
    session.out:record({
      externalTenantId = body.externalTenantId, type = err.type, variant = err.variant,
      approvalUrl = err.approval_url,
    }, CONFLICT)
  end
  return code, err
end

return {
  summary = "Lists, shows, creates and withdraws clients.",
  commands = { list, show, create, withdraw, delete },
}
