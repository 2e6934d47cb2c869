-- What the tables hold of persons. A column that is new has to be put into one of the lists here,
-- and into docs/privacy.md; what is personal is sealed, and blanked by `forget`.

local contract = require "debitura.store.contract"
local layouts = require "debitura.store.layouts"
local schema = require "debitura.store.sql.schema"

--- Personal: names, addresses, what persons wrote, what acts for them.
local PERSONAL = {
  records = { "url", "payload", "reason", "result" },
  history = { "note" },
  jobs = { "result" },
  inbox = { "body", "result" },
  tokens = { "token" },
}

--- Ids, states, times, counts, and what was promised.
local OTHERS = {
  records = { "kind", "tenant", "name", "state", "version", "generation", "origin", "terms", "data",
    "key", "requested_at", "expires_at", "undelivered_since", "created_at", "updated_at" },
  history = { "seq", "kind", "tenant", "name", "at", "event", "event_id", "from_state", "to_state",
    "generation" },
  jobs = { "seq", "key", "kind", "tenant", "record", "name", "generation", "channel", "needs",
    "args", "state", "attempt", "claim", "due_at", "created_at", "ended_at" },
  inbox = { "seq", "id", "tenant", "event", "received_at", "replay", "state", "attempt", "claim",
    "due_at", "ended_at" },
  tokens = { "key", "expires_at" },
  counts = { "of", "kind", "state", "slot", "count" },
  totals = { "of", "kind", "state", "count" },
  marks = { "name", "at" },
  processes = { "id", "role", "host", "pid", "release", "about", "started_at", "beat_at",
    "ended_at" },
  counters = { "key", "span", "slot", "count" },
  leases = { "name", "holder", "ends_at" },
  meta = { "name", "value" },
}

local ROWS = { records = contract.record, history = contract.history, jobs = contract.job,
  inbox = contract.event, processes = contract.process }

--- The columns of each table, from the statements that make it.
local function tables()
  local found = {}
  for _, statement in ipairs(schema) do
    local name, body = statement:match("^create table (%w+) %((.*)%)$")
    for column in ("," .. (body or "")):gsub("primary key %(.-%)", ""):gmatch(",%s*(%l[%l_]*) ") do
      found[name] = found[name] or {}
      found[name][column] = true
    end
  end
  for _, layout in ipairs(layouts.list) do
    for _, statement in ipairs(layout.sql or {}) do
      local name, column = statement:match("^alter table (%w+) add column (%l[%l_]*) ")
      if name then found[name][column] = true end
    end
  end
  return found
end

describe("Every column of the stores", function()
  it("is told to be personal or not, and no other is", function()
    local expected = {}
    for _, list in ipairs { PERSONAL, OTHERS } do
      for name, columns in pairs(list) do
        expected[name] = expected[name] or {}
        for _, column in ipairs(columns) do
          assert.is_nil(expected[name][column], name .. "." .. column)
          expected[name][column] = true
        end
      end
    end
    assert.same(expected, tables())
  end)

  it("that is personal is sealed, and no other is", function()
    for name, row in pairs(ROWS) do
      local sealed = {}
      for _, column in ipairs(row) do
        if column.sealed then sealed[#sealed + 1] = column[1] end
      end
      assert.same(PERSONAL[name] or {}, sealed, name)
    end
  end)

  it("that is personal is named in docs/privacy.md", function()
    local file = assert(io.open("docs/privacy.md"))
    local page = file:read("*a")
    file:close()
    for name, columns in pairs(PERSONAL) do
      local line = ("| %s | `%s` |"):format(name, table.concat(columns, "`, `"))
      assert.truthy(page:find(line, 1, true), line)
    end
  end)
end)
