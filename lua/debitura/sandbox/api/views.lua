--- How both APIs show a case, and what stands in more than one answer.
-- @module debitura.sandbox.api.views

local core = require("debitura.core")
local cases = require("debitura.sandbox.model.cases")
local contracts = require("debitura.sandbox.model.contracts")
local coverage = require("debitura.sandbox.model.coverage")
local money = require("debitura.sandbox.model.money")
local time = require("debitura.base.time")

local null = core.null

local views = {}

local cents = money.cents

local function iso(seconds)
  return seconds and time.format(seconds) or null
end

local function phase(case)
  return case.phase or null
end

--- Points added for old parts of a claim of several invoices: ((A12 - A24) * 10 + A24 * 20) /
-- principal.
local function uplift(case)
  if not case.over_12 or case.amount <= 0 then return nil end
  return ((case.over_12 - case.over_24) * 10 + case.over_24 * 20) / case.amount
end

--- Where the client signs what this case waits for.
local function signing_url_of(state, case)
  local link = state.links.by_id[state.link_of_creditor[case.creditor_id] or ""]
  if not link or case.lifecycle ~= "Pending contract signing" then return nil end
  return contracts.url(state, link, nil, case.return_url)
end

--- InvoiceDto.
-- @tparam table state
-- @tparam table case
-- @treturn table
function views.invoice(state, case)
  local creditor = state.creditors.by_id[case.creditor_id]
  local partner = coverage.partners[case.partner_id]
  local signing_url = signing_url_of(state, case)
  local division = state.divisions.by_id[case.division_id or ""]
  local left, points = cases.remainder(case), uplift(case)
  return {
    id = case.id, dateCreated = time.format(case.created_at), dateUpdated = iso(case.updated_at),
    reference = case.reference, creditorReference = case.creditor_reference or null,
    creditorComments = case.comments or null, claimDescription = case.claim_description or null,
    grossAmount = case.amount, remainder = left, interestFees = 0, reminderFees = 0,
    collectionFees = 0, totalAddedFees = 0, currency = case.currency, isTestCase = case.test,
    lifecycle = case.lifecycle, dueDate = iso(case.due_date or case.date), date = iso(case.date),
    dateFinished = iso(case.finished_at), dateCollectionStarted = iso(case.started_at),
    closeCode = case.close_code or null, currentEngagementPhase = phase(case),
    claimType = null, creditorDivisionId = case.division_id or null, debtor = case.debtor,
    collectionPartner = {
      name = partner.name, officeEmail = null, officePhone = null, publicSite = null,
      surveyCadenceMode = 0,
    },
    creditor = {
      id = creditor.id, companyName = creditor.company_name,
      companyRegistrationNumber = creditor.registration_number or null,
      officeEmail = creditor.office_email or null, officePhone = creditor.office_phone or null,
      address = creditor.address or null, city = creditor.city or null,
      zipCode = creditor.zip_code or null, state = creditor.state or null,
      country = creditor.country or null,
      division = division and { id = division.id, name = division.companyName } or null,
    },
    bankAccount = null, blendedAgeUpliftPoints = points or null,
    preLegalSuccessFee = partner.fee + (points or 0), solutionUrl = signing_url or null,
    signingHandoff = signing_url and { combinedSigningUrl = signing_url } or null,
    exclusivePeriodEndDate = iso(case.exclusive_end), disputeStatus = null,
    validation = { needsInfo = case.lifecycle == "More Info Required" },
    assignedUser = case.assigned_email and { email = case.assigned_email, name = null } or null,
    allocationOutstanding = { principal = left, interest = 0, reminderFees = 0,
      collectionFees = 0 },
  }
end

--- CaseValidationStatusDto.
-- @tparam table case
-- @treturn table
function views.validation(case)
  local needs_info, items = case.lifecycle == "More Info Required", {}
  for index, item in ipairs(needs_info and case.info_items or {}) do
    items[index] = { resolutionArea = item.area, description = item.description }
  end
  return { needsInfo = needs_info, creditorRespondedAt = iso(case.responded_at),
    items = core.json.array(items) }
end

--- CaseItem of the partner API.
-- @tparam table state
-- @tparam table case
-- @tparam table link of its client
-- @treturn table
function views.item(state, case, link)
  local creditor = state.creditors.by_id[case.creditor_id]
  local country = coverage.countries[coverage.jurisdictions[case.jurisdiction_id].alpha2]
  local contact = state.users.by_id[creditor.user_ids[1] or ""]
  return {
    id = case.id, reference = case.reference, creditorReference = case.creditor_reference or null,
    client = {
      externalTenantId = link.tenant, creditorId = creditor.id, companyName = creditor.company_name,
      contacts = {
        onboardingUser = contact and { email = contact.email, name = contact.name } or null,
        officeEmail = creditor.office_email or null, otherUsers = core.json.array {},
      },
    },
    debtor = { name = case.debtor.name, country = country.name }, grossAmount = case.amount,
    remainder = cases.remainder(case), currency = case.currency, lifecycle = case.lifecycle,
    closeCode = case.close_code or null, currentEngagementPhase = phase(case),
    dateCreated = time.format(case.created_at), dueDate = iso(case.due_date or case.date),
    dateCollectionStarted = iso(case.started_at), dateFinished = iso(case.finished_at),
    validation = views.validation(case),
    collectionPartner = coverage.partners[case.partner_id].name,
    expectedReferralRatePercentage = link.fee_percentage,
  }
end

--- GetCaseDetailResponse of the partner API: the item and what the partner earns if all is
-- collected.
-- @tparam table state
-- @tparam table case
-- @tparam table link
-- @treturn table
function views.detail(state, case, link)
  local view = views.item(state, case, link)
  local fee = coverage.partners[case.partner_id].fee
  local gross = case.amount * (money.to_usd(1, case.currency))
  local partner_usd = gross * fee / 100
  local platform_usd = partner_usd * money.PLATFORM_SHARE / 100
  view.potentialRevenue = {
    grossAmountUsd = cents(gross), successFeePercentage = fee,
    collectionPartnerRevenueUsd = cents(partner_usd),
    platformRevenueSharePercentage = money.PLATFORM_SHARE, platformRevenueUsd = cents(platform_usd),
    referralFeePercentage = link.fee_percentage,
    referralRevenueUsd = cents(platform_usd * link.fee_percentage / 100),
  }
  return view
end

--- KycVerificationDto.
-- @tparam ?table record
-- @treturn table null where there is none
function views.kyc(record)
  if not record then return null end
  return {
    directorFullName = record.name, directorHomeAddress = record.address,
    directorDateOfBirth = record.born:sub(1, 10), dateCreated = time.format(record.created_at),
    verificationStatus = record.status or null,
    verificationStatusUpdatedAt = record.status_at and time.format(record.status_at) or null,
  }
end

return views
