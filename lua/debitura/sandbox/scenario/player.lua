--- Who plays a scenario: carries its steps to a sandbox, by whatever way requests get there, and
-- hears the webhooks that reach the sandbox's sink. What does not go as it should is raised.
-- @module debitura.sandbox.scenario.player

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local operations = require("debitura.operations")

local player = {}

local Player = {}
Player.__index = Player

--- The methods of a player, for a player that can do more.
player.methods = Player

-- Requests ----------------------------------------------------------------------------------------

--- Sends a request with JSON, and reads what is answered.
-- @treturn table `{status, body}`
function Player:json(method, target, headers, body)
  local text = ""
  if body ~= nil then
    text = assert(core.json.encode(body))
    headers["content-type"] = "application/json"
  end
  local status, answer = self.send(method, target, headers, text)
  if not status then error(answer, 0) end
  local decoded = answer ~= "" and core.json.decode(answer)
  return { status = status, body = decoded or answer }
end

--- Uses one of the sandbox's controls.
function Player:control(name, body)
  local answer = self:json("POST", "/_sandbox/" .. name, {}, body)
  if answer.status ~= 200 then
    error(("the control %s answers %d: %s"):format(name, answer.status,
      core.json.encode(answer.body) or ""), 0)
  end
  self:deliver()
end

--- The headers by which one is let in.
function Player:credentials(tenant, api)
  if api == "partner" then return { xapikey = self.api_key } end
  local minted = self:json("POST", "/oauth/token", { xapikey = self.api_key },
    { externalTenantId = tenant })
  if minted.status ~= 200 then error("no token for " .. tostring(tenant), 0) end
  return { authorization = "Bearer " .. minted.body.accessToken }
end

local function target_of(row, prefix, given)
  local path = row.path:gsub("{(.-)}", function(name)
    return encoding.percent(tostring((given.params or {})[name] or ""))
  end)
  local query = {}
  for name, value in pairs(given.query or {}) do
    query[#query + 1] = encoding.percent(name) .. "=" .. encoding.percent(tostring(value))
  end
  return prefix .. path .. (query[1] and "?" .. table.concat(query, "&") or "")
end

--- Makes a call; its answer is what the next step may expect.
-- @tparam table given `operation`, `tenant` (Customer API), `params`, `query`, `headers`, `body`
function Player:request(given)
  local api = given.api or given.tenant and "customer" or "partner"
  local row = operations.get(api, given.operation)
  local headers = self:credentials(given.tenant, api)
  for name, value in pairs(given.headers or {}) do headers[name:lower()] = value end
  self.answer = self:json(row.method,
    target_of(row, api == "customer" and "/customer" or "", given), headers, given.body)
  self:deliver()
end

-- Webhooks ----------------------------------------------------------------------------------------

--- Makes a call about subscriptions; returns the one that is answered.
function Player:subscription(method, path, body)
  local answer = self:json(method, "/v1/Webhooks" .. path, { xapikey = self.api_key }, body)
  if answer.status >= 300 then error("the subscription was answered " .. answer.status, 0) end
  return answer.body
end

--- Subscribes the sandbox's own sink.
function Player:subscribe(events)
  local made = self:subscription("POST", "",
    { url = self.base_url .. "/_sandbox/sink", events = core.json.array(events) })
  self.secrets[made.secret] = true
  return made
end

--- Waits for what is under way, and takes what came to the sink, for this player's subscriptions.
function Player:deliver()
  self:json("POST", "/_sandbox/clock", {}, { advance = "0s" })
  for _, event in ipairs(self:json("GET", "/_sandbox/events", {}).body) do
    if self.secrets[event.secret] and not self.known[event.id] then
      self.known[event.id] = true
      self.events[#self.events + 1] = event
    end
  end
end

--- The names of the events since the last look.
function Player:heard()
  local names = core.json.array {}
  for index, event in ipairs(self.events) do names[index] = event.event end
  self.events = {}
  return names
end

--- Hands an event of the sink to a receiver in this process, signed at the receiver's clock.
-- @tparam table event as `GET /_sandbox/events` lists it
-- @tparam table receiver see debitura.webhook.receiver
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] string how it was answered
function player.hand_over(event, receiver)
  event.headers["X-Debitura-Signature"] = core.signature.sign(event.secret, event.body,
    math.floor(receiver.clock()))
  local status, answer = receiver:handle {
    method = "POST", headers = event.headers, body = event.body,
  }
  if status == 200 then return true end
  return nil, ("%s was answered %d: %s"):format(event.event, status, answer)
end

--- Makes a player.
-- @tparam table given `send` (a function of method, target, headers by lower-case names, and body;
--   gives status and body, or nil and what went wrong), `api_key`, `base_url`
-- @treturn table
function player.new(given)
  return setmetatable({
    send = given.send, api_key = given.api_key, base_url = given.base_url, secrets = {},
    known = {}, events = {},
  }, Player)
end

return player
