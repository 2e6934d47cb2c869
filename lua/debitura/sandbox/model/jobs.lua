--- What is to happen later: `{due, kind, arguments}` as plain data, the next one last. Jobs of the
-- same moment run in the order in which they were added.
-- @module debitura.sandbox.model.jobs

local jobs = {}

--- Adds a job.
-- @tparam table self a queue
-- @tparam number due sandbox time in seconds
-- @tparam string kind whose handler runs it
-- @tparam table arguments plain data
function jobs.add(self, due, kind, arguments)
  local low, high = 1, #self + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if self[middle].due > due then low = middle + 1 else high = middle end
  end
  table.insert(self, low, { due = due, kind = kind, arguments = arguments })
end

--- @tparam table self a queue
-- @treturn number|nil when the next job is due
function jobs.next_due(self)
  return self[1] and self[#self].due
end

--- Takes the next job if it is due.
-- @tparam table self a queue
-- @tparam number now sandbox time
-- @treturn table|nil the job
function jobs.take(self, now)
  local due = jobs.next_due(self)
  return due and due <= now and table.remove(self) or nil
end

return jobs
