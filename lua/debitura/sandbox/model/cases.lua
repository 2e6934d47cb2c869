--- Collection cases: what makes one acceptable, and its lifecycle.
-- @module debitura.sandbox.model.cases

local accounts = require("debitura.sandbox.model.accounts")
local contracts = require("debitura.sandbox.model.contracts")
local coverage = require("debitura.sandbox.model.coverage")
local jobs = require("debitura.sandbox.model.jobs")
local money = require("debitura.sandbox.model.money")
local random = require("debitura.sandbox.model.random")
local records = require("debitura.sandbox.model.records")
local time = require("debitura.base.time")
local webhooks = require("debitura.sandbox.model.webhooks")

local cases = {}

local MESSAGES = {
  NoPartnerAvailable = "We don't have an exclusive pre-legal partner in the provided jurisdiction",
  DuplicateReference = "The creditor reference is in use for another case.",
  MissingDebtCollectionContract = "The standard debt collection agreement has not been signed in "
    .. "its current version.",
  MissingPowerOfAttorney = "A power of attorney for the collection partner has not been signed.",
  MissingKycVerification = "The collection partner requires an identity check of a director.",
  CreditorBlocked = "The creditor is blocked. Please contact Debitura.",
}
MESSAGES.DuplicateCreditorReference = MESSAGES.DuplicateReference

-- By the setting `duplicates`: what a business error calls a reference that is in use. Under the
-- other settings it is a problem of the field.
local DUPLICATE_ERRORS = {
  reference = "DuplicateReference", creditor_reference = "DuplicateCreditorReference",
}

-- Seconds of the collection partner's exclusive period, and what a payment adds.
local EXCLUSIVE, EXTENSION = 90 * 86400, 30 * 86400

-- Lifecycle ---------------------------------------------------------------------------------------

--- Display text on the wire, and the enum's name, which filters take as well.
cases.lifecycles = {
  ["Pending contract signing"] = "PendingContractSigning",
  ["Pending Verification Internal"] = "PendingVerificationInternal",
  ["Pending Verification"] = "PendingVerification",
  ["More Info Required"] = "NeedsAdditionalDetails",
  ["Collecting Quotes"] = "Leads", ["Pending Quote Selection"] = "LeadsQuoteGiven",
  ["Active"] = "Active", ["Paused"] = "Paused",
  ["Closed"] = "Closed", ["Merged"] = "Merged",
}

--- What is left to collect.
-- @tparam table case
-- @treturn number
function cases.remainder(case)
  return case.close_code == "Paid" and 0 or math.max(0, money.cents(case.amount - case.paid))
end

--- The client's active link, which is what lets the partner see a case.
-- @tparam table state
-- @tparam table case
-- @treturn ?table
function cases.link_of(state, case)
  return state.links.by_id[state.link_of_creditor[case.creditor_id] or ""]
end

--- Announces an event about a case.
-- @tparam table state
-- @tparam table case
-- @tparam string event
-- @tparam table data what is particular to it
-- @tparam number now
-- @tparam[opt] table only tells `{subscription_id}` or the subscriptions of one `{owner}` alone
-- @treturn number how many deliveries were queued
function cases.tell(state, case, event, data, now, only)
  local link = cases.link_of(state, case)
  data.caseId, data.reference, data.creditorReference = case.id, case.reference,
    case.creditor_reference
  data.lifecycle, data.status = case.lifecycle, case.lifecycle
  data.amount, data.currency, data.debtorName = case.amount, case.currency, case.debtor.name
  return webhooks.emit(state, event, {
    tenant = link and link.tenant, creditor = state.creditors.by_id[case.creditor_id],
    attributed = link and link.attributed, case_id = case.id, test = case.test, data = data,
    only = only,
  }, now)
end

--- Writes into a case's timeline.
-- @tparam table case
-- @tparam number now
-- @tparam string kind
-- @tparam string title
-- @tparam string description
-- @tparam[opt] table actor `{type, name}`, default the system
function cases.note(case, now, kind, title, description, actor)
  table.insert(case.timeline, { at = now, type = kind, title = title, description = description,
    actor = actor })
end

--- Begins collection, silently: the first phase and the partner's exclusive period.
-- @tparam table case
-- @tparam number now
function cases.start(case, now)
  if case.started_at then return end
  case.started_at, case.phase = now, "Pre-legal"
  case.exclusive_end, case.extensions = now + EXCLUSIVE, {}
end

--- Makes the collection partner's exclusive period longer.
-- @tparam table case
-- @tparam string kind such as "Payment"
-- @tparam number now
function cases.extend(case, kind, now)
  if not case.exclusive_end then return end
  case.exclusive_end = case.exclusive_end + EXTENSION
  table.insert(case.extensions, { type = kind, at = now, new_end = case.exclusive_end })
