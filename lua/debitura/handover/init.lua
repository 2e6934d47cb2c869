--- Evergreen hand-over: a URL of the platform's own that stays the same while Debitura's expire, and can be revoked.
--
--     local handover = debitura.handover.new { url = "https://platform.example/debitura/h/", store = store, clock = os.time,
--       partner_name = "Sample Platform" }
--     local recipes = require("debitura.recipes").new { handover = handover, … }   -- channels are given this URL
--     local door = recipes:door()                                                  -- what answers at it
--
-- An id is 144 random bits. The ledger keeps its digest, so that whoever reads the ledger cannot use it.
-- @module debitura.handover

local core = require("debitura.core")

local handover = {}

local DAY = 86400
local DAYS = 90
local RANDOM = 18 -- bytes of an id

--- What a URL leads to, by the variant of the message that carries it.
local PURPOSES = { approval = "link", choice = "link", onboarding = "link", signing = "signing", kyc = "kyc" }

local Handover = {}
Handover.__index = Handover

function Handover.__tostring()
  return "debitura.handover"
end

local function hexadecimal(bytes)
  return (bytes:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
end

local function place_of(id)
  return "handover/" .. core.digest.sha256(id)
end

local function current_place(tenant, purpose)
  return ("handover_of/%s/%s"):format(purpose, tenant)
end

-- Keeps an id: first what it leads to, then that it is the tenant's.
function Handover:keep(id, tenant, purpose, expires_at, now)
  local kept, err = self.store:token_put(place_of(id), core.json.encode { tenant = tenant, purpose = purpose }, expires_at, now)
  if not kept then return nil, err end
  return self.store:token_put(current_place(tenant, purpose), ("%s %d"):format(id, expires_at), expires_at, now)
end

--- The URL that stands for whatever a client is to open: the same each time, until it is revoked or was not used for `days`. Two
-- processes that make one at the same moment give two, which both lead there.
-- @tparam string external_tenant_id
-- @tparam string variant of the message: "approval", "choice", "onboarding", "signing" or "kyc"
-- @treturn[1] string
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Handover:url(external_tenant_id, variant)
  local purpose = PURPOSES[variant]
  if not purpose then error("handover: there is nothing to open for the variant " .. tostring(variant), 2) end
  local now = math.floor(self.clock())
  local text, err = self.store:token(current_place(external_tenant_id, purpose), now)
  if text == nil then return nil, err end
  local id, expires_at = (text or ""):match("^(%x+) (%d+)$")
  -- One that is handed out again lasts as long as a new one.
  if not id or tonumber(expires_at) < now + self.days * DAY / 2 then
    id = id or hexadecimal(core.system.random(RANDOM))
    local kept
    kept, err = self:keep(id, external_tenant_id, purpose, now + self.days * DAY, now)
    if not kept then return nil, err end
  end
  return self.base_url .. id
end

--- Where an id leads.
-- @tparam string id
-- @treturn[1] table|false `tenant` and `purpose` ("link", "signing" or "kyc"); false when it is unknown, revoked or has expired
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Handover:find(id)
  if #id ~= 2 * RANDOM or id:find("[^0-9a-f]") then return false end
  local text, err = self.store:token(place_of(id), self.clock())
  if not text then return text, err end
  return core.json.decode(text)
end

--- Makes a client's URL lead nowhere from now on. The next message carries another one.
-- @tparam string external_tenant_id
-- @tparam[opt] string purpose "link", "signing" or "kyc"; default: all
-- @treturn[1] number how many there were
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Handover:revoke(external_tenant_id, purpose)
  local now, count = self.clock(), 0
  for _, each in ipairs { "link", "signing", "kyc" } do
    if purpose == nil or purpose == each then
      local text, err = self.store:token(current_place(external_tenant_id, each), now)
      if text == nil then return nil, err end
      local id = text and text:match("^%x+")
      local revoked = true
      if id then revoked, err = self:keep(id, external_tenant_id, each, now, now) end
      if not revoked then return nil, err end
      if id then count = count + 1 end
    end
  end
  return count
end

--- Makes it.
-- @tparam table options `url` (what the ids are appended to, such as "https://platform.example/debitura/h/"), `store`, `clock` (a
--   function that gives Unix seconds), `partner_name` (whom the customer knows; shown on the page), `days` (90: how long a URL lasts
--   after it was last handed out)
-- @treturn table with `url`, `find` and `revoke`
-- @raise when an option is missing or wrong
function handover.new(options)
  if type(options) ~= "table" then error("debitura.handover: options table expected", 2) end
  local url = options.url
  local bad = "url: an address that the ids are appended to, https, such as https://platform.example/debitura/h/"
  if type(url) ~= "string" or not url:find("/$") or url:find("[?#%s%c]") then error(bad, 2) end
  local fine, reason = core.check_url(url)
  if not fine then error(("%s (%s)"):format(bad, reason.message), 2) end
  if type(options.store) ~= "table" then error("store is missing", 2) end
  if type(options.clock) ~= "function" then error("clock: a function that gives Unix seconds", 2) end
  if type(options.partner_name) ~= "string" or options.partner_name == "" then error("partner_name: whom the customer knows", 2) end
  local days = options.days or DAYS
  if type(days) ~= "number" or days < 1 then error("days: how long a URL lasts, 1 or more", 2) end
  return setmetatable({
    base_url = url, store = options.store, clock = options.clock, partner_name = options.partner_name, days = days,
  }, Handover)
end

return handover
