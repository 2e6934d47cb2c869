--- Claims and ends rows in plain tables. What is counted of them, and the orders in which they
-- stand, are kept up to date with each change, so that what operators are shown walks nothing.
-- @module debitura.store.memory.index

local contract = require("debitura.store.contract")
local rows = require("debitura.store.memory.rows")

local index = {}

-- Seconds whose ends are counted together.
local SPAN = 600

--- The name of the span of a time, or of one later.
function index.span(at, later)
  return ("%.0f"):format(math.floor(at / SPAN) + (later or 0))
end

-- Where a row stands: `order(at, …)` puts it into an order under a name, `count(of, kind, state)`
-- counts it.
local placed = {}

function placed.record(record, order, count)
  count("record", record.kind, record.state)
  if record.undelivered_since then
    count("undelivered", record.kind, record.state)
    order(record.undelivered_since, "undelivered")
  end
  if record.state == contract.expiring and record.expires_at then
    order(record.expires_at, "expiring", index.span(record.expires_at))
  end
end

function placed.job(job, order, count)
  if job.state ~= "done" then count("job", job.kind, job.state) end
  if job.state == "dead" then order(job.ended_at, "dead_job") end
  if job.state ~= "open" then return end
  order(job.due_at, "kind", job.kind)
  order(job.due_at, "needs", job.needs)
  if job.needs ~= "" then count("need", job.needs, "open") end
end

function placed.event(event, order, count)
  order(-event.seq, "latest_event")
  if event.tenant then order(event.seq, "tenant", event.tenant, event.state) end
  if event.state == "done" then return end
  count("event", "", event.state)
  order(event.state == "open" and event.due_at or event.received_at, event.state .. "_event")
end

-- Orders are heaps: only the first of each is asked for.

--- Puts an entry into a heap, from a place that is free.
local function put_in(heap, entry, place)
  local parent = math.floor(place / 2)
  while parent > 0 and entry.at < heap[parent].at do
    heap[place], heap[parent].place = heap[parent], place
    place, parent = parent, math.floor(parent / 2)
  end
  while true do
    local child = place * 2
    if heap[child + 1] and heap[child + 1].at < heap[child].at then child = child + 1 end
    if not heap[child] or entry.at <= heap[child].at then break end
    heap[place], heap[child].place = heap[child], place
    place = child
  end
  heap[place], entry.place = entry, place
end

local function take_out(heaps, name, entry)
  local heap = heaps[name]
  local last = table.remove(heap)
  if last ~= entry then put_in(heap, last, entry.place) end
  if not heap[1] then heaps[name] = nil end
end

--- Adds to a count, which goes when it is none.
local function add(counts, name, kept, number)
  local known = counts[name] or kept
  known.count = (known.count or 0) + number
  counts[name] = known.count ~= 0 and known or nil
end

--- Makes the index of an empty store.
-- @treturn table
function index.new()
  return { heaps = {}, counts = {}, places = {} }
end

--- Follows a row that was made, changed or dropped.
-- @tparam table self the store
-- @tparam string kind "record", "job" or "event"
-- @tparam table row
-- @tparam[opt] boolean dropped
function index.follow(self, kind, row, dropped)
  local own, entries, counts = self.index, {}, {}
  local before = own.places[row] or { entries = {}, counts = {} }
  if not dropped then
    placed[kind](row, function(at, ...) entries[rows.place(...)] = { at = at, row = row } end,
      function(of, counted, state)
        counts[rows.place(of, counted, state)] = { of = of, kind = counted, state = state }
      end)
  end
  for name, entry in pairs(before.entries) do
    if entries[name] and entries[name].at == entry.at then
      entries[name] = entry
    else
      take_out(own.heaps, name, entry)
    end
  end
  for name, entry in pairs(entries) do
    if before.entries[name] ~= entry then
      own.heaps[name] = own.heaps[name] or {}
      put_in(own.heaps[name], entry, #own.heaps[name] + 1)
    end
  end
  for name, kept in pairs(before.counts) do
    if not counts[name] then add(own.counts, name, kept, -1) end
  end
  for name, kept in pairs(counts) do
    if not before.counts[name] then add(own.counts, name, kept, 1) end
  end
  own.places[row] = not dropped and { entries = entries, counts = counts } or nil
end

--- Leases the rows of a page until the lease ends.
-- @tparam table self the store
-- @tparam string kind see `index.follow`
-- @tparam table all the rows by their key or id
-- @tparam table page copies of some
-- @tparam table options `now`, `lease`
-- @treturn table page
function index.claim(self, kind, all, page, options)
  for _, row in ipairs(page) do
    local own = all[row.key or row.id]
    own.attempt, own.claim = own.attempt + 1, own.claim + 1
    own.due_at = options.now + options.lease
    row.attempt, row.claim, row.due_at = own.attempt, own.claim, own.due_at
    index.follow(self, kind, own)
  end
  return page
end

--- Ends or postpones a claimed row, if the claim still holds.
function index.settle(self, kind, all, row, values)
  local own = all[row.key or row.id]
  if not rows.held(own, row, values.state) then return false, "lost" end
  if own.state ~= "open" then return true end
  own.state, own.result = values.state, values.result
  own.due_at, own.ended_at = values.due_at or own.due_at, values.ended_at
  own.attempt = values.attempt or own.attempt
  index.follow(self, kind, own)
  return true
end

--- The entries of an order, each as `{ at, row }`: the first one first, the others anyhow.
-- @tparam table self the store
-- @param ... the order's name
-- @treturn table array
function index.of(self, ...)
  return self.index.heaps[rows.place(...)] or {}
end

--- What is counted.
-- @treturn table array of `{ of, kind, state, count }`
function index.counts(self)
  local found = {}
  for _, row in pairs(self.index.counts) do found[#found + 1] = rows.copy(row) end
  return found
end

return index
