--- The link's state machine; debitura.workflow.machine says how it is read.
--
-- A link begins when the platform asks for a client and ends when all that came with it has
-- arrived, or when the customer or Debitura said no. What happened is an event; an event that fits
-- no transition changes nothing. `linked` is the truth wherever it comes from; no webhook leads
-- back from it.
--
-- The cases that came with a link are records of their own (debitura.recipes.case). The link counts
-- them in its `data`: `cases`, and of them `awaited` and `failed`; whenever one of them changes
-- sides the link moves in the same step.
-- @module debitura.recipes.link

local link_jobs = require("debitura.recipes.link_jobs")
local machine = require("debitura.workflow.machine")

local DAY = 86400
local CLOCK_SKEW = 300 -- how far this machine's clock and Debitura's may disagree
-- "ApprovalTtlDays per partner, default 7, 1 to 30."
local WINDOW = { default = 7, min = 1, max = 30 }

local states = {
  requesting = "the payload is stored, POST /clients has not been answered yet",
  pending = "an approval URL waits for the customer's answer",
  expired = "the window passed without an answer; the next URL is to be asked for",
  linked = "the customer approved; not all cases have been carried through yet",
  incomplete = "the customer approved; cases that came with it have failed",
  carried = "the customer approved and all cases have been carried through",
  onboarding = "a new customer, who has yet to complete the onboarding",
  onboarded = "a new customer, fully onboarded",
  declined = "the customer declined",
  refused = "Debitura refused the link for good",
  rejected = "Debitura did not accept the payload",
  exhausted = "the last URL that recovery may ask for has expired",
  closed = "the platform closed it",
  gone = "Debitura no longer has the client under the partner's key",
  forgotten = "what was personal is blanked; asked for again, it begins anew",
}

-- Guards ------------------------------------------------------------------------------------------

local function window_is_over(self, event)
  return event.generation == self.generation
    and event.at >= self.expires_at + link_jobs.EXPIRY_LATENESS
end

--- Whether another generation may follow.
local function has_another(self, terms)
  return self.generation - (self.data.first_generation or 0) < terms.max_generations
end

local guards = {
  answers_this_request = {
    function(self, event) return event.generation == self.generation + 1 end,
    "answers an earlier request",
  },
  is_new_customer = {
    function(self, event)
      return event.generation == self.generation + 1 and self.data.variant == nil
    end,
    "answers an earlier request",
  },
  about_this_generation = {
    function(self, event)
      return not self.requested_at or event.at >= self.requested_at - CLOCK_SKEW
    end,
    "is about an earlier generation",
  },
  -- No window is shorter than a day, so an expiry dated sooner after the request belongs to a
  -- generation before.
  window_can_be_over = {
    function(self, event)
      return not self.requested_at
        or event.at >= self.requested_at + WINDOW.min * DAY - CLOCK_SKEW
    end,
    "is about an earlier generation",
  },
  window_is_over = { window_is_over, "the window is not over" },
  window_is_over_and_may_recover = {
    function(self, event, terms)
      return window_is_over(self, event) and has_another(self, terms)
    end,
    "the window is not over",
  },
  -- For a customer who opens the permalink: Debitura need not have noticed by now, the next request
  -- answers for it.
  window_has_passed = {
    function(self, event) return event.at >= self.expires_at end,
    "the window is not over",
  },
  may_recover = {
    function(self, event, terms)
      return event.generation == self.generation and has_another(self, terms)
    end,
    "no generation is left",
  },
  may_not_recover = {
    function(self, event, terms)
      return event.generation == self.generation and not has_another(self, terms)
    end,
    "is about an earlier generation",
  },
  --- More cases than one step records, or some of an earlier payload that this one may leave out.
  cases_need_steps = { function(_, event) return event.in_steps end },
  --- Debitura answers with the URL that it gave before: its window is longer than the terms say.
  is_same_url = {
    function(self, event)
      return event.generation == self.generation + 1 and event.url_digest ~= nil
        and event.url_digest == self.data.url_digest
    end,
    "brings another URL",
  },
  --- What the answer to the request has said already is noted, and moves nothing.
  says_more_than_the_answer = {
    function() return false end, "confirms the request for the link",
  },
  payload_is_kept = {
    function(self) return self.payload or not self.data.ended end, "the payload is kept no more",
  },
  url_is_known = { function(self) return self.url end, "there is no URL to hand over" },
  was_onboarding = {
    function(self) return self.data.variant == "onboarding" end,
    "was never linked",
  },
}

