--- How both APIs show a case, and what stands in more than one answer.
-- @module debitura.sandbox.api.views

local cases = require("debitura.sandbox.model.cases")
local contracts = require("debitura.sandbox.model.contracts")
local coverage = require("debitura.sandbox.model.coverage")
local money = require("debitura.sandbox.model.money")

local views = {}

--- What all views of a creditor show.
-- @tparam table creditor
-- @treturn table
function views.creditor(creditor)
  return {
    id = creditor.id, companyName = creditor.company_name,
    companyRegistrationNumber = creditor.registration_number, officeEmail = creditor.office_email,
    officePhone = creditor.office_phone, address = creditor.address, city = creditor.city,
    zipCode = creditor.zip_code, state = creditor.state, country = creditor.country,
  }
end

--- UserDto.
-- @tparam table user `number`, `name`, `email`
-- @treturn table
function views.user(user)
  local first, last = user.name:match("^(%S+)%s+(.+)$")
  return { id = user.number, email = user.email, firstName = first or user.name, lastName = last }
end

--- Points added for old parts of a claim of several invoices: ((A12 - A24) * 10 + A24 * 20) /
-- principal.
local function uplift(case)
  if not case.over_12 or case.amount <= 0 then return nil end
  return ((case.over_12 - case.over_24) * 10 + case.over_24 * 20) / case.amount
end

--- Where the client signs what this case waits for.
local function signing_url_of(state, case)
  local link = cases.link_of(state, case)
  if not link or case.lifecycle ~= "Pending contract signing" then return nil end
  return contracts.url(state, link, nil, case.return_url)
end

--- InvoiceDto.
-- @tparam table state
-- @tparam table case
-- @treturn table
function views.invoice(state, case)
  local creditor = views.creditor(state.creditors.by_id[case.creditor_id])
  local division = state.divisions.by_id[case.division_id or ""]
  creditor.division = division and { id = division.id, name = division.companyName }
  local partner = coverage.partners[case.partner_id]
  local signing_url = signing_url_of(state, case)
  local left, points = cases.remainder(case), uplift(case)
  return {
    id = case.id, dateCreated = case.created_at, dateUpdated = case.updated_at,
    reference = case.reference, creditorReference = case.creditor_reference,
    creditorComments = case.comments, claimDescription = case.claim_description,
    grossAmount = case.amount, remainder = left, interestFees = 0, reminderFees = 0,
    collectionFees = 0, totalAddedFees = 0, currency = case.currency, isTestCase = case.test,
    lifecycle = case.lifecycle, dueDate = case.due_date or case.date, date = case.date,
    dateFinished = case.finished_at, dateCollectionStarted = case.started_at,
    closeCode = case.close_code, currentEngagementPhase = case.phase,
    creditorDivisionId = case.division_id, debtor = case.debtor,
    collectionPartner = { name = partner.name, surveyCadenceMode = 0 }, creditor = creditor,
    blendedAgeUpliftPoints = points, preLegalSuccessFee = partner.fee + (points or 0),
    solutionUrl = signing_url,
    signingHandoff = signing_url and { combinedSigningUrl = signing_url },
    exclusivePeriodEndDate = case.exclusive_end,
    validation = { needsInfo = case.lifecycle == "More Info Required" },
    assignedUser = case.assigned_email and { email = case.assigned_email },
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
  return { needsInfo = needs_info, creditorRespondedAt = case.responded_at, items = items }
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
    id = case.id, reference = case.reference, creditorReference = case.creditor_reference,
    client = {
      externalTenantId = link.tenant, creditorId = creditor.id, companyName = creditor.company_name,
      contacts = {
        onboardingUser = contact and { email = contact.email, name = contact.name },
        officeEmail = creditor.office_email, otherUsers = {},
      },
    },
    debtor = { name = case.debtor.name, country = country.name }, grossAmount = case.amount,
    remainder = cases.remainder(case), currency = case.currency, lifecycle = case.lifecycle,
    closeCode = case.close_code, currentEngagementPhase = case.phase,
    dateCreated = case.created_at, dueDate = case.due_date or case.date,
    dateCollectionStarted = case.started_at, dateFinished = case.finished_at,
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
    grossAmountUsd = money.cents(gross), successFeePercentage = fee,
    collectionPartnerRevenueUsd = money.cents(partner_usd),
    platformRevenueSharePercentage = money.PLATFORM_SHARE,
    platformRevenueUsd = money.cents(platform_usd),
    referralFeePercentage = link.fee_percentage,
    referralRevenueUsd = money.cents(platform_usd * link.fee_percentage / 100),
  }
  return view
end

--- KycVerificationDto.
-- @tparam ?table record
-- @treturn ?table
function views.kyc(record)
  if not record then return nil end
  return {
    directorFullName = record.name, directorHomeAddress = record.address,
    directorDateOfBirth = record.born:sub(1, 10), dateCreated = record.created_at,
    verificationStatus = record.status, verificationStatusUpdatedAt = record.status_at,
  }
end

return views
