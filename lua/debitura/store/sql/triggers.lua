--- What the tables of the SQL stores do by themselves, so that a verb is one statement and, with a
-- server, one way there and back:
--
-- - `counts` follow records, jobs and events;
-- - when a tenant's open event has come to an end, its next one opens;
-- - a change of records is inserted into the view `steps`, all of it or nothing: one row for each
--   move, for the job that ends, and for each job that is enqueued.
--
-- They are written down once, and put into the words of SQLite (a trigger for each row) or of
-- PostgreSQL (a function for each trigger).
-- @module debitura.store.sql.triggers

local columns = require("debitura.store.sql.columns")
local contract = require("debitura.store.contract")

local triggers = {}

-- Counts ----------------------------------------------------------------------------------------

--- What is counted of the rows of each table: `of`, `kind`, and which rows.
local COUNTED = {
  records = {
    { "'record'", "kind", "true" }, { "'undelivered'", "kind", "undelivered_since is not null" },
  },
  jobs = {
    { "'job'", "kind", "state <> 'done'" },
    { "'need'", "needs", "state = 'open' and needs <> ''" },
  },
  inbox = { { "'event'", "''", "state <> 'done'" } },
}

--- The columns that counting looks at.
local LOOKED_AT = {
  records = { "tenant", "kind", "state", "undelivered_since" },
  jobs = { "tenant", "kind", "state", "needs" }, inbox = { "tenant", "state" },
}

--- They, of one row, as a selection.
local function row_of(relation, name)
  local parts = {}
  for i, column in ipairs(LOOKED_AT[relation]) do
    parts[i] = ("%s.%s as %s"):format(name, column, column)
  end
  return ("(select %s) as %s_row"):format(table.concat(parts, ", "), name)
end

--- When rows of a table are counted anew.
local RECOUNTED = {
  records = { "state, undelivered_since", [[old.state <> new.state
    or (old.undelivered_since is null) <> (new.undelivered_since is null)]] },
  jobs = { "state", "old.state <> new.state" }, inbox = { "state", "old.state <> new.state" },
}

--- Adds to the counts for rows that came, and takes away for those that went.
-- @tparam string relation
-- @tparam table sources array of { where the rows come from, 1 or -1 }
-- @treturn string
local function counting(relation, sources)
  local selections = {}
  for _, source in ipairs(sources) do
    for _, counted in ipairs(COUNTED[relation]) do
      selections[#selections + 1] = ("select %s as of, %s as kind, state, $slot as slot, "
        .. "%d as number from %s where %s"):format(counted[1], counted[2], source[2], source[1],
        counted[3])
    end
  end
  return ([[insert into counts (of, kind, state, slot, count)
    select of, kind, state, slot, sum(number) from (%s) as changes where true
    group by of, kind, state, slot
    on conflict (of, kind, state, slot) do update set count = counts.count + excluded.count]])
    :format(table.concat(selections, " union all "))
end

--- What is counted when a row has changed.
local function recounting(relation)
  return counting(relation, { { row_of(relation, "old"), -1 }, { row_of(relation, "new"), 1 } })
end

-- The inbox -------------------------------------------------------------------------------------

local OPEN_NEXT = [[update inbox set state = 'open' where id = (select id from inbox
  where tenant = new.tenant and state = 'waiting' order by seq limit 1)]]

local ENDED = "old.state = 'open' and new.state in ('done', 'dead')"

-- Changes of records ----------------------------------------------------------------------------

--- The columns of `steps` besides those that a move sets.
local STEP = {
  "op", "tenant", "kind", "name", "version", "given", "event", "event_id", "note", "at", "claim",
  "record", "channel", "needs", "args", "due_at",
}

local PLACE = "kind = new.kind and tenant = new.tenant and name = new.name"
local BEFORE = "(select %s from records where " .. PLACE .. ")"

--- What is set unless it is left out: the others may be cleared.
local KEPT = { state = true, generation = true }

local function record_insertion()
  local names, values = {}, {}
  for i, column in ipairs(contract.record) do
    local name = column[1]
    names[i], values[i] = name, "new." .. name
    if name == "version" then values[i] = "1" end
    if name == "generation" then values[i] = "coalesce(new.generation, 0)" end
    if name == "created_at" or name == "updated_at" then values[i] = "new.at" end
  end
  return ("insert into records (%s) select %s where new.version = 0")
    :format(table.concat(names, ", "), table.concat(values, ", "))
end

