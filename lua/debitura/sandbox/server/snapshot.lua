--- Keeps a sandbox over restarts: its state in a file, one line of JSON for each record. The
-- contents of uploaded files are not kept.
-- @module debitura.sandbox.server.snapshot

local core = require("debitura.core")
local jobs = require("debitura.sandbox.model.jobs")

local snapshot = {}

local VERSION = "debitura sandbox 3" -- the first line: of what the others hold
local LEFT_OUT = { calls = true, contents = true, settings = true }

local function is_records(value)
  return type(value) == "table" and type(value.by_id) == "table" and type(value.ids) == "table"
end

-- Writing -----------------------------------------------------------------------------------------

local function write_all(file, state)
  local function insert(name, value)
    assert(file:write(assert(core.json.encode { name = name, value = value }), "\n"))
  end
  assert(file:write(VERSION, "\n"))
  for name, value in pairs(state) do
    if is_records(value) and not LEFT_OUT[name] then
      insert("records", name)
      for _, id in ipairs(value.ids) do insert(name, value.by_id[id]) end
    elseif not LEFT_OUT[name] then
      insert("field " .. name, value)
    end
  end
  assert(file:flush())
end

--- Writes a state down, all of it or nothing.
-- @tparam string path
-- @tparam table state
-- @treturn[1] true
-- @treturn[2] nil
-- @treturn[2] string what went wrong
function snapshot.save(path, state)
  local written = path .. ".new"
  local file, err = io.open(written, "wb")
  if not file then return nil, err end
  local done
  done, err = pcall(write_all, file, state)
  file:close()
  if done then done, err = os.rename(written, path) end
  if done then return true end
  os.remove(written)
  return nil, path .. ": " .. tostring(err)
end

-- Reading -----------------------------------------------------------------------------------------

local function read_all(lines, state)
  if lines() ~= VERSION then error("the file was not written by this version of the sandbox", 0) end
  for line in lines do
    local row = assert(core.json.decode(line))
    local name, value = row.name, row.value
    if name == "records" then
      state[value] = { by_id = {}, ids = {} }
    elseif name:find("^field ") then
      state[name:sub(7)] = value
    else
      local list = state[name]
      list.by_id[value.id] = value
      list.ids[#list.ids + 1] = value.id
    end
  end
end

--- Deliveries that were under way when the sandbox ended are made again.
local function resume_deliveries(state)
  local waiting = {}
  for _, job in ipairs(state.jobs) do
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
  local text = file:read("*a")
  file:close()
  if text == "" then return false end
  local done, err = pcall(read_all, text:gmatch("[^\n]+"), state)
  if not done then return nil, path .. ": " .. tostring(err) end
  resume_deliveries(state)
  return true
end

return snapshot
