--- Steps with clients: what POST /clients answers, the link of a customer who is known already, and
-- what becomes of a request.
-- @module debitura.rehearsal.steps.clients

local core = require("debitura.core")
local null = require("debitura.base.null")
local recipient = require("debitura.operations.recipient")

local LATE = 3600 -- seconds by which the event of an expiry may come late
local PENDING = "Pending contract signing"

local steps = {}

-- New customers -----------------------------------------------------------------------------------

--- Each thing wrong with a payload, by itself: the documents name the field that is.
function steps.wrong(stage)
  local tenant, payload = stage:tenant("wrong"), stage:payload("wrong")
  payload.users[1].email = "no address"
  stage.progress:will_make { kind = "client", name = tenant }
  local body = stage:call("clients.create", { body = payload, unchecked = true }, 400)
  stage:expect((core.json.encode(body) or ""):lower():find("email", 1, true),
    "clients.create 400: the field email is not named")
  stage:saw("400, naming the field")
end

function steps.create(stage)
  local tenant = stage:cast("new")
  stage.progress:will_make { kind = "client", name = tenant, made = true, waits_for = { "signing" },
    facts = { "new", "signed", "case", "case_id", "unsigned", "kyc" } }
  local body, _, status = stage:call("clients.create", { body = stage:payload("new") },
    { 201, 202 }, { externalTenantId = tenant, isAttributedClient = true })
  if status == 202 then
    stage:matches({ onboardingDone = false, onboardingLinks = { url = "{url}" } }, body, "",
      "clients.create")
  end
  local results = null.table(null.field(body, "caseResults"))
  stage:expect(#null.table(results.successfulCases) == 1,
    "clients.create: the case of the request is not among successfulCases")
  local url = null.text(null.field(body, "onboardingLinks"), "url")
  stage.facts.new = url or "none"
  stage:saw(("%d, onboarding open, one case"):format(status))
end

function steps.create_again(stage)
  local body = stage:call("clients.create", { body = stage:payload("new") }, { 201, 202 })
  local first = null.table(null.field(body.caseResults, "failedCases"))[1]
  stage:matches({ errorType = "IdempotencyViolation", caseIndex = 0 }, null.table(first),
    "caseResults.failedCases[0]", "clients.create again")
  stage:saw("the same client; its case is reported as IdempotencyViolation")
end

function steps.early_token(stage)
  stage:call("tokens.create", { body = { externalTenantId = stage:tenant("new") } }, 404)
end

function steps.sign(stage)
  local tenant = stage:tenant("new")
  local function done()
    local client = stage:call("clients.get", { path = { externalTenantId = tenant } }, 200)
    if type(client.onboardingDone) ~= "boolean" then
      stage:skip("clients.get does not tell whether it is done")
    end
    return client.onboardingDone
  end
  stage:person("Sign it now, as the customer", stage.facts.new,
    { "clients", { externalTenantId = tenant, action = "sign" } }, done)
  stage.facts.signed = true
  stage:hear("client.onboarding.contract_signed", tenant, { signedAt = "{any}" })
  stage:hear("client.onboarding.poa_signed", tenant)
  stage:saw("onboardingDone, with both webhooks")
end

-- Customers who are known already -----------------------------------------------------------------

--- The 409 that asks for an approval.
-- @treturn string the URL
-- @treturn table body
local function ask(stage, role, known)
  local tenant = stage:tenant(role)
  local body = stage:call("clients.create", { body = stage:payload(role, known) }, 409,
    { type = "ClientExistsNeedsLinking", data = { externalTenantId = tenant,
      onboardingLinks = { url = "{url}" } } })
  local url = null.text(null.field(null.field(body, "data"), "onboardingLinks"), "url")
  stage:saw("409 ClientExistsNeedsLinking, with a URL")
  return url, body
end

function steps.create_existing(stage)
  local tenant = stage:cast("existing")
  local account = stage:account("existing")
  stage.progress:will_make { kind = "client", name = tenant, waits_for = { "approval" },
    facts = { "existing", "linked", "account.existing" } }
  stage.facts.existing = ask(stage, "existing", { office = account })
end

function steps.pending(stage)
  local tenant = stage:tenant("existing")
  stage:call("clients.get", { path = { externalTenantId = tenant } }, 404)
  stage:hear("client.link_requested", tenant)
  stage:saw("404, and client.link_requested")
end

function steps.ask_again(stage)
  local url = ask(stage, "existing", { office = stage:account("existing") })
  stage:saw(url == stage.facts.existing and "409 with the same URL" or "409 with another URL")
  if url then stage.facts.existing = url end
end

function steps.choice(stage)
  local account = stage:account("choice")
  stage.progress:will_make { kind = "client", name = stage:tenant("choice") }
  local _, body = ask(stage, "choice", { user = account })
  stage:matches({ onboardingUrl = "{url}" }, null.table(body.data), "data",
    "clients.create, Choice")
  stage:saw("409 with an onboardingUrl")
