--- How a hosted URL is handed over: by each channel, again when somebody asks for it, and as a reminder. What is delivered belongs
-- to the link, or to a signing or an identity check that is followed beside it.
-- @module debitura.recipes.steps.deliver

local looking = require("debitura.recipes.steps.look_up")
local message_of = require("debitura.recipes.message").of

local does = {}

local ATTEMPTS = 8
local PROBLEM_MAX = 500 -- bytes kept of what a channel says

--- What a channel says of its failure, without the URLs that it may quote.
local function scrubbed(problem, ...)
  local text = tostring(problem)
  for _, url in ipairs { ... } do text = text:gsub(url:gsub("%p", "%%%0"), "[redacted]") end
  return text:sub(1, PROBLEM_MAX)
end

local function deliver(runner, effect, subject, reminder)
  local channel = runner.channels[effect.channel]
  if not channel then return runner:postpone(effect, "there is no channel of this name here") end
  local link, err = subject, nil
  if effect.matter then link, err = runner.store:link(effect.tenant) end
  if link == nil then return nil, err end
  local message = {}
  local ran, receipt, problem = pcall(function()
    message = assert(message_of(runner, subject, effect.key, link, reminder))
    return channel:deliver(message)
  end)
  if not ran or not receipt then
    return runner:postpone(effect, scrubbed(ran and problem or receipt, message.url or subject.url, subject.url), { attempts = ATTEMPTS })
  end
  return runner:finish(effect, reminder and "reminded" or "delivered")
end

function does.deliver(runner, effect, subject)
  if not subject or not subject.url or effect.generation ~= subject.generation then return runner:moot(effect) end
  return deliver(runner, effect, subject)
end

--- What has happened already, without a webhook, of that of which the customer is to be reminded.
-- @treturn[1] string|false the event
-- @treturn[2] nil
-- @treturn[2] table failure of a call
local function answered(runner, effect)
  if not effect.matter then
    local active, err = looking.is_active(runner, effect.tenant)
    return active == true and "client.seen" or active, err
  elseif effect.matter == "signing" then
    local url, err = looking.signing_url(runner, effect.tenant)
    return url == false and "done" or url and false, err
  end
  return false
end

--- Reminds nobody who has done it: Debitura is asked first.
function does.remind(runner, effect, subject)
  if not subject or not subject.url or effect.generation ~= subject.generation then return runner:moot(effect) end
  -- A reminder that is late by an outage must not point at a page that is gone.
  if subject.expires_at and runner.clock() >= subject.expires_at then return runner:moot(effect) end
  local event, err = answered(runner, effect)
  if event == nil then return runner:troubled(effect, err, ATTEMPTS) end
  if event then return runner:decide(effect, event) end
  return deliver(runner, effect, subject, tonumber(effect.key:match(effect.matter and "/(%d+)/[^/]*$" or "^remind/%d+/(%d+)/")))
end

return does