-- What a transition takes from its event ----------------------------------------------------------

--- What Debitura says of the client, with whatever event it comes, and how many cases of each
-- standing there are, after those that change sides with this event.
local function tally(self, event)
  if not event.children then return { data = { attributed = event.attributed } } end
  local known = self.state == "forgotten" and {} or self.data
  local count = { attributed = event.attributed, cases = known.cases or 0,
    awaited = known.awaited or 0, failed = known.failed or 0 }
  local function add(standing, one)
    if not standing then return end
    count.cases = count.cases + one
    if count[standing] then count[standing] = count[standing] + one end
  end
  for _, child in ipairs(event.children) do
    add(child.was, -1)
    add(child.is, 1)
  end
  return { data = count }
end

local takes = {}

function takes.payload(_, event)
  return { set = { payload = event.payload, terms = event.terms } }
end

--- What was requested elsewhere, as far as that is known.
function takes.adopted(_, event)
  return {
    set = { payload = event.payload, terms = event.terms, generation = 1, url = event.url,
      requested_at = event.requested_at, expires_at = event.expires_at },
    data = { variant = event.variant, url_digest = event.url_digest, signed = event.signed },
  }
end

--- Asking anew leaves behind whatever of the old request is still under way: its answer is one of
-- an earlier generation. That the client was gone is known until the request is answered, however
-- often it is made.
function takes.new_payload(self, event, _, now)
  local generation = self.generation + 1
  local was_gone = self.state == "gone" or self.state == "requesting" and self.data.was_gone
  return {
    set = {
      payload = event.payload, terms = event.terms, generation = generation, url = false,
      reason = false, result = false, requested_at = now,
      expires_at = false,
    },
    data = {
      first_generation = generation, variant = false, url_digest = false, extended = false,
      missing_at = false, signed = false, was_gone = was_gone,
    },
  }
end

function takes.approval_url(_, event, terms, now)
  return {
    set = {
      generation = event.generation, url = event.url, requested_at = now,
      expires_at = now + terms.window_days * DAY,
    },
    data = {
      variant = event.variant or "approval", url_digest = event.url_digest, extended = false,
    },
  }
end

--- The URL is good for longer than was thought: no new generation begins, and the next look at the
-- clock moves.
function takes.same_url(self, event, _, now)
  return {
    set = { url = event.url, expires_at = now + DAY },
    data = { extended = (self.data.extended or 0) + 1 },
  }
end

function takes.unanswered() return { data = { unanswered = true } } end

function takes.missing(_, event) return { data = { missing_at = event.at } } end

function takes.found_again() return { data = { missing_at = false } } end

function takes.onboarding_url(_, event, _, now)
  return {
    set = { generation = event.generation, url = event.url or false, requested_at = now,
      expires_at = false },
    data = { variant = "onboarding" },
  }
end

function takes.url(_, event) return { set = { url = event.url } } end

function takes.no_url() return { set = { url = false } } end

--- Why it had ended before is of no account any more.
function takes.linked() return { set = { url = false, reason = false, result = false } } end

function takes.signed() return { set = { url = false }, data = { signed = true } } end

function takes.reason(_, event)
  return { set = { url = false, reason = event.reason, result = event.detail } }
end

-- Transitions -------------------------------------------------------------------------------------

local ASKED = "requesting, expired"
-- What a request under way will find out is not looked up.
local NOT_KNOWN_TO_BE_LINKED =
  "pending, expired, declined, refused, rejected, exhausted, closed, gone"
local UNLINKED = "requesting, " .. NOT_KNOWN_TO_BE_LINKED
local LINKED = "linked, incomplete, carried"
local HAD = "onboarding, onboarded, " .. LINKED
local ANY = HAD .. ", " .. UNLINKED

local SIGNED = "client.onboarding.contract_signed, client.signed"

