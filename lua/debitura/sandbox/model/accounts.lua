--- Debitura's accounts: creditors (and the odd collection partner) with their users, and how a new
-- customer is recognised as one that is there already.
-- @module debitura.sandbox.model.accounts

local contracts = require("debitura.sandbox.model.contracts")
local coverage = require("debitura.sandbox.model.coverage")
local random = require("debitura.sandbox.model.random")
local recipient = require("debitura.operations.recipient")
local records = require("debitura.sandbox.model.records")

local accounts = {}

local function index(map, text, id)
  if not text then return end
  local key = text:lower()
  map[key] = map[key] or {}
  for _, other in ipairs(map[key]) do
    if other == id then return end
  end
  table.insert(map[key], id)
end

--- What a company is known by besides its addresses: the number that its country has given it.
local function company_key(country, number)
  local found = coverage.country(country)
  country = found and found.name or country
  return country and number and number ~= "" and country .. " " .. number or nil
end

local function add_user(state, creditor, name, email)
  local user = state.users.by_id[state.user_of_email[email:lower()] or ""]
  if not user then
    user = records.add(state.users,
      { id = random.uuid(state.random), number = state.next_user_number, name = name,
        email = email })
    state.next_user_number = state.next_user_number + 1
    state.user_of_email[email:lower()] = user.id
  end
  table.insert(creditor.user_ids, user.id)
  index(state.creditors_of_email, email, creditor.id)
end

--- Opens an account.
-- @tparam table state
-- @tparam table client ClientDetailsDto
-- @tparam table users array of `{name, email}`, the onboarding user first
-- @tparam table traits `kind` ("creditor" or "collection_partner"), `other_partner` (linked
--   elsewhere), `signed` (the SDCA is)
-- @treturn table the creditor
function accounts.open(state, client, users, traits)
  local country = coverage.country(client.country)
  local creditor = records.add(state.creditors, {
    id = random.uuid(state.random), kind = traits.kind or "creditor",
    other_partner = traits.other_partner, company_name = client.name,
    registration_number = client.registrationNumber, address = client.address,
    zip_code = client.zipCode, city = client.city, state = client.state,
    country = country and country.name or client.country, country_id = country and country.id,
    office_email = client.supportEmail, office_phone = client.supportPhone,
    contracts = { poa = {}, jpa = {} }, asked = {}, user_ids = {}, case_ids = {}, references = {},
  })
  for _, user in ipairs(users) do add_user(state, creditor, user.name, user.email) end
  index(state.creditors_of_office, client.supportEmail, creditor.id)
  index(state.creditors_of_office, company_key(client.country, client.registrationNumber),
    creditor.id)
  if traits.signed then contracts.sign(state, creditor, "sdca") end
  return creditor
end

local function unindex(map, text, id)
  local ids = map[(text or ""):lower()] or {}
  for position = #ids, 1, -1 do
    if ids[position] == id then table.remove(ids, position) end
  end
  if #ids == 0 and text then map[text:lower()] = nil end
end

--- Closes an account: its addresses are unknown again, users without another account go with it.
-- Its record stays, for the cases that refer to it.
-- @tparam table state
-- @tparam table creditor
function accounts.close(state, creditor)
  unindex(state.creditors_of_office, creditor.office_email, creditor.id)
  unindex(state.creditors_of_office, company_key(creditor.country, creditor.registration_number),
    creditor.id)
  for _, id in ipairs(creditor.user_ids) do
    local user = state.users.by_id[id]
    unindex(state.creditors_of_email, user.email, creditor.id)
    if not state.creditors_of_email[user.email:lower()] then
      state.user_of_email[user.email:lower()] = nil
      records.remove(state.users, id)
    end
  end
end

--- A team member by e-mail.
-- @tparam table state
-- @tparam table creditor
-- @tparam string email
-- @treturn table|nil
function accounts.user(state, creditor, email)
  for _, id in ipairs(creditor.user_ids) do
    if state.users.by_id[id].email:lower() == email:lower() then return state.users.by_id[id] end
  end
end

--- Those that the partner may be linked to.
local function free(creditors)
  local kept = {}
  for _, creditor in ipairs(creditors) do
    if creditor.kind == "creditor" and not creditor.other_partner then
      kept[#kept + 1] = creditor
    end
  end
  return kept
end

--- The accounts behind addresses, each once.
-- @tparam table state
-- @tparam table addresses
-- @tparam table indexes of the state, by lower-case address
local function behind(state, addresses, indexes)
  local found, seen = {}, {}
  for _, address in ipairs(addresses) do
    for _, map in ipairs(indexes) do
      for _, id in ipairs(map[address:lower()] or {}) do
        if not seen[id] then found[#found + 1] = state.creditors.by_id[id] end
        seen[id] = true
      end
    end
  end
  return found
end

--- The accounts of the user who is to onboard that the partner may be linked to.
-- @tparam table state
-- @tparam table payload CreateClientRequest
-- @treturn table array
function accounts.of_contact(state, payload)
  return free(behind(state, { recipient.user(payload.users).email },
    { state.creditors_of_email }))
end

--- Recognises a customer by the users' e-mail addresses and the support e-mail address.
--
-- The contact's own address being a user's gives the Choice variant; every other match the standard
-- one.
-- @tparam table state
-- @tparam table payload CreateClientRequest
-- @treturn[1] nil a new customer
-- @treturn[2] string "choice", "approval", "other_partner" or "invalid_type"
-- @treturn[2] table the accounts it is about
function accounts.recognise(state, payload)
  local addresses = { payload.client.supportEmail }
  for _, user in ipairs(payload.users) do addresses[#addresses + 1] = user.email end
  addresses[#addresses + 1] = company_key(payload.client.country, payload.client.registrationNumber)
  local found = behind(state, addresses, { state.creditors_of_email, state.creditors_of_office })
  if #found == 0 then return nil end
  local of_contact = accounts.of_contact(state, payload)
  if #of_contact > 0 then return "choice", of_contact end
  if #free(found) > 0 then return "approval", free(found) end
  for _, creditor in ipairs(found) do
    if creditor.other_partner then return "other_partner", found end
  end
  return "invalid_type", found
end

return accounts
