--- The verbs that try what was claimed again, give it back or give it up: what each says of a row
-- is the same in every store, for jobs and for events.
-- @module debitura.store.settling

local settling = {}

--- Adds `{noun}_retry`, `{noun}_release` and `{noun}_dead` to a store's verbs.
-- @tparam table verbs
-- @tparam string noun `job` or `inbox`
-- @tparam function settle `settle(store, row, values)` ends or postpones a row: `values` has
--   its `state`, `due_at` or `ended_at`, `result`, and `attempt` when that changes
function settling.add(verbs, noun, settle)
  local function add(verb, values_of)
    verbs[noun .. verb] = function(store, row, time, problem)
      return settle(store, row, values_of(row, time, problem))
    end
  end
  add("_retry", function(_, due_at, problem)
    return { state = "open", due_at = due_at, result = problem }
  end)
  add("_release", function(row, due_at, problem)
    return { state = "open", due_at = due_at, result = problem, attempt = row.attempt - 1 }
  end)
  add("_dead", function(_, now, problem)
    return { state = "dead", ended_at = now, result = problem }
  end)
end

return settling
