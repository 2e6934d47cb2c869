--- The jobs that a link's transitions enqueue; see debitura.recipes.link.
-- @module debitura.recipes.link_jobs

local deliveries = require("debitura.recipes.deliveries")
local jobs = require("debitura.workflow.jobs")

local link_jobs = {}

local DAY, HOUR = 86400, 3600
local WEEK = 7 * DAY

--- "Expiry runs hourly, so client.link_expired may come up to 1 hour late."
link_jobs.EXPIRY_LATENESS = HOUR
--- A client is gone when two looks so far apart find none.
link_jobs.SECOND_LOOK = HOUR

--- What tells jobs of one generation apart whose window turned out to be longer.
local function window_mark(self, mark)
  if not self.data.extended then return mark end
  return (mark and mark .. "/" or "") .. "x" .. self.data.extended
end

--- What a job is told so that it finds out, and asks no customer.
local function quiet(event)
  return event.quiet and { quiet = true } or nil
end

--- What each job is, given the link as it is after the move.
link_jobs.enqueue = {
  --- The cases of the payload as records, and then `request_link`: for a payload of more than one
  -- step's.
  record_cases = function(self, event, _, now)
    return { jobs.new("record_cases", self, now, { generation = self.generation + 1,
      args = quiet(event) }) }
  end,
  --- The same where what exists is taken over with more cases than one step records.
  record_rest = function(self, event, terms, now)
    return event.in_steps and link_jobs.enqueue.record_cases(self, event, terms, now) or {}
  end,
  --- POST /clients.
  request_link = function(self, _, terms, now)
    local next_one = self.generation - (self.data.first_generation or 0) + 1
    local after = terms.pauses[math.min(next_one - 1, #terms.pauses)]
    local due_at = now + (self.state == "expired" and after or 0)
    return { jobs.new("request_link", self, due_at, {
      generation = self.generation + 1, each = window_mark(self),
    }) }
  end,
  --- POST /clients at once, whatever pause recovery would make; `notify = false`: for a customer
  -- who takes the URL along.
  request_at_once = function(self, event, _, now)
    return { jobs.new("request_link", self, now, {
      generation = self.generation + 1, each = window_mark(self, "at_once"),
      args = { notify = event.notify },
    }) }
  end,
  --- The URL, by each channel; a customer who waits for it has it already.
  deliver = function(self, event, terms, now)
    return event.notify == false and {} or deliveries.first(self, terms, now)
  end,
  --- The URL once more, because the platform asked for it.
  deliver_again = deliveries.again,
  --- The URL once more at some points of the window.
  remind = function(self, event, terms, now)
    return event.notify == false and {} or deliveries.reminders(self, terms, now,
      terms.remind_after)
  end,
  remind_of_onboarding = function(self, _, terms, now)
    return deliveries.reminders(self, terms, now, terms.onboarding_reminders)
  end,
  --- Those reminders that are still to come of a URL that the customer has.
  remind_ahead = function(self, _, terms, now)
    local points = self.state == "pending" and terms.remind_after or terms.onboarding_reminders
    local ahead = {}
    for _, job in ipairs(deliveries.reminders(self, terms, self.requested_at or 0, points)) do
      if job.due_at > now then ahead[#ahead + 1] = job end
    end
    return ahead
  end,
  --- A look at Debitura for the URL that the answer should have brought.
  look_up_url = function(self, _, _, now)
    return self.url and {} or { jobs.new("look_up_url", self, now) }
  end,
  --- From a day after the last reminder on, the onboarding counts as unanswered.
  count_unanswered = function(self, _, terms, now)
    local last = terms.onboarding_reminders[#terms.onboarding_reminders] or 0
    return { jobs.new("count_unanswered", self, now + last + DAY) }
  end,
  --- A look at the clock when the expiry must have been told.
  expire = function(self)
    return { jobs.new("expire", self, self.expires_at + link_jobs.EXPIRY_LATENESS, {
      each = window_mark(self),
    }) }
  end,
  --- A decision on the next generation.
  recover = function(self, _, _, now)
    return { jobs.new("recover", self, now, { each = window_mark(self) }) }
  end,
  --- A look whether Debitura still has the client, and a second one.
  confirm_gone = function(self, event, _, now)
    local wait = event.name == "client.missing" and link_jobs.SECOND_LOOK or 0
    return { jobs.new("confirm_gone", self, now + wait, { each = "v" .. self.version }) }
  end,
  --- A look at what the customer approved: cases that never came, and signatures that are missing.
  reconcile = function(self, event, terms, now)
    local wait = event.name == "cases.replay_failed" and 0 or terms.follow_after
    return { jobs.new("reconcile", self, now + wait, { each = "v" .. self.version,
      args = quiet(event) }) }
  end,
  --- A look at Debitura: is the link active, although no webhook has said so?
  look_up_client = jobs.once_a_version("look_up_client"),
  --- Looks, until it is found out, whether the cases wait for the identity of the client's
  -- director: after the approval, and once more when the customer has signed and had the time to
  -- go on.
  look_up_kyc = function(self, event, terms, now)
    if (self.data.cases or 0) == 0 then return {} end
    local signed = event.name:find("signed$") and "signed" or nil
    return { jobs.new("look_up_kyc", self, now + terms.follow_after, { each = signed,
      args = quiet(event) }) }
  end,
  --- Looks, from the next day on, whether the client has signed.
  watch_client = function(self, _, _, now)
    return self.data.signed and {} or { jobs.new("watch_client", self, now + DAY) }
  end,
  --- Looks, once a week while Debitura's longest window may last, whether the customer approved
  -- what has ended here. A new customer is watched already, and what was refused at the first
  -- request has brought nothing that could be approved.
  watch_ended = function(self, _, _, now)
    local is_first = self.generation == 0 and self.state ~= "closed"
    if is_first or self.data.variant == "onboarding" then return {} end
    return { jobs.new("watch_ended", self, now + WEEK) }
  end,
  --- The same after an answer that says nothing of some cases: Debitura had the client already, or
  -- an answer was lost before.
  reconcile_awaited = function(self, event, terms, now)
    if (self.data.awaited or 0) == 0 then return {} end
    return link_jobs.enqueue.reconcile(self, event, terms, now)
  end,
}

--- The jobs by which a link that is being requested may be asked for: an earlier call, or a process
-- that died, may have left one of them open.
-- @tparam table link
-- @tparam number now
-- @treturn table jobs, as debitura.workflow.jobs makes them
function link_jobs.requests(link, now)
  local following = { generation = link.generation + 1, each = window_mark(link) }
  return {
    jobs.new("record_cases", link, now, { generation = link.generation + 1 }),
    jobs.new("request_link", link, now, following),
    link_jobs.enqueue.request_at_once(link, {}, nil, now)[1],
  }
end

return link_jobs
