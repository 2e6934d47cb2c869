-- The sandbox's heart as a partner object, without a server between: requests go through the library's own encoding and
-- reading, webhooks are signed by the sandbox and verified by the library. Time is the sandbox's and moves when told to.

local answer = require("debitura.answer")
local core = require("debitura.core")
local heart = require("debitura.sandbox.heart")
local operations = require("debitura.operations")
local request = require("debitura.request")
local timestamp = require("debitura.recipes.timestamp")
local webhook = require("debitura.webhook")

local heart_partner = {}

local WALL = 1767225600 -- 2026-01-01T00:00:00Z; only the sandbox's own clock moves in these specs
heart_partner.WALL = WALL
local EVENTS = {
  "client.link_requested", "client.linked", "client.link_declined", "client.link_expired", "client.onboarding.contract_signed",
  "case.created", "cases.replay_failed",
}

local Partner = {}
Partner.__index = Partner

--- Receives a delivery, as a webhook endpoint would; a spec may put its own endpoint in this place.
-- @treturn number status
function Partner:deliver(effect)
  table.insert(self.inbox, (assert(self.verifier:verify(effect.body, effect.headers["X-Debitura-Signature"], WALL))))
  return 204
end

function Partner:receive(effects)
  for _, effect in ipairs(effects) do
    if effect.kind == "deliver" then
      heart.delivered(self.state, effect.id, { status = self:deliver(effect), seconds = 0 }, WALL)
    end
  end
end

function Partner:send(prepared)
  local response, effects = heart.handle(self.state, {
    method = prepared.method, path = prepared.path_and_query, headers = prepared.headers, body = prepared.body or "",
  }, WALL)
  if self.verifier then self:receive(effects) end
  if type(response.body) == "table" then response.body = assert(core.json.encode(response.body)) end
  return response
end

local function lowered(headers)
  local names = { xapikey = "sandbox-key" }
  for name, value in pairs(headers) do names[name:lower()] = value end
  return names
end

function Partner:call(name, body, options)
  local row = operations.get("partner", name)
  local prepared, failed = request.build(row, { body = body }, { environment = "test", check = options and options.check })
  if not prepared then return nil, failed end
  prepared.headers = lowered(prepared.headers)
  return answer.read(row, self:send(prepared))
end

function Partner:create_client(payload, options)
  table.insert(self.sent, core.json.encode(payload))
  return self:call("clients.create", payload, options)
end

--- What the customer does with a hosted URL: "approve" or "decline".
-- @treturn number the page's status
function Partner:answer_link(url, verb)
  local path = url:match("^https?://[^/]+(/[^?]*)")
  return self:send({ method = "POST", path_and_query = path .. "/" .. verb, headers = {} }).status
end

--- Lets time pass.
-- @tparam string duration such as "7d1h"
function Partner:advance(duration)
  self:send {
    method = "POST", path_and_query = "/_sandbox/clock", headers = { ["content-type"] = "application/json" },
    body = core.json.encode { advance = duration },
  }
  local effects = heart.step(self.state, WALL)
  while effects do
    self:receive(effects)
    effects = heart.step(self.state, WALL)
  end
end

function Partner:now()
  local response = self:send { method = "GET", path_and_query = "/_sandbox/clock", headers = {} }
  return timestamp.parse(core.json.decode(response.body).now)
end

--- @tparam[opt] table settings the sandbox's
function heart_partner.new(settings)
  local self = setmetatable({ state = heart.new({ settings = settings }, WALL), inbox = {}, sent = {} }, Partner)
  local subscription = assert(self:call("webhooks.create", { url = "https://platform.example/webhooks", events = EVENTS }))
  self.secret, self.verifier = subscription.secret, webhook.verifier { secret = subscription.secret }
  return self
end

return heart_partner
