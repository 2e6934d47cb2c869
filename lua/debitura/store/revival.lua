--- What was given up and can be given another attempt: jobs and events.
--
-- Each has `key` (the column that names a row), `list` (the store's verb that lists them),
-- `find(store, row)` (the row as it is, or false) and `revive(store, row, now)`.
-- @module debitura.store.revival

local revival = {}

revival.jobs = {
  key = "key", list = "jobs",
  find = function(store, row)
    local found, err = store:jobs_named { row.key }
    if not found then return nil, err end
    return found[1] or false
  end,
  revive = function(store, row, now) return store:job_revive(row, now) end,
}

revival.events = {
  key = "id", list = "inbox_list",
  find = function(store, row) return store:inbox_item(row.id) end,
  revive = function(store, row, now) return store:inbox_revive(row, now) end,
}

return revival
