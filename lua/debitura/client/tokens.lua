--- Bearer tokens of the Customer API: minted when first needed, kept until shortly before they
-- expire, minted once however many calls ask at the same time. With a store the workers of all
-- hosts share them.
--
-- Source: POST /oauth/token gives a JWT of 30 minutes and no refresh token; 404 means
-- that there is no active link or that the client has not signed the SDCA yet, and `onboardingDone`
-- of GET /clients/{id} tells which.
-- @module debitura.client.tokens

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local failure = require("debitura.base.failure")
local flight = require("debitura.async.flight")
local null = require("debitura.base.null")
local task = require("debitura.async.task")

local tokens = {}

--- A token is not used in its last seconds: it could expire on the way.
local LEEWAY = 60
--- Seconds between two looks for a token that another process mints.
local STORE_POLL = 0.1
--- Seconds for which a worker that mints keeps the others waiting, should it die over it.
local MINT_LEASE = 5
--- The part of its budget that a call waits for a token that another one mints, and for how many of
-- them. Then it mints one itself, which costs nothing but a request.
local SHARE_OF_BUDGET, MOST_FLIGHTS = 0.25, 2

local Tokens = {}
Tokens.__index = Tokens

function Tokens.__tostring()
  return "debitura.tokens"
end

local function is_same(token, rejected)
  return token ~= nil and rejected ~= nil and token.id == rejected.id
end

--- Checks what POST /oauth/token answered.
local function read_token(minted, operation)
  local text, seconds = null.text(minted, "accessToken"), tonumber(null.field(minted, "expiresIn"))
  local fields = {}
  if not text or text == "" then fields.accessToken = { "required" } end
  if not seconds or seconds <= 0 or seconds == math.huge then
    fields.expiresIn = { "must be a positive number of seconds" }
  end
  if next(fields) then
    return nil, failure.new {
      kind = "malformed", message = "the response is not a usable token", operation = operation,
      fields = fields,
    }
  end
  return "Bearer " .. text, seconds
end

--- Turns the 404 of minting into its cause.
function Tokens:explain(tenant, refusal)
  if refusal.kind ~= "not_found" then return refusal end
  local client, err = self.partner.clients:get(tenant)
  if not client then return err.kind == "not_found" and err or refusal end
  return failure.new {
    kind = "onboarding_incomplete", status = 404, operation = refusal.operation,
    body = refusal.body,
    signing_url = null.text(null.field(client, "onboardingLinks"), "url"),
    message = "the client is linked but has not signed the collection agreement; "
      .. "hand over the onboarding link in signing_url",
  }
end

function Tokens:mint(tenant)
  local minted, err = self.partner.tokens:create({ externalTenantId = tenant })
  if not minted then return nil, self:explain(tenant, err) end
  local bearer, seconds = read_token(minted, "tokens.create")
  if not bearer then return nil, seconds end
  seconds = math.max(0, seconds - LEEWAY)
  local token = {
    id = encoding.random_hex(8), bearer = core.secret(bearer),
    usable_until = self.clock() + seconds,
  }
  if self.store and seconds > 0 then
    local now = self.wall_clock()
    -- A store that fails now costs the others a token of their own, and this call nothing.
    self.store:token_put(self:key(tenant), ("%s %.3f %s"):format(token.id, now + seconds, bearer),
      now + seconds, now)
  end
  return token
end

-- In the store ----------------------------------------------------------------------------------

--- The name of a client's token in the store, where several APIs and partners may meet.
function Tokens:key(tenant)
  local session = self.partner.session
  return ("%s %s %s"):format(session.base_url, session:account(), tenant)
end

function Tokens:lease_name(tenant)
  return "token " .. self:key(tenant)
end

--- The token that another worker left in the store, unless it is the refused one.
function Tokens:shared(tenant, rejected)
  local text = self.store:token(self:key(tenant), self.wall_clock())
  local id, until_, bearer = (text or ""):match("^(%x+) ([%d.]+) (.+)$")
  if not id or is_same({ id = id }, rejected) then return nil end
  local usable_until = self.clock() + tonumber(until_) - self.wall_clock()
  return { id = id, bearer = core.secret(bearer), usable_until = usable_until }
