--- The link's state machine; debitura.recipes.machine says how it is read.
--
-- A link begins when the platform asks for a client and ends when all that came with it has arrived, or when the
-- customer or Debitura said no. What happened is an event; an event that fits no transition changes nothing. `linked`
-- is the truth wherever it comes from; nothing leads back from it.
-- @module debitura.recipes.link

local machine = require("debitura.workflow.machine")

local DAY, HOUR = 86400, 3600
local CLOCK_SKEW = 300 -- how far this machine's clock and Debitura's may disagree
-- "Expiry runs hourly, so client.link_expired may come up to 1 hour late."
local EXPIRY_LATENESS = HOUR
-- "ApprovalTtlDays per partner, default 7, 1 to 30."
local WINDOW = { default = 7, min = 1, max = 30 }

local states = {
  requesting = "the payload is stored, POST /clients has not been answered yet",
  pending = "the customer was given an approval URL and has not answered",
  expired = "the window passed without an answer; the next URL is to be asked for",
  linked = "the customer approved; not all cases have been carried through yet",
  incomplete = "the customer approved; cases that came with it have failed",
  carried = "the customer approved and all cases have been carried through",
  onboarding = "a new customer, who was given the onboarding URL",
  onboarded = "a new customer, fully onboarded",
  declined = "the customer declined",
  refused = "Debitura refused the link for good",
  rejected = "Debitura did not accept the payload",
  exhausted = "the last URL that recovery may ask for has expired",
  closed = "the platform closed it",
}

-- Guards ---------------------------------------------------------------------------------------------------------------

local function window_is_over(self, event)
  return event.generation == self.generation and event.at >= self.expires_at + EXPIRY_LATENESS
end

--- Whether another generation may follow.
local function has_another(self, policy)
  return self.generation - self.base < policy.max_generations
end

local guards = {
  answers_this_request = {
    function(self, event) return event.generation == self.generation + 1 end,
    "answers an earlier request",
  },
  is_new_customer = {
    function(self, event) return event.generation == self.generation + 1 and self.variant == nil end,
    "answers an earlier request",
  },
  about_this_generation = {
    function(self, event) return not self.requested_at or event.at >= self.requested_at - CLOCK_SKEW end,
    "is about an earlier generation",
  },
  -- No window is shorter than a day, so an expiry dated sooner after the request belongs to a generation before.
  window_can_be_over = {
    function(self, event) return event.at >= self.requested_at + WINDOW.min * DAY - CLOCK_SKEW end,
    "is about an earlier generation",
  },
  window_is_over = { window_is_over, "the window is not over" },
  window_is_over_and_may_recover = {
    function(self, event, policy) return window_is_over(self, event) and has_another(self, policy) end,
    "the window is not over",
  },
  -- For the customer at the door: whether Debitura has noticed by now does not matter, the next request answers for it.
  window_has_passed = {
    function(self, event) return event.at >= self.expires_at end,
    "the window is not over",
  },
  may_recover = {
    function(self, event, policy) return event.generation == self.generation and has_another(self, policy) end,
    "no generation is left",
  },
  may_not_recover = {
    function(self, event, policy) return event.generation == self.generation and not has_another(self, policy) end,
    "is about an earlier generation",
  },
  was_onboarding = {
    function(self) return self.variant == "onboarding" end,
    "was never linked",
  },
  cases_outstanding = {
    function(_, event) return #event.cases > 0 end,
    "no such case is outstanding",
  },
}

-- What a transition takes from its event ---------------------------------------------------------------------------------

local takes = {}

function takes.payload(_, event)
  return { set = { payload = event.payload }, awaited = event.references }
end

--- Asking anew leaves behind whatever of the old request is still under way: its answer is one of an earlier generation.
function takes.new_payload(self, event, _, now)
  local generation = self.generation + 1
  return {
    set = { payload = event.payload, generation = generation, base = generation, url = false, reason = false, requested_at = now },
    awaited = event.references,
  }
end

function takes.approval_url(_, event, policy, now)
  return {
    set = {
      generation = event.generation, url = event.url, variant = event.variant or "approval",
      requested_at = now, expires_at = now + policy.window_days * DAY,
    },
  }
