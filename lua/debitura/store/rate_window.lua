--- Whether windows that slide in slots have room for one more: what the backends that count in Lua
-- share. A row is `{ span, slot, count }`; a window is `{ name, first, slot, limit }`, whose slots
-- before `first` have left it.
-- @module debitura.store.rate_window

local rate_window = {}

--- Sums up the rows of a counter.
-- @tparam table windows
-- @tparam table rows
-- @treturn ?table nil when each window has room; else for the name of each full one its `sum` and
--   its `slots` (count by slot)
-- @treturn table the names of windows that have rows no longer of use, as a set
function rate_window.judge(windows, rows)
  local by_name, stale, full = {}, {}, nil
  for _, window in ipairs(windows) do
    by_name[window.name] = { sum = 0, slots = {}, first = window.first }
  end
  for _, row in ipairs(rows) do
    local kept = by_name[row.span]
    if kept and row.slot < kept.first then
      stale[row.span] = true
    elseif kept then
      kept.sum, kept.slots[row.slot] = kept.sum + row.count, row.count
    end
  end
  for _, window in ipairs(windows) do
    local kept = by_name[window.name]
    if kept.sum >= window.limit then
      full = full or {}
      full[window.name] = { sum = kept.sum, slots = kept.slots }
    end
  end
  return full, stale
end

return rate_window
