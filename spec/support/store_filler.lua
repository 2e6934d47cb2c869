--- Stores with many rows, on SQLite or PostgreSQL and without encryption: what years of use leave.
--
--     filler.fill(store, count)
--
-- Row `id` was added as the last but `id - 1`: the old ones have high numbers and are done. Every
-- second row is of the tenant "big". All that is due is due at T0, so that ties are many.

local T0 = require("spec.support.store_rows").T0

local filler = {}

local NUMBERS = "with recursive numbers(id) as (select %d union all select id - 1 from numbers "
  .. "where id > 1) "

--- Columns, and what they hold in the row `id` of `:count`.
local TABLES = {
  {
    "records", "kind, tenant, name, state, version, generation, payload, created_at, updated_at",
    [['case', $tenant, 'R' || id, case when id <= :count * 0.02 then 'awaited' else 'created' end,
      1, 1, $bytes, :now, :now]],
  },
  {
    -- The few in other states stand before and after the many, in the order of their tenants.
    "records", [[kind, tenant, name, state, version, generation, payload, expires_at,
      undelivered_since, created_at, updated_at]],
    [['link',
      case when id <= :count * 0.05 then 'z' when id > :count * 0.95 then 'a' else 't' end || id,
      '', case when id <= :count * 0.05 then 'pending' when id > :count * 0.95 then 'closed'
        else 'linked' end, 1, 1, $bytes, case when id <= :count * 0.05
        then :now + id * 8640.0 end, case when id <= :count * 0.02 then :now - id end, :now,
      :now]],
  },
  {
    "history", "kind, tenant, name, at, event, event_id, to_state, generation",
    "'link', case when id <= :count * 0.1 then 'new' else 'big' end, '', :now, 'e', 'evt-' || id, "
      .. "'linked', 1",
  },
  {
    "jobs", [[key, kind, tenant, record, name, generation, needs, state, attempt, claim, due_at,
      created_at, result]],
    [['look/' || id, 'look', $tenant, 'link', '', 1,
      case id % 4 when 0 then '' when 1 then 'email' else 'letter' end,
      case when id > :count * 0.1 then 'done' when id % 10 = 0 then 'dead' else 'open' end, 1, 1,
      :now, :now, $bytes]],
  },
  {
    "inbox", [[id, tenant, event, body, received_at, replay, state, attempt, claim, due_at,
      ended_at]],
    [['evt-' || id, case when id % 2 = 0 then 'big' end, 'e', $bytes, :now, 0,
      case when id > :count * 0.1 then 'done' when id % 10 = 0 then 'dead'
        when id % 2 = 0 then 'waiting' else 'open' end, 1, 1, :now, :now]],
  },
  {
    "processes", "id, role, host, pid, release, about, started_at, beat_at",
    "'p' || id, 'worker', 'h', id, '1', $bytes, :now, :now",
  },
  { "tokens", "key, token, expires_at", "'token-' || id, $bytes, :now + 60" },
  { "counters", "key, span, slot, count", "'key-' || id, 'minute', 1, 1" },
  { "leases", "name, holder, ends_at", "'lease-' || id, 'h', :now + 60" },
}

--- Fills an empty store.
-- @tparam table store
-- @tparam number count rows in each table; of records twice as many
function filler.fill(store, count)
  local connection = store.backend.connection
  local is_postgresql = connection.types.bytes == "bytea"
  local substitutes = {
    bytes = is_postgresql and "convert_to('{}', 'UTF8')" or "'{}'",
    tenant = "case when id % 2 = 0 then 'big' else 't' || id end",
  }
  assert(connection:atomically(function()
    if is_postgresql then assert(connection:run("set local statement_timeout = 0")) end
    for _, row in ipairs(TABLES) do
      local relation, columns, values = row[1], row[2], row[3]:gsub("%$(%l+)", substitutes)
      assert(connection:run(("insert into %s (%s) "):format(relation, columns)
        .. NUMBERS:format(count) .. "select " .. values .. " from numbers", {
        now = T0, count = count,
      }))
    end
    return connection:run("update inbox set state = 'open' where id = 'evt-2'")
  end))
end

return filler
