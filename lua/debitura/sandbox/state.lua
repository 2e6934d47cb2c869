--- The sandbox's whole memory: one tree of plain data, so that it can be written down and read back.
-- @module debitura.sandbox.state

local clock = require("debitura.sandbox.clock")
local encoding = require("debitura.sandbox.encoding")
local jobs = require("debitura.sandbox.jobs")
local random = require("debitura.sandbox.random")
local records = require("debitura.sandbox.records")

local state = {}

local DAY, HOUR = 86400, 3600

--- What can be chosen when a sandbox starts, and changed at POST /_sandbox/settings where it is marked so.
local DEFAULTS = {
  api_key = "sandbox-key",
  base_url = "http://127.0.0.1:8787",
  partner_name = "Sample Partner",
  fee_percentage = 25,
  ttl_days = 7, -- approval window, 1 to 30
  max_deliveries = 10000, -- the oldest leave the log
  verification = { internal = HOUR, partner = DAY }, -- seconds a case spends in each
  webhooks = { duplicate = 0, late = 0 }, -- shares from 0 to 1
}

local function merge(defaults, given)
  local merged = {}
  for name, value in pairs(defaults) do merged[name] = value end
  for name, value in pairs(given or {}) do
    merged[name] = type(defaults[name]) == "table" and merge(defaults[name], value) or value
  end
  return merged
end

--- Makes the memory of a sandbox in which nothing has happened.
-- @tparam table options the settings above, and `seed` (a whole number; the same one gives the same ids)
-- @tparam number wall seconds
-- @treturn table
function state.new(options, wall)
  local settings = merge(DEFAULTS, options.settings)
  settings.ttl_days = math.min(30, math.max(1, settings.ttl_days))
  local self = {
    settings = settings,
    clock = clock.new(wall),
    random = random.new(options.seed or 1),
    jobs = jobs.new(),
    sdca_version = 1,
    creditors = records.new(),
    users = records.new(),
    links = records.new(), -- active ones
    requests = records.new(), -- link requests, whatever became of them
    cases = records.new(),
    subscriptions = records.new(),
    deliveries = records.new(),
    -- Indexes: from text to ids.
    user_of_email = {}, -- lower case, as the next two
    creditors_of_email = {}, -- by their users
    creditors_of_office = {}, -- by their support e-mail
    link_of_tenant = {},
    link_of_creditor = {},
    request_of_tenant = {},
  }
  self.partner_id = random.uuid(self.random)
  self.token_key = encoding.base64(random.bytes(self.random, 32))
  return self
end

return state
