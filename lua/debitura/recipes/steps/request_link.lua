--- How a link asks Debitura: for a client and a fresh URL, whether the window is over, whether
-- another URL is to follow.
--
-- A step is a function of (work, job, link) that gives a word for the report and details, or nil
-- and a failure. It has ended or postponed the job before it returns.
-- @module debitura.recipes.steps.request_link

local cases = require("debitura.recipes.cases")
local core = require("debitura.core")
local interpret = require("debitura.recipes.interpret")
local link_jobs = require("debitura.recipes.link_jobs")
local look_up = require("debitura.recipes.steps.look_up")
local only = require("debitura.recipes.steps.only")

local steps = {}

local LONGER_WINDOW = "Debitura's window is longer than window_days says: the same URL came again"

local function warn_once(context)
  if context.warned or not context.write then return end
  context.warned = true
  context.write("warn", "debitura recipes: " .. LONGER_WINDOW)
end

local function is_asking(job, link)
  return link and (link.state == "requesting" or link.state == "expired")
    and job.generation == link.generation + 1
end

--- POST /clients, with the same bytes whenever it is sent.
function steps.request_link(work, job, link)
  if not is_asking(job, link) then return work:skip(job) end
  -- Checked when it was recorded: what was good enough then is sent as it is.
  local client, err = work.context.partner:create_client(core.json.decode(link.payload),
    { check = false })
  local news = interpret.client_answer(job.tenant, work:clock(), client, err)
  if not news then
    -- Of the conflicts all say something but the one that lacks the URL that it should bring.
    local is_odd = not err or err.kind == "conflict"
    return work:retry_later(job, is_odd and look_up.odd_answer("clients.create") or err)
  end
  news.event.generation, news.event.notify = job.generation, job.args.notify
  if news.event.url_digest and news.event.url_digest == link.data.url_digest then
    news.event.note = LONGER_WINDOW
    warn_once(work.context)
  end
  local details = { client = client, failure = err }
  local applied
  applied, err = work:apply(news, job)
  if not applied then return nil, err end
  return news.name, details
end

--- States of cases that Debitura no longer has when their client was gone.
local LOST = { created = true, submitting = true, parked = true }

--- The cases of a tenant that came with an earlier payload, or belong to a client who was gone, and
-- are not in this payload. What was handed in by itself and waits goes on waiting: it is submitted
-- once the client is linked.
local function replaced(work, link, wanted)
  local was_gone = link.data.was_gone
  local rows, err = cases.outstanding(work, link.tenant, was_gone and LOST)
  if not rows or err then return nil, err end
  local targets = {}
  for reference, row in pairs(rows) do
    if not wanted[reference] and (row.state ~= "parked" or row.origin == "link") then
      targets[#targets + 1] = { kind = "case", name = reference,
        event = { name = "replace", at = work:clock(), anew = was_gone } }
    end
  end
  return targets
end

--- The cases of the payload become records, a step at a time: interrupted, it is done again and
-- finds what is there.
function steps.record_cases(work, job, link)
  if not link or job.generation ~= link.generation + 1 then return work:skip(job) end
  local wanted, awaited = {}, {}
  for _, case in ipairs(core.json.decode(link.payload).cases or {}) do
    wanted[case.creditorReference] = true
    awaited[#awaited + 1] = { kind = "case", name = case.creditorReference,
      event = { name = "await", at = work:clock(), anew = link.data.was_gone } }
  end
  local targets, err = replaced(work, link, wanted)
  if not targets then return nil, err end
  for _, target in ipairs(awaited) do targets[#targets + 1] = target end
  targets[#targets + 1] = {
    kind = "link", name = "", event = { name = "cases.recorded", generation = job.generation,
      at = work:clock(), quiet = job.args.quiet },
  }
  work.known[job.key] = nil
  local applied
  applied, err = work:apply({ tenant = job.tenant, name = "cases.recorded", targets = targets },
    job)
  if not applied then return nil, err end
  return "recorded"
end

steps.expire = only({ pending = true }, function(work, job, link)
  -- After an outage the customer's answer may lie in the inbox: the clock has a say only when that
  -- one is empty.
  local waiting, err = work.store:inbox_waiting(job.tenant)
  if waiting == nil then return nil, err end
  local problem
  if waiting then
    problem = "webhooks of this client are waiting in the inbox"
  elseif work:clock() < link.expires_at + link_jobs.EXPIRY_LATENESS then
    -- A look that ends without a finding never comes again.
    problem = "the clock has gone back: the window is not over"
  end
  if not problem then return work:decide(job, "window.over") end
  local word, details = work:postpone(job, problem)
  return word and "waiting", details
end)

--- No reminder of the onboarding is left.
steps.count_unanswered = only({ onboarding = true }, function(work, job)
  return work:decide(job, "onboarding.unanswered")
end)

--- The next request would see by its answer whether the customer approved meanwhile; where none
-- follows, that has to be asked.
steps.recover = only({ expired = true }, function(work, job, link)
  local terms = link.terms or work.runner.terms
  if link.generation - (link.data.first_generation or 0) >= terms.max_generations then
    local client, err = look_up.client(work.context, job.tenant)
    if client == nil then return work:retry_later(job, err) end
    if client then return work:decide(job, look_up.seen(client)) end
  end
  return work:decide(job, "recover")
end)

return steps
