--- The spellings in which answers of the service have been seen or may come: chosen by settings, so
-- that a partner can try whether its code reads them all.
-- @module debitura.sandbox.server.variants

local core = require("debitura.core")
local reply = require("debitura.sandbox.api.reply")

local variants = {}

local function same(body)
  return body
end

--- A copy with some fields changed.
local function with(body, changes)
  local changed = {}
  for name, value in pairs(body) do changed[name] = value end
  for name, value in pairs(changes) do changed[name] = value end
  return changed
end

--- Names in PascalCase, all the way down.
local function pascal(value)
  if type(value) ~= "table" then return value end
  local spelled = {}
  for name, inner in pairs(value) do
    spelled[type(name) == "string" and name:gsub("^%l", string.upper) or name] = pascal(inner)
  end
  return setmetatable(spelled, getmetatable(value))
end

local function bare(name)
  return function(body)
    local url = body.data and body.data.onboardingLinks and body.data.onboardingLinks.url
    return url and { type = body.type, message = body.message, [name] = url } or body
  end
end

local KYC = { not_required = "NotRequired", pending = "Pending", verified = "Verified" }

--- A client, or a list of them, with `kycStatus` as the schema's enumeration has it.
local function pascal_kyc(body)
  if not body.clients then return with(body, { kycStatus = KYC[body.kycStatus] }) end
  local clients = {}
  for index, client in ipairs(body.clients) do clients[index] = pascal_kyc(client) end
  return with(body, { clients = core.json.array(clients) })
end

--- A problem of the field creditorReference, named as .NET names it.
local function pascal_field(body)
  if not body.creditorReference then return body end
  local changed = with(body, { CreditorReference = body.creditorReference })
  changed.creditorReference = nil
  return changed
end

local function in_problem(body)
  if not body.creditorReference then return body end
  local response = reply.problem(400, "One or more validation errors occurred.")
  response.body.errors = pascal_field(body)
  return response.body, response.headers
end

local function as_text(body)
  local changes = {}
  for _, name in ipairs { "expiresIn", "retryAfter" } do
    if body[name] then changes[name] = ("%.14g"):format(body[name]) end
  end
  return with(body, changes)
end

local CLIENTS = { ["clients.create"] = true, ["clients.get"] = true, ["clients.list"] = true }
local WEBHOOKS = {
  ["webhooks.create"] = true, ["webhooks.get"] = true, ["webhooks.update"] = true,
  ["webhooks.list"] = true,
}

--- Which answers a setting is about, and what each of its words makes of their bodies.
variants.rules = {
  {
    setting = "conflicts",
    about = function(row, status) return row.name == "clients.create" and status == 409 end,
    forms = {
      plain = same, pascal = pascal,
      wrapped = function(body) return { conflictResponse = body } end,
      approval_url = bare("approvalUrl"), onboarding_url = bare("onboardingUrl"),
      other_name = function(body)
        if body.type ~= "ClientAlreadyLinkedToAnotherPartner" then return body end
        return with(body, { type = "AlreadyLinkedToAnotherPartner" })
      end,
    },
  },
  {
    setting = "kyc_status",
    about = function(row, status) return CLIENTS[row.name] and status < 300 end,
    forms = { snake = same, pascal = pascal_kyc },
  },
  {
    setting = "webhook_answers",
    about = function(row) return row.api == "partner" and WEBHOOKS[row.name] end,
    forms = { camel = same, pascal = pascal },
  },
  {
    setting = "duplicates",
    about = function(row, status) return row.name == "cases.create" and status == 400 end,
    forms = {
      field = same, pascal_field = pascal_field, problem = in_problem, reference = same,
      creditor_reference = same,
    },
  },
  {
    setting = "numbers",
    about = function(row, status) return row.name == "tokens.create" or status == 429 end,
    forms = { number = same, text = as_text },
  },
}

--- Spells an answer as the settings say.
-- @tparam table settings
-- @tparam table row of the operation
-- @tparam table response
-- @treturn table the response, or another one
function variants.apply(settings, row, response)
  if type(response.body) ~= "table" then return response end
  for _, rule in ipairs(variants.rules) do
    local form = rule.forms[settings[rule.setting]]
    if form ~= same and rule.about(row, response.status) then
      local body, headers = form(response.body)
      response = {
        status = response.status, headers = headers or response.headers, body = body,
      }
    end
  end
  return response
end

return variants
