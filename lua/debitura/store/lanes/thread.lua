--- What a SQL store does in a thread of nginx: runs the verbs of a batch one after the other, and
-- adds all webhooks of it in one step. Runs in a Lua state of its own, to and from which only
-- texts, numbers, booleans and tables of them are copied: so a failure goes as a plain table.
-- @module debitura.store.lanes.thread

local core = require("debitura.core")
local failure = require("debitura.base.failure")
local merged = require("debitura.base.merged")

local unpack = table.unpack or unpack -- luacheck: ignore

local thread = {}

local BACKENDS = {
  postgresql = "debitura.store.sql.postgresql",
  sqlite = "debitura.store.sql.sqlite",
}

--- The stores that this Lua state has opened, by their ids.
local stores = {}

--- Closes the stores that are not in use any more.
-- @tparam table used ids as keys
function thread.close_unused(used)
  for id, store in pairs(stores) do
    if not used[id] then
      store:close()
      stores[id] = nil
    end
  end
end

local function opened(place)
  if not stores[place.id] then
    local backend = require(BACKENDS[place.scheme])
    local store, err = backend.open(place.address, place.options, place.scheme)
    if not store then return nil, err end
    stores[place.id] = store
  end
  return stores[place.id]
end

--- What pcall gave, as it can be copied.
local function result_of(sound, ...)
  local result = { sound = sound, n = select("#", ...), ... }
  if not sound then result[1] = tostring(result[1]) end
  if failure.is(result[2]) then result[2], result.failed = merged(result[2]), true end
  return result
end

local function failed(err)
  return result_of(true, nil, err)
end

local TOO_LATE = "the store was not asked, as the calls before this one took too long"

local function run(store, call, deadline)
  if core.system.monotonic() > deadline then
    return failed(failure.new { kind = "store", message = TOO_LATE })
  end
  if call.verb == "open" then return result_of(true, true) end
  return result_of(pcall(store[call.verb], store, unpack(call, 1, call.n)))
end

--- Adds webhooks in one step; where that fails one after the other, so that what is wrong with one
-- of them is no matter of the others.
local function add_all(store, calls, places, results, deadline)
  local events = {}
  for i, place in ipairs(places) do
    local event, received_at = calls[place][1], calls[place][2]
    event.received_at = received_at
    events[i] = event
  end
  local sound, words = pcall(store.inbox_add_many, store, events)
  for i, place in ipairs(places) do
    if sound and words then
      results[place] = result_of(true, words[i])
    else
      results[place] = run(store, calls[place], deadline)
    end
  end
end

--- Runs a batch.
-- @tparam table place `id`, `scheme`, `address`, `options`
-- @tparam table calls array of `{ verb =, n =, arguments... }`
-- @tparam table used ids of the stores that are in use
-- @tparam number patience seconds after which nothing more is begun
-- @treturn[1] table array of what each gave: `sound`, `n`, values; `failed` when the second of them
--   is a failure
-- @treturn[2] nil
-- @treturn[2] table the failure of all
function thread.run(place, calls, used, patience)
  local deadline = core.system.monotonic() + patience
  thread.close_unused(used)
  local store, err = opened(place)
  if not store then return nil, merged(err) end
  local results, adds = {}, {}
  for i, call in ipairs(calls) do
    if call.verb == "inbox_add" then
      adds[#adds + 1] = i
    else
      results[i] = run(store, call, deadline)
    end
  end
  if #adds == 1 then
    results[adds[1]] = run(store, calls[adds[1]], deadline)
  elseif #adds > 1 then
    add_all(store, calls, adds, results, deadline)
  end
  return results
end

return thread
