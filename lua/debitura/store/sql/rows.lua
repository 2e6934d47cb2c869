--- Counting, claiming and ending rows of tables; what the concerns of debitura.store.sql share.
-- @module debitura.store.sql.rows

local contract = require("debitura.store.contract")

local rows = {}

--- The first row, false when there is none.
function rows.first(found, err)
  if not found then return nil, err end
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

--- Drops the first rows that a selection of their keys finds, within a transaction. The keys are
-- read first: PostgreSQL would look through the whole table for the keys of a selection inside.
-- @tparam table connection
-- @tparam string relation
-- @tparam string key its column
-- @tparam string where conditions, order and limit
-- @tparam table values
-- @treturn[1] number how many
-- @treturn[2] nil
-- @treturn[2] table failure
function rows.drop(connection, relation, key, where, values)
  local found, err = connection:run(("select %s from %s where %s%s"):format(key, relation, where,
    connection.for_claim), values)
  if not found then return nil, err end
  if #found == 0 then return 0 end
  local keys = {}
  for i, row in ipairs(found) do keys[i] = row[key] end
  return connection:run(("delete from %s where %s in :keys"):format(relation, key), { keys = keys })
end

-- Counts ----------------------------------------------------------------------------------------

local function before(a, b)
  for _, column in ipairs { "of", "kind", "state" } do
    if a[column] ~= b[column] then return a[column] < b[column] end
  end
  return a.slot < b.slot
end

--- Adds to counts, in one statement, whose rows are in an order that is the same in every
-- transaction: so no two wait for each other. It comes last in a transaction, for the same reason.
-- @tparam table connection
-- @tparam table changes array of `{ of, kind, state, tenant, number to add }`
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure
function rows.count(connection, changes)
  local by_place, sums = {}, {}
  for _, change in ipairs(changes) do
    local of, kind, state, slot = change[1], change[2], change[3], contract.slot(change[4])
    local place = table.concat({ of, kind, state, slot }, "\0")
    local sum = by_place[place]
    if not sum then
      sum = { of = of, kind = kind, state = state, slot = slot, count = 0 }
      by_place[place], sums[#sums + 1] = sum, sum
    end
    sum.count = sum.count + change[5]
  end
  local changed = {}
  for _, sum in ipairs(sums) do
    if sum.count ~= 0 then changed[#changed + 1] = sum end
  end
  if #changed == 0 then return true end
  table.sort(changed, before)
  local done, err = connection:insert("counts", { "of", "kind", "state", "slot", "count" }, changed,
    " on conflict (of, kind, state, slot) do update set count = counts.count + excluded.count")
  return done and true, err
end

-- Queues ----------------------------------------------------------------------------------------

--- Leases rows that are due until the lease ends.
-- @tparam table connection
-- @tparam table queue `name` of the table, `key` of its rows
-- @tparam string due what selects the rows
-- @tparam table values of that selection
-- @tparam table options `now`, `lease`
function rows.claim(connection, queue, due, values, options)
  return connection:atomically(function()
    local found, err = connection:run(due, values)
    if not found or #found == 0 then return found, err end
    local keys, until_when = {}, options.now + options.lease
    for i, row in ipairs(found) do
      keys[i], row.attempt, row.claim = row[queue.key], row.attempt + 1, row.claim + 1
      row.due_at = until_when
    end
    local done
    done, err = connection:run(([[update %s set attempt = attempt + 1, claim = claim + 1,
      due_at = :due_at where %s in :keys]]):format(queue.name, queue.key),
      { due_at = until_when, keys = keys })
    return done and found, err
  end)
end

local HELD = " where %s = :key and claim = :claim and state = "

--- Ends or postpones a claimed row of a queue, if the claim still holds.
-- @tparam table connection
-- @tparam table queue
-- @tparam table row
-- @tparam table values `state`; `due_at` or `ended_at`; `result`; `attempt` when that changes
-- @treturn[1] boolean true
-- @treturn[1] boolean whether this ended an open row: false when it had been ended so before
-- @treturn[2] boolean false
-- @treturn[2] string "lost"
-- @treturn[3] nil
-- @treturn[3] table failure
function rows.settle(connection, queue, row, values)
  values.key, values.claim = row[queue.key], row.claim
  local held = HELD:format(queue.key)
  local changed, err = connection:run("update " .. queue.name .. [[ set state = :state,
    due_at = coalesce(:due_at, due_at), ended_at = :ended_at, result = :result,
    attempt = coalesce(:attempt, attempt)]] .. held .. "'open'", values)
  if not changed then return nil, err end
  if changed == 1 then return true, values.state ~= "open" end
  if values.state == "open" then return false, "lost" end
  local ended
  ended, err = connection:run("select state from " .. queue.name .. held .. ":state", values)
  if not ended then return nil, err end
  if #ended == 0 then return false, "lost" end
  return true, false
end

--- Leaves a claimed row for later.
-- @tparam table connection
-- @tparam table queue
-- @tparam table row
-- @tparam number due_at
-- @tparam ?string problem
-- @tparam[opt] number attempt when that changes
-- @treturn[1] boolean true
-- @treturn[2] boolean false
-- @treturn[2] string "lost"
-- @treturn[3] nil
-- @treturn[3] table failure
function rows.postpone(connection, queue, row, due_at, problem, attempt)
  local postponed, err = rows.settle(connection, queue, row, {
    state = "open", due_at = due_at, result = problem, attempt = attempt,
  })
  if not postponed then return postponed, err end
  return true
end

return rows
