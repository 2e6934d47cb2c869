--- Does claimed jobs side by side: those of one tenant in their order, those of different tenants
-- while others wait for their answers.
-- @module debitura.workflow.lanes

local parallel = require("debitura.async.parallel")
local protected = require("debitura.async.protected")

local lanes = {}

--- Tenants whose jobs are done at a time, unless told otherwise.
lanes.WIDTH = 16

--- The jobs by tenant, the tenants in the order of their first jobs.
local function queues_of(claimed)
  local queues, by_tenant = {}, {}
  for _, job in ipairs(claimed) do
    local queue = by_tenant[job.tenant]
    if not queue then
      queue = {}
      by_tenant[job.tenant], queues[#queues + 1] = queue, queue
    end
    queue[#queue + 1] = job
  end
  return queues
end

local function follow(queue, take)
  for _, job in ipairs(queue) do take(job) end
end

--- Hands over each job.
-- @tparam table claimed array of jobs
-- @tparam number width tenants at a time; with 1, one job after the other in their order
-- @tparam function take (job)
-- @raise what `take` raised, when all that had begun has ended; nothing was begun since
function lanes.run(claimed, width, take)
  local queues = queues_of(claimed)
  if width == 1 or #queues == 1 then return follow(claimed, take) end
  local raised
  local function take_safely(job)
    if raised then return end
    local sound, results = protected(function() take(job) end)
    if not sound then raised = raised or { results[1] } end
  end
  local followers = {}
  for i, queue in ipairs(queues) do
    followers[i] = function() follow(queue, take_safely) end
  end
  -- In a phase of nginx that cannot wait, none of them has.
  if not parallel.run({ limit = width }, followers) then follow(claimed, take_safely) end
  if raised then error(raised[1], 0) end
end

return lanes
