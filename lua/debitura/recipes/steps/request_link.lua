--- How a link asks Debitura: for a client and a fresh URL, whether the window is over, whether another URL is to follow.
--
-- An effect is done by a function of (runner, effect, link) that gives a word for the report and details, or nil and a failure of
-- the store. It has ended or postponed the effect in the store before it returns.
-- @module debitura.recipes.steps.request_link

local core = require("debitura.core")
local facts = require("debitura.recipes.interpret")
local link_machine = require("debitura.recipes.link")
local looking = require("debitura.recipes.steps.look_up")

local does = {}

--- POST /clients, with the same bytes whenever it is sent.
function does.request(runner, effect, link)
  local waiting = link and (link.state == "requesting" or link.state == "expired")
  if not waiting or effect.generation ~= link.generation + 1 then return runner:moot(effect) end
  -- Checked when it was recorded: what was good enough then is sent as it is.
  local client, err = runner.partner:create_client(core.json.decode(link.payload), { check = false })
  local event = facts.answer(client, err)
  if not event then
    return runner:troubled(effect, err)
  end
  event.generation, event.at, event.at_the_door = effect.generation, runner.clock(), effect.kind == "request_at_the_door"
  local moved, word = runner:apply(effect.tenant, event, effect)
  if moved == nil then return nil, word end
  return event.name, { client = client, failure = err }
end

does.request_at_the_door, does.request_now = does.request, does.request

function does.expire(runner, effect, link)
  if not link or link.state ~= "pending" or effect.generation ~= link.generation then return runner:moot(effect) end
  -- After an outage the customer's answer may lie in the inbox: the clock has a say only when that one is empty.
  local waiting, err = runner.store:inbox_waiting(effect.tenant)
  if waiting == nil then return nil, err end
  if waiting then
    local word, details = runner:postpone(effect, "webhooks of this client are waiting in the inbox")
    return word and "waiting", details
  end
  -- The clock may have gone back since this was claimed, and a look that ends without a finding never comes again.
  if runner.clock() < link.expires_at + link_machine.expiry_lateness then
    local word, details = runner:postpone(effect, "the clock has gone back: the window is not over")
    return word and "waiting", details
  end
  return runner:decide(effect, "window.over")
end

--- The next request would see by its answer whether the customer approved meanwhile; where none follows, that has to be asked.
function does.recover(runner, effect, link)
  if not link or link.state ~= "expired" or effect.generation ~= link.generation then return runner:moot(effect) end
  if link.generation - link.base >= runner.policy.max_generations then
    local active, err = looking.is_active(runner, effect.tenant)
    if active == nil then return runner:troubled(effect, err) end
    if active then return runner:decide(effect, "client.seen") end
  end
  return runner:decide(effect, "recover")
end

return does
