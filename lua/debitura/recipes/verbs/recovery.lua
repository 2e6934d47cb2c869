--- Expired-link recovery: when the approval window has passed unanswered, asks Debitura again with the same payload and
-- delivers the new URL, up to a number of generations.
--
-- Nothing of an expired request has landed at Debitura, and the same POST /clients is the documented way to a fresh URL.
-- An expiry is noticed by its webhook, or by the clock when the webhook is overdue. What was declined or refused is
-- left alone; what was approved meanwhile is seen as such by the answer.
-- @module debitura.recipes.verbs.recovery

local runner = require("debitura.workflow.runner")

local expired_link_recovery = {}

local DAY = 86400
local MAX_GENERATIONS = 3
-- Seconds before each further generation is asked for; the last one stands for those after it.
local PAUSES = { 0, DAY }
local KINDS = { "expire", "recover", "request", "request_at_the_door", "request_now", "deliver" }
-- What may follow from a webhook; the clock's own view is for sweeps, as the next webhook may know better.
local KINDS_OF_EVENT = { "recover", "request", "deliver" }

local Recovery = {}
Recovery.__index = Recovery

--- Takes note of a webhook and recovers its link when that has expired. Any event may be handed in, also one that
-- `approval_delivery` has handled.
-- @tparam table event as `debitura.webhook.verify` gives it
-- @treturn[1] string "moved", "recorded" (it fits nowhere and changed nothing), "duplicate", or "unknown" (no client of this ledger)
-- @treturn[1] table|false the link as it is now
-- @treturn[2] nil
-- @treturn[2] table failure of the store: hand the event in again later
function Recovery:handle(event)
  local word, link = self.runner:follow(event, KINDS_OF_EVENT)
  return word, link
end

--- Asks for a new URL now, whatever pause is being made, and also when the last generation has expired: somebody wants it. The next
-- expiry is treated as if this had been the recipe's own doing.
-- @tparam string external_tenant_id
-- @treturn[1] string "moved", "recorded" (the window is not over, or there is nothing to recover) or "unknown" (no client of this ledger)
-- @treturn[1] table|false the link as it is now
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Recovery:recover(external_tenant_id)
  return self.runner:steer(external_tenant_id, { name = "reissue" }, { "request", "request_now", "deliver" })
end

--- Does what is due for all links: notices overdue windows, asks for new URLs, repeats requests and deliveries that failed.
-- Takes a few links at a time, in constant memory; may be stopped at any point, and run by many processes at once.
-- @tparam[opt] table options `limit` (how many steps at most), `dry_run` (tell what is due and do nothing),
--   `on_progress(step)` is told of each step: `{tenant, kind, generation, result}`; returning false stops the sweep
-- @treturn[1] table `total` and how many steps had each result: "window.over", "recover", "answer.needs_linking", "delivered",
--   "moot" (the link had moved on), "waiting" (its webhooks come first), "failed" (to be tried again) and so on; "due" in a dry run
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Recovery:sweep(options)
  return self.runner:sweep(KINDS, options)
end

local function check_count(name, value, min)
  if type(value) ~= "number" or value < min or value % 1 ~= 0 then error(("%s: a whole number from %d"):format(name, min), 3) end
  return value
end

--- Makes the recipe.
-- @tparam table options those of `approval_delivery.new`, and `max_generations` (3: how many URLs a customer is sent for one
--   request of the platform), `pauses` ({ 0, 86400 }: seconds before the second, the third … generation; the last one repeats)
-- @treturn table with `recover`, `handle` and `sweep`
function expired_link_recovery.new(options)
  local own = runner.new(options)
  own.policy.max_generations = check_count("max_generations", options.max_generations or MAX_GENERATIONS, 1)
  local pauses = options.pauses or PAUSES
  for i, pause in ipairs(pauses) do check_count(("pauses[%d]"):format(i), pause, 0) end
  own.policy.pause_before = function(generation) return pauses[math.min(generation - 1, #pauses)] or 0 end
  return setmetatable({ runner = own }, Recovery)
end

return expired_link_recovery
