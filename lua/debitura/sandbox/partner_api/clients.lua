--- The partner API's clients: creating, reading, listing, and what becomes of a customer who is
-- known already.
-- @module debitura.sandbox.partner_api.clients

local accounts = require("debitura.sandbox.model.accounts")
local cases = require("debitura.sandbox.model.cases")
local contracts = require("debitura.sandbox.model.contracts")
local kyc = require("debitura.sandbox.model.kyc")
local links = require("debitura.sandbox.model.links")
local lists = require("debitura.sandbox.api.lists")
local recipient = require("debitura.operations.recipient")
local records = require("debitura.sandbox.model.records")
local reply = require("debitura.sandbox.api.reply")
local reporting = require("debitura.sandbox.partner_api.reporting")
local views = require("debitura.sandbox.api.views")


local clients = { operations = {} }
local handle = clients.operations

--- Makes a handler that is given the creditor and the link of the path's client.
-- @tparam function serve called with call, creditor and link
-- @treturn function
function clients.with_client(serve)
  return function(call)
    local link = links.of_tenant(call.state, call.params.externalTenantId)
    if not link then return reply.not_found("The client") end
    return serve(call, call.state.creditors.by_id[link.creditor_id], link)
  end
end

local with_client = clients.with_client

-- A new customer whose contact has an address here counts as one who signed beforehand, so that
-- creation answers 201.
local SIGNED_DOMAIN = "@onboarded.example"

-- Views -------------------------------------------------------------------------------------------

local function case_stats(state, creditor, link)
  local closed = 0
  for _, id in ipairs(creditor.case_ids) do
    if state.cases.by_id[id].lifecycle == "Closed" then closed = closed + 1 end
  end
  return {
    casesTotal = #creditor.case_ids, casesClosed = closed,
    earningsUsd = reporting.earned(state, link),
  }
end

--- ClientCreatedResponse.
local function view(state, link, results)
  local creditor = state.creditors.by_id[link.creditor_id]
  local onboarded = contracts.onboarded(state, creditor)
  local client = views.creditor(creditor)
  client.officePhone, client.state = nil, nil -- not here
  return {
    externalTenantId = link.tenant, onboardingDone = onboarded,
    onboardingLinks = not onboarded and { url = contracts.url(state, link) } or nil,
    client = client,
    users = lists.map(creditor.user_ids, function(id) return views.user(state.users.by_id[id]) end),
    isAttributedClient = link.attributed, dateLinked = link.linked_at,
    caseStats = case_stats(state, creditor, link),
    kycStatus = kyc.status(state, creditor), kycVerification = views.kyc(creditor.contracts.kyc),
    caseResults = results,
  }
end

-- POST /clients -----------------------------------------------------------------------------------

local function respond(state, link, status, created, failed)
  local shown = lists.map(created, function(case) return views.invoice(state, case) end)
  local body = view(state, link, { successfulCases = shown, failedCases = failed })
  if state.settings.onboarding_url == "later" then body.onboardingLinks = nil end
  return reply.json(status, body)
end

local function status_of(state, link)
  return contracts.onboarded(state, state.creditors.by_id[link.creditor_id]) and 201 or 202
end

--- The same externalTenantId again: the client as it is now, its cases left alone.
local function repeated(state, link, payload)
  local failed = {}
  for index, case in ipairs(payload.cases or {}) do
    failed[index] = {
      caseIndex = index - 1, creditorReference = case.creditorReference,
      errorType = "IdempotencyViolation",
      errorMessage = "The client was created before; its cases are not created again.",
    }
  end
  return respond(state, link, status_of(state, link), {}, failed)
end

local function needs_linking(state, request)
  local url = links.request_url(state, request)
  local data = { externalTenantId = request.tenant, onboardingLinks = { url = url } }
  if request.variant == "choice" then data.onboardingUrl = url end
  return reply.conflict("ClientExistsNeedsLinking",
    "The client has a Debitura account already. The customer must approve the link at the URL "
      .. "given.", data)
