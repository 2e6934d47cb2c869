--- Bearer tokens of the Customer API: minted when first needed, kept until shortly before they expire, minted once
-- however many ask at the same time. With a store the workers of all hosts share them.
--
-- Source of the facts: POST /oauth/token gives a JWT of 30 minutes and no refresh token; 404 means that there is no active
-- link or that the client has not signed the SDCA yet, and `onboardingDone` of GET /clients/{id} tells which.
-- @module debitura.client.tokens

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local failure = require("debitura.base.failure")

local tokens = {}

--- A token is not used in its last seconds: it could expire on the way.
local LEEWAY = 60
--- How often a coroutine looks whether the one that mints is done. Any event loop can sleep, so nothing finer is asked.
local POLL = 0.01
--- The same between processes, where each look asks the store.
local STORE_POLL = 0.1
--- Seconds for which a worker that mints keeps the others waiting, should it die over it.
local MINT_LEASE = 30

local Tokens = {}
Tokens.__index = Tokens

function Tokens.__tostring()
  return "debitura.tokens"
end

--- Checks what POST /oauth/token answered.
local function read_token(minted, operation)
  if type(minted) ~= "table" then minted = {} end
  local text, seconds = minted.accessToken, minted.expiresIn
  local fields = {}
  if type(text) ~= "string" or text == "" then fields.accessToken = { "required" } end
  if type(seconds) ~= "number" or seconds <= 0 then fields.expiresIn = { "must be a positive number of seconds" } end
  if next(fields) then
    return nil, failure.new {
      kind = "malformed", message = "the answer is not a usable token", operation = operation, fields = fields,
    }
  end
  return "Bearer " .. text, seconds
end

--- Turns the 404 of minting into its cause.
function Tokens:explain(tenant, failed)
  if failed.kind ~= "not_found" then return failed end
  local client, unknown = self.partner.clients:get(tenant)
  if not client then return unknown.kind == "not_found" and unknown or failed end
  local links = client.onboardingLinks
  return failure.new {
    kind = "onboarding_incomplete", status = 404, operation = failed.operation, body = failed.body,
    signing_url = type(links) == "table" and links.url or nil,
    message = "the client is linked but has not signed the collection agreement; hand over the onboarding link in signing_url",
  }
end

function Tokens:mint(tenant)
  local minted, failed = self.partner.tokens:create({ externalTenantId = tenant })
  if not minted then return nil, self:explain(tenant, failed) end
  local bearer, seconds = read_token(minted, "tokens.create")
  if not bearer then return nil, seconds end
  seconds = math.max(0, seconds - LEEWAY)
  local token = { id = encoding.random_hex(8), bearer = core.secret(bearer), usable_until = self.clock() + seconds }
  if self.store and seconds > 0 then
    local until_ = self.wall_clock() + seconds
    -- A store that fails now costs the others a token of their own, and this call nothing.
    self.store:token_put(self:key(tenant), ("%s %.3f %s"):format(token.id, until_, bearer), until_, self.wall_clock())
  end
  return token
end

--- The name of a client's token in the store, where several APIs may meet.
function Tokens:key(tenant)
  return self.partner.session.base_url .. " " .. tenant
end

--- The token that another worker left in the store, unless it is the refused one.
function Tokens:shared(tenant, rejected)
  local text = self.store:token(self:key(tenant), self.wall_clock())
  local id, until_, bearer = (text or ""):match("^(%x+) ([%d.]+) (.+)$")
  if not id or rejected and id == rejected.id then return nil end
  return { id = id, bearer = core.secret(bearer), usable_until = self.clock() + tonumber(until_) - self.wall_clock() }
end

--- The shared token, or one minted by whoever first gets the lease to do so.
function Tokens:share(tenant, rejected, deadline)
  local patient, failed = self.partner.session:waiter()
  if not patient then return nil, failed end
  local name = "token " .. self:key(tenant)
  while true do
    local token = self:shared(tenant, rejected)
    if token then return token end
    -- nil, not false, when the store is out of order: then each mints for itself.
    if self.store:lease(name, self.holder, MINT_LEASE, self.wall_clock()) ~= false then break end
    if self.clock() >= deadline then break end
    patient.sleep(STORE_POLL)
  end
  local token
  -- The one before may have put its token down between the look and the lease.
  token = self:shared(tenant, rejected)
  if not token then token, failed = self:mint(tenant) end
  self.store:lease_release(name, self.holder)
  return token, failed
end

--- A usable token of a client, minted if need be.
-- @tparam string tenant the externalTenantId
-- @tparam[opt] table rejected a token that the Customer API refused: it is not handed out again. A token that has
--   taken its place meanwhile is used as it is, so that a crowd of late 401s mints once.
-- @treturn[1] table `{bearer}`, the value of an Authorization header as a `core.secret`
-- @treturn[2] nil
-- @treturn[2] table failure: `onboarding_incomplete` with its `signing_url`, `not_found`, `malformed`, or what the call gave
function Tokens:get(tenant, rejected)
  local held = self.held[tenant]
  if held and held ~= rejected and self.clock() < held.usable_until then return held end

  local flight = self.flights[tenant]
  if flight then
    -- Whoever mints may be gone for good: a coroutine of nginx ends with its client's connection.
    local patient, failed = self.partner.session:waiter()
    if not patient then return nil, failed end
    while not flight.landed and self.clock() < flight.deadline do patient.sleep(POLL) end
    if flight.landed then return flight.token, flight.failed end
  end

  flight = { deadline = self.clock() + self.partner.session.options.budget }
  self.flights[tenant] = flight
  if self.store then
    flight.token, flight.failed = self:share(tenant, rejected, flight.deadline)
  else
    flight.token, flight.failed = self:mint(tenant)
  end
  flight.landed = true
  self.flights[tenant] = nil
  self.held[tenant] = flight.token
  return flight.token, flight.failed
end

--- Makes the tokens of a partner object.
-- @tparam table partner see debitura.client.partner
-- @tparam[opt] table store see debitura.store; one for each API key
-- @treturn table
function tokens.new(partner, store)
  return setmetatable({
    partner = partner, store = store, clock = partner.session.clock, wall_clock = core.system.now,
    holder = encoding.random_hex(8), held = {}, flights = {},
  }, Tokens)
end

return tokens
