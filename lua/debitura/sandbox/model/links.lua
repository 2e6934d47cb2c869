--- Links between the partner and its clients, and the requests by which an existing customer is
-- asked for one.
-- @module debitura.sandbox.model.links

local core = require("debitura.core")
local accounts = require("debitura.sandbox.model.accounts")
local cases = require("debitura.sandbox.model.cases")
local contracts = require("debitura.sandbox.model.contracts")
local jobs = require("debitura.sandbox.model.jobs")
local random = require("debitura.sandbox.model.random")
local recipient = require("debitura.operations.recipient")
local records = require("debitura.sandbox.model.records")
local time = require("debitura.base.time")
local webhooks = require("debitura.sandbox.model.webhooks")

local links = {}

local DAY, HOUR = 86400, 3600

--- Links a creditor to the partner.
-- @tparam table state
-- @tparam string tenant the partner's own id for the client
-- @tparam table creditor
-- @tparam boolean attributed created through the partner
-- @tparam number now
-- @treturn table the link; its fee percentage stays as it is now
function links.make(state, tenant, creditor, attributed, now)
  local link = records.add(state.links, {
    id = random.uuid(state.random), tenant = tenant, creditor_id = creditor.id,
    attributed = attributed, linked_at = now,
    company_name = creditor.company_name,
    fee_percentage = state.settings.fee_percentage,
  })
  state.link_of_tenant[tenant] = link.id
  state.link_of_creditor[creditor.id] = link.id
  return link
end

--- @tparam table state
-- @tparam ?string tenant case-sensitive
-- @treturn table|nil the active link
function links.of_tenant(state, tenant)
  return state.links.by_id[state.link_of_tenant[tenant or ""] or ""]
end

--- Announces an event about a link, or about the request of one.
local function tell(state, event, about, now, data)
  local attributed = about.attributed or false
  if event == "client.link_declined" then attributed = nil end
  webhooks.emit(state, event, {
    tenant = about.tenant, creditor = state.creditors.by_id[about.creditor_id],
    attributed = attributed, data = data or {},
  }, now)
end

local KEY = "creditor-"

--- The key that a client's own programs use.
-- @tparam table creditor
-- @treturn string
function links.key(creditor)
  return KEY .. creditor.id
end