end

local CONFLICTS = {
  other_partner = { "ClientAlreadyLinkedToAnotherPartner",
    "The client is linked to another referral partner. Please contact Debitura." },
  invalid_type = { "InvalidClientType",
    "The account that matches is not a creditor's and cannot be linked." },
}

handle["clients.create"] = function(call)
  local state, payload, now = call.state, call.body, call.now
  local tenant = payload.externalTenantId
  local link = links.of_tenant(state, tenant)
  if link then return repeated(state, link, payload) end

  local verdict, creditors = accounts.recognise(state, payload)
  if CONFLICTS[verdict] then
    return reply.conflict(CONFLICTS[verdict][1], CONFLICTS[verdict][2],
      { externalTenantId = tenant })
  elseif verdict then
    return needs_linking(state, links.request(state, payload, verdict, creditors, now))
  end

  local contact = recipient.user(payload.users)
  local users = { contact }
  for _, user in ipairs(payload.users) do
    if user ~= contact then users[#users + 1] = user end
  end
  local signed = contact.email:lower():sub(-#SIGNED_DOMAIN) == SIGNED_DOMAIN
  local creditor = accounts.open(state, payload.client, users, { signed = signed })
  link = links.make(state, tenant, creditor, true, now)
  local created, failed = links.create_cases(state, link, payload.cases,
    { now = now, carried = true, via_partner = true })
  return respond(state, link, status_of(state, link), created, failed)
end

-- Reading -----------------------------------------------------------------------------------------

handle["clients.get"] = with_client(function(call, _, link)
  return view(call.state, link)
end)

local SORTS = { datecreated = "link.linked_at", name = "link.company_name" }

local FILTERS = {
  isattributedclient = { "is", "link.attributed" }, onboardingdone = { "is", "onboarded" },
  externaltenantid = { "is", "link.tenant" },
  datecreatedfrom = { "from", "link.linked_at" }, datecreatedto = { "to", "link.linked_at" },
  query = { "holds", "creditor.company_name", "creditor.office_email",
    "creditor.registration_number" },
}

local function summary(found)
  local sums = {
    totalClients = #found, attributedClients = 0, onboardingComplete = 0, onboardingPending = 0,
    totalCases = 0,
  }
  for _, row in ipairs(found) do
    local done = row.onboarded and "onboardingComplete" or "onboardingPending"
    sums[done] = sums[done] + 1
    if row.link.attributed then sums.attributedClients = sums.attributedClients + 1 end
    sums.totalCases = sums.totalCases + #row.creditor.case_ids
  end
  return sums
end

handle["clients.list"] = function(call)
  local state, query = call.state, call.query
  local found = lists.filter(lists.map(records.select(state.links), function(link)
    local creditor = state.creditors.by_id[link.creditor_id]
    return { link = link, creditor = creditor, onboarded = contracts.onboarded(state, creditor) }
  end), query, FILTERS)
  lists.sort(found, query.sort or "dateCreated:desc", SORTS)
  local page, shown = lists.page(query, found, 50, function(row) return view(state, row.link) end)
  return { page = page, summary = summary(found), clients = shown }
end

-- Withdrawing -------------------------------------------------------------------------------------

--- For a client that never finished: its cases close, and the same externalTenantId makes a new
-- client.
handle["clients.withdraw"] = with_client(function(call, creditor, link)
  local state = call.state
  if not link.attributed then
    return reply.failure(409, "NotAttributed", "The client existed before it was linked.")
  end
  for _, id in ipairs(creditor.case_ids) do
    if state.cases.by_id[id].lifecycle ~= "Pending contract signing" then
      return reply.failure(409, "CasesInProgress", "A case of the client is past contract signing.")
    end
  end
  for _, id in ipairs(creditor.case_ids) do
    cases.close(state, state.cases.by_id[id], "CaseNeverStartedInternal", call.now)
  end
  links.forget(state, creditor)
  accounts.close(state, creditor)
  return reply.empty(204)
end)

return clients
