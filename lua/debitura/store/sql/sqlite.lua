--- SQLite through LuaSQL: one file, several processes, nothing to administer.
-- Every commit reaches the disk before the verb returns (WAL, synchronous FULL).
-- @module debitura.store.sql.sqlite

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local failure = require("debitura.base.failure")
local lanes_options = require("debitura.store.lanes.options")
local luasql = require("debitura.store.sql.luasql")
local sql = require("debitura.store.sql")
local triggers = require("debitura.store.sql.triggers")

local sqlite = {
  --- Whether its verbs block, so that nginx runs them in threads.
  blocks = true,
}

--- What `store.open` takes for SQLite; see debitura.base.options.
sqlite.options = {
  luasql.busy_option,
  {
    "group", "boolean", default = false,
    "a new file is for the user's group as well, not for the user alone (SQLite)",
  },
  lanes_options.blocking, lanes_options.batch,
}

local INSTALL_HINT = "install LuaSQL for SQLite: apt-get install lua-sql-sqlite3, "
  .. "or luarocks install luasql-sqlite3"

local Connection = setmetatable({
  types = {
    id = "text", bytes = "text", seq = "integer primary key", number = "numeric",
    strpos = "instr", slot = "0", -- writers never meet
  },
  triggers = triggers.sqlite,
  for_claim = "", -- a transaction has the file to itself
  among = "in (%s)",
  unhurried = {},
}, luasql)
Connection.__index = Connection

-- What may be otherwise the next time: SQLITE_BUSY, _LOCKED, _FULL, _IOERR, _NOMEM, _INTERRUPT, and
-- what the system says of files for as long as it lacks something. A path that leads nowhere, a
-- file that may not be read or is none of SQLite's stays so.
local PASSES = {
  "is locked", "disk is full", "disk I/O error", "out of memory", "interrupted",
  "No space left", "Disk quota", "Too many open files", "Input/output error",
  "temporarily unavailable", "Interrupted system call",
}

function Connection.failure(message, more)
  message = tostring(message):gsub("LuaSQL: ", "", 1)
  return failure.new({ kind = "store", message = "SQLite: " .. message,
    retryable = luasql.has_sign(message, PASSES) }, more)
end

function Connection.literal(_, _, text)
  -- SQLite would end the statement at a NUL.
  if text:find("\0", 1, true) then return "cast(x'" .. encoding.hex(text) .. "' as text)" end
  return "'" .. (text:find("'", 1, true) and text:gsub("'", "''") or text) .. "'"
end

function Connection:execute(statement)
  local answer, err = self.handle:execute(statement)
  if not answer then return nil, self.failure(err) end
  return answer
end

--- "immediate": a transaction that began as a reader would be refused, not delayed, when it comes
-- to write. It holds the whole file, so no lock needs a name.
function Connection.begin()
  return "begin immediate"
end

function Connection:relations()
  return self:run(
    "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'")
end

local LOOK_AGAIN = 0.01 -- seconds

--- Has the file write ahead. The first to do so needs it alone, for which SQLite does not wait.
function Connection:write_ahead(seconds)
  local ends = core.system.monotonic() + seconds
  local sound, err
  repeat
    if err then core.system.sleep(LOOK_AGAIN) end
    sound, err = pcall(self.run, self, "pragma journal_mode = wal")
  until sound or not tostring(err):find("is locked", 1, true) or core.system.monotonic() > ends
  if not sound then error(err, 0) end
end

--- Looks at the tables before anything is written, and makes them where there are none.
function Connection:prepare(options)
  self:run(("pragma busy_timeout = %d"):format(options.busy_timeout * 1000))
  local ready = self:has_tables()
  if not ready and not options.create then self:refuse_missing() end
  self:write_ahead(options.busy_timeout)
  self:run("pragma synchronous = full")
  -- What a statement of many rows may have to undo is noted in memory, not in a file of its own.
  self:run("pragma temp_store = memory")
  if not ready then self:make_tables() end
end

--- Makes the file, so that it has its permissions from its first byte on; SQLite gives the same to
-- those it keeps beside it.
local function make_file(path, options)
  if options.create then
    local made, err = core.system.create_file(path, options.group)
    if made == nil then error(Connection.failure("cannot create " .. err)) end
  elseif not core.system.permissions(path) then
    local folder, err = core.system.permissions(path:match("^.*/"))
    if not folder then error(Connection.failure("cannot open " .. err)) end
    Connection:refuse_missing()
  end
end

local function open(address, options)
  local path = address:match("^//(/.+)$")
  if not path then Connection:refuse("write its address as sqlite:///absolute/path") end
  local found, driver = pcall(require, "luasql.sqlite3")
  if not found then Connection:refuse(INSTALL_HINT) end
  make_file(path, options)
  local environment = driver.sqlite3()
  local handle, err = environment:connect(path)
  if not handle then
    environment:close()
    error(Connection.failure(("cannot open %s: %s"):format(path, err)))
  end
  return sql.open(setmetatable({ handle = handle, environment = environment }, Connection), options)
end

--- Opens or creates a store; `store.open("sqlite:///path")` calls it.
-- @tparam string address `///absolute/path`
-- @tparam table options those of `sqlite.options`, and `create`
-- @treturn[1] table the store
-- @treturn[2] nil
-- @treturn[2] table failure
function sqlite.open(address, options)
  return failure.catch(open, address, options)
end

return sqlite
