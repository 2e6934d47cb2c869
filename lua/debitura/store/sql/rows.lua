--- Adding, claiming and ending rows of tables; what the concerns of debitura.store.sql share.
-- @module debitura.store.sql.rows

local rows = { PAGE = 100 } -- rows a listing or a claim gives unless told otherwise

--- The first row, false when there is none.
function rows.first(found, reason)
  if not found then return nil, reason end
  return found[1] or false
end

--- A row with the columns of two.
function rows.merged(one, another)
  local row = {}
  for _, half in ipairs { one, another } do
    for column, value in pairs(half) do row[column] = value end
  end
  return row
end

--- Adds a row, unless there is one under its key.
-- @treturn[1] number 1, or 0 when there was
-- @treturn[2] nil
-- @treturn[2] table failure
function rows.add(connection, relation, row)
  local columns = {}
  for column in pairs(row) do columns[#columns + 1] = column end
  return connection:run(("insert into %s (%s) values (:%s) on conflict do nothing")
    :format(relation, table.concat(columns, ", "), table.concat(columns, ", :")), row)
end

--- Lends out rows that are due: whoever holds them is alone with them until the lease ends.
-- @tparam table connection
-- @tparam table queue `name` of the table, `key` of its rows
-- @tparam string due what selects the rows
-- @tparam table values of that selection
-- @tparam table options `now`, `lease`
function rows.claim(connection, queue, due, values, options)
  return connection:atomically(function()
    local found, reason = connection:run(due .. connection.for_claim, values)
    if not found or #found == 0 then return found, reason end
    local keys, until_when = {}, options.now + options.lease
    for i, row in ipairs(found) do
      keys[i], row.attempt, row.due_at = row[queue.key], row.attempt + 1, until_when
    end
    local done
    done, reason = connection:run(("update %s set attempt = attempt + 1, due_at = :until_when where %s in :keys")
      :format(queue.name, queue.key), { until_when = until_when, keys = keys })
    return done and found, reason
  end)
end

--- Ends or postpones a claimed row of a queue, if the claim still holds. What this claim has ended already stays ended,
-- so that whoever lost the answer can ask again.
function rows.settle(connection, queue, row, values)
  values.key, values.attempt = row[queue.key], row.attempt
  local changed, reason = connection:run(("update %s set state = :state, due_at = coalesce(:due_at, due_at), ended_at = :ended_at, "
    .. "result = :result where %s = :key and attempt = :attempt and state in ('open', :state)"):format(queue.name, queue.key), values)
  if not changed then return nil, reason end
  if changed == 0 then return false, "lost" end
  return true
end

return rows