local destinations = {
  --- Where a link stands that was approved: something awaited, nothing but failures, or nothing
  -- outstanding.
  ["linked, incomplete or carried, by its cases"] = function(self)
    if (self.data.awaited or 0) > 0 then return "linked" end
    return (self.data.failed or 0) > 0 and "incomplete" or "carried"
  end,
}
local BY_CASES = next(destinations)

--- Events: `request`, `again`, `deliver`, `reissue` and `close` come from the platform,
-- `adopt.*` from taking over what exists, `permalink.opened` from a customer at the platform's own
-- URL, `cases.recorded` from the job that records them, `cases.moved` from the link's cases,
-- `answer.*` from POST /clients (of which `answer.needs_linking` is the 409 with an approval URL),
-- `client.seen`, `client.signed` and `onboarding.url` from GET /clients, `window.over` and
-- `recover` from jobs that came due, `client.doubted` from a call that the client's link does not
-- carry, `client.missing`, `client.found` and `client.gone` from looks that follow, or from the
-- platform that withdrew, deleted or reset the client; the others are webhooks.
local transitions = {
  { on = "request", from = "none", when = "cases_need_steps", to = "requesting", take = "payload",
    jobs = "record_cases" },
  { on = "request", from = "none", to = "requesting", take = "payload", jobs = "request_link" },
  { on = "request", from = "forgotten", when = "cases_need_steps", to = "requesting",
    take = "new_payload", jobs = "record_cases" },
  { on = "request", from = "forgotten", to = "requesting", take = "new_payload",
    jobs = "request_link" },
  { on = "again", from = UNLINKED, when = "cases_need_steps", to = "requesting",
    take = "new_payload", jobs = "record_cases" },
  { on = "again", from = UNLINKED, to = "requesting", take = "new_payload", jobs = "request_link" },
  { on = "cases.recorded", from = "requesting", when = "answers_this_request",
    jobs = "request_link" },
  -- The customer approved an earlier request meanwhile: these cases did not come with it.
  { on = "cases.recorded", from = LINKED, to = BY_CASES, jobs = "reconcile" },
  { on = "cases.recorded", from = "onboarding, onboarded", jobs = "reconcile_awaited" },
  { on = "cases.recorded", from = "pending, exhausted, declined, closed, rejected, refused" },
  { on = "adopt.pending", from = "none", to = "pending", take = "adopted",
    jobs = "record_rest, remind_ahead, expire" },
  { on = "adopt.exhausted", from = "none", to = "exhausted", take = "adopted",
    jobs = "record_rest, watch_ended" },
  { on = "adopt.onboarding", from = "none", to = "onboarding", take = "adopted",
    jobs = "record_rest, remind_ahead, count_unanswered, reconcile_awaited, watch_client" },
  { on = "adopt.onboarded", from = "none", to = "onboarded", take = "adopted",
    jobs = "record_rest, reconcile_awaited, look_up_kyc" },
  { on = "adopt.linked", from = "none", to = BY_CASES, take = "adopted",
    jobs = "record_rest, reconcile, look_up_kyc, watch_client" },
  { on = "deliver", from = "pending, onboarding", when = "url_is_known", jobs = "deliver_again" },
  { on = "delivery.given_up", from = "pending, onboarding" },
  { on = "onboarding.url", from = "onboarding", take = "url",
    jobs = "deliver, remind_of_onboarding" },
  { on = "onboarding.unanswered", from = "onboarding", take = "unanswered" },
  { on = "close", from = "requesting, pending, expired, exhausted, rejected, onboarding",
    to = "closed", take = "reason", jobs = "watch_ended" },
  { on = "permalink.opened, reissue", from = "pending", when = "window_has_passed",
    to = "requesting", take = "no_url", jobs = "request_at_once" },
  { on = "permalink.opened, reissue", from = "expired, exhausted", when = "payload_is_kept",
    to = "requesting", jobs = "request_at_once" },

  { on = "answer.needs_linking", from = ASKED, when = "is_same_url", to = "pending",
    take = "same_url", jobs = "expire" },
  { on = "answer.needs_linking", from = ASKED, when = "answers_this_request", to = "pending",
    take = "approval_url", jobs = "deliver, remind, expire" },
  { on = "answer.onboarding", from = ASKED, when = "is_new_customer", to = "onboarding",
    take = "onboarding_url",
    jobs = "deliver, remind_of_onboarding, look_up_url, count_unanswered, reconcile_awaited, "
      .. "watch_client" },
  { on = "answer.onboarded", from = ASKED, when = "is_new_customer", to = "onboarded",
    take = "onboarding_url", jobs = "reconcile_awaited, look_up_kyc" },
  -- Approval was asked for and the client is linked now: it was given meanwhile.
  { on = "answer.onboarding", from = ASKED, when = "answers_this_request", to = BY_CASES,
    take = "onboarding_url", jobs = "deliver, reconcile, look_up_kyc, watch_client" },
  { on = "answer.onboarded", from = ASKED, when = "answers_this_request", to = BY_CASES,
    take = "onboarding_url", jobs = "reconcile, look_up_kyc" },
  { on = "answer.refused", from = ASKED, when = "answers_this_request", to = "refused",
    take = "reason", jobs = "watch_ended" },
  { on = "answer.rejected", from = ASKED, when = "answers_this_request", to = "rejected",
    take = "reason", jobs = "watch_ended" },

  { on = "client.linked, client.seen", from = UNLINKED, to = BY_CASES, take = "linked",
    jobs = "reconcile, look_up_kyc, watch_client" },
  { on = "client.link_requested", from = ANY, when = "says_more_than_the_answer" },
  { on = "client.link_declined", from = "requesting, pending, expired, exhausted",
    when = "about_this_generation", to = "declined", take = "no_url", jobs = "watch_ended" },
  { on = "client.link_expired", from = "pending", when = "window_can_be_over", to = "expired",
    take = "no_url", jobs = "recover" },
  { on = "window.over", from = "pending", when = "window_is_over_and_may_recover", to = "expired",
    take = "no_url", jobs = "request_link" },
  { on = "window.over", from = "pending", when = "window_is_over", to = "expired", take = "no_url",
    jobs = "recover" },
  { on = "recover", from = "expired", when = "may_recover", jobs = "request_link" },
  { on = "recover", from = "expired", when = "may_not_recover", to = "exhausted",
    jobs = "watch_ended" },

  -- Cases count whenever they move; once the client is linked, they say where the link stands.
  { on = "cases.replay_failed", from = LINKED, to = BY_CASES, jobs = "reconcile" },
  { on = "cases.moved", from = LINKED, to = BY_CASES },

  -- What Debitura says when it is asked, not what is heard, leads back from a client that it had.
  { on = "client.doubted", from = HAD, jobs = "confirm_gone" },
  { on = "client.missing", from = HAD, take = "missing", jobs = "confirm_gone" },
  { on = "client.found", from = HAD, take = "found_again" },
  { on = "client.gone", from = HAD, to = "gone", take = "reason" },

  { on = SIGNED, from = "onboarding", to = "onboarded", take = "signed",
    jobs = "reconcile_awaited, look_up_kyc" },
  { on = SIGNED, from = "closed", when = "was_onboarding", to = "onboarded", take = "signed",
    jobs = "reconcile_awaited, look_up_kyc" },
  { on = SIGNED, from = LINKED, take = "signed", jobs = "look_up_kyc" },

  -- Only the client of an active link can have these.
  { on = "client.onboarding.contract_signed, case.created, cases.replay_failed",
    from = NOT_KNOWN_TO_BE_LINKED, jobs = "look_up_client" },
  { on = "cases.replay_failed, cases.moved", from = ANY },
}

return machine.new {
  kinds = { "link" }, window = WINDOW, states = states, guards = guards, takes = takes,
  tally = tally, jobs = link_jobs.enqueue,
  destinations = destinations, transitions = transitions, any = ANY,
  --- Sets of states: in which the customer has yet to approve, in which Debitura has the client.
  unlinked = machine.set(UNLINKED), had = machine.set(HAD),
  --- Whether it is a new customer whom the platform has closed: only a signature counts.
  is_closed_onboarding = function(link)
    return link.state == "closed" and link.data.variant == "onboarding"
  end,
}