--- Finds the creditor behind a key of its own.
-- @tparam table state
-- @tparam string key XApiKey
-- @treturn table|nil the creditor; nil for a key of no linked client
-- @treturn table|nil the link
function links.of_key(state, key)
  local link = state.links.by_id[state.link_of_creditor[key:sub(#KEY + 1)] or ""]
  local creditor = link and state.creditors.by_id[link.creditor_id]
  if not creditor or key ~= links.key(creditor) then return nil end
  return creditor, link
end

--- Ends an active link; its externalTenantId is free again, its tokens are worth nothing.
-- @tparam table state
-- @tparam table link
function links.archive(state, link)
  records.remove(state.links, link.id)
  state.link_of_tenant[link.tenant] = nil
  if state.link_of_creditor[link.creditor_id] == link.id then
    state.link_of_creditor[link.creditor_id] = nil
  end
end

--- Forgets an account that is closed: its links end, and so do requests for it.
-- @tparam table state
-- @tparam table creditor
function links.forget(state, creditor)
  for _, link in ipairs(records.select(state.links)) do
    if link.creditor_id == creditor.id then links.archive(state, link) end
  end
  for _, request in ipairs(records.select(state.requests)) do
    if request.creditor_id == creditor.id and request.status == "pending" then
      request.status = "expired"
    end
  end
end

-- Requests ----------------------------------------------------------------------------------------

--- @tparam table state
-- @tparam table request
-- @treturn string where the customer answers it
function links.request_url(state, request)
  local page = request.variant == "choice" and "choice" or "link"
  return ("%s/%s/%s"):format(state.settings.base_url, page, request.id)
end

--- Opens a link request, or finds the one that is still pending for this client: its payload is
-- replaced, its window is not extended.
-- @tparam table state
-- @tparam table payload CreateClientRequest
-- @tparam string variant "approval" or "choice"
-- @tparam table creditors the accounts that were recognised
-- @tparam number now
-- @treturn table the request
function links.request(state, payload, variant, creditors, now)
  local pending = state.requests.by_id[state.request_of_tenant[payload.externalTenantId] or ""]
  if pending and pending.status == "pending" then
    if now < pending.expires_at then
      pending.payload = payload
      return pending
    end
    links.expire(state, pending, now)
  end
  local request = records.add(state.requests, {
    id = random.text(state.random, 32, "abcdefghijklmnopqrstuvwxyz0123456789"),
    tenant = payload.externalTenantId, payload = payload, variant = variant,
    creditor_id = creditors[1].id, status = "pending",
    expires_at = now + state.settings.ttl_days * DAY,
  })
  state.request_of_tenant[request.tenant] = request.id
  -- Debitura looks for expired requests once an hour, so the event may come up to an hour late.
  jobs.add(state.jobs, math.ceil(request.expires_at / HOUR) * HOUR, "expire_request",
    { request_id = request.id })
  tell(state, "client.link_requested", request, now)
  return request
end

links.jobs = {}

function links.jobs.expire_request(state, arguments, now)
  local request = state.requests.by_id[arguments.request_id]
  if not request or request.status ~= "pending" then return end
  links.expire(state, request, now)
end

--- Ends a pending request unanswered.
-- @tparam table state
-- @tparam table request
-- @tparam number now
function links.expire(state, request, now)
  request.status = "expired"
  tell(state, "client.link_expired", request, now)
end

--- The accounts that the customer may connect on the Choice page: their own, not linked yet.
-- @tparam table state
-- @tparam table request
-- @treturn table array of creditors
function links.choices(state, request)
  local eligible = {}
  for _, creditor in ipairs(accounts.of_contact(state, request.payload)) do
    if not state.link_of_creditor[creditor.id] then eligible[#eligible + 1] = creditor end
  end
  return eligible
end

local function failed_case(index, input, reason)
  return {
    caseIndex = index - 1, creditorReference = input.creditorReference, errorType = reason.type,
    errorMessage = reason.message, validationErrors = core.null,
  }
end

--- Creates the cases that came with a payload.
-- @tparam table state
-- @tparam table link
-- @tparam ?table inputs
-- @tparam table options as `cases.create` takes them
-- @treturn table array of cases
-- @treturn table array of CaseCreationFailure
function links.create_cases(state, link, inputs, options)
  local created, failed = {}, {}
  local creditor = state.creditors.by_id[link.creditor_id]
  for index, input in ipairs(inputs or {}) do
    local case, errors = cases.create(state, creditor, input, options)
    if case then
      created[#created + 1] = case
    else
      failed[#failed + 1] = failed_case(index, input, errors[1])
    end
  end
  return created, failed
end

local function usable(request, now)
  return request.status == "pending" and now < request.expires_at
end

--- The customer says yes: link, then the stored cases with pending contracts allowed.
-- @tparam table state
-- @tparam table request
-- @tparam ?table creditor the account to link; nil opens a new one under the same user (Choice
--   page)
-- @tparam number now
-- @treturn[1] table the link
-- @treturn[2] nil when the request was answered before or its window is over
function links.approve(state, request, creditor, now)
  if not usable(request, now) then return nil end
  request.status = "approved"
  local payload = request.payload
  creditor = creditor
    or accounts.open(state, payload.client, { recipient.user(payload.users) }, {})
  local link = links.make(state, request.tenant, creditor, false, now)
  tell(state, "client.linked", link, now)
  local _, failed = links.create_cases(state, link, payload.cases,
    { now = now, carried = true, via_partner = true })
  if #failed > 0 then
    tell(state, "cases.replay_failed", link, now, { failedCases = core.json.array(failed) })
  end
  return link
end

--- The customer says no.
-- @tparam table state
-- @tparam table request
-- @tparam number now
-- @treturn boolean false when the request was answered before or its window is over
function links.decline(state, request, now)
  if not usable(request, now) then return false end
  request.status = "declined"
  tell(state, "client.link_declined", request, now)
  return true
end

--- The client signs one step of the chain.
-- @tparam table state
-- @tparam table link
-- @tparam string kind "sdca", "poa" or "jpa"
-- @tparam ?string key
-- @tparam number now
function links.sign(state, link, kind, key, now)
  local creditor = state.creditors.by_id[link.creditor_id]
  contracts.sign(state, creditor, kind, key)
  local event = kind == "sdca" and "client.onboarding.contract_signed" or kind == "poa"
    and "client.onboarding.poa_signed"
  if event then tell(state, event, link, now, { signedAt = time.format(now) }) end
  cases.signatures_changed(state, creditor, now)
end

return links
