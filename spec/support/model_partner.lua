-- The sandbox's model behind a partner object, without a server between: an engine that asks the
-- model takes the place of the network, everything above it is the library's own. Webhooks are
-- signed by the sandbox and verified by the library. Time is the sandbox's and moves when told to.

local clock = require("debitura.sandbox.model.clock")
local core = require("debitura.core")
local debitura = require("debitura")
local dispatch = require("debitura.sandbox.server.dispatch")
local webhook = require("debitura.webhook")

local model_partner = {}

local WALL = 1767225600 -- 2026-01-01T00:00:00Z; only the sandbox's own clock moves in these specs
model_partner.WALL = WALL
local EVENTS = {
  "client.link_requested", "client.linked", "client.link_declined", "client.link_expired",
  "client.onboarding.contract_signed",
  "client.onboarding.poa_signed",
  "case.created", "case.updated", "case.closed", "cases.replay_failed",
}

local Partner = {}
Partner.__index = Partner

--- Receives a delivery, as a webhook endpoint would; a spec may put its own endpoint in this place.
-- @treturn number status
function Partner:deliver(effect)
  table.insert(self.inbox,
    (assert(self.verifier:verify(effect.body, effect.headers["X-Debitura-Signature"], WALL))))
  return 204
end

function Partner:receive(effects)
  for _, effect in ipairs(effects) do
    dispatch.delivered(self.state, effect.id, { status = self:deliver(effect), seconds = 0 }, WALL)
  end
end

function Partner:send(prepared)
  local path, query = prepared.path_and_query:match("^([^?]*)%??(.*)$")
  local response, effects = dispatch.handle(self.state, {
    method = prepared.method, path = path, query = query, headers = prepared.headers,
    body = prepared.body or "",
  }, WALL)
  if self.verifier then self:receive(effects) end
  if type(response.body) == "table" then response.body = assert(core.json.encode(response.body)) end
  return response
end

-- The library above -------------------------------------------------------------------------------

local NOWHERE = "http://127.0.0.1:1"

local Transfer = {}
Transfer.__index = Transfer

function Transfer.done() return true end

function Transfer.cancel() end

function Transfer:result()
  return self.response, self.problem
end

--- An engine whose server is the model. Secrets cannot be read here, so it knows the key, and of
-- tokens the latest that it has handed out: an engine serves one client.
local function new_engine(self)
  local engine, bearer = {}, nil
  function engine.submit(_, request)
    local headers = { xapikey = "sandbox-key" }
    for name, value in pairs(request.headers) do
      if type(value) == "string" then headers[name:lower()] = value end
      if name == "Authorization" then headers.authorization, headers.xapikey = bearer, nil end
    end
    if self.interfere then
      local problem = self.interfere(request)
      if problem then return setmetatable({ problem = problem }, Transfer) end
    end
    local response = self:send {
      method = request.method, path_and_query = request.url:sub(#NOWHERE + 1), headers = headers,
      body = request.body,
    }
    if self.interfere_after then
      local problem = self.interfere_after(request, response)
      if problem then return setmetatable({ problem = problem }, Transfer) end
    end
    if request.url:find("/oauth/token", 1, true) and response.status == 200 then
      local token = core.json.decode(response.body)
      bearer = type(token) == "table" and type(token.accessToken) == "string"
        and "Bearer " .. token.accessToken or bearer
    end
    local named = {}
    for name, value in pairs(response.headers or {}) do named[name:lower()] = value end
    return setmetatable({ response = { status = response.status, headers = named,
      body = response.body or "", timing = {} } }, Transfer)
  end
  return engine
end

local AT_ONCE = { name = "at once", wait = function() return true end, sleep = function() end }

-- Inside a task, as every job is in Lua 5.1, pauses are real whatever the waiter does.
local PAUSE = 1e-6

local function new_library(self)
  return debitura.partner { api_key = "sandbox-key", base_url = NOWHERE, engine = new_engine(self),
    waiter = AT_ONCE, backoff_base = PAUSE, backoff_cap = PAUSE }
end

--- A new process: connections, tokens and whatever a call was in the middle of are gone.
function Partner:restart()
  self.library, self.customers = new_library(self), {}
  self.clients, self.cases, self.webhooks = self.library.clients, self.library.cases,
    self.library.webhooks
end

--- POST /clients; what was sent is remembered.
function Partner:create_client(payload, options)
  table.insert(self.sent, core.json.encode(payload))
  return self.library:create_client(payload, options)
end

--- Deletes a client, by another process than the recipes' own.
-- @treturn boolean whether it was
function Partner:delete_client(tenant)
  return self:send {
    method = "DELETE", path_and_query = "/clients/" .. tenant,
    headers = { xapikey = "sandbox-key" },
  }.status == 204
end

function Partner:get_client(tenant)
  return self.library:get_client(tenant)
end

--- The Customer API for one client, with an engine of its own.
function Partner:customer(tenant)
  self.customers[tenant] = self.customers[tenant] or new_library(self)
  return self.customers[tenant]:customer(tenant)
end

--- What the customer does with a hosted URL: "approve" or "decline".
-- @tparam string url
-- @tparam string verb
-- @tparam[opt] string form of the Choice page
-- @treturn number the page's status
function Partner:answer_link(url, verb, form)
  local path = url:match("^https?://[^/]+(/[^?]*)")
  return self:send({
    method = "POST", path_and_query = path .. "/" .. verb, body = form,
    headers = { ["content-type"] = "application/x-www-form-urlencoded" },
  }).status
end

--- Lets time pass.
-- @tparam string duration such as "7d1h"
function Partner:advance(duration)
  self:send {
    method = "POST", path_and_query = "/_sandbox/clock",
    headers = { ["content-type"] = "application/json" },
    body = core.json.encode { advance = duration },
  }
  local effects = dispatch.step(self.state, WALL)
  while effects do
    self:receive(effects)
    effects = dispatch.step(self.state, WALL)
  end
end

function Partner:now()
  return clock.at(self.state.clock, WALL)
end

--- @tparam[opt] table settings the sandbox's
function model_partner.new(settings)
  local self = setmetatable({ state = dispatch.new({ settings = settings }, WALL), inbox = {},
    sent = {}, customers = {} }, Partner)
  self:restart()
  local subscription = assert(
    self.library:create_webhook { url = "https://platform.example/webhooks", events = EVENTS })
  self.secret, self.verifier = subscription.secret,
    webhook.verifier { secret = subscription.secret }
  return self
end

return model_partner
