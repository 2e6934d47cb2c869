--- How it is found out that Debitura no longer has a client: by two looks an hour apart, while the
-- key still finds other clients. A key that is wrong, or of the other environment, makes no client
-- gone, and neither does one sweep many of them: beyond a number the rest waits for an operator.
-- @module debitura.recipes.steps.confirm_gone

local clients = require("debitura.recipes.steps.clients")
local interpret = require("debitura.recipes.interpret")
local link_jobs = require("debitura.recipes.link_jobs")
local link_machine = require("debitura.recipes.link")
local look_up = require("debitura.recipes.steps.look_up")
local only = require("debitura.recipes.steps.only")

local steps = {}

local DAY = 86400
-- So many clients may be found gone in a day, or so large a part of them, before an operator is
-- asked.
local GONE_AT_LEAST, GONE_PART = 10, 0.05

--- Counts one more client as gone, unless there have been too many.
-- @treturn[1] boolean
-- @treturn[2] nil
-- @treturn[2] table failure of the store
local function count_one(work)
  local links, err = clients.count(work)
  if not links then return nil, err end
  local most = math.max(GONE_AT_LEAST, math.floor(GONE_PART * links))
  local day = math.floor(work:clock() / DAY)
  local counted
  counted, err = work.store:counter_add("clients gone", {
    { name = "day", slot = day, first = day, limit = most },
  })
  if counted == nil then return nil, err end
  return counted
end

--- Ends a look with a client that is not there.
local function missing(work, job, link)
  local missing_at = link.data.missing_at
  if not missing_at then return work:decide(job, "client.missing") end
  if work:clock() < missing_at + link_jobs.SECOND_LOOK then
    return work:postpone(job, "the second look comes an hour after the first")
  end
  local others, err = look_up.finds_clients(work.context)
  if others == nil then return work:retry_later(job, err) end
  if not others then
    return work:postpone(job, "the key finds no client at all: is it the right one?")
  end
  local counted
  counted, err = count_one(work)
  if counted == nil then return nil, err end
  if counted then
    local applied, failed = work:apply(interpret.gone(job.tenant, work:clock()), job)
    return applied and "client.gone", failed
  end
  local problem = "many clients are gone at once: `debitura links confirm-gone` says that it is so"
  local word, details = work:postpone(job, problem, { at_least = DAY })
  return word and "waiting", details
end

steps.confirm_gone = only(link_machine.had, function(work, job, link)
  local client, err = look_up.client(work.context, job.tenant)
  if client == nil then return work:retry_later(job, err) end
  if client then return work:decide(job, "client.found") end
  return missing(work, job, link)
end)

return steps
