--- Claiming and ending rows of tables; what the concerns of debitura.store.sql share.
-- @module debitura.store.sql.rows

local rows = {}

--- The first row, false when there is none.
function rows.first(found)
  return found[1] or false
end

--- A statement that gives the first `:limit` rows of several selections together. Each of them has
-- the same order and limit, and is looked through no further than that.
-- @tparam table selections texts
-- @tparam string order
-- @treturn string
function rows.merged(selections, order)
  if #selections == 1 then return selections[1] end
  local parts = {}
  for i, selection in ipairs(selections) do
    parts[i] = ("select * from (%s) as part_%d"):format(selection, i)
  end
  return ("select * from (%s) as parts order by %s limit :limit")
    :format(table.concat(parts, " union all "), order)
end

--- A statement that drops the first rows that a selection of their keys finds. PostgreSQL looks up
-- what is in an array; for the keys of a selection it would look through the whole table.
-- @tparam table connection
-- @tparam string relation
-- @tparam string key its column
-- @tparam string where conditions, order and limit
-- @treturn string
function rows.dropping(connection, relation, key, where)
  return ("delete from %s where %s "):format(relation, key) .. connection.among:format(
    ("select %s from %s where %s%s"):format(key, relation, where, connection.for_claim))
end

-- Queues ----------------------------------------------------------------------------------------

--- What is selected, leased by a statement of its own.
local function lease_after(connection, queue, due, values)
  return connection:atomically(function()
    local found = connection:run(due, values)
    if #found == 0 then return found end
    values.claimed = {}
    for i, row in ipairs(found) do values.claimed[i] = row[queue.key] end
    connection:run(([[update %s set attempt = attempt + 1, claim = claim + 1,
      due_at = :lease_ends where %s in :claimed]]):format(queue.name, queue.key), values)
    return found
  end)
end

--- The same in one statement, where the database can return what it changes.
local function lease_at_once(connection, queue, due, values)
  local found = connection:run(([[with due as (%s) update %s as claimed
    set attempt = claimed.attempt + 1, claim = claimed.claim + 1, due_at = :lease_ends
    from due where claimed.%s = due.%s returning due.*]]):format(due, queue.name, queue.key,
    queue.key), values)
  table.sort(found, function(a, b)
    if a.due_at ~= b.due_at then return a.due_at < b.due_at end
    return a.seq < b.seq
  end)
  return found
end

--- Leases rows that are due until the lease ends.
-- @tparam table connection
-- @tparam table queue `name` of the table, `key` of its rows
-- @tparam string due what selects the rows, in the order of `due_at` and `seq`
-- @tparam table values of that selection
-- @tparam table options `now`, `lease`
function rows.claim(connection, queue, due, values, options)
  values.lease_ends = options.now + options.lease
  local claim = connection.returns and lease_at_once or lease_after
  local found = claim(connection, queue, due, values)
  for _, row in ipairs(found) do
    row.attempt, row.claim, row.due_at = row.attempt + 1, row.claim + 1, values.lease_ends
  end
  return found
end

local HELD = " where %s = :key and claim = :claim and state = "

--- Ends or postpones a claimed row of a queue, if the claim still holds.
-- @tparam table connection
-- @tparam table queue `name`, `key`, `also`: what else is set
-- @tparam table row
-- @tparam table values `state`; `due_at` or `ended_at`; `result`; `attempt` when that changes
-- @treturn[1] boolean true, also when it had been ended so before
-- @treturn[2] boolean false
-- @treturn[2] string "lost"
function rows.settle(connection, queue, row, values)
  values.key, values.claim = row[queue.key], row.claim
  local held = HELD:format(queue.key)
  local changed = connection:alone({ row.tenant or "" }, "update " .. queue.name
    .. [[ set state = :state, due_at = coalesce(:due_at, due_at), ended_at = :ended_at,
    result = :result, attempt = coalesce(:attempt, attempt)]] .. (queue.also or "") .. held
    .. "'open'", values)
  if changed == 1 then return true end
  local ended = values.state ~= "open"
    and connection:run("select state from " .. queue.name .. held .. ":state", values)
  if ended and #ended > 0 then return true end
  return false, "lost"
end

return rows
