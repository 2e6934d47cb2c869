--- Counts, and what workers share besides records, jobs and events, in SQL.
-- @module debitura.store.sql.shared

local contract = require("debitura.store.contract")
local rows = require("debitura.store.sql.rows")
local window = require("debitura.base.window")

local verbs = {}

function verbs:counts()
  return self.connection:run([[select of, kind, state, sum(count) as count from counts
    group by of, kind, state having sum(count) <> 0]])
end

-- Tokens ----------------------------------------------------------------------------------------

local TOKEN = "select token from tokens where key = :key and expires_at > :now"

function verbs:token(key, now)
  local row = rows.first(self.connection:run(TOKEN, { key = key, now = now }))
  return row and row.token
end

-- Drops some of what has expired, keeps a token, and does what follows.
local function keep_token(connection, key, token, expires_at, now, ...)
  return connection:together({
    rows.dropping(connection, "tokens", "key",
      "expires_at <= :now order by expires_at limit :limit"),
    [[insert into tokens (key, token, expires_at) values (:key, :token, :expires_at)
      on conflict (key) do update set token = excluded.token, expires_at = excluded.expires_at]]
      .. (... and " where tokens.expires_at <= :now" or ""), ...,
  }, { key = key, token = token, expires_at = expires_at, now = now, limit = contract.page })
end

function verbs:token_put(...)
  keep_token(self.connection, ...)
  return true
end

function verbs:token_add(key, token, expires_at, now)
  local row = rows.first(keep_token(self.connection, key, token, expires_at, now, TOKEN))
  return row and row.token
end

-- Counters --------------------------------------------------------------------------------------

--- The rows of a counter, oldest slot first, as debitura.base.window keeps them; and the names of
-- the windows that slots have left, as a set.
local function read_counters(windows, counts)
  local counters, first, stale = {}, {}, {}
  for _, one in ipairs(windows) do
    counters[one.name], first[one.name] = { sum = 0, slots = {} }, one.first
  end
  for _, row in ipairs(counts) do
    local kept = counters[row.span]
    if kept and row.slot < first[row.span] then
      stale[row.span] = true
    elseif kept then
      kept.sum, kept.slots[#kept.slots + 1] = kept.sum + row.count, row
    end
  end
  return counters, stale
end

--- Drops the slots that have left their windows.
local function drop_stale(connection, key, windows, stale)
  for _, one in ipairs(windows) do
    if stale[one.name] then
      connection:run("delete from counters where key = :key and span = :span and slot < :first",
        { key = key, span = one.name, first = one.first })
    end
  end
end

-- Counts in all windows or in none, and gives what was counted before.
local COUNT = [[with asked (span, slot, first, most) as (values %s),
  counted as (select span, slot, count from counters where key = :key),
  spent as (select 1 from asked where most <= (select coalesce(sum(count), 0) from counted
    where counted.span = asked.span and counted.slot >= first)),
  added as (insert into counters (key, span, slot, count)
    select :key, span, slot, 1 from asked where not exists (select 1 from spent)
    on conflict (key, span, slot) do update set count = counters.count + 1),
  dropped as (delete from counters using asked where key = :key and counters.span = asked.span
    and counters.slot < first and not exists (select 1 from spent))
  select span, slot, count from counted order by slot]]

--- In one statement, where what is selected may change rows.
local function count_at_once(connection, key, windows)
  local asked = {}
  for i, one in ipairs(windows) do
    asked[i] = { span = one.name, slot = one.slot, first = one.first, most = one.limit }
  end
  local tuples = connection:tuples({ "span", "slot", "first", "most" }, asked)
  local counts = connection:alone(key, COUNT:format(tuples), { key = key })
  local counted, full = window.add((read_counters(windows, counts)), windows)
  return counted, full
end

function verbs:counter_add(key, windows)
  local connection = self.connection
  if connection.returns then return count_at_once(connection, key, windows) end
  return connection:atomically(function()
    local counts = connection:run(
      "select span, slot, count from counters where key = :key order by slot", { key = key })
    local counters, stale = read_counters(windows, counts)
    local counted, full = window.add(counters, windows)
    if not counted then return false, full end
    drop_stale(connection, key, windows, stale)
    local new = {}
    for i, one in ipairs(windows) do
      new[i] = { key = key, span = one.name, slot = one.slot, count = 1 }
    end
    connection:insert("counters", { "key", "span", "slot", "count" }, new,
      " on conflict (key, span, slot) do update set count = counters.count + 1")
    return true
  end, key)
end

-- Leases and the stamp --------------------------------------------------------------------------

function verbs:lease(name, holder, seconds, now)
  return self.connection:run([[insert into leases (name, holder, ends_at)
    values (:name, :holder, :ends_at) on conflict (name)
    do update set holder = excluded.holder, ends_at = excluded.ends_at
    where leases.holder = excluded.holder or leases.ends_at <= :now]],
    { name = name, holder = holder, ends_at = now + seconds, now = now }) == 1
end

function verbs:lease_release(name, holder)
  return self.connection:run("delete from leases where name = :name and holder = :holder",
    { name = name, holder = holder }) == 1
end

local function stamped(connection)
  local found = rows.first(connection:run("select value from meta where name = 'environment'"))
  return found and found.value
end

function verbs:stamp(environment)
  local known = stamped(self.connection)
  if known or not environment then return known end
  self.connection:run([[insert into meta (name, value)
    values ('environment', :environment) on conflict do nothing]], { environment = environment })
  return stamped(self.connection)
end

function verbs:restamp(environment)
  self.connection:run([[insert into meta (name, value)
    values ('environment', :environment) on conflict (name) do update set value = excluded.value]],
    { environment = environment })
  return true
end

function verbs:layout() return self.connection:look() end

function verbs:migrate() return self.connection:migrate() end

--- Ends the connection; harmless when it has ended.
function verbs:close()
  self.connection:close()
end

return verbs