end

function takes.onboarding_url(_, event, _, now)
  return {
    set = { generation = event.generation, url = event.url or false, variant = "onboarding", requested_at = now, expires_at = false },
    cases = event.cases,
  }
end

function takes.no_url(_, event) return { set = { url = false }, cases = event.cases } end

function takes.reason(_, event) return { set = { url = false, reason = event.reason } } end

function takes.cases(_, event) return { cases = event.cases } end

-- Effects --------------------------------------------------------------------------------------------------------------

--- What each effect owes, given the link as it is after the move.
local effects = {
  --- POST /clients.
  request = function(self, _, policy, now)
    local pause = self.state == "expired" and policy.pause_before(self.generation - self.base + 1) or 0
    return { machine.owe("request", self, now + pause, self.generation + 1) }
  end,
  --- POST /clients for a customer who stands at the door and takes the URL along.
  request_at_the_door = function(self, _, _, now)
    return { machine.owe("request_at_the_door", self, now, self.generation + 1) }
  end,
  --- POST /clients at once, whatever pause recovery would make.
  request_now = function(self, _, _, now)
    return { machine.owe("request_now", self, now, self.generation + 1) }
  end,
  --- The URL, by each channel; a customer at the door has it already.
  deliver = function(self, event, policy, now)
    return event.at_the_door and {} or machine.deliveries(self, {}, policy, now)
  end,
  --- The URL once more, because somebody asked for it.
  deliver_again = function(self, event, policy, now)
    return machine.deliveries(self, event, policy, now, "+" .. self.version)
  end,
  --- The URL once more at some points of the window.
  remind = function(self, event, policy, now)
    return event.at_the_door and {} or machine.reminders(self, policy, now, policy.remind_after)
  end,
  --- A look at the clock when the expiry must have been told.
  expire = function(self) return { machine.owe("expire", self, self.expires_at + EXPIRY_LATENESS, self.generation) } end,
  --- A decision on the next generation.
  recover = function(self, _, _, now) return { machine.owe("recover", self, now, self.generation) } end,
  --- A look at what the customer approved: cases that never came, signatures and identity checks that are missing.
  follow = function(self, event, policy, now)
    local wait = event.name == "cases.replay_failed" and 0 or policy.follow_after
    return { machine.owe("follow", self, now + wait, self.generation, ("v%d"):format(self.version)) }
  end,
}

-- Transitions ------------------------------------------------------------------------------------------------------------

