--- Permalink: a URL of the platform's own that stays the same while Debitura's expire, and can be
-- revoked.
--
--     local permalink = debitura.permalink.new {
--       url = "https://platform.example/debitura/h/", store = store,
--       brand = { name = "Sample Platform" },
--     }
--     local recipes = require("debitura.recipes").new {
--       permalink = permalink, …  -- channels are given this URL
--     }
--     local handler = recipes:permalink_handler()  -- what answers at it
--
-- An id is 144 random bits, in hexadecimal, which mail programs and paper leave as it is. What it
-- leads to is in the store under the id's digest; the id itself, to be handed out again, is beside
-- its client, and sealed there where the store has an encryption key.
-- @module debitura.permalink

local brand = require("debitura.channels.brand")
local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local failure = require("debitura.base.failure")
local handler = require("debitura.permalink.handler")
local letters = require("debitura.channels.letters")
local options = require("debitura.base.options")
local usage = require("debitura.base.usage")

local permalink = {}

local DAY = 86400
local DAYS_MAX = 3650
local RANDOM = 18 -- bytes of an id
-- Random bytes that tell what was handed out before a revocation from what was handed out after.
local EPOCH = 8
local FOREVER = 100 * 365 * DAY -- a revocation must outlive every id that it concerns

--- What a URL leads to, by the variant of the message that carries it.
local PURPOSES = {
  approval = "link", choice = "link", onboarding = "link", signing = "signing", kyc = "kyc",
}
local EVERY_PURPOSE = { "link", "signing", "kyc" }

local Permalink = {}
Permalink.__index = Permalink

function Permalink.__tostring()
  return "debitura.permalink"
end

local function place_of(id)
  return "permalink/" .. core.digest.sha256(id)
end

local function current_place(tenant, purpose)
  return ("permalink_of/%s/%s"):format(purpose, tenant)
end

local function epoch_place(tenant, purpose)
  return ("permalink_epoch/%s/%s"):format(purpose, tenant)
end

local function check_tenant(tenant)
  if type(tenant) ~= "string" or tenant == "" then
    usage.error("permalink: the client's externalTenantId expected")
  end
end

-- What tells the ids that are good from those that were revoked, made by whichever process and
-- when: "" before the first revocation.
function Permalink:epoch(tenant, purpose, now)
  local epoch, err = self.store:token(epoch_place(tenant, purpose), now)
  if epoch == nil then return nil, err end
  return epoch or ""
end

-- The id in what is kept beside a client: with the second at which it expires; false when there is
-- none that is good.
local function read_current(text, epoch)
  local id, expires_at, made_in = (text or ""):match("^(%x+) (%d+) (%x*)$")
  if made_in ~= epoch then return false end
  return id, tonumber(expires_at)
end

-- The id that is handed out at present.
function Permalink:current(tenant, purpose, epoch, now)
  local text, err = self.store:token(current_place(tenant, purpose), now)
  if text == nil then return nil, err end
  return read_current(text, epoch)
end

-- Keeps an id: first what it leads to, then that it is the tenant's. What another process has kept
-- meanwhile stays: then that is the id.
function Permalink:keep(id, tenant, purpose, epoch, now)
  local expires_at = now + math.floor(self.days * DAY)
  local place, err = core.json.encode { tenant = tenant, purpose = purpose, epoch = epoch }
  if not place then
    return nil, failure.new {
      kind = "validation", message = "externalTenantId: " .. err.message,
    }
  end
  local own, kept = id or encoding.random_hex(RANDOM)
  kept, err = self.store:token_put(place_of(own), place, expires_at, now)
  if not kept then return nil, err end
  local current = ("%s %d %s"):format(own, expires_at, epoch)
  local at = current_place(tenant, purpose)
  if not id then
    kept, err = self.store:token_add(at, current, expires_at, now)
    if not kept then return nil, err end
    local other = read_current(kept, epoch)
    if other then return other end
  end
  kept, err = self.store:token_put(at, current, expires_at, now)
  return kept and own, err
end

