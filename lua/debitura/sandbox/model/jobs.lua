--- What is to happen later: one queue of `{due, order, kind, arguments}`, a binary heap kept as
-- plain data. Jobs of the same moment run in the order in which they were added.
-- @module debitura.sandbox.model.jobs

local jobs = {}

--- @treturn table an empty queue
function jobs.new()
  return { heap = {}, order = 0 }
end

local function before(a, b)
  return a.due < b.due or (a.due == b.due and a.order < b.order)
end

--- Adds a job.
-- @tparam table self a queue
-- @tparam number due sandbox time in seconds
-- @tparam string kind whose handler runs it
-- @tparam table arguments plain data
function jobs.add(self, due, kind, arguments)
  self.order = self.order + 1
  local heap = self.heap
  local at = #heap + 1
  heap[at] = { due = due, order = self.order, kind = kind, arguments = arguments }
  while at > 1 do
    local parent = math.floor(at / 2)
    if not before(heap[at], heap[parent]) then return end
    heap[at], heap[parent] = heap[parent], heap[at]
    at = parent
  end
end

--- @tparam table self a queue
-- @treturn number|nil when the next job is due
function jobs.next_due(self)
  return self.heap[1] and self.heap[1].due
end

--- Takes the next job if it is due.
-- @tparam table self a queue
-- @tparam number now sandbox time
-- @treturn table|nil the job
function jobs.take(self, now)
  local heap = self.heap
  local first = heap[1]
  if not first or first.due > now then return nil end
  local last = table.remove(heap)
  if last == first then return first end
  heap[1] = last
  local at = 1
  while true do
    local child = 2 * at
    if child < #heap and before(heap[child + 1], heap[child]) then child = child + 1 end
    if child > #heap or not before(heap[child], heap[at]) then return first end
    heap[at], heap[child] = heap[child], heap[at]
    at = child
  end
end

return jobs
