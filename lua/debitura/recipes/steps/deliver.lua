--- How a hosted URL reaches the customer: by each channel, again when the platform asks for it, and
-- as a reminder. What is delivered belongs to a link, a signing or an identity check.
-- @module debitura.recipes.steps.deliver

local clients = require("debitura.recipes.steps.clients")
local jobs = require("debitura.workflow.jobs")
local look_up = require("debitura.recipes.steps.look_up")
local message_of = require("debitura.recipes.message").of
local task = require("debitura.async.task")
local records = require("debitura.workflow.records")

local steps = {}

local PROBLEM_MAX = 500 -- bytes kept of what a channel says

--- What a channel says of its failure, without the URLs that it may quote.
local function scrubbed(problem, ...)
  local text = tostring(problem)
  for _, url in ipairs { ... } do text = text:gsub(url:gsub("%p", "%%%0"), "[redacted]") end
  return text:sub(1, PROBLEM_MAX)
end

--- The client's link, which says who is to be reached.
local function link_of(work, record)
  if record.kind == "link" then return record end
  return records.load(work.store, "link", record.tenant, "")
end

local function deliver(work, job, record, reminder)
  local link, err = link_of(work, record)
  if link == nil then return nil, err end
  local message
  message, err = message_of(work.context, record, job.key, link, reminder)
  if not message then return nil, err end
  local channel = work.context.channels[job.channel]
  local ran, results = task.pcall(function() return channel:deliver(message) end, work:waiter())
  if not ran or not results[1] then
    local problem = not ran and results[1] or results[2]
    local final = type(problem) == "table" and problem.final == true
    return work:postpone(job, scrubbed(problem, message.url, record.url),
      { attempts = jobs.ATTEMPTS, final = final })
  end
  return work:finish(job, reminder and "reminded" or "delivered")
end

function steps.deliver(work, job, record)
  if not record or not record.url or job.generation ~= record.generation then
    return work:skip(job)
  end
  return deliver(work, job, record)
end

--- What has happened already, without a webhook, of that of which the customer is to be reminded.
-- @treturn[1] table|false the event
-- @treturn[2] nil
-- @treturn[2] table failure of a call
local function answered(work, record)
  if record.kind == "signing" then
    local url, err = look_up.signing_url(work.context, record.tenant)
    return url == false and { name = "done" } or url and false, err
  end
  local client, err = clients.find(work, record.tenant)
  if not client then return client, err end
  if record.kind == "kyc" then return client.identified and { name = "done" } end
  if record.state ~= "onboarding" then return look_up.seen(client) end
  return client.signed and look_up.seen(client, "client.signed")
end

--- Reminds no customer who has done it: Debitura is asked first.
function steps.remind(work, job, record)
  if not record or not record.url or job.generation ~= record.generation then
    return work:skip(job)
  end
  -- A reminder that is late by an outage must not point at a page that is gone.
  if record.expires_at and work:clock() >= record.expires_at then return work:skip(job) end
  local event, err = answered(work, record)
  if event == nil then return work:retry_later(job, err, jobs.ATTEMPTS) end
  if event then
    local word, failed = work:apply_to(record, event, job)
    if not word then return nil, failed end
    return event.name
  end
  return deliver(work, job, record, job.args.ordinal)
end

return steps
