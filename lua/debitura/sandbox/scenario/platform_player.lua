--- A player with a platform of its own: the recipes on a store in memory, a channel that writes
-- down what it is given, and a receiver that the sandbox's sink hands its webhooks to. It lives on
-- the sandbox's clock.
-- @module debitura.sandbox.scenario.platform_player

local core = require("debitura.core")
local channels = require("debitura.channels")
local interpret = require("debitura.recipes.interpret")
local player = require("debitura.sandbox.scenario.player")
local platform = require("debitura.platform")

local platform_player = {}

local DEAD_END = "http://127.0.0.1:9/" -- where nothing listens

local PlatformPlayer = setmetatable({}, { __index = player.methods })
PlatformPlayer.__index = PlatformPlayer

--- Gives the platform what has come since the last time, signed at its clock, and works it off.
function PlatformPlayer:hand_over()
  local events = self.inbox
  self.inbox = {}
  for _, event in ipairs(events) do
    local taken, err = player.hand_over(event, self.platform.receiver)
    if not taken then return nil, err end
  end
  if not events[1] then return true end
  return self.platform.receiver:work { once = true }
end

function PlatformPlayer:deliver()
  local from = #self.events
  local done, err = player.methods.deliver(self)
  if not done then return nil, err end
  for index = from + 1, #self.events do self.inbox[#self.inbox + 1] = self.events[index] end
  return self:hand_over()
end

function PlatformPlayer:ask(payload)
  local outcome, err = self.platform.recipes.approval:request(payload)
  if not outcome then return nil, err.message end
  self.answer = nil
  return self:deliver()
end

function PlatformPlayer:sweep()
  local swept, err = self.platform.recipes:sweep()
  if not swept then return nil, tostring(err) end
  return self:deliver()
end

function PlatformPlayer:set_mail(up)
  self.mail_is_up = up
  return true
end

--- Takes the platform's endpoint away, or gives it back and switches the subscription on.
function PlatformPlayer:set_endpoint(up)
  local answer, err = self:json("PUT", "/v1/Webhooks/" .. self.subscription,
    { xapikey = self.api_key },
    { url = up and self.base_url .. "/_sandbox/sink" or DEAD_END, isActive = true })
  if not answer then return nil, err end
  return answer.status == 200 or nil, "the subscription was answered " .. answer.status
end

function PlatformPlayer:letters()
  local written = core.json.array(self.written)
  self.written = {}
  return written
end

function PlatformPlayer:link(tenant)
  return (self.platform.recipes.approval:status(tenant))
end

--- Subscribes the platform and makes it.
function PlatformPlayer:found()
  local answer, err = self:json("POST", "/v1/Webhooks", { xapikey = self.api_key },
    { url = self.base_url .. "/_sandbox/sink", events = core.json.array(interpret.events) })
  if not answer then return nil, err end
  if answer.status >= 300 then return nil, "the subscription was answered " .. answer.status end
  self.subscription = answer.body.id
  self.secrets[answer.body.secret] = true
  local mail = channels.callback(function(message)
    if not self.mail_is_up then return nil, "the mail server is down" end
    self.written[#self.written + 1] = message.variant
    return true
  end, { name = "mail" })
  self.platform = platform.new {
    name = "Sample Platform", base_url = self.base_url, environment = "test",
    customer_base_url = self.base_url .. "/customer", api_key = self.api_key, store = "memory:",
    clock = self.clock, channels = { mail }, webhook = { secret = answer.body.secret },
  }
  return true
end

--- Makes the player; its platform comes with it.
-- @tparam table given see debitura.sandbox.scenario.player
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string what went wrong
function platform_player.new(given)
  local self = setmetatable(player.new(given), PlatformPlayer)
  self.inbox, self.written, self.mail_is_up = {}, {}, true
  function self.clock()
    return assert(self:json("GET", "/_sandbox/clock", {})).body.unix
  end
  local founded, err = self:found()
  if not founded then return nil, err end
  return self
end

return platform_player
