--- How a link is looked after once the customer has approved: cases that never came are found or submitted again, open signatures
-- and identity checks become requests to the customer.
-- @module debitura.recipes.steps.reconcile

local cases = require("debitura.recipes.cases")
local core = require("debitura.core")
local looking = require("debitura.recipes.steps.look_up")

local does = {}

local LINKED = { linked = true, incomplete = true, carried = true }
local PAGE = 100

--- The cases of a link that are outstanding and not on their way again: the ledger's rows by reference.
local function outstanding(runner, tenant)
  local rows, last = {}, nil
  repeat
    local page, err = runner.store:link_cases { tenant = tenant, after = last, limit = PAGE }
    if not page then return nil, err end
    for _, row in ipairs(page) do
      last = row.creditor_reference
      if row.state ~= "created" then
        local submitted
        submitted, err = runner.store:matter(tenant, "case", row.creditor_reference)
        if submitted == nil then return nil, err end
        if not submitted then rows[row.creditor_reference] = row end
      end
    end
  until #page < PAGE
  return rows
end

local function tell(runner, tenant, name, news)
  if #news == 0 then return true end
  local told, word = runner:apply(tenant, { name = name, at = runner.clock(), cases = news })
  if told == nil then return nil, word end
  return true
end

--- Cases that exist although no webhook has said so.
local function take_found(runner, tenant, found)
  local news = {}
  for reference, case in pairs(found) do
    news[#news + 1] = { creditor_reference = reference, state = "created", case_id = case.id, reference = case.reference }
  end
  return tell(runner, tenant, "case.found", news)
end

--- The others, from the stored payload, to be accepted before the contracts are signed.
local function resubmit(runner, tenant, payload, rows, found)
  local news = {}
  for _, case in ipairs(payload.cases or {}) do
    local reference = case.creditorReference
    -- "never auto-retry; coverage can change"
    if rows[reference] and not found[reference] and rows[reference].problem ~= "NoPartnerAvailable" then
      case.allowPendingContracts = true
      local recorded, err = cases.record(runner, tenant, reference, assert(core.json.encode(case)))
      if not recorded then return nil, err end
      news[#news + 1] = { creditor_reference = reference, state = "awaited" }
    end
  end
  return tell(runner, tenant, "case.resubmitted", news)
end

local function look_after_cases(runner, tenant, payload)
  local rows, err = outstanding(runner, tenant)
  if not rows then return nil, err end
  local found
  found, err = looking.existing_cases(runner, tenant, rows)
  if not found then return nil, err end
  local told
  told, err = take_found(runner, tenant, found)
  if not told then return nil, err end
  return resubmit(runner, tenant, payload, rows, found)
end

--- Whether the customer's director is to be identified; who has no token because nothing is signed yet is asked to sign first.
local function kyc_needed(runner, tenant, payload)
  local needed, err = looking.needs_kyc(runner, tenant, payload)
  if needed == nil and err.kind == "onboarding_incomplete" then return false end
  return needed, err
end

--- What the customer has to do beside the cases.
local function ask_customer(runner, tenant, payload)
  local url, err = looking.signing_url(runner, tenant)
  if url == nil then return nil, err end
  local kyc
  kyc, err = kyc_needed(runner, tenant, payload)
  if kyc == nil then return nil, err end
  for kind, event in pairs { signing = url and { url = url } or nil, kyc = kyc and {} or nil } do
    event.name, event.at = "needed", runner.clock()
    local asked, word = runner:apply_matter({ tenant = tenant, kind = kind, name = "" }, event)
    if asked == nil then return nil, word end
  end
  return true
end

function does.follow(runner, effect, link)
  if not link or not LINKED[link.state] or effect.generation ~= link.generation then return runner:moot(effect) end
  local payload = core.json.decode(link.payload)
  local done, err = look_after_cases(runner, effect.tenant, payload)
  if done then done, err = ask_customer(runner, effect.tenant, payload) end
  if done then done, err = cases.release(runner, effect.tenant, "unlinked") end
  if not done then return runner:troubled(effect, err) end
  return runner:finish(effect, "followed")
end

return does
