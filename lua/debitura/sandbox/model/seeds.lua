--- Accounts that exist at Debitura before the partner's first call, one for each situation a
-- partner has to handle. `example` is a domain that is reserved.
-- @module debitura.sandbox.model.seeds

local core = require("debitura.core")
local accounts = require("debitura.sandbox.model.accounts")
local contracts = require("debitura.sandbox.model.contracts")
local links = require("debitura.sandbox.model.links")
local schema = require("debitura.sandbox.model.schema")
local sorted_keys = require("debitura.base.sorted_keys")

local seeds = {}

--- Situation to accounts: whose e-mail addresses lead into it, and what is special.
seeds.situations = {
  -- Signed up directly: 409 ClientExistsNeedsLinking with the approval page, by
  -- client.supportEmail.
  existing_customer = {
    { name = "Existing Customer Ltd", email = "office@existing.example", country = "Denmark",
      users = { { name = "Erin Existing", email = "erin@existing.example" } } },
  },
  -- A contact who works for two companies: 409 with the Choice page, by the onboarding user's
  -- address.
  choice = {
    { name = "First Choice Ltd", email = "first@choice.example", country = "Germany",
      users = { { name = "Chris Choice", email = "chris@choice.example" } } },
    { name = "Second Choice Ltd", email = "second@choice.example", country = "Germany",
      users = { { name = "Chris Choice", email = "chris@choice.example" } } },
  },
  -- Linked to another partner: 409 ClientAlreadyLinkedToAnotherPartner.
  other_partner = {
    { name = "Taken Ltd", email = "office@other-partner.example", country = "Sweden",
      other_partner = true,
      users = { { name = "Toni Taken", email = "toni@other-partner.example" } } },
  },
  -- Not a creditor: 409 InvalidClientType.
  collection_partner = {
    { name = "Sample Collections Desk", email = "desk@collector.example", country = "Portugal",
      kind = "collection_partner",
      users = { { name = "Casey Collector", email = "casey@collector.example" } } },
  },
  -- A British customer without KYC, all contracts with Oriel Collections signed: approval page by
  -- client.supportEmail, then cases against British debtors that wait silently.
  needs_kyc = {
    { name = "Kyc Needed Ltd", email = "office@kyc.example", country = "United Kingdom",
      signed = true,
      poa = "00000000-0000-4000-8000-000000000104",
      users = { { name = "Kim Kyc", email = "kim@kyc.example" } } },
  },
}

--- Opens the accounts of one situation.
-- @tparam table state
-- @tparam table situation one of `seeds.situations`, or one like them
-- @tparam number now
-- @treturn table `{accounts = ids}`
function seeds.plant(state, situation, now)
  local ids = core.json.array {}
  for index, account in ipairs(situation) do
    local creditor = accounts.open(state, {
      name = account.name, supportEmail = account.email, country = account.country,
      registrationNumber = account.registrationNumber,
    }, account.users, account)
    if account.externalTenantId then
      links.make(state, account.externalTenantId, creditor, account.attributed ~= false, now)
    end
    if account.poa then contracts.sign(state, creditor, "poa", account.poa) end
    ids[index] = creditor.id
  end
  return { accounts = ids }
end

local SCHEMA = schema.new {
  Account = [[
    name!, email!, country!  string 1..
    users!  [User] 1..
    kind  string = creditor | collection_partner
    other_partner, signed  boolean
    poa, registrationNumber  string
    externalTenantId  string 1..
    attributed  boolean
  ]],
  User = [[
    name!, email!  string 1..
  ]],
}

--- What is wrong with an account that is to be there.
-- @tparam table account
-- @treturn table|nil problems by field
function seeds.problems(account)
  return SCHEMA:problems("Account", account)
end

--- Opens the accounts that a sandbox starts with.
-- @tparam table state
-- @tparam ?table names array of situations; nil means all
-- @tparam ?table more accounts besides
-- @tparam number now
function seeds.plant_all(state, names, more, now)
  for _, name in ipairs(names or sorted_keys(seeds.situations)) do
    seeds.plant(state, seeds.situations[name], now)
  end
  seeds.plant(state, more or {}, now)
end

return seeds
