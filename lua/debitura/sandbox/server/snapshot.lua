--- Keeps a sandbox over restarts: its state in a SQLite file, one row for each record. The contents
-- of uploaded files are not kept.
-- @module debitura.sandbox.server.snapshot

local core = require("debitura.core")
local jobs = require("debitura.sandbox.model.jobs")

local snapshot = {}

local VERSION = "2" -- of what a row holds
local LEFT_OUT = { calls = true, contents = true, settings = true }
local INSTALL_HINT = "LuaSQL for SQLite is missing; apt-get install lua-sql-sqlite3, or luarocks "
  .. "install luasql-sqlite3"

local function connect(path)
  local found, driver = pcall(require, "luasql.sqlite3")
  if not found then return nil, INSTALL_HINT end
  local environment = driver.sqlite3()
  local connection, err = environment:connect(path)
  if not connection then return nil, path .. ": " .. tostring(err) end
  return connection
end

local function literal(text)
  return "'" .. text:gsub("'", "''") .. "'"
end

local function is_records(value)
  return type(value) == "table" and type(value.by_id) == "table" and type(value.ids) == "table"
end

-- Writing -----------------------------------------------------------------------------------------

local function run(connection, statement)
  local done, err = connection:execute(statement)
  if not done then error(err, 0) end
  return done
end

local function write_all(connection, state)
  local place = 0
  local function insert(name, value)
    place = place + 1
    local text = assert(core.json.encode { value = value })
    run(connection, ("INSERT INTO sandbox VALUES (%d, %s, %s)"):format(place, literal(name),
      literal(text)))
  end
  run(connection,
    "CREATE TABLE IF NOT EXISTS sandbox (place INTEGER PRIMARY KEY, name TEXT NOT NULL, text TEXT "
      .. "NOT NULL)")
  run(connection, "DELETE FROM sandbox")
  insert("version", VERSION)
  for name, value in pairs(state) do
    if is_records(value) and not LEFT_OUT[name] then
      insert("records", name)
      for _, id in ipairs(value.ids) do insert(name, value.by_id[id]) end
    elseif not LEFT_OUT[name] then
      insert("field " .. name, value)
    end
  end
end

--- Writes a state down, all of it or nothing.
-- @tparam string path
-- @tparam table state
-- @treturn[1] true
-- @treturn[2] nil
-- @treturn[2] string what went wrong
function snapshot.save(path, state)
  local connection, err = connect(path)
  if not connection then return nil, err end
  connection:setautocommit(false)
  local done
  done, err = pcall(write_all, connection, state)
  if done then connection:commit() else connection:rollback() end
  connection:close()
  if not done then return nil, path .. ": " .. tostring(err) end
  return true
end

-- Reading -----------------------------------------------------------------------------------------

local function read_all(connection, state)
  local cursor = run(connection, "SELECT name, text FROM sandbox ORDER BY place")
  local version
  local name, text = cursor:fetch()
  while name do
    local value = assert(core.json.decode(text)).value
    if name == "version" then
      version = value
    elseif name == "records" then
      state[value] = { by_id = {}, ids = {} }
    elseif name:find("^field ") then
      state[name:sub(7)] = value
    else
      local list = state[name]
      list.by_id[value.id] = value
      list.ids[#list.ids + 1] = value.id
    end
    name, text = cursor:fetch()
  end
  cursor:close()
  if version ~= VERSION then error("the file was written by another version of the sandbox", 0) end
end

--- Deliveries that were under way when the sandbox ended are made again.
local function resume_deliveries(state)
  local waiting = {}
  for _, job in ipairs(state.jobs.heap) do
    if job.kind == "deliver" then waiting[job.arguments.delivery_id] = true end
  end
  for _, id in ipairs(state.deliveries.ids) do
    local delivery = state.deliveries.by_id[id]
    if delivery.status == "pending" and not waiting[id] then
      jobs.add(state.jobs, delivery.created_at, "deliver", { delivery_id = id })
    end
  end
end

--- Reads a state back into one that is new.
-- @tparam string path
-- @tparam table state of `debitura.sandbox.model.state`; its settings stay as they are
-- @treturn[1] boolean whether there was one
-- @treturn[2] nil
-- @treturn[2] string what went wrong
function snapshot.load(path, state)
  local file = io.open(path, "rb")
  if not file then return false end
  local empty = file:read(1) == nil
  file:close()
  if empty then return false end
  local connection, err = connect(path)
  if not connection then return nil, err end
  local done
  done, err = pcall(read_all, connection, state)
  connection:close()
  if not done then return nil, path .. ": " .. tostring(err) end
  resume_deliveries(state)
  return true
end

return snapshot
