--- How a hosted URL reaches the customer: by each channel, again when the platform asks for it, and
-- as a reminder. What is delivered belongs to a link, a signing or an identity check.
-- @module debitura.recipes.steps.deliver

local clients = require("debitura.recipes.steps.clients")
local deliveries = require("debitura.recipes.deliveries")
local jobs = require("debitura.workflow.jobs")
local look_up = require("debitura.recipes.steps.look_up")
local message_of = require("debitura.recipes.message").of
local protected = require("debitura.async.protected")
local records = require("debitura.workflow.records")
local text = require("debitura.base.text")

local steps = {}

local HOUR = 3600
local LONGEST = 30 * 24 * HOUR -- seconds that a URL without a window is delivered
local BETWEEN_LETTERS = 6 * HOUR -- seconds in which no reminder follows the first letter
local AT_ONCE = 60 -- seconds in which a delivery that was asked for is the one of that moment

--- Whether there is a URL still that a job is about.
local function has_url(job, record)
  return record and record.url and record.generation == job.generation
end

--- What a channel says of its failure, without the URLs that it may quote.
local function scrubbed(problem, message, url)
  local said = tostring(problem)
  if message then said = text.redact(said, message.url) end
  return text.redact(said, url):sub(1, jobs.PROBLEM_MAX)
end

--- The client's link, which says who is to be reached.
local function link_of(work, record)
  if record.kind == "link" then return record end
  return records.load(work.store, "link", record.tenant, "")
end

--- Leaves a delivery for later: it is tried as long as its URL is good, and what can never pass is
-- given up at once.
local function fail(work, job, record, problem, final)
  local ends = record.expires_at or job.created_at + LONGEST
  local given_up = final or work:clock() + jobs.backoff(job.attempt) >= ends
  local word, details = work:postpone(job, problem, { final = given_up })
  if not word or not given_up then return word, details end
  local told, err = work:apply_to(record, { name = "delivery.given_up", note = job.channel })
  if not told then return nil, err end
  return word, details
end

local function deliver(work, job, record, reminder)
  local link, err = link_of(work, record)
  if link == nil then return nil, err end
  local message, channel = nil, work.context.channels[job.channel]
  local ran, results = protected(function()
    message, err = message_of(work.context, record, job.key, link, reminder)
    if message then return channel:deliver(message) end
  end)
  if not ran or not results[1] then
    if err then return nil, err end
    local problem = not ran and results[1] or results[2]
    local final = type(problem) == "table" and problem.final == true
    return fail(work, job, record, scrubbed(problem, message, record.url), final)
  end
  return work:finish(job, reminder and "reminded" or "delivered", true)
end

--- The first letter by a job's channel.
-- @treturn[1] table|false
-- @treturn[2] nil
-- @treturn[2] table failure of the store
local function first_of(work, job, record)
  local page, err = work.store:jobs_named { deliveries.key(record, job.channel) }
  if not page then return nil, err end
  return page[1] or false
end

--- Delivers what was asked for once more. However often that was while the channel failed, one
-- letter comes of it: the first letter is tried anyway, and this one may go before it.
local function deliver_again(work, job, record)
  local first, err = first_of(work, job, record)
  if first == nil then return nil, err end
  local is_open = first and first.state == "open"
  local is_late = is_open and work:clock() >= job.created_at + AT_ONCE
  if is_late or first and first.state == "done" and first.ended_at > job.created_at then
    return work:skip(job)
  end
  local word, details = deliver(work, job, record)
  if word ~= "delivered" or not is_open then return word, details end
  return work:finish(first, word)
end

function steps.deliver(work, job, record)
  if not has_url(job, record) then return work:skip(job) end
  if record.expires_at and work:clock() >= record.expires_at then
    return fail(work, job, record, "the URL's window ended before it could be delivered", true)
  end
  if job.key ~= deliveries.key(record, job.channel) then return deliver_again(work, job, record) end
  return deliver(work, job, record)
end

--- What a reminder is by now: "early" while the first letter is on its way, or has only just been
-- delivered (an outage may have held it up); "first" where that was given up and nothing else has
-- reached the customer; else a "reminder".
-- @treturn[1] string
-- @treturn[2] nil
-- @treturn[2] table failure of the store
local function standing_of(work, job, record)
  local first, err = first_of(work, job, record)
  if first == nil then return nil, err end
  local by_hand = job.args.ordinal == 0
  if first and first.state == "dead" then
    return record.undelivered_since and "first" or "reminder"
  end
  if not first or by_hand then return "reminder" end
  local is_early = first.state == "open" or work:clock() < first.ended_at + BETWEEN_LETTERS
  return is_early and "early" or "reminder"
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
  if record.kind == "kyc" then return look_up.is_identified(client) and { name = "done" } end
  if record.state ~= "onboarding" then return look_up.seen(client) end
  return client.signed and look_up.seen(client, "client.signed")
end

--- Reminds no customer who has done it: Debitura is asked first.
function steps.remind(work, job, record)
  if not has_url(job, record) then return work:skip(job) end
  -- A reminder that is late by an outage must not point at a page that is gone.
  if record.expires_at and work:clock() >= record.expires_at then return work:skip(job) end
  local standing, err = standing_of(work, job, record)
  if not standing then return nil, err end
  if standing == "early" then return work:skip(job) end
  local event
  event, err = answered(work, record)
  -- An outage puts it off; without a token it cannot be known.
  if event == nil then
    return work:retry_later(job, err, look_up.NO_TOKEN[err.kind] and jobs.ATTEMPTS)
  end
  if event then return work:decide(job, event) end
  return deliver(work, job, record, standing == "reminder" and job.args.ordinal or nil)
end

--- Tells the platform of a move: at least once, with the same key whenever it is told again.
function steps.notify(work, job)
  local change = {
    key = job.key, tenant = job.tenant, kind = job.record, name = job.name,
    generation = job.generation, event = job.args.event, from = job.args.from, to = job.args.to,
    at = job.created_at,
  }
  return work:call(job, "notified", function() return work.context.on_change(change) end)
end

--- Tells the platform what a person has to look at; debitura.status.alerts enqueues it.
function steps.alert(work, job)
  return work:call(job, "told", function() return work.context.on_alert(job.args) end)
end

return steps