--- The URL that stands for whatever a client is to open: the same each time, until it is revoked or
-- was not handed out for `days`.
-- @tparam string external_tenant_id
-- @tparam string variant of the message: "approval", "choice", "onboarding", "signing" or "kyc"
-- @treturn[1] string
-- @treturn[2] nil
-- @treturn[2] table failure of the store, or of kind "validation": the tenant is no UTF-8
function Permalink:url(external_tenant_id, variant)
  check_tenant(external_tenant_id)
  local purpose = PURPOSES[variant]
  if not purpose then
    usage.error("permalink: there is nothing to open for the variant " .. tostring(variant))
  end
  local now = math.floor(self.clock())
  local epoch, err = self:epoch(external_tenant_id, purpose, now)
  if not epoch then return nil, err end
  local id, expires_at = self:current(external_tenant_id, purpose, epoch, now)
  if id == nil then return nil, expires_at end
  -- One that is handed out again lasts as long as a new one.
  if not id or expires_at < now + self.days * DAY / 2 then
    id, err = self:keep(id, external_tenant_id, purpose, epoch, now)
    if not id then return nil, err end
  end
  return self.base_url .. id
end

--- Where an id leads.
-- @tparam string id
-- @treturn[1] table|false `tenant` and `purpose` ("link", "signing" or "kyc"); false when it is
--   unknown, revoked or has expired
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Permalink:find(id)
  if type(id) ~= "string" or #id ~= 2 * RANDOM or id:find("[^0-9a-f]") then return false end
  local now = self.clock()
  local text, err = self.store:token(place_of(id), now)
  if not text then return text, err end
  local place = core.json.decode(text)
  local epoch
  epoch, err = self:epoch(place.tenant, place.purpose, now)
  if not epoch then return nil, err end
  return epoch == place.epoch and { tenant = place.tenant, purpose = place.purpose }
end

--- Makes every URL that was given out for a client lead nowhere from now on. The next message
-- carries another one.
-- @tparam string external_tenant_id
-- @tparam[opt] string purpose "link", "signing" or "kyc", or the variant of a message that carried
--   it; default: all
-- @treturn[1] number for how many purposes there was one
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Permalink:revoke(external_tenant_id, purpose)
  check_tenant(external_tenant_id)
  local chosen = EVERY_PURPOSE
  if purpose ~= nil then chosen = { purpose == "link" and purpose or PURPOSES[purpose] } end
  if not chosen[1] then
    usage.error("permalink: there is nothing to revoke for the purpose " .. tostring(purpose))
  end
  local now, count = math.floor(self.clock()), 0
  for _, each in ipairs(chosen) do
    local epoch, err = self:epoch(external_tenant_id, each, now)
    if not epoch then return nil, err end
    local id
    id, err = self:current(external_tenant_id, each, epoch, now)
    if id == nil then return nil, err end
    local revoked
    local fresh = encoding.random_hex(EPOCH)
    revoked, err = self.store:token_put(epoch_place(external_tenant_id, each), fresh,
      now + FOREVER, now)
    if not revoked then return nil, err end
    if id then
      count = count + 1
      revoked, err = self.store:token_put(current_place(external_tenant_id, each), "", now, now)
      if not revoked then return nil, err end
    end
  end
  return count
end

--- What answers at these URLs; `recipes:permalink_handler()` calls it.
-- @tparam table runner of the recipes
-- @treturn table with `handle`, see debitura.permalink.handler
function Permalink:handler(runner)
  return handler.new(self, runner)
end

local BAD_URL = "an address that the ids are appended to expected, https, such as "
  .. "https://platform.example/debitura/h/"

local function url_problem(url)
  if not url:find("/$") or url:find("[?#%s%c]") then return BAD_URL end
  local allowed, err = core.check_url(url)
  if not allowed then return ("%s (%s)"):format(BAD_URL, err.message) end
end

local function days_problem(days)
  if days < 1 or days > DAYS_MAX then
    return ("how long a URL lasts expected, 1 to %d"):format(DAYS_MAX)
  end
end

local BRAND = brand.options("debitura.permalink")

permalink.options = options.define("debitura.permalink", {
  { "url", "string", required = true, check = url_problem,
    "what the ids are appended to, such as https://platform.example/debitura/h/" },
  { "store", "object", required = true, "what debitura.store.open returns" },
  { "clock", "function", default = core.system.now, "gives Unix seconds" },
  brand.required,
  letters.options.language, letters.options.texts,
  { "days", "number", default = 90, check = days_problem,
    "how long a URL lasts after it was last handed out" },
})

--- Makes it.
-- @tparam table given see `permalink.options`
-- @treturn table with `url`, `find` and `revoke`
-- @raise when an option is missing or wrong
function permalink.new(given)
  local read = permalink.options:read(given)
  local problem = letters.language_problem(read.language, letters.with(read.texts))
  if problem then permalink.options:complain("language", problem) end
  return setmetatable({
    base_url = read.url, store = read.store, clock = read.clock, days = read.days,
    brand = BRAND:read(read.brand), language = read.language, texts = read.texts,
  }, Permalink)
end

return permalink
