--- What Debitura's answers and webhooks mean: events of the machines of links, cases and signings.
--
-- Whatever comes from outside is read field by field: what has not the shape of the documents says
-- nothing, and raises nothing.
-- @module debitura.recipes.interpret

local core = require("debitura.core")
local hosted_url = require("debitura.recipes.hosted_url")
local inbound = require("debitura.webhook.event")
local name_problem = require("debitura.store.names").problem
local null = require("debitura.base.null")
local sorted_keys = require("debitura.base.sorted_keys")
local texts = require("debitura.base.text")
local time = require("debitura.base.time")

local interpret = {}

local SENTENCE_MAX = 500 -- characters kept of what Debitura says of a refusal
local WORD_MAX = 100 -- characters kept of a lifecycle or a close code

local given, field, text = null.given, null.field, null.text

local function list(value)
  return null.table(given(value))
end

--- What Debitura says of a refusal, in its own words. Addresses of hosted pages are not kept.
local function sentence(said)
  return said and said ~= ""
    and texts.cut(hosted_url.redacted(said), SENTENCE_MAX) or nil
end

-- Cases -------------------------------------------------------------------------------------------

--- News of cases, each once, in the order in which they came.
local Cases = {}
Cases.__index = Cases

function Cases:add(reference, event)
  if type(reference) ~= "string" or reference == "" or self.seen[reference] then return end
  if name_problem(self.tenant, reference) then return end
  self.seen[reference] = true
  event.at = self.at
  self[#self + 1] = { kind = "case", name = reference, event = event }
end

--- What Debitura says of a case, as an event without its name.
-- @param row any value
-- @tparam[opt="id"] string id where the case's id stands
-- @treturn table `case_id`, `reference`, `lifecycle`, `close_code`
function interpret.case_of(row, id)
  local lifecycle, code = text(row, "newLifecycle") or text(row, "lifecycle")
    or text(row, "status"), text(row, "closeCode")
  return {
    case_id = text(row, id or "id"), reference = text(row, "reference"),
    lifecycle = lifecycle and texts.cut(lifecycle, WORD_MAX),
    close_code = code and texts.cut(code, WORD_MAX),
  }
end

function Cases:add_created(name, rows, id)
  for _, row in ipairs(rows) do
    local event = interpret.case_of(row, id)
    event.name = name
    -- The event says it, whether its data do or not.
    if name == "case.closed" then event.lifecycle = "Closed" end
    self:add(text(row, "creditorReference"), event)
  end
end

function Cases:add_failed(rows)
  for _, row in ipairs(rows) do
    local problem = text(row, "errorType")
    -- A repeated request reports its cases as IdempotencyViolation, which says nothing about them.
    if problem ~= "IdempotencyViolation" then
      self:add(text(row, "creditorReference"), { name = "case.failed", reason = problem,
        detail = sentence(text(row, "errorMessage")) })
    end
  end
end

local function cases_at(at, tenant)
  return setmetatable({ seen = {}, at = at, tenant = tenant }, Cases)
end

--- News with the cases first and the link last, as debitura.workflow.work takes it.
local function about_link(tenant, cases, event)
  local targets = {}
  for i, target in ipairs(cases) do targets[i] = target end
  targets[#targets + 1] = { kind = "link", name = "", event = event }
  return { tenant = tenant, name = event.name, targets = targets }
end

-- Answers to POST /clients ------------------------------------------------------------------------

--- Kinds of failure that say no to the payload: sending it again is pointless.
local REJECTED = { validation = true, business = true, too_large = true }

--- Whether Debitura counts a client as the partner's own.
-- @param value `isAttributedClient`, or `isAttributed` of a webhook
-- @treturn ?string "yes" or "no"; nil where it does not say
function interpret.attribution(value)
  if type(value) ~= "boolean" then return nil end
  return value and "yes" or "no"
end

--- What the answer of 201 and 202 says; nil for one that is no client.
local function linked_answer(client, at, tenant)
  local done = field(client, "onboardingDone")
  if type(done) ~= "boolean" then return nil end
  local cases, results = cases_at(at, tenant), list(client.caseResults)
  cases:add_created("case.created", list(results.successfulCases), "id")
  cases:add_failed(list(results.failedCases))
  local attributed = interpret.attribution(field(client, "isAttributedClient"))
  if done then return { name = "answer.onboarded", attributed = attributed }, cases end
  return { name = "answer.onboarding", attributed = attributed,
    url = hosted_url.accept(field(list(client.onboardingLinks), "url")) }, cases
end

local function failed_answer(err)
  if err.kind == "conflict" and err.type == "ClientExistsNeedsLinking" then
    -- Without its URL the answer is of no use; asking again is the documented way to get one.
    local url = hosted_url.accept(err.approval_url)
    return url and {
      name = "answer.needs_linking", url = url, url_digest = core.digest.sha256(url),
      variant = err.variant,
    }
  end
  -- A page of something between, or nothing at all, is no refusal of Debitura's.
  if err.kind == "conflict" and (err.type or err.detail) then
    return { name = "answer.refused", reason = err.type or "conflict",
      detail = sentence(err.detail) }
  end
  if REJECTED[err.kind] then
    return { name = "answer.rejected", reason = tostring(err), detail = sentence(err.detail) }
  end
end

--- What an answer to POST /clients means.
-- @tparam string tenant
-- @tparam number at Unix seconds
-- @tparam ?table client the answer of 201 and 202
-- @tparam ?table err the failure
-- @treturn ?table news for debitura.workflow.work, the link's event in `event`; nil when the call
--   is to be repeated later
function interpret.client_answer(tenant, at, client, err)
  local event, cases
  if client then
    event, cases = linked_answer(client, at, tenant)
  else
    event = err and failed_answer(err)
  end
  if not event then return nil end
  event.at = at
  local news = about_link(tenant, cases or {}, event)
  news.event = event
  return news
end

-- Answers to POST /cases --------------------------------------------------------------------------

--- What a business error of POST /cases means; of several, the first of this list counts.
local CASE_ERRORS = {
  { type = "CreditorBlocked", name = "answer.blocked" },
  { type = "NoPartnerAvailable", name = "answer.unsupported" },
  { type = "MissingDebtCollectionContract", name = "answer.parked", reason = "signing" },
  { type = "MissingPowerOfAttorney", name = "answer.parked", reason = "signing" },
  { type = "MissingKycVerification", name = "answer.parked", reason = "kyc" },
}

--- What another failure of POST /cases means, or of getting the token for it.
local CASE_FAILURES = {
  onboarding_incomplete = { name = "answer.parked", reason = "signing" },
  link_invalid = { name = "answer.parked", reason = "unlinked" },
  not_found = { name = "answer.parked", reason = "unlinked" },
  validation = { name = "answer.rejected" }, business = { name = "answer.rejected" },
  conflict = { name = "answer.rejected" },
  too_large = { name = "answer.rejected" },
}

--- The combined URL walks through all that is open; the identity check has a form of its own.
local function open_url(err, problem, reason)
  local own = problem and problem.solution_url
  return hosted_url.accept(reason == "kyc" and own or err.signing_url or own)
end

local function refused_case(err)
  for _, row in ipairs(CASE_ERRORS) do
    for _, problem in ipairs(err.business_errors or {}) do
      if problem.type == row.type then
        local reason = row.reason or row.type
        local url = row.reason and open_url(err, problem, reason)
        return { name = row.name, reason = reason, url = url,
          detail = sentence(problem.message) }
      end
    end
  end
  local row = CASE_FAILURES[err.kind]
  if not row then return nil end
  return {
    name = row.name, reason = row.reason or tostring(err), detail = sentence(err.detail),
    url = row.reason == "signing" and hosted_url.accept(err.signing_url) or nil,
  }
end

--- The event that an answer to POST /cases means.
-- @tparam ?table case the answer of 200
-- @tparam ?table err the failure
-- @treturn ?table nil when the call is to be repeated later
function interpret.case_answer(case, err)
  if err then return refused_case(err) end
  local event = interpret.case_of(case)
  if not event.case_id then return nil end
  event.name = "answer.created"
  -- A repeated call is given the first answer, however old that is.
  event.lifecycle_at = time.parse(text(case, "dateUpdated") or text(case, "dateCreated")) or 0
  event.url = hosted_url.accept(field(list(case.signingHandoff), "combinedSigningUrl"))
  return event
end

-- The end of a client -----------------------------------------------------------------------------

--- What it means that Debitura does not have a client any more: nothing is open for it either.
-- @tparam string tenant
-- @tparam number at Unix seconds
-- @tparam[opt] string reason
-- @treturn table news for debitura.workflow.work
function interpret.gone(tenant, at, reason)
  local targets = {}
  for i, kind in ipairs { "signing", "kyc", "link" } do
    targets[i] = { kind = kind, name = "", aside = kind ~= "link",
      event = { name = "client.gone", at = at, reason = reason, note = reason } }
  end
  return { tenant = tenant, name = "client.gone", targets = targets }
end

-- Webhooks ----------------------------------------------------------------------------------------

--- Which event goes to which kinds of record: each of them is given the event under its own name.
-- What is not here, no record waits for.
local ROUTES = {
  ["client.link_requested"] = { "link" },
  ["client.linked"] = { "link" },
  ["client.link_declined"] = { "link" },
  ["client.link_expired"] = { "link" },
  ["client.onboarding.contract_signed"] = { "signing", "link" },
  ["client.onboarding.poa_signed"] = { "signing" },
  ["case.created"] = { "case", "link" },
  ["case.updated"] = { "case" },
  ["case.closed"] = { "case" },
  ["cases.replay_failed"] = { "case", "link" },
}

--- The names of the events that records wait for.
interpret.events = sorted_keys(ROUTES)

--- The cases that an event is about.
local function cases_of(event, tenant, data, at)
  local cases = cases_at(at, tenant)
  if event.event == "cases.replay_failed" then
    cases:add_failed(list(data.failedCases))
  else
    cases:add_created(event.event, { data }, "caseId")
  end
  return cases
end

--- What an event says to a record that is one of its tenant's: to the link of a case that was
-- created, only that there must be one.
local function target_of(kind, event, data, at)
  return {
    kind = kind, name = "", aside = event.event == "case.created",
    event = { name = event.event, at = at,
      attributed = interpret.attribution(field(data.creditor, "isAttributed")) },
  }
end

--- What a webhook means, and whose it is.
-- @tparam table event as `debitura.webhook.verify` gives it
-- @tparam number now for an event that does not say when it happened
-- @treturn ?table news for debitura.workflow.work; nil when no record waits for such an event
function interpret.webhook(event, now)
  local kinds, data = ROUTES[event.event], list(event.data)
  local tenant = kinds and inbound.tenant(event)
  if not tenant or name_problem(tenant) then return nil end
  local at, targets = time.parse(event.timestamp) or now, {}
  for _, kind in ipairs(kinds) do
    if kind == "case" then
      for _, target in ipairs(cases_of(event, tenant, data, at)) do
        targets[#targets + 1] = target
      end
    else
      targets[#targets + 1] = target_of(kind, event, data, at)
    end
  end
  if not targets[1] then return nil end
  return { tenant = tenant, name = event.event, id = event.id, targets = targets }
end

return interpret
