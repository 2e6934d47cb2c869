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
  for _, event in ipairs(events) do assert(player.hand_over(event, self.platform.receiver)) end
  if events[1] then assert(self.platform.receiver:work { once = true }) end
end

function PlatformPlayer:deliver()
  local from = #self.events
  player.methods.deliver(self)
  for index = from + 1, #self.events do self.inbox[#self.inbox + 1] = self.events[index] end
  self:hand_over()
end

function PlatformPlayer:ask(payload)
  assert(self.platform.recipes.approval:request(payload))
  self.answer = nil
  self:deliver()
end

function PlatformPlayer:sweep()
  assert(self.platform.recipes:sweep())
  self:deliver()
end

function PlatformPlayer:set_mail(up)
  self.mail_is_up = up
end

--- Takes the platform's endpoint away, or gives it back and switches the subscription on.
function PlatformPlayer:set_endpoint(up)
  self:subscription("PUT", "/" .. self.subscribed,
    { url = up and self.base_url .. "/_sandbox/sink" or DEAD_END, isActive = true })
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
  local subscription = self:subscribe(interpret.events)
  self.subscribed = subscription.id
  local mail = channels.callback(function(message)
    if not self.mail_is_up then return nil, "the mail server is down" end
    self.written[#self.written + 1] = message.variant
    return true
  end, { name = "mail" })
  self.platform = platform.new {
    name = "Sample Platform", base_url = self.base_url, environment = "test",
    customer_base_url = self.base_url .. "/customer", api_key = self.api_key, store = "memory:",
    clock = self.clock, channels = { mail }, webhook = { secret = subscription.secret },
  }
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
    return self:json("GET", "/_sandbox/clock", {}).body.unix
  end
  local founded, err = pcall(self.found, self)
  if not founded then return nil, tostring(err) end
  return self
end

return platform_player
