--- What was given up and can be given another attempt: jobs and events.
--
-- Each has `key` (the column that names a row), `each_dead(store, use)` (all of them, page by page:
-- true, or nil and a failure), `find(store, row)` (the row as it is, or false) and
-- `revive(store, row, now)`.
-- @module debitura.store.revival

local PAGE = 500 -- rows that are asked for at once

local revival = {}

--- Uses all dead rows of a list, page by page.
-- @tparam string list the store's verb
-- @tparam function place what a page after a row begins after
-- @treturn function
local function each_dead(list, place)
  return function(store, use)
    local after
    repeat
      local page, err = store[list](store, { state = "dead", after = after, limit = PAGE })
      if not page then return nil, err end
      for _, row in ipairs(page) do use(row) end
      after = page[#page] and place(page[#page])
    until #page < PAGE
    return true
  end
end

revival.jobs = {
  key = "key", each_dead = each_dead("jobs", function(job) return job end),
  find = function(store, row)
    local found, err = store:jobs_named { row.key }
    if not found then return nil, err end
    return found[1] or false
  end,
  revive = function(store, row, now) return store:job_revive(row, now) end,
}

revival.events = {
  key = "id", each_dead = each_dead("inbox_list", function(item) return item.seq end),
  find = function(store, row) return store:inbox_item(row.id) end,
  revive = function(store, row, now) return store:inbox_revive(row, now) end,
}

return revival
