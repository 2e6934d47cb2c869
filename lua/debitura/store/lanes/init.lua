--- SQL stores in nginx without blocking its workers: each verb runs in a thread, with all that came
-- meanwhile. What is added to the inbox together is one commit, and each request hears after it.
--
-- A store has two lanes, one for verbs that only read, so that they do not wait for commits. Each
-- has one batch on its way, and in it one thread and one connection. The threads are those of
--
--     thread_pool debitura threads=2;
--
-- in the main part of nginx.conf. Without that line, and in phases of nginx that cannot wait, a
-- verb runs in the worker, which serves no other request meanwhile.
-- @module debitura.store.lanes

-- luacheck: read globals ngx

local contract = require("debitura.store.contract")
local failure = require("debitura.base.failure")
local lane = require("debitura.store.lanes.lane")
local nginx = require("debitura.async.waiters.nginx")
local thread = require("debitura.store.lanes.thread")
local usage = require("debitura.base.usage")

local unpack = table.unpack or unpack -- luacheck: ignore

local lanes = {}

local POOL = "debitura"
local ROOM = 2 ^ 20 -- bytes of a batch, which are copied in the event loop: 1 ms a MiB
local NO_POOL = "debitura: a SQL store blocks this worker for each verb; add "
  .. '"thread_pool debitura threads=2;" to the main part of nginx.conf'
local NO_THREADS = "debitura: a SQL store blocks this worker for each verb, as this nginx has no "
  .. "ngx.run_worker_thread: it needs --with-threads and lua-nginx-module 0.10.23 or later"

-- Seconds that a verb may take; Debitura waits 10 for an answer.
lanes.patience = 9

local READS, NAMING = {}, {}
for _, verb in ipairs(contract.reading) do READS[verb] = true end
for _, verb in ipairs(contract.naming) do NAMING[verb] = true end

-- Whether there are threads; nil before the first batch.
local has_threads

--- Says once that there are none.
local function without_threads(message)
  has_threads = false
  ngx.log(ngx.WARN, message)
end

-- Places --------------------------------------------------------------------------------------

-- The places that are in use in this worker, by all that they were opened with: what opens one
-- twice, or in many requests at once, has the same lanes and connections.
local places = setmetatable({}, { __mode = "v" })
local last_id = 0

--- The ids of the places that are in use.
local function used_ids()
  local ids = {}
  for _, place in pairs(places) do ids[place.id] = true end
  return ids
end

