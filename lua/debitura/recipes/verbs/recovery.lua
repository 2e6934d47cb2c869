--- Expired-link recovery: when the approval window has passed unanswered, asks Debitura again with
-- the same payload and delivers the new URL, up to a number of generations.
--
-- Nothing of an expired request has landed at Debitura, and the same POST /clients is the
-- documented way to a fresh URL. An expiry is noticed by its webhook, or by the clock when the
-- webhook is overdue. What was declined or refused is left alone; what was approved meanwhile is
-- seen as such by the answer.
-- @module debitura.recipes.verbs.recovery

local cases = require("debitura.recipes.cases")
local kinds = require("debitura.recipes.kinds")

local recovery = {}

local Recovery = {}

--- Takes note of a webhook and recovers its link when that has expired.
-- @tparam table event as `debitura.webhook.verify` gives it
-- @treturn[1] string "moved", "recorded" (it changes nothing), "duplicate", or "unknown" (no client
--   of this store)
-- @treturn[1] table|false the link as it is now, when the event is about it
-- @treturn[2] nil
-- @treturn[2] table failure of the store: hand the event in again later
-- @function Recovery:handle

--- Asks for a new URL now, whatever pause is being made, and also when the last generation has
-- expired. The next expiry is treated as if this had been the recipe's own doing.
-- @tparam string external_tenant_id
-- @treturn[1] string "moved", "recorded" (the window is not over, or there is nothing to recover)
--   or "unknown" (no client of this store)
-- @treturn[1] table|false the link as it is now
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Recovery:recover(external_tenant_id)
  cases.check_tenant(external_tenant_id)
  return self.runner:apply_and_run({ kind = "link", tenant = external_tenant_id, name = "" },
    { name = "reissue" })
end

--- Does what is due for all records: notices overdue windows, asks for new URLs, repeats what
-- failed. Takes a few jobs at a time, in constant memory; may be stopped at any point, and run by
-- many processes at once.
-- @tparam[opt] table given `limit` (how many steps at most), `at_once` (clients whose steps are
--   done side by side, default 16), `dry_run` (tell what is due and do nothing),
--   `on_progress(step)` is called with each step:
--   `{tenant, kind, record, name, generation, channel, result, problem}`; returning false stops the
--   sweep, when what has begun has ended
-- @treturn[1] table `total` and how many steps had each result: "window.over", "recover",
--   "answer.needs_linking", "delivered", "skipped" (the record had moved on), "waiting" (its
--   webhooks come first), "failed" (to be tried again) and so on; "due" and "waiting" in a dry run;
--   `missing`: what jobs that are due need that this process has not, an array of `{ needs, count
--   }`
-- @treturn[2] nil
-- @treturn[2] table failure of the store
-- @function Recovery:sweep

--- Makes the recipe.
-- @tparam table given options, see debitura.recipes.options
-- @treturn table with `recover`, `handle` and `sweep`
-- @function new
recovery.new = kinds.recipe(Recovery, "link")

return recovery
