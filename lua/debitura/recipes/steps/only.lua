--- Steps for records in some states.
-- @module debitura.recipes.steps.only

--- Makes a step that is skipped where its record has moved on since the job was enqueued.
-- @tparam table states the states, as keys, in which the job is still of use
-- @tparam function step of (work, job, record)
-- @treturn function
local function only(states, step)
  return function(work, job, record)
    if not record or not states[record.state] or record.generation ~= job.generation then
      return work:skip(job)
    end
    return step(work, job, record)
  end
end

return only
