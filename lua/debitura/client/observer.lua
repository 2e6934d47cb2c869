--- Looks at answers as they come and keeps what differs from the documents, with how often and
-- since when, and what answers are built of: paths, types and the words of lists that this library
-- decides by. No other value is kept.
--
-- It looks at the first answers of each operation and status, then at one in some. What it saw is
-- put into the store from time to time, under a lease, so that processes add to each other; without
-- a store it is kept in the object. Both are bounded.
-- @module debitura.client.observer

local core = require("debitura.core")
local differences = require("debitura.operations.differences")
local encoding = require("debitura.base.encoding")
local log = require("debitura.base.log")
local merged = require("debitura.base.merged")
local operations = require("debitura.operations")
local protected = require("debitura.async.protected")
local recorded = require("debitura.operations.recorded")
local sorted_keys = require("debitura.base.sorted_keys")

local observer = {}

--- How many answers of an operation and a status are looked at before it is one in `EVERY`.
local FIRST, EVERY = 10, 20

--- Seconds between two times that what was seen is put into the store, unless there is a new
-- difference; for which it is kept there; and that another process is waited for.
local FLUSH_EVERY, KEPT, LEASE = 60, 90 * 86400, 10

--- How many differences are kept, and of those that do not fail; shapes, paths of one, words of a
-- path.
local MOST, MOST_NOTED, MOST_SHAPES, MOST_PATHS, MOST_WORDS = 200, 150, 250, 300, 30

local KEY = "observed"

--- Runs what is no matter of the call that it belongs to; Ctrl-C, which comes as an error, is.
local function aside(run)
  local sound, results = protected(run)
  if not sound and tostring(results[1]):find("interrupted!", 1, true) then error(results[1], 0) end
  return sound, results
end

local function not_compared()
  return { { kind = "body", path = "", severity = "noted",
    message = "could not be compared" } }
end

-- What was seen -----------------------------------------------------------------------------------

--- `differences` by what they are, `noted` and `count` of them, `dropped`; `shapes` by operation
-- and status.
local function nothing()
  return { differences = {}, count = 0, noted = 0, dropped = 0, shapes = {}, places = 0 }
end

--- Adds a difference, or to how often it was seen. Returns whether it is a new one.
local function add_difference(seen, one)
  local key = table.concat({ one.api, one.operation, one.status, one.kind, one.path,
    one.value or "" }, "\0")
  local known = seen.differences[key]
  if known then
    known.count = known.count + one.count
    known.first_at = math.min(known.first_at, one.first_at)
    known.last_at = math.max(known.last_at, one.last_at)
    return false
  end
  local is_noted = one.severity == "noted"
  if seen.count >= MOST or is_noted and seen.noted >= MOST_NOTED then
    seen.dropped = seen.dropped + one.count
    return false
  end
  seen.differences[key], seen.count = merged(one), seen.count + 1
  if is_noted then seen.noted = seen.noted + 1 end
  return true
end

--- Adds up how often, by name; names beyond the most are left out.
local function add_counts(counts, name, count, most)
  if not counts[name] then
    local known = 0
    for _ in pairs(counts) do known = known + 1 end
    if known >= most then return end
  end
  counts[name] = (counts[name] or 0) + count
end

local function add_path(shape, path, kinds, words)
  local known = shape.paths[path]
  if not known then
    if shape.count >= MOST_PATHS then return end
    known, shape.count = { kinds = {}, words = {} }, shape.count + 1
    shape.paths[path] = known
  end
  for kind, count in pairs(kinds) do add_counts(known.kinds, kind, count, MOST_WORDS) end
  for word, count in pairs(words) do add_counts(known.words, word, count, MOST_WORDS) end
end

--- The shape of a place, "partner clients.create 202"; nil when there are too many.
local function shape_of(seen, place)
  if not seen.shapes[place] then
    if seen.places >= MOST_SHAPES then return nil end
    seen.shapes[place] = { answers = 0, paths = {}, count = 0, first_at = math.huge, last_at = 0 }
    seen.places = seen.places + 1
  end
  return seen.shapes[place]
end

local function add_answers(shape, count, first_at, last_at)
  shape.answers = shape.answers + count
  shape.first_at = math.min(shape.first_at, first_at)
  shape.last_at = math.max(shape.last_at, last_at)
end