local function record_update()
  local set = { "version = new.version + 1", "updated_at = new.at" }
  for _, name in ipairs(contract.settable) do
    set[#set + 1] = KEPT[name] and ("%s = coalesce(new.%s, %s)"):format(name, name, name)
      or ("%s = case when $strpos(new.given, '|%s|') > 0 then new.%s else %s end"):format(name,
        name, name, name)
  end
  return ("update records set %s where %s and new.version > 0"):format(table.concat(set, ", "),
    PLACE)
end

local LINE = ([[insert into history (kind, tenant, name, at, event, event_id, from_state, to_state,
  generation, note) values (new.kind, new.tenant, new.name, new.at, new.event, new.event_id, %s,
  coalesce(new.state, %s), coalesce(new.generation, %s, 0), new.note)]]):format(
  BEFORE:format("state"), BEFORE:format("state"), BEFORE:format("generation"))

--- What a row of `steps` does, by its `op`: `checks`, each a word and what must not be the case,
-- and statements.
local STEPS = {
  {
    op = "move",
    checks = {
      { "stale", ("coalesce(%s, 0) <> new.version"):format(BEFORE:format("version")) },
      { "duplicate", ([[new.event_id is not null and exists (select 1 from history where %s
        and event_id = new.event_id)]]):format(PLACE) },
    },
    LINE, record_insertion(), record_update(),
  },
  {
    op = "done",
    checks = {
      { "lost", [[not exists (select 1 from jobs where key = new.key and claim = new.claim
        and state in ('open', 'done'))]] },
    },
    [[update jobs set state = 'done', ended_at = new.at, result = new.result
      where key = new.key and state = 'open']],
  },
  {
    op = "delivered", checks = {},
    "update records set undelivered_since = null where " .. PLACE
      .. " and generation = new.generation",
  },
  {
    op = "job", checks = {},
    [[insert into jobs (key, kind, tenant, record, name, generation, channel, needs, args, state,
      attempt, claim, due_at, created_at) values (new.key, new.kind, new.tenant, new.record,
      new.name, new.generation, new.channel, new.needs, new.args, 'open', 0, 0, new.due_at, new.at)
      on conflict (key) do nothing]],
  },
}

--- The columns of `steps`.
triggers.step = {}
for _, names in ipairs { STEP, contract.settable } do
  for _, name in ipairs(names) do triggers.step[#triggers.step + 1] = name end
end

local function view()
  local parts = {}
  for i, name in ipairs(triggers.step) do
    local type_name = columns.numbers[name] and "$number" or columns.bytes[name] and "$bytes"
      or "text"
    parts[i] = ("cast(null as %s) as %s"):format(type_name, name)
  end
  return "create view steps as select " .. table.concat(parts, ", ")
end

-- What a refusal says; the word follows.
local REFUSED = "debitura: "

--- The word by which a change was refused.
-- @tparam table err failure of the insertion into `steps`
-- @treturn ?string "stale", "duplicate" or "lost"
function triggers.refusal(err)
  return err.message:match(REFUSED .. "(%l+)$")
end

-- In the words of the databases -----------------------------------------------------------------

--- The statements for SQLite, which also take the place of those of an earlier layout.
-- @treturn table array
function triggers.sqlite()
  local made = { "drop view if exists steps", view() }
  local function add(name, moment, statements)
    made[#made + 1] = "drop trigger if exists " .. name
    made[#made + 1] = ("create trigger %s %s begin %s; end"):format(name, moment,
      table.concat(statements, "; "))
  end
  for relation in pairs(COUNTED) do
    add(relation .. "_added", "after insert on " .. relation,
      { counting(relation, { { row_of(relation, "new"), 1 } }) })
    add(relation .. "_moved", ("after update of %s on %s when %s"):format(RECOUNTED[relation][1],
      relation, RECOUNTED[relation][2]), { recounting(relation) })
  end
  add("inbox_ended", "after update of state on inbox when " .. ENDED, { OPEN_NEXT })
  for _, step in ipairs(STEPS) do
    local statements = {}
    for _, check in ipairs(step.checks) do
      statements[#statements + 1] = ("select raise(abort, '%s%s') where %s"):format(REFUSED,
        check[1], check[2])
    end
    for _, statement in ipairs(step) do statements[#statements + 1] = statement end
    add("steps_" .. step.op, ("instead of insert on steps when new.op = '%s'"):format(step.op),
      statements)
  end
  return made
end

--- The same for PostgreSQL. What was added is counted once a statement: a batch of webhooks
-- would else write one row of the counts again and again.
-- @treturn table array
function triggers.postgresql()
  local made = { "drop view if exists steps", view() }
  local function add(name, moment, statements)
    made[#made + 1] = ("drop function if exists %s() cascade"):format(name)
    made[#made + 1] = ([[create function %s() returns trigger language plpgsql
      set search_path from current as $$ begin %s; return new; end $$]]):format(name,
      table.concat(statements, "; "))
    made[#made + 1] = ("create trigger %s %s execute procedure %s()"):format(name, moment, name)
  end
  for relation in pairs(COUNTED) do
    add(relation .. "_added",
      ("after insert on %s referencing new table as new_rows for each statement"):format(relation),
      { counting(relation, { { "new_rows", 1 } }) })
    add(relation .. "_moved", ("after update of %s on %s for each row when (%s)"):format(
      RECOUNTED[relation][1], relation, RECOUNTED[relation][2]), { recounting(relation) })
  end
  add("inbox_ended", ("after update of state on inbox for each row when (%s)"):format(ENDED),
    { OPEN_NEXT })
  local statements = {}
  for _, step in ipairs(STEPS) do
    statements[#statements + 1] = ("if new.op = '%s' then null"):format(step.op)
    for _, check in ipairs(step.checks) do
      statements[#statements + 1] = ("if %s then raise exception '%s%s'; end if"):format(check[2],
        REFUSED, check[1])
    end
    for _, statement in ipairs(step) do statements[#statements + 1] = statement end
    statements[#statements + 1] = "end if"
  end
  add("steps_taken", "instead of insert on steps for each row", statements)
  return made
end

return triggers
