--- What a verb costs a SQL store: how many statements it sends, and how many rows the database
-- looks at for them. Nothing of what the verb does is kept.
--
--     local statements, work = costs.of(store, place, function() return store:record(…) end)
--
-- `work` is counted by SQLite in steps of its virtual machine, by PostgreSQL in rows of tables that
-- it looked at, and rows that came out of the nodes of the plans or were dropped in them. Neither
-- depends on time.

local server = require("spec.support.server")

local costs = {}

--- What is not installed, or nil.
function costs.missing()
  if not server.find("sqlite3", "/usr/bin/sqlite3") then
    return server.not_found("sqlite3", "sqlite3")
  end
end

local function is_control(statement)
  return statement:find("^begin") or statement == "commit" or statement == "rollback"
end

--- Runs a function whose statements are handed to `observe` before they are executed, and undoes
-- what it changed.
local function observed(connection, observe, body)
  local execute, count = connection.execute, 0
  function connection:execute(statement)
    count = count + 1
    local opening = self.opening -- what PostgreSQL sends with the first statement
    if opening then
      self.opening = nil
      assert(execute(self, opening))
      self.in_transaction = true
    end
    if statement == "commit" then return execute(self, "rollback") end
    if is_control(statement) then return execute(self, statement) end
    -- Before a statement that is a transaction of its own PostgreSQL's take a lock.
    local bare = statement:match("^select pg_advisory_xact_lock.- as %l+; (.*)$") or statement
    local alone = not self.in_transaction and not bare:find("^%s*select")
    if alone then
      assert(execute(self, (self:begin())))
      self.in_transaction = true
    end
    observe(bare, function(other) return execute(self, other) end, self.in_transaction)
    local answer, err = execute(self, bare)
    if alone then
      self.in_transaction = false
      assert(execute(self, "rollback"))
    end
    return answer, err
  end
  local result, err = body()
  connection.execute = nil
  return result, err, count
end

-- SQLite ----------------------------------------------------------------------------------------

-- A statement of a change that is refused is an error.
local function steps_of(path, statements, refused)
  local script = os.tmpname()
  local file = assert(io.open(script, "wb"))
  file:write(".stats on\nbegin immediate;\n", table.concat(statements, ";\n"), ";\nrollback;\n")
  file:close()
  local said, done = server.run(("sqlite3 -bail %s <%s"):format(path, script))
  os.remove(script)
  assert(done and not said:find("rror: ", 1, true) or refused, said)
  local steps = 0
  for number in said:gmatch("Virtual Machine Steps: +(%d+)") do steps = steps + tonumber(number) end
  return steps
end

-- PostgreSQL ------------------------------------------------------------------------------------

local function rows_of(plan)
  local rows = 0
  for _, line in ipairs(plan) do
    local text = line["QUERY PLAN"]
    local given, loops = text:match("actual rows=(%d+) loops=(%d+)")
    if given then rows = rows + given * loops end
    rows = rows + (tonumber(text:match("Removed by [%a ]+: (%d+)")) or 0)
  end
  return rows
end

--- How many rows of tables this transaction has looked at by now, those in triggers as well.
-- Outside of a transaction the server takes these counts away between statements.
local function rows_seen(connection, execute)
  local cursor = assert(execute([[select sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))
    as count from pg_stat_xact_user_tables]]))
  return tonumber(assert(connection:fetch(cursor))[1].count)
end

--- What a verb costs.
-- @tparam table store
-- @tparam table place
-- @tparam function body
-- @treturn number statements
-- @treturn number work
-- @return what the verb gave
function costs.of(store, place, body)
  local connection, statements, work = store.backend.connection, {}, 0
  local path = place.address:match("^sqlite://(.*)$")
  local result, err, count = observed(connection, function(statement, execute, in_transaction)
    if path then
      statements[#statements + 1] = statement
      return
    end
    assert(execute(in_transaction and "savepoint before" or "begin"))
    local before = rows_seen(connection, execute)
    local plan
    for each in (statement .. "; "):gmatch("(.-); ") do -- no value of these verbs has one
      plan = execute("explain (analyze, timing off, summary off) " .. each)
      if not plan then break end
      work = work + rows_of(assert(connection:fetch(plan)))
    end
    if plan then work = work + rows_seen(connection, execute) - before end
    assert(execute(in_transaction and "rollback to savepoint before" or "rollback"))
  end, body)
  if result == nil then error(tostring(err)) end
  return count, path and steps_of(path, statements, result == false) or work, result
end

return costs