end

function steps.refused(role, kind, traits)
  return function(stage)
    local account = stage:account(role, traits)
    stage.progress:will_make { kind = "client", name = stage:tenant(role) }
    stage:call("clients.create", { body = stage:payload(role, { office = account }) }, 409,
      { type = kind })
  end
end

--- Delivers the URL as the recipes do, to the operator.
function steps.deliver(stage)
  if not stage.channels[1] then stage:skip("no channel is configured") end
  if not stage.delivers then stage:skip("no address of your own is named: --to ADDRESS") end
  local tenant, delivered = stage:tenant("existing"), {}
  local payload = stage:payload("existing")
  payload.users[1].email = stage.options.to
  for _, channel in ipairs(stage.channels) do
    local done, err = channel:deliver {
      key = tenant .. "/1/" .. channel.name, tenant = tenant, generation = 1, variant = "approval",
      url = stage.facts.existing, expires_at = stage.clock() + stage.window(),
      recipient = recipient.of(payload), language = stage.options.language,
    }
    if done then delivered[#delivered + 1] = channel.name end
    stage:expect(done, ("%s: %s"):format(channel.name, tostring(err)))
  end
  stage:saw("delivered by " .. table.concat(delivered, ", "))
end

function steps.approve(stage)
  local tenant, client = stage:tenant("existing")
  stage:person("Approve it now, as the customer", stage.facts.existing,
    { "requests", { externalTenantId = tenant, action = "approve" } }, function()
      local body, _, status = stage:call("clients.get", { path = { externalTenantId = tenant } },
        { 200, 404 })
      client = status == 200 and body
      return client
    end)
  stage.facts.linked = true
  stage:matches({ isAttributedClient = false, externalTenantId = tenant }, client, "",
    "clients.get")
  stage:hear("client.linked", tenant, { creditor = { isAttributed = false } })
  stage:saw("linked, not attributed, and client.linked")
end

function steps.carried(stage)
  local tenant = stage:tenant("existing")
  local body = stage:call("cases.list", { query = { ExternalTenantId = tenant } }, 200)
  stage:matches({ creditorReference = tenant .. "-1", lifecycle = PENDING },
    null.table(null.table(null.field(body, "cases"))[1]), "cases[0]", "cases.list")
  stage:hear("case.created", tenant, { creditorReference = tenant .. "-1" })
  stage:saw(("the case is %s, and case.created"):format(PENDING))
end

-- The window --------------------------------------------------------------------------------------

function steps.create_expiring(stage)
  local tenant = stage:cast("expiring")
  local account = stage:account("expiring")
  stage.progress:will_make { kind = "client", name = tenant, waits_for = { "expiry", "declined" },
    facts = { "expiring", "expires_at", "expired", "recovered", "account.expiring" } }
  stage.facts.expiring = ask(stage, "expiring", { office = account })
  stage.facts.expires_at = stage.clock() + stage.window() + LATE
end

function steps.expire(stage)
  local tenant = stage:tenant("expiring")
  if stage.sandbox then
    stage:control("clock", { advance = ("%ds"):format(stage.window() + LATE) })
  elseif stage.clock() < stage.facts.expires_at then
    stage:wait("waits until the window of the request has passed", stage.facts.expires_at)
  end
  stage.facts.expired = true
  stage:hear("client.link_expired", tenant)
  stage:call("clients.get", { path = { externalTenantId = tenant } }, 404)
  stage:saw("client.link_expired, and no link")
end

function steps.recover(stage)
  local url = ask(stage, "expiring", { office = stage:account("expiring") })
  stage:expect(url ~= stage.facts.expiring,
    "clients.create: the URL is that of the expired request")
  stage.facts.recovered = url
  stage:saw("409 with another URL")
end

function steps.decline(stage)
  local tenant = stage:tenant("expiring")
  stage:person("Decline it now, as the customer", stage.facts.recovered,
    { "requests", { externalTenantId = tenant, action = "decline" } }, function()
      return stage.ears:look("client.link_declined", tenant)
    end)
  stage:hear("client.link_declined", tenant)
  stage:saw("client.link_declined")
end

-- Deletion ----------------------------------------------------------------------------------------

function steps.delete(stage)
  local tenant = stage:tenant("new")
  local path = { externalTenantId = tenant }
  stage:call("clients.is_deletable", { path = path }, 200, { isDeletable = true })
  stage:call("clients.delete", { path = path }, 204)
  stage:call("clients.get", { path = path }, 404)
  stage:saw("204, and 404 afterwards")
  stage.facts.deleted, stage.facts.signed = true, nil
end

function steps.reset(stage)
  stage.progress:will_make { kind = "client", name = stage:tenant("new"), made = true }
  stage:call("clients.create", { body = stage:payload("new") }, { 201, 202 },
    { externalTenantId = stage:tenant("new") })
  stage:saw("the same addresses make a new client")
end

return steps
