--- Tells the platform's function `on_alert` what a person has to look at: once for each cause and
-- day, by a job, which a process that has the function does.
-- @module debitura.status.alerts

local core = require("debitura.core")

local alerts = {}

--- What jobs that tell of alerts need.
alerts.NEEDS = "on_alert"

--- Seconds for which a function counts as had that no process has at present.
local HAD = 7 * 86400

--- The job that tells of a cause on the day of `now`.
local function job_of(cause, now)
  return {
    key = ("alert/%s/%s"):format(cause.cause, os.date("!%Y-%m-%d", math.floor(now))),
    kind = "alert", record = "alert", name = cause.cause, generation = 0, needs = alerts.NEEDS,
    due_at = now,
    args = core.json.encode {
      cause = cause.cause, level = cause.level, count = cause.count, since = cause.since,
      said = cause.said, type = cause.type, at = now,
    },
  }
end

--- Enqueues what there is to tell, where any process has had the function.
-- @tparam table store
-- @tparam table numbers of debitura.status.report
-- @tparam boolean able whether this process has the function
-- @tparam number now
-- @treturn[1] number how many causes there are to tell of, also when they were told of today
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function alerts.enqueue(store, numbers, able, now)
  local had, jobs = numbers.last["can:" .. alerts.NEEDS], {}
  if not able and not (had and now - had < HAD) then return 0 end
  for _, cause in ipairs(numbers.causes) do
    if cause.alert then jobs[#jobs + 1] = job_of(cause, now) end
  end
  if not jobs[1] then return 0 end
  local enqueued, err = store:record_move({ tenant = "", moves = {}, jobs = jobs }, now)
  if not enqueued then return nil, err end
  return #jobs
end

return alerts
