--- Bearer tokens of the Customer API: minted when first needed, kept until shortly before they
-- expire, minted once however many calls ask at the same time. With a store the workers of all
-- hosts share them.
--
-- Source of the facts: POST /oauth/token gives a JWT of 30 minutes and no refresh token; 404 means
-- that there is no active link or that the client has not signed the SDCA yet, and `onboardingDone`
-- of GET /clients/{id} tells which.
-- @module debitura.client.tokens

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local failure = require("debitura.base.failure")
local null = require("debitura.base.null")
local task = require("debitura.async.task")

local tokens = {}

--- A token is not used in its last seconds: it could expire on the way.
local LEEWAY = 60
--- Seconds between two looks whether a flight has landed. Any event loop can sleep, so nothing
-- finer is asked.
local POLL = 0.005
--- The same between processes, where each look asks the store.
local STORE_POLL = 0.1
--- Seconds for which a worker that mints keeps the others waiting, should it die over it.
local MINT_LEASE = 5
--- The part of its budget that a call waits for a token that another one mints, and for how many of
-- them. Then it mints one itself, which costs nothing but a request.
local SHARE_OF_BUDGET, MOST_FLIGHTS = 0.25, 2
--- Seconds after which a flight that has not started is not waited for.
local START = 1

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
function Tokens:explain(tenant, err)
  if err.kind ~= "not_found" then return err end
  local client, unknown = self.partner.clients:get(tenant)
  if not client then return unknown.kind == "not_found" and unknown or err end
  return failure.new {
    kind = "onboarding_incomplete", status = 404, operation = err.operation, body = err.body,
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
  local name, deadline = self:lease_name(tenant), self:longest_wait()
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
  if not token then token, err = self:mint(tenant) end
  self.store:lease_release(name, self.holder)
  return token, err
end

-- Flights ---------------------------------------------------------------------------------------

-- Until when a call waits for what another one does.
function Tokens:longest_wait()
  return self.clock() + self.partner.session.options.budget * SHARE_OF_BUDGET
end

local function find_token(self, flight)
  if self.store then return self:share(flight.tenant, flight.rejected) end
  return self:mint(flight.tenant)
end

-- Gets a token for all that wait for it. Whatever happens, the flight lands.
local function fly(self, flight, waiter)
  if flight.started then return end
  flight.started = true
  local sound, results = task.pcall(function() return find_token(self, flight) end, waiter)
  if sound then
    flight.token, flight.err = results[1], results[2]
    self.held[flight.tenant] = flight.token
  else
    flight.raised = { results[1] }
    if self.store then self.store:lease_release(self:lease_name(flight.tenant), self.holder) end
  end
  flight.landed = true
  if self.flights[flight.tenant] == flight then self.flights[flight.tenant] = nil end
end

-- Begins a flight, in a coroutine of its own where there can be one: a request of nginx may be
-- killed at any time, and the calls that wait for its token shall not notice.
function Tokens:begin(tenant, rejected, waiter)
  local flight = { tenant = tenant, rejected = rejected, due = self.clock() + START }
  self.flights[tenant] = flight
  if not (waiter.detach and waiter.detach(fly, self, flight, waiter)) then
    fly(self, flight, waiter)
  end
  return flight
end

-- Waits until a flight has landed.
-- @treturn ?boolean whether it has before the deadline
function Tokens:await(flight, waiter, deadline)
  while not flight.landed and self.clock() < deadline do
    waiter.sleep(POLL)
    -- A coroutine that was to be started may never be: nginx has only so many timers.
    if not flight.started and self.clock() >= flight.due then fly(self, flight, waiter) end
  end
  return flight.landed
end

-- What another call's flight brought, if it did and the token is not the refused one.
function Tokens:join(tenant, rejected, waiter)
  for _ = 1, MOST_FLIGHTS do
    local flight = self.flights[tenant]
    if not flight then return nil end
    local landed = self:await(flight, waiter, self:longest_wait())
    if landed and not flight.raised and not is_same(flight.token, rejected) then return flight end
    if self.flights[tenant] == flight then self.flights[tenant] = nil end
  end
end

-- The token that is at hand, unless it is the refused one.
function Tokens:usable(tenant, rejected)
  local held = self.held[tenant]
  if held and held ~= rejected and self.clock() < held.usable_until then return held end
end

--- A usable token of a client, minted if need be. In nginx it is minted in a timer, where the hooks
-- are called, too, that are told of the request.
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

  local flight = self:join(tenant, rejected, waiter)
  if flight then return flight.token, flight.err end
  held = self:usable(tenant, rejected) -- another call may have minted it meanwhile
  if held then return held end

  flight = self:begin(tenant, rejected, waiter)
  self:await(flight, waiter, math.huge)
  if flight.raised then error(flight.raised[1], 0) end
  return flight.token, flight.err
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
