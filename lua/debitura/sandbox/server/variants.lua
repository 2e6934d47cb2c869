--- The spellings in which answers of the service have been seen or may come: chosen by settings, so
-- that a partner can try whether its code reads them all.
-- @module debitura.sandbox.server.variants

local core = require("debitura.core")
local merged = require("debitura.base.merged")
local random = require("debitura.sandbox.model.random")
local reply = require("debitura.sandbox.api.reply")
local settings = require("debitura.sandbox.model.settings")
local time = require("debitura.base.time")

local variants = {}

local function same(body)
  return body
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
  if not body.clients then return merged(body, { kycStatus = KYC[body.kycStatus] }) end
  local clients = {}
  for index, client in ipairs(body.clients) do clients[index] = pascal_kyc(client) end
  return merged(body, { clients = core.json.array(clients) })
end

--- A problem of the field creditorReference, named as .NET names it.
local function pascal_field(body)
  if not body.creditorReference then return body end
  local changed = merged(body, { CreditorReference = body.creditorReference })
  changed.creditorReference = nil
  return changed
end

local function in_problem(body)
  if not body.creditorReference then return body end
  local response = reply.invalid()
  response.body.errors = pascal_field(body)
  return response.body, response.headers
end

local function as_text(body)
  local changes = {}
  for _, name in ipairs { "expiresIn", "retryAfter" } do
    if body[name] then changes[name] = ("%.14g"):format(body[name]) end
  end
  return merged(body, changes)
end

local INSTANT = "^(%d%d%d%d%-%d%d%-%d%dT%d%d:%d%d:%d%d)Z$"
local OFFSET = 2 * 3600

--- A copy in which every value that is no table is what a function makes of it.
local function each(value, change)
  if type(value) ~= "table" then return change(value) end
  local changed = {}
  for name, inner in pairs(value) do changed[name] = each(inner, change) end
  return setmetatable(changed, getmetatable(value))
end

--- Instants in another form that ISO 8601 has for them.
local function instants(write)
  return function(body)
    return each(body, function(value)
      local clock = type(value) == "string" and value:match(INSTANT)
      return clock and write(clock, value) or value
    end)
  end
end

local EXTRA = { note = "No document names this field." }

--- Objects with a field more than the documents name, all the way down.
local function with_extra(value)
  if type(value) ~= "table" then return value end
  local grown = {}
  for name, inner in pairs(value) do grown[name] = with_extra(inner) end
  if getmetatable(value) ~= core.json.array_mt and #value == 0 then grown.sandboxExtra = EXTRA end
  return setmetatable(grown, getmetatable(value))
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
        return merged(body, { type = "AlreadyLinkedToAnotherPartner" })
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
  {
    setting = "times",
    about = function() return true end,
    forms = {
      utc = same,
      decimals = instants(function(clock) return clock .. ".1234567Z" end),
      offset = instants(function(_, text)
        return (time.format(time.parse(text) + OFFSET):gsub("Z$", "+02:00"))
      end),
    },
  },
  {
    setting = "fields",
    -- A field more among messages by field would be a message more.
    about = function(_, status) return status ~= 400 end,
    forms = { known = same, extra = with_extra },
  },
}

--- The form that an answer takes: the one that is set, or any, where `spelling` is random.
-- @tparam table state
-- @tparam string setting
-- @treturn string
function variants.form(state, setting)
  local choices = settings.choices[setting]
  if state.settings.spelling == "chosen" then return state.settings[setting] end
  return choices[random.below(state.spelling, #choices) + 1]
end

--- Spells an answer as the settings say.
-- @tparam table state
-- @tparam table row of the operation
-- @tparam table response
-- @treturn table the response, or another one
function variants.apply(state, row, response)
  if type(response.body) ~= "table" then return response end
  for _, rule in ipairs(variants.rules) do
    local form = rule.forms[variants.form(state, rule.setting)]
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