end

--- Moves a case to another lifecycle and tells it.
-- @tparam table state
-- @tparam table case
-- @tparam string lifecycle display text
-- @tparam number now
function cases.move(state, case, lifecycle, now)
  local old = case.lifecycle
  if old == lifecycle then return end
  case.lifecycle, case.updated_at = lifecycle, now
  if lifecycle == "Active" then cases.start(case, now) end
  cases.note(case, now, "LifecycleChanged", lifecycle, old .. " → " .. lifecycle)
  cases.tell(state, case, "case.updated", { oldLifecycle = old, newLifecycle = lifecycle }, now)
end

--- Closes a case.
-- @tparam table state
-- @tparam table case
-- @tparam string code such as "Paid"
-- @tparam number now
-- @tparam[opt] string comment
function cases.close(state, case, code, now, comment)
  if case.lifecycle == "Closed" then return end
  case.close_code, case.close_comment, case.finished_at = code, comment, now
  cases.move(state, case, "Closed", now)
  cases.tell(state, case, "case.closed", { closeCode = code, closeComment = comment }, now)
end

local function open_contracts(state, case)
  local creditor = state.creditors.by_id[case.creditor_id]
  local jurisdiction = coverage.jurisdictions[case.jurisdiction_id]
  local needed = contracts.needed(jurisdiction, coverage.partners[case.partner_id])
  local unsigned, kyc = {}, false
  for _, item in ipairs(contracts.open(state, creditor, needed)) do
    if item.kind == "kyc" then kyc = true else unsigned[#unsigned + 1] = item end
  end
  return unsigned, kyc
end

local function first_verification(case)
  return case.skip_verification and "Pending Verification" or "Pending Verification Internal"
end

cases.jobs = {}

-- A test case waits for POST /test/cases/{id}/advance; any other is verified as time goes by.
local function schedule_verification(state, case, seconds, now)
  if not case.test then
    jobs.add(state.jobs, now + seconds, "verify_case", { case_id = case.id })
  end
end

--- A case whose partner asks for KYC waits silently where there is none: nothing tells the
-- platform.
function cases.jobs.verify_case(state, arguments, now)
  local case = state.cases.by_id[arguments.case_id]
  if not case then return end
  if case.lifecycle == "Pending Verification Internal" then
    local _, kyc_missing = open_contracts(state, case)
    if kyc_missing then
      case.waits_for_kyc = true
      return
    end
    cases.move(state, case, "Pending Verification", now)
    schedule_verification(state, case, state.settings.verification.partner, now)
  elseif case.lifecycle == "Pending Verification" then
    cases.move(state, case, "Active", now)
  end
end

--- Moves a creditor's waiting cases on after a signature or a KYC record.
-- @tparam table state
-- @tparam table creditor
-- @tparam number now
function cases.signatures_changed(state, creditor, now)
  for _, id in ipairs(creditor.case_ids) do
    local case = state.cases.by_id[id]
    local unsigned, kyc_missing = open_contracts(state, case)
    if case.lifecycle == "Pending contract signing" and #unsigned == 0 then
      cases.move(state, case, first_verification(case), now)
      schedule_verification(state, case, state.settings.verification.internal, now)
    elseif case.waits_for_kyc and not kyc_missing then
      case.waits_for_kyc = nil
      schedule_verification(state, case, 0, now)
    end
  end
end

-- Creation ----------------------------------------------------------------------------------------

--- What is wrong with a case beyond what the shapes say.
-- @tparam table input CreateCollectionCaseRequestApiViewModel
-- @tparam function report called with path and message
-- @tparam[opt] table context `state` and `creditor` where the case is for one that exists
function cases.check(input, report, context)
  if not input.date then report("date", "required") end
  if not input.currencyCode:find("^%a%a%a$") then
    report("currencyCode", "must be an ISO 4217 code")
  end
  for _, name in ipairs { "address", "city" } do
    if not input.debtor[name] then report("debtor." .. name, "required") end
  end
  local partner_id = input.collectionPartnerId
  if partner_id and not coverage.partners[partner_id:lower()] then
    report("collectionPartnerId", "is no active collection partner")
  end
  if not context then return end
  local reference, division_id = input.creditorReference, input.creditorDivisionId
  local is_taken = reference and context.creditor.references[reference]
  if is_taken and not DUPLICATE_ERRORS[context.state.settings.duplicates] then
    report("creditorReference", MESSAGES.DuplicateReference)
  end
  local division = division_id and context.state.divisions.by_id[division_id:lower()]
  if division_id and not (division and division.creditor_id == context.creditor.id
    and not division.archived) then
    report("creditorDivisionId", "is no active division of the account")
  end
  local assigned = input.assignedUserEmail
  if assigned and not accounts.user(context.state, context.creditor, assigned) then
    report("assignedUserEmail", "is no active team member")
  end
end

--- What keeps a case from being accepted; what it needs is remembered for the signing chain.
local function blockers(state, creditor, needed, options)
  local errors, seen = {}, {}
  local open = contracts.open(state, creditor, needed)
  if not options.carried then contracts.ask(creditor, open) end
  for _, item in ipairs(open) do
    local kind = contracts.steps[item.kind].error
    local waived = options.carried or (options.allow_pending and item.kind ~= "kyc")
    if not waived and not seen[kind] then
      seen[kind] = true
      errors[#errors + 1] = { type = kind, message = MESSAGES[kind], item = item }
    end
  end
  return errors
end

local function refusal(kind, message)
  return nil, { { type = kind, message = message or MESSAGES[kind] } }
end

--- Creates a case and tells it.
-- @tparam table state
-- @tparam table creditor
-- @tparam table input CreateCollectionCaseRequestApiViewModel, already checked
-- @tparam table options `now`; `allow_pending`; `carried`: stored by a 409 and replayed, which asks
--   for no KYC either
-- @treturn[1] table the case
-- @treturn[2] nil
-- @treturn[2] table array of `{type, message, item}`, business errors
function cases.create(state, creditor, input, options)
  if creditor.blocked then return refusal("CreditorBlocked", creditor.blocked.reason) end
  local debtor = input.debtor
  local jurisdiction = coverage.jurisdiction(debtor.countryAlpha2, debtor.stateAlpha2)
  local partner = coverage.match(jurisdiction, {
    company = debtor.type == "Company", amount = input.amountToRecover,
    partner_id = input.collectionPartnerId,
  })
  if not partner then return refusal("NoPartnerAvailable") end
  local reference = input.creditorReference
  if reference and creditor.references[reference] then
    return refusal(DUPLICATE_ERRORS[state.settings.duplicates] or "DuplicateReference")
  end
  local needed = contracts.needed(jurisdiction, partner)
  local errors = blockers(state, creditor, needed, options)
  if #errors > 0 then return nil, errors end

  local now = options.now
  local case = records.add(state.cases, {
    id = random.uuid(state.random), reference = random.reference(state.random),
    creditor_id = creditor.id, creditor_reference = reference, comments = input.comments,
    claim_description = input.claimDescription, amount = input.amountToRecover or 0,
    paid = 0, currency = input.currencyCode, test = input.isTest == true, tag = input.tag,
    date = time.parse(input.date) or now, due_date = time.parse(input.dueDate), debtor = debtor,
    division_id = input.creditorDivisionId, assigned_email = input.assignedUserEmail,
    over_12 = input.amountToRecoverOver12Months, over_24 = input.amountToRecoverOver24Months,
    return_url = input.returnUrl,
    jurisdiction_id = jurisdiction.id, partner_id = partner.id, carried = options.carried,
    skip_verification = input.skipDebituraVerification == true, created_at = now, timeline = {},
    chats = {}, leads = {}, tasks = {}, debtor_id = random.uuid(state.random),
    lifecycle = "Pending contract signing", via_partner = options.via_partner,
  })
  table.insert(creditor.case_ids, case.id)
  if reference then creditor.references[reference] = case.id end
  if #open_contracts(state, case) == 0 then
    case.lifecycle = first_verification(case)
    schedule_verification(state, case, state.settings.verification.internal, now)
  end
  cases.note(case, now, "Created", "Case created", case.lifecycle)
  cases.tell(state, case, "case.created", {}, now)
  return case
end

-- Deletion ---------------------------------------------------------------------------------------

local function remove_where(list, unwanted)
  for _, record in ipairs(records.select(list, unwanted)) do records.remove(list, record.id) end
end

--- Deletes cases and all that belongs to them.
-- @tparam table state
-- @tparam table creditor
-- @tparam function chosen tells of a case whether it goes
function cases.delete(state, creditor, chosen)
  local kept = {}
  for _, id in ipairs(creditor.case_ids) do
    local case = state.cases.by_id[id]
    if chosen(case) then
      local function belongs(record) return record.case_id == id end
      for _, list in ipairs { state.payments, state.files, state.deliveries } do
        remove_where(list, belongs)
      end
      if case.creditor_reference then creditor.references[case.creditor_reference] = nil end
      records.remove(state.cases, id)
    else
      kept[#kept + 1] = id
    end
  end
  creditor.case_ids = kept
end

return cases