--- What tells places apart.
local function key_of(scheme, address, options)
  local parts = {}
  for name, value in pairs(options) do parts[#parts + 1] = name .. "=" .. tostring(value) end
  table.sort(parts)
  table.insert(parts, 1, scheme .. ":" .. address)
  return table.concat(parts, "\0")
end

-- Arguments -------------------------------------------------------------------------------------

local COLUMNS, LARGE = {}, {}
for _, row in ipairs { "record", "history", "job", "event", "process" } do
  for _, column in ipairs(contract[row]) do
    COLUMNS[column[1]] = true
    LARGE[column[1]] = column.sealed or column.bytes
  end
end

local PLAIN = { string = true, number = true, boolean = true, ["nil"] = true }
local DEEPEST = 16

--- A copy of an argument that a thread can take. What is no column and cannot be copied is left
-- out, since callers may note in a row what they like.
-- @treturn any
-- @treturn number how many bytes it has
local function copied(value, left_out, depth)
  if PLAIN[type(value)] then return value, type(value) == "string" and #value or 8 end
  usage.check(type(value) == "table" and depth < DEEPEST,
    "the store cannot hold a " .. type(value))
  local copy, bytes = {}, 8
  for name, inner in pairs(value) do
    local kind = type(inner)
    if not left_out[name] and (PLAIN[kind] or kind == "table" or COLUMNS[name]) then
      local size
      copy[name], size = copied(inner, left_out, depth + 1)
      bytes = bytes + size
    end
  end
  return copy, bytes
end

local NONE = {}

--- A call as it goes to a thread, and how many bytes it has.
local function call_of(verb, ...)
  local call, bytes = { verb = verb, n = select("#", ...) }, 0
  for i = 1, call.n do
    local size
    call[i], size = copied((select(i, ...)), i == 1 and NAMING[verb] and LARGE or NONE, 0)
    bytes = bytes + size
  end
  return call, bytes
end

-- Running ---------------------------------------------------------------------------------------

--- Runs a batch in this worker.
local function run_here(place, calls)
  local results, err = thread.run(place, calls, used_ids(), lanes.patience)
  -- Connections do not survive the fork of nginx's workers.
  if ngx.get_phase() == "init" then thread.close_unused({}) end
  return results, err
end

--- Runs a batch in a thread.
local function run_there(place, calls)
  local sound, results, err = ngx.run_worker_thread(POOL, "debitura.store.lanes.thread", "run",
    place, calls, used_ids(), lanes.patience)
  if sound then return results, err end
  if tostring(results):find("thread pool .* not found") then
    if has_threads == nil then without_threads(NO_POOL) end
    return run_here(place, calls)
  end
  return nil, "its thread failed: " .. tostring(results)
end

local Store = {}
Store.__index = Store

--- A failure of what did not come to the database, or the one that came from it.
local function failure_of(err)
  if type(err) == "table" then return failure.new(err) end
  return failure.new { kind = "store", message = "the database gives no answer: " .. err }
end

function Store:result_of(verb, call, bytes)
  local place = self.place
  if has_threads ~= false and nginx.able() then
    return (READS[verb] and place.reads or place.writes):call(call, bytes)
  end
  local results, err = run_here(place.told, { call })
  return results and results[1], err
end

function Store:run(verb, ...)
  if self.closed then usage.error("the store is closed") end
  local call, bytes = call_of(verb, ...)
  local result, err = self:result_of(verb, call, bytes)
  if not result then return nil, failure_of(err) end
  if not result.sound then usage.error(result[1]) end
  if result.failed then result[2] = failure.new(result[2]) end
  return unpack(result, 1, result.n)
end

for _, verb in ipairs(contract.verbs) do
  Store[verb] = function(self, ...) return self:run(verb, ...) end
end

--- Ends the store; its connections end with the next call of another one, or with the worker.
function Store:close()
  if self.closed then return end
  self.closed = true
  local place = self.place
  place.users = place.users - 1
  if place.users == 0 then places[place.key] = nil end
  thread.close_unused(used_ids())
end

local function new_lane(told)
  return lane.new {
    most = told.options.batch, room = ROOM, width = 1, patience = lanes.patience,
    send = function(calls) return run_there(told, calls) end,
  }
end

--- A place and its lanes; they share no local with the coroutine that opens the store.
local function place_of(scheme, address, options)
  local key = key_of(scheme, address, options)
  local place = places[key]
  if not place then
    last_id = last_id + 1
    local told = { id = last_id, scheme = scheme, address = address, options = options }
    place = {
      id = told.id, key = key, told = told, users = 0,
      writes = new_lane(told), reads = new_lane(told),
    }
    places[key] = place
  end
  place.users = place.users + 1
  return place
end

--- Opens a store whose verbs run in threads.
-- @tparam string scheme "sqlite" or "postgresql"
-- @tparam string address what follows it
-- @tparam table options those of the backend, and `create`
-- @treturn[1] table the store
-- @treturn[2] nil
-- @treturn[2] table failure
function lanes.open(scheme, address, options)
  if has_threads == nil and not ngx.run_worker_thread then without_threads(NO_THREADS) end
  local self = setmetatable({ place = place_of(scheme, address, options) }, Store)
  local opened, err = self:run("open")
  if opened then return self end
  self:close()
  return nil, err
end

return lanes