end

--- The shared token, or one minted by the worker that gets the lease to do so.
function Tokens:share(tenant, rejected)
  local waiter, err = self.partner.session:waiter()
  if not waiter then return nil, err end
  local name, deadline = self:lease_name(tenant), self.clock() + self:patience()
  while true do
    local token = self:shared(tenant, rejected)
    if token then return token end
    -- nil, not false, when the store is out of order: then each mints for itself.
    if self.store:lease(name, self.holder, MINT_LEASE, self.wall_clock()) ~= false then break end
    if self.clock() >= deadline then return self:mint(tenant) end
    waiter.sleep(STORE_POLL)
  end
  -- The one before may have put its token down between the look and the lease.
  local token = self:shared(tenant, rejected)
  local sound, results = true, { token }
  if not token then
    sound, results = task.pcall(function() return self:mint(tenant) end, waiter)
  end
  self.store:lease_release(name, self.holder)
  if not sound then error(results[1], 0) end
  return results[1], results[2]
end

-- Flights ---------------------------------------------------------------------------------------

-- Seconds that a call waits for what another one does.
function Tokens:patience()
  return self.partner.session.options.budget * SHARE_OF_BUDGET
end

-- What gets a token for all that wait for it.
local function fetch(self, tenant, rejected)
  local find = self.store and self.share or self.mint
  local token, err = find(self, tenant, rejected)
  self.held[tenant] = token
  return token, err
end

function Tokens:leave(tenant, joined)
  if self.flights[tenant] == joined then self.flights[tenant] = nil end
end

-- What another call's flight brought, if it did and the token is not the refused one.
function Tokens:join(tenant, rejected, waiter)
  for _ = 1, MOST_FLIGHTS do
    local joined = self.flights[tenant]
    if not joined or joined.landed then return nil end
    joined:wait(waiter, self:patience())
    self:leave(tenant, joined)
    if joined.results and not is_same(joined.results[1], rejected) then return joined.results end
  end
end

-- The token that is at hand, unless it is the refused one.
function Tokens:usable(tenant, rejected)
  local held = self.held[tenant]
  if held and held ~= rejected and self.clock() < held.usable_until then return held end
end

--- A usable token of a client, minted if need be. In nginx it is minted in a timer, where the
-- hooks that hear of the request are called, too.
-- @tparam string tenant the externalTenantId
-- @tparam[opt] table rejected a token that the Customer API refused: it is not handed out again. A
--   token that has taken its place meanwhile is used as it is, so that a crowd of late 401s mints
--   once.
-- @treturn[1] table `{bearer}`, the value of an Authorization header as a `core.secret`
-- @treturn[2] nil
-- @treturn[2] table failure: `onboarding_incomplete` with its `signing_url`, `not_found`,
--   `malformed`, or what the call gave
function Tokens:get(tenant, rejected)
  local held = self:usable(tenant, rejected)
  if held then return held end
  local waiter, err = self.partner.session:waiter()
  if not waiter then return nil, err end

  local results = self:join(tenant, rejected, waiter)
  if results then return results[1], results[2] end
  held = self:usable(tenant, rejected) -- another call may have minted it meanwhile
  if held then return held end

  local begun = flight.new(waiter, self.clock, fetch, self, tenant, rejected)
  self.flights[tenant] = begun
  begun:begin()
  begun:wait(waiter)
  self:leave(tenant, begun)
  if begun.raised then error(begun.raised[1], 0) end
  return begun.results[1], begun.results[2]
end

--- Makes the tokens of a partner object.
-- @tparam table partner see debitura.client.partner
-- @tparam[opt] table store see debitura.store
-- @treturn table
function tokens.new(partner, store)
  return setmetatable({
    partner = partner, store = store, clock = partner.session.clock, wall_clock = core.system.now,
    holder = encoding.random_hex(8), held = {}, flights = {},
  }, Tokens)
end

return tokens
