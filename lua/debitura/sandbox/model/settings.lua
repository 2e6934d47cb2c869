--- What can be chosen about a sandbox: when it starts, and at POST /_sandbox/settings.
-- @module debitura.sandbox.model.settings

local schema = require("debitura.sandbox.model.schema")

local settings = {}

-- How answers are spelled (`conflicts` to `webhook_answers`), see
-- `debitura.sandbox.server.variants`.
local SCHEMA = schema.new {
  Settings = [[
    api_key  string (default sandbox-key)
    base_url  string (default http://127.0.0.1:8787)
    partner_name  string (default Sample Partner)
    fee_percentage  number 0..100 (default 25)  -- the partner's share of Debitura's earnings; a
                                                -- link keeps the one it was made with
    ttl_days  number 1..30 (default 7)  -- for an approval
    max_deliveries  number 1..1000000 (default 10000)  -- the oldest leave the log
    verification  Verification
    carried_kyc  string (default pending) = not_required | pending  -- of carried cases
    onboarding_url  string (default answer) = answer | later  -- where a new client's is named
    webhooks  Webhooks
    conflicts  string (default plain) = approval_url | onboarding_url | other_name | pascal
                                      | plain | wrapped
    duplicates  string (default field) = creditor_reference | field | pascal_field | problem
                                       | reference
    fields  string (default known) = extra | known
    kyc_status  string (default snake) = pascal | snake
    numbers  string (default number) = number | text
    spelling  string (default chosen) = chosen | random
    times  string (default utc) = decimals | offset | utc
    transfer  string (default plain) = chunked | gzip | http10 | plain
    webhook_answers  string (default camel) = camel | pascal
    rate_limits  RateLimits
  ]],
  -- Seconds that a case spends in each, up to ten years.
  Verification = [[
    internal  number 0..315360000 (default 3600)
    partner  number 0..315360000 (default 86400)
  ]],
  -- Shares of the deliveries, and where an event names the client.
  Webhooks = [[
    duplicate, late, lost  number 0..1 (default 0)
    tenant  string (default data) = data | links
    travel_disables  boolean (default false)
  ]],
  RateLimits = [[
    enabled  boolean (default false)
    minute  number 1..1000000000 (default 2000)
    hour  number 1..1000000000 (default 20000)
    day  number 1..1000000000 (default 100000)
    header  boolean (default false)
  ]],
}

--- The settings that are one of several words.
settings.choices = {}
for _, field in ipairs(SCHEMA.shapes.Settings.fields) do
  settings.choices[field.name] = field.values
end

-- What a running sandbox does not change.
local FIXED = { base_url = true, api_key = true }

local function merge(into, given)
  for name, value in pairs(given) do
    if type(value) == "table" then
      into[name] = into[name] or {}
      merge(into[name], value)
    else
      into[name] = value
    end
  end
  return into
end

--- What is wrong with settings.
-- @tparam table given
-- @treturn table|nil problems by path
function settings.problems(given)
  return SCHEMA:problems("Settings", given)
end

--- Fills in what was not said.
-- @tparam ?table given
-- @treturn table
function settings.fill(given)
  return merge(SCHEMA:defaults("Settings"), given or {})
end

--- Changes the settings of a running sandbox.
-- @tparam table self
-- @tparam table given
-- @treturn table|nil problems by path; nothing is changed then
function settings.change(self, given)
  local problems = settings.problems(given) or {}
  for name in pairs(FIXED) do
    if given[name] ~= nil then problems[name] = { "is fixed when the sandbox starts" } end
  end
  if next(problems) then return problems end
  merge(self, given)
end

--- @tparam table self
-- @treturn table all but the key
function settings.view(self)
  local shown = merge({}, self)
  shown.api_key = nil
  return shown
end

return settings
