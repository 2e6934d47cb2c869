--- What can be chosen about a sandbox: when it starts, and at POST /_sandbox/settings.
-- @module debitura.sandbox.model.settings

local settings = {}

local HOUR, DAY = 3600, 86400

--- Names, with what they are when nothing is said.
settings.defaults = {
  api_key = "sandbox-key",
  base_url = "http://127.0.0.1:8787",
  partner_name = "Sample Partner",
  -- the partner's share of Debitura's earnings; a link keeps the one it was made with
  fee_percentage = 25,
  ttl_days = 7, -- approval window, 1 to 30
  max_deliveries = 10000, -- the oldest leave the log
  verification = { internal = HOUR, partner = DAY }, -- seconds that a case spends in each
  -- Shares of the deliveries, from 0 to 1, and where an event names the client.
  -- What GET /clients says of a check that only carried cases need.
  carried_kyc = "pending",
  webhooks = { duplicate = 0, late = 0, lost = 0, tenant = "data", travel_disables = false },
  -- How answers are spelled, see `debitura.sandbox.server.variants`.
  conflicts = "plain",
  duplicates = "field",
  fields = "known",
  kyc_status = "snake",
  numbers = "number",
  spelling = "chosen",
  times = "utc",
  transfer = "plain",
  webhook_answers = "camel",
  rate_limits = { enabled = false, minute = 2000, hour = 20000, day = 100000, header = false },
}

-- What a running sandbox does not change.
local FIXED = { base_url = true, api_key = true }

local RANGES = {
  ["fee_percentage"] = { 0, 100 }, ["ttl_days"] = { 1, 30 }, ["max_deliveries"] = { 1, 1000000 },
  ["webhooks.duplicate"] = { 0, 1 }, ["webhooks.late"] = { 0, 1 }, ["webhooks.lost"] = { 0, 1 },
  ["verification.internal"] = { 0, 3650 * DAY }, ["verification.partner"] = { 0, 3650 * DAY },
  ["rate_limits.minute"] = { 1, 1e9 }, ["rate_limits.hour"] = { 1, 1e9 },
  ["rate_limits.day"] = { 1, 1e9 },
}

--- The settings that are one of several words.
settings.choices = {
  carried_kyc = { "not_required", "pending" },
  conflicts = {
    "approval_url", "onboarding_url", "other_name", "pascal", "plain", "wrapped",
  },
  duplicates = { "creditor_reference", "field", "pascal_field", "problem", "reference" },
  fields = { "extra", "known" },
  kyc_status = { "pascal", "snake" },
  numbers = { "number", "text" },
  spelling = { "chosen", "random" },
  times = { "decimals", "offset", "utc" },
  transfer = { "chunked", "gzip", "http10", "plain" },
  webhook_answers = { "camel", "pascal" },
  ["webhooks.tenant"] = { "data", "links" },
}
local CHOICES = settings.choices

local function is_choice(value, choices)
  for _, choice in ipairs(choices) do
    if value == choice then return true end
  end
  return false
end

local function check(known, given, path, problems)
  for name, value in pairs(given) do
    local at = path .. name
    local range = RANGES[at]
    if known[name] == nil then
      problems[at] = { "is not known" }
    elseif type(value) ~= type(known[name]) then
      problems[at] = { "must be a " .. type(known[name]) }
    elseif type(value) == "table" then
      check(known[name], value, at .. ".", problems)
    elseif CHOICES[at] and not is_choice(value, CHOICES[at]) then
      problems[at] = { "must be one of " .. table.concat(CHOICES[at], ", ") }
    elseif range and not (value >= range[1] and value <= range[2]) then
      problems[at] = { ("must be from %g to %g"):format(range[1], range[2]) }
    end
  end
  return problems
end

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
  local problems = check(settings.defaults, given, "", {})
  return next(problems) and problems or nil
end

--- Fills in what was not said.
-- @tparam ?table given
-- @treturn table
function settings.fill(given)
  local filled = merge(merge({}, settings.defaults), given or {})
  -- The service clamps a partner's window in the same way.
  filled.ttl_days = math.min(RANGES.ttl_days[2], math.max(RANGES.ttl_days[1], filled.ttl_days))
  return filled
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