local function merge_shape(into, place, shape)
  local known = shape_of(into, place)
  if not known then return end
  add_answers(known, shape.answers, shape.first_at, shape.last_at)
  for path, row in pairs(shape.paths) do add_path(known, path, row.kinds, row.words) end
end

--- Adds all of one to another.
local function merge(into, from)
  into.dropped = into.dropped + from.dropped
  for _, one in pairs(from.differences) do add_difference(into, one) end
  for place, shape in pairs(from.shapes) do merge_shape(into, place, shape) end
end

-- The store ---------------------------------------------------------------------------------------

--- What the store holds under a key, decoded.
-- @treturn[1] table perhaps empty
-- @treturn[2] nil
-- @treturn[2] table failure
local function read_row(store, key, now)
  local text, err = store:token(key, now)
  if text == nil then return nil, err end
  local decoded = text and core.json.decode(text)
  return type(decoded) == "table" and decoded or {}
end

local function write_row(store, key, value, now)
  return store:token_put(key, assert(core.json.encode(value)), now + KEPT, now)
end

local function shape_key(place)
  return KEY .. " " .. place
end

--- Reads differences, and the shapes of the places that are keys of `wanted`; all without it.
local function load(store, now, wanted)
  local seen = nothing()
  local row, err = read_row(store, KEY, now)
  if not row then return nil, err end
  seen.dropped = tonumber(row.dropped) or 0
  for _, one in ipairs(row.differences or {}) do add_difference(seen, one) end
  seen.known = row.places or {}
  for _, place in ipairs(seen.known) do
    if not wanted or wanted[place] then
      local shape
      shape, err = read_row(store, shape_key(place), now)
      if not shape then return nil, err end
      if shape.answers then merge_shape(seen, place, shape) end
    end
  end
  return seen
end

