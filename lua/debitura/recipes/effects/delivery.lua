--- How a hosted URL is handed over: by each channel, again when somebody asks for it, and as a reminder. What is delivered belongs
-- to the link, or to a signing or an identity check that is followed beside it.
-- @module debitura.recipes.effects.delivery

local asking = require("debitura.recipes.effects.asking")
local core = require("debitura.core")
local hosted_url = require("debitura.recipes.hosted_url")

local delivery = {}
local does = {}

local ATTEMPTS = 8
local PROBLEM_MAX = 500 -- bytes kept of what a channel says

--- What a channel says of its failure, without the URLs that it may quote.
local function scrubbed(problem, ...)
  local text = tostring(problem)
  for _, url in ipairs { ... } do text = text:gsub(url:gsub("%p", "%%%0"), "[redacted]") end
  return text:sub(1, PROBLEM_MAX)
end

--- Who is to be reached, as far as the payload says: the first user, else the client's own address.
local function recipient_of(link)
  local payload = link and link.payload and core.json.decode(link.payload)
  if type(payload) ~= "table" then return nil end
  local client, users = payload.client, payload.users
  local user = type(users) == "table" and type(users[1]) == "table" and users[1]
  if user and type(user.email) == "string" then return { name = type(user.name) == "string" and user.name or nil, email = user.email } end
  if type(client) == "table" and type(client.supportEmail) == "string" then
    return { name = type(client.name) == "string" and client.name or nil, email = client.supportEmail }
  end
end

--- What a channel is given. `key` is the same whenever this delivery is tried again.
-- @tparam table runner
-- @tparam table subject the link or the matter whose URL it is
-- @tparam string key
-- @tparam table|false link
-- @tparam ?number reminder
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function delivery.message(runner, subject, key, link, reminder)
  local return_url = runner.return_url
  if type(return_url) == "function" then return_url = return_url(subject.tenant) end
  -- Debitura ignores a bad one, too: the customer's way to the page matters more than the way back.
  if not hosted_url.is_return_url(return_url) then return_url = nil end
  local message = {
    key = key, tenant = subject.tenant, generation = subject.generation, variant = subject.variant or subject.kind,
    url = hosted_url.with_return(subject.url, return_url), expires_at = subject.expires_at, reminder = reminder,
    recipient = recipient_of(link),
  }
  if runner.handover then
    local url, err = runner.handover:url(subject.tenant, message.variant)
    if not url then return nil, err end
    message.url = url
  end
  return message
end

local function deliver(runner, effect, subject, reminder)
  local channel = runner.channels[effect.channel]
  if not channel then return runner:postpone(effect, "there is no channel of this name here") end
  local link, err = subject, nil
  if effect.matter then link, err = runner.store:link(effect.tenant) end
  if link == nil then return nil, err end
  local message = {}
  local ran, receipt, problem = pcall(function()
    message = assert(delivery.message(runner, subject, effect.key, link, reminder))
    return channel:deliver(message)
  end)
  if not ran or not receipt then
    return runner:postpone(effect, scrubbed(ran and problem or receipt, message.url or subject.url, subject.url), { attempts = ATTEMPTS })
  end
  local ended
  ended, err = runner.store:effect_done(effect, runner.clock(), reminder and "reminded" or "delivered")
  if ended == nil then return nil, err end
  return reminder and "reminded" or "delivered"
end

function does.deliver(runner, effect, subject)
  if not subject or not subject.url or effect.generation ~= subject.generation then return runner:moot(effect) end
  return deliver(runner, effect, subject)
end

--- Reminds nobody who has answered: of a link, Debitura is asked first whether it is active by now.
function does.remind(runner, effect, subject)
  if not subject or not subject.url or effect.generation ~= subject.generation then return runner:moot(effect) end
  if not effect.matter then
    local active, err = asking.is_active(runner, effect.tenant)
    if active == nil then return runner:postpone(effect, tostring(err), { at_least = err.retry_after, attempts = ATTEMPTS }) end
    if active then return asking.decide(runner, effect, "client.seen") end
    -- A reminder that is late by an outage must not point at a page that is gone.
    if runner.clock() >= subject.expires_at then return runner:moot(effect) end
  end
  return deliver(runner, effect, subject, tonumber(effect.key:match("^remind/%d+/(%d+)/")))
end

delivery.does = does

return delivery
