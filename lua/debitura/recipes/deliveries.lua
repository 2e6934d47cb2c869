--- The jobs that bring a record's URL to the customer: by each channel of its terms, again when the
-- platform asks for it, and as reminders.
-- @module debitura.recipes.deliveries

local jobs = require("debitura.workflow.jobs")

local deliveries = {}

local function by_channel(kind, record, due_at, channel, each, args)
  return jobs.new(kind, record, due_at,
    { each = each, channel = channel, needs = "channel:" .. channel, args = args })
end

--- The key of the first delivery of a record's URL by a channel.
-- @tparam table record
-- @tparam string channel
-- @treturn string
function deliveries.key(record, channel)
  return by_channel("deliver", record, 0, channel, channel).key
end

--- The URL of a record, once by each channel.
-- @tparam table record after the move
-- @tparam table terms
-- @tparam number now
-- @treturn table jobs
function deliveries.first(record, terms, now)
  local enqueued = {}
  for _, channel in ipairs(record.url and terms.channels or {}) do
    local job = by_channel("deliver", record, now, channel, channel)
    job.first_delivery = true
    enqueued[#enqueued + 1] = job
  end
  return enqueued
end

--- The URL once more. `event.channel` chooses one channel, of the record's terms or not;
-- `event.remind` makes reminders of them (numbered 0).
-- @tparam table record after the move
-- @tparam table event
-- @tparam table terms
-- @tparam number now
-- @treturn table jobs
function deliveries.again(record, event, terms, now)
  local enqueued = {}
  local channels = event.channel and { event.channel } or terms.channels
  for _, channel in ipairs(record.url and channels or {}) do
    local each = ("%s/v%d"):format(channel, record.version)
    enqueued[#enqueued + 1] = event.remind
      and by_channel("remind", record, now, channel, each, { ordinal = 0 })
      or by_channel("deliver", record, now, channel, each)
  end
  return enqueued
end

--- The same at later points.
-- @tparam table record after the move
-- @tparam table terms
-- @tparam number now
-- @tparam table points seconds from now
-- @treturn table jobs
function deliveries.reminders(record, terms, now, points)
  local enqueued = {}
  for ordinal, seconds in ipairs(record.url and points or {}) do
    for _, channel in ipairs(terms.channels) do
      enqueued[#enqueued + 1] = by_channel("remind", record, now + seconds, channel,
        ("%s/%d"):format(channel, ordinal), { ordinal = ordinal })
    end
  end
  return enqueued
end

return deliveries
