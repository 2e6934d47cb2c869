--- What was given up and can be given another attempt: jobs and events.
--
-- Each has `key` (the column that names a row), `each_dead(store, use)` (all of them, page by page:
-- true, or nil and a failure), `find(store, row)` (the row as it is, or false) and
-- `revive(store, row, now)`.
-- @module debitura.store.revival

local PAGE = 500 -- rows that are asked for at once

local revival = {}

revival.jobs = {
  key = "key",
  each_dead = function(store, use)
    local after
    repeat
      local page, err = store:jobs { state = "dead", after = after, limit = PAGE }
      if not page then return nil, err end
      for _, job in ipairs(page) do use(job) end
      after = page[#page]
    until #page < PAGE
    return true
  end,
  find = function(store, row)
    local found, err = store:jobs_named { row.key }
    if not found then return nil, err end
    return found[1] or false
  end,
  revive = function(store, row, now) return store:job_revive(row, now) end,
}

revival.events = {
  key = "id",
  each_dead = function(store, use)
    local after
    repeat
      local page, err = store:inbox_list { state = "dead", after = after, limit = PAGE }
      if not page then return nil, err end
      for _, item in ipairs(page) do use(item) end
      after = page[#page] and page[#page].seq
    until #page < PAGE
    return true
  end,
  find = function(store, row) return store:inbox_item(row.id) end,
  revive = function(store, row, now) return store:inbox_revive(row, now) end,
}

return revival