local ASKED = { "requesting", "expired" }
local UNLINKED = { "requesting", "pending", "expired", "declined", "refused", "rejected", "exhausted", "closed" }
local LINKED = { "linked", "incomplete", "carried" }
local ANY = { "onboarding", "onboarded", "linked", "incomplete", "carried" }
for _, state in ipairs(UNLINKED) do ANY[#ANY + 1] = state end

local destinations = {
  --- Where a link stands that was approved: nothing outstanding, something awaited, or nothing but failures.
  ["linked, incomplete or carried, by its cases"] = function(self, change)
    local count = { awaited = self.awaited, failed = self.failed, created = 0 }
    for _, case in ipairs(change.cases or {}) do
      count[case.was] = count[case.was] - 1
      count[case.state] = count[case.state] + 1
    end
    return count.awaited > 0 and "linked" or count.failed > 0 and "incomplete" or "carried"
  end,
}
local BY_CASES = next(destinations)

--- Events: `request`, `again`, `ask`, `reissue` and `close` come from the platform, `door` from the customer at the platform's own link,
-- `answer.*` from POST /clients, `client.seen` from GET /clients/{externalTenantId}, `window.over` and `recover` from effects that
-- came due, `case.found`, `case.resubmitted` and `case.given_up` from looking after what was approved; the others are webhooks.
local transitions = {
  { on = "request", from = { "none" }, to = "requesting", take = "payload", effects = { "request" } },
  { on = "again", from = UNLINKED, to = "requesting", take = "new_payload", effects = { "request" } },
  { on = "ask", from = { "pending", "onboarding" }, effects = { "deliver_again" } },
  { on = "close", from = { "requesting", "pending", "expired", "exhausted", "rejected", "onboarding" }, to = "closed", take = "reason" },
  { on = "door", from = { "pending" }, when = "window_has_passed", to = "requesting", take = "no_url",
    effects = { "request_at_the_door" } },
  { on = "door", from = { "expired", "exhausted" }, to = "requesting", effects = { "request_at_the_door" } },
  { on = "reissue", from = { "pending" }, when = "window_has_passed", to = "requesting", take = "no_url", effects = { "request_now" } },
  { on = "reissue", from = { "expired", "exhausted" }, to = "requesting", effects = { "request_now" } },

  { on = "answer.needs_linking", from = ASKED, when = "answers_this_request", to = "pending", take = "approval_url",
    effects = { "deliver", "remind", "expire" } },
  { on = "answer.onboarding", from = ASKED, when = "is_new_customer", to = "onboarding", take = "onboarding_url", effects = { "deliver" } },
  { on = "answer.onboarded", from = ASKED, when = "is_new_customer", to = "onboarded", take = "onboarding_url" },
  -- Approval was asked for and the client is linked now: it was given meanwhile.
  { on = "answer.onboarding", from = ASKED, when = "answers_this_request", to = BY_CASES, take = "onboarding_url",
    effects = { "deliver", "follow" } },
  { on = "answer.onboarded", from = ASKED, when = "answers_this_request", to = BY_CASES, take = "onboarding_url", effects = { "follow" } },
  { on = "answer.refused", from = ASKED, when = "answers_this_request", to = "refused", take = "reason" },
  { on = "answer.rejected", from = ASKED, when = "answers_this_request", to = "rejected", take = "reason" },

  { on = "client.linked", from = UNLINKED, to = BY_CASES, take = "no_url", effects = { "follow" } },
  { on = "client.seen", from = UNLINKED, to = BY_CASES, take = "no_url", effects = { "follow" } },
  { on = "client.link_declined", from = { "requesting", "pending", "expired", "exhausted" }, when = "about_this_generation",
    to = "declined", take = "no_url" },
  { on = "client.link_expired", from = { "pending" }, when = "window_can_be_over", to = "expired", take = "no_url",
    effects = { "recover" } },
  { on = "window.over", from = { "pending" }, when = "window_is_over_and_may_recover", to = "expired", take = "no_url",
    effects = { "request" } },
  { on = "window.over", from = { "pending" }, when = "window_is_over", to = "expired", take = "no_url", effects = { "recover" } },
  { on = "recover", from = { "expired" }, when = "may_recover", effects = { "request" } },
  { on = "recover", from = { "expired" }, when = "may_not_recover", to = "exhausted" },

  -- News of a case count whenever they come; once the client is linked, they say where the link stands.
  { on = "case.created", from = LINKED, when = "cases_outstanding", to = BY_CASES, take = "cases" },
  { on = "case.created", from = ANY, when = "cases_outstanding", take = "cases" },
  { on = "cases.replay_failed", from = LINKED, when = "cases_outstanding", to = BY_CASES, take = "cases", effects = { "follow" } },
  { on = "cases.replay_failed", from = ANY, when = "cases_outstanding", take = "cases" },
  { on = "case.found", from = LINKED, when = "cases_outstanding", to = BY_CASES, take = "cases" },
  { on = "case.resubmitted", from = LINKED, when = "cases_outstanding", to = BY_CASES, take = "cases" },
  { on = "case.given_up", from = LINKED, when = "cases_outstanding", to = BY_CASES, take = "cases" },
  { on = "client.onboarding.contract_signed", from = { "onboarding" }, to = "onboarded", take = "no_url" },
  { on = "client.onboarding.contract_signed", from = { "closed" }, when = "was_onboarding", to = "onboarded" },
  { on = "client.onboarding.contract_signed", from = LINKED, take = "no_url" },
}

return machine.new {
  window = WINDOW, expiry_lateness = EXPIRY_LATENESS, states = states, guards = guards, takes = takes, effects = effects,
  destinations = destinations, transitions = transitions, any = ANY,
}