local function save(store, now, seen)
  local list, places = {}, {}
  for _, key in ipairs(sorted_keys(seen.differences)) do list[#list + 1] = seen.differences[key] end
  for _, place in ipairs(seen.known) do places[place] = true end
  for place, shape in pairs(seen.shapes) do
    places[place] = true
    local put, err = write_row(store, shape_key(place),
      { answers = shape.answers, paths = shape.paths, first_at = shape.first_at,
        last_at = shape.last_at }, now)
    if not put then return nil, err end
  end
  return write_row(store, KEY, { differences = core.json.array(list), dropped = seen.dropped,
    places = core.json.array(sorted_keys(places)) }, now)
end

local function add_to_store(store, now, pending)
  local seen, err = load(store, now, pending.shapes)
  if not seen then return nil, err end
  merge(seen, pending)
  return save(store, now, seen)
end

--- Adds the fields that are always there in the baseline, and were not.
local function add_absent(list, place, shape)
  local api, name, status = place:match("^(%S+) (%S+) (%d+)$")
  local row = api and operations.get(api, name)
  for _, one in ipairs(row and recorded.absent(row, tonumber(status), shape.paths) or {}) do
    list[#list + 1] = {
      api = api, operation = name, status = tonumber(status), kind = "absent", path = one.path,
      severity = "noted", count = one.absent, first_at = shape.first_at, last_at = shape.last_at,
      message = ("is absent in %d of %d answers; the baseline always has it"):format(one.absent,
        one.absent + one.seen),
    }
  end
end

--- What was seen, in a list and by place.
local function told(seen)
  local list = {}
  for _, key in ipairs(sorted_keys(seen.differences)) do list[#list + 1] = seen.differences[key] end
  for place, shape in pairs(seen.shapes) do add_absent(list, place, shape) end
  table.sort(list, function(a, b)
    if a.severity ~= b.severity then return a.severity < b.severity end
    if a.first_at ~= b.first_at then return a.first_at < b.first_at end
    local left = ("%s %s %s %s"):format(a.api, a.operation, a.path, a.message)
    return left < ("%s %s %s %s"):format(b.api, b.operation, b.path, b.message)
  end)
  return { differences = list, dropped = seen.dropped, shapes = seen.shapes }
end

--- Reads what all processes on a store have seen.
-- @tparam table store
-- @tparam number now
-- @treturn[1] table `differences`, those that fail first: `api`, `operation`, `status`, and what
--   `debitura.operations.differences` gives, `count`, `first_at`, `last_at`; `dropped`: how often
--   one was seen that was not kept; `shapes` by "api operation status": `answers`, and `paths` with
--   counts of `kinds` and `words`
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function observer.read(store, now)
  local seen, err = load(store, now)
  return seen and told(seen), err
end

--- Forgets all that was seen.
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function observer.clear(store, now)
  return write_row(store, KEY, {}, now)
end

-- The observer ------------------------------------------------------------------------------------

local Observer = {}
Observer.__index = Observer

--- The body of an answer, as `differences.of` takes it.
local function body_of(received, data)
  if type(data) == "table" then return data end
  if received.body == "" then return nil end
  local decoded = core.json.decode(received.body)
  return type(decoded) == "table" and decoded or received.body
end

--- Tells the logger of a difference, once.
function Observer:warn(one)
  if not self.log then return end
  self.log.write(one.severity == "fails" and "warn" or "info", log.line("difference", {
    operation = one.operation, status = tonumber(one.status), kind = one.kind, field = one.path,
    result = one.message,
  }))
end

function Observer:compare(row, received, data)
  local now = self.clock()
  local place = ("%s %s %d"):format(row.api, row.name, received.status)
  local shape = shape_of(self.pending, place)
  if shape then add_answers(shape, 1, now, now) end
  local answer = { status = received.status, headers = received.headers,
    body = body_of(received, data) }
  local sound, results = aside(function()
    return differences.of(row, answer, shape and function(path, kind, word)
      add_path(shape, path, { [kind] = 1 }, word and { [word] = 1 } or {})
    end)
  end)
  local found = sound and results[1] or not_compared()
  local is_new = false
  for _, one in ipairs(found) do
    one.api, one.operation, one.status = row.api, row.name, received.status
    one.count, one.first_at, one.last_at = 1, now, now
    add_difference(self.pending, one)
    local key = ("%s %s %s %s"):format(place, one.kind, one.path, one.value or "")
    if not self.known[key] and self.known_count < 2 * MOST then
      self.known[key], self.known_count, is_new = true, self.known_count + 1, true
      self:warn(one)
    end
  end
  return is_new
end

--- Puts what was seen since the last time where it is kept. What the store does not take now is
-- kept for the next time; until then calls do not wait for it.
function Observer:flush()
  local pending, now = self.pending, self.clock()
  if pending.places == 0 and pending.count == 0 then return end
  self.flushed_at, self.pending = now, nothing()
  if not self.store then return merge(self.seen, pending) end
  local sound, results = aside(function()
    local held, err = self.store:lease(KEY, self.holder, LEASE, now)
    if not held then return nil, err end
    local kept
    kept, err = add_to_store(self.store, now, pending)
    self.store:lease_release(KEY, self.holder)
    return kept, err
  end)
  self.rests = not (sound and results[1])
  if not self.rests then return end
  merge(self.pending, pending)
  local problem = results[sound and 2 or 1]
  if self.log and problem then
    self.log.write("warn",
      log.line("difference", { result = "not kept", cause = tostring(problem) }))
  end
end

--- Looks at an answer, unless others like it have been looked at.
-- @tparam table row the operation
-- @tparam table received `status`, `headers`, `body`
-- @param data the body as it was decoded, if it was
function Observer:look(row, received, data)
  if row.unlisted then return end
  local place = row.name .. received.status
  local count = (self.counts[place] or 0) + 1
  self.counts[place] = count
  if count > FIRST and count % EVERY ~= 0 and not self.all then return end
  local is_new = self:compare(row, received, data) and not self.rests
  if is_new or self.clock() - self.flushed_at >= FLUSH_EVERY then self:flush() end
end

--- What was seen; see `observer.read`.
function Observer:told()
  self:flush()
  if not self.store then return told(self.seen) end
  return observer.read(self.store, self.clock())
end

--- Makes an observer.
-- @tparam table given `store` (optional), `log` (optional; see debitura.base.log), `clock`: gives
--   Unix seconds, `all`: true for no sampling
-- @treturn table
function observer.new(given)
  return setmetatable({
    store = given.store, log = given.log, all = given.all, clock = given.clock or core.system.now,
    holder = encoding.random_hex(8), counts = {}, known = {}, known_count = 0,
    pending = nothing(), seen = nothing(), flushed_at = -math.huge,
  }, Observer)
end

return observer
