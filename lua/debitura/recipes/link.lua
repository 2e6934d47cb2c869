--- The link's state machine: a table of transitions and a pure function that reads it.
--
-- A link begins when the platform asks for a client and ends when all that came with it has arrived, or when the
-- customer or Debitura said no. What happened is an event; an event that fits no transition changes nothing. `linked`
-- is the truth wherever it comes from; nothing leads back from it.
-- @module debitura.recipes.link

local link = {}

local DAY, HOUR = 86400, 3600
local CLOCK_SKEW = 300 -- how far this machine's clock and Debitura's may disagree
-- "Expiry runs hourly, so client.link_expired may come up to 1 hour late."
local EXPIRY_LATENESS = HOUR
-- "ApprovalTtlDays per partner, default 7, 1 to 30."
link.window = { default = 7, min = 1, max = 30 }

--- Every state and what it means.
link.states = {
  requesting = "the payload is stored, POST /clients has not been answered yet",
  pending = "the customer was given an approval URL and has not answered",
  expired = "the window passed without an answer; the next URL is to be asked for",
  linked = "the customer approved; not all cases have been carried through yet",
  carried = "the customer approved and all cases have been carried through",
  onboarding = "a new customer, who was given the onboarding URL",
  onboarded = "a new customer, fully onboarded",
  declined = "the customer declined",
  refused = "Debitura refused the link for good",
  rejected = "Debitura did not accept the payload",
  exhausted = "the last URL that recovery may ask for has expired",
}

-- Guards ---------------------------------------------------------------------------------------------------------------

--- Each guard: the condition on (link, event, policy), and what to say when it does not hold.
link.guards = {
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
    function(self, event) return event.at >= self.requested_at + link.window.min * DAY - CLOCK_SKEW end,
    "is about an earlier generation",
  },
  window_is_over = {
    function(self, event) return event.generation == self.generation and event.at >= self.expires_at + EXPIRY_LATENESS end,
    "the window is not over",
  },
  may_recover = {
    function(self, event, policy)
      return event.generation == self.generation and self.generation - self.base < policy.max_generations
    end,
    "no generation is left",
  },
  may_not_recover = {
    function(self, event, policy)
      return event.generation == self.generation and self.generation - self.base >= policy.max_generations
    end,
    "is about an earlier generation",
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

function takes.no_url() return { set = { url = false } } end

function takes.reason(_, event) return { set = { url = false, reason = event.reason } } end

function takes.cases(_, event) return { cases = event.cases } end

-- Effects --------------------------------------------------------------------------------------------------------------

local function owe(kind, self, due_at, generation, channel)
  local key = channel and ("%s/%d/%s/%s"):format(kind, generation, channel, self.tenant)
    or ("%s/%d/%s"):format(kind, generation, self.tenant)
  return { key = key, kind = kind, generation = generation, channel = channel, due_at = due_at }
end

--- What each effect owes, given the link as it is after the move.
link.effects = {
  --- POST /clients.
  request = function(self, event, policy, now)
    local pause = event.name == "recover" and policy.pause_before(self.generation - self.base + 1) or 0
    return { owe("request", self, now + pause, self.generation + 1) }
  end,
  --- The URL, once by each channel.
  deliver = function(self, _, policy, now)
    local owed = {}
    for i, channel in ipairs(self.url and policy.channels or {}) do
      owed[i] = owe("deliver", self, now, self.generation, channel)
    end
    return owed
  end,
  --- A look at the clock when the expiry must have been told.
  expire = function(self) return { owe("expire", self, self.expires_at + EXPIRY_LATENESS, self.generation) } end,
  --- A decision on the next generation.
  recover = function(self, _, _, now) return { owe("recover", self, now, self.generation) } end,
}

-- Transitions ------------------------------------------------------------------------------------------------------------

local ASKED = { "requesting", "expired" }
local UNLINKED = { "requesting", "pending", "expired", "declined", "refused", "rejected", "exhausted" }
local ANY = { "onboarding", "onboarded", "linked", "carried" }
for _, state in ipairs(UNLINKED) do ANY[#ANY + 1] = state end

--- The rows, of which the first that fits counts: `on` an event, `from` states ("none": no link yet), `when` a guard, `to` a
-- state (nil: it stays), `complete` the state instead when no case is outstanding any more, `take` from the event, `effects`.
--
-- Events: `request` and `again` come from the platform, `answer.*` from POST /clients, `window.over` and `recover` from
-- effects that came due, the others are webhooks.
link.transitions = {
  { on = "request", from = { "none" }, to = "requesting", take = "payload", effects = { "request" } },
  { on = "again", from = UNLINKED, to = "requesting", take = "new_payload", effects = { "request" } },

  { on = "answer.needs_linking", from = ASKED, when = "answers_this_request", to = "pending", take = "approval_url",
    effects = { "deliver", "expire" } },
  { on = "answer.onboarding", from = ASKED, when = "is_new_customer", to = "onboarding", take = "onboarding_url", effects = { "deliver" } },
  { on = "answer.onboarded", from = ASKED, when = "is_new_customer", to = "onboarded", take = "onboarding_url" },
  -- Approval was asked for and the client is linked now: it was given meanwhile.
  { on = "answer.onboarding", from = ASKED, when = "answers_this_request", to = "linked", complete = "carried",
    take = "onboarding_url", effects = { "deliver" } },
  { on = "answer.onboarded", from = ASKED, when = "answers_this_request", to = "linked", complete = "carried", take = "onboarding_url" },
  { on = "answer.refused", from = ASKED, when = "answers_this_request", to = "refused", take = "reason" },
  { on = "answer.rejected", from = ASKED, when = "answers_this_request", to = "rejected", take = "reason" },

  { on = "client.linked", from = UNLINKED, to = "linked", complete = "carried", take = "no_url" },
  { on = "client.link_declined", from = { "requesting", "pending", "expired" }, when = "about_this_generation", to = "declined",
    take = "no_url" },
  { on = "client.link_expired", from = { "pending" }, when = "window_can_be_over", to = "expired", take = "no_url",
    effects = { "recover" } },
  { on = "window.over", from = { "pending" }, when = "window_is_over", to = "expired", take = "no_url", effects = { "recover" } },
  { on = "recover", from = { "expired" }, when = "may_recover", effects = { "request" } },
  { on = "recover", from = { "expired" }, when = "may_not_recover", to = "exhausted" },

  -- News of a case count whenever they come; once the client is linked, the last one completes the link.
  { on = "case.created", from = { "linked" }, when = "cases_outstanding", complete = "carried", take = "cases" },
  { on = "case.created", from = ANY, when = "cases_outstanding", take = "cases" },
  { on = "cases.replay_failed", from = ANY, when = "cases_outstanding", take = "cases" },
  { on = "client.onboarding.contract_signed", from = { "onboarding" }, to = "onboarded", take = "no_url" },
  { on = "client.onboarding.contract_signed", from = { "linked", "carried" }, take = "no_url" },
}

local by_event = {}
for _, row in ipairs(link.transitions) do
  local from = {}
  for _, state in ipairs(row.from) do from[state] = true end
  by_event[row.on] = by_event[row.on] or {}
  table.insert(by_event[row.on], { row = row, from = from })
end

--- The link after a change, as far as effects look at it.
local function moved(self, set)
  local after = {}
  for name, value in pairs(self) do after[name] = value end
  for name, value in pairs(set) do after[name] = value or nil end
  return after
end

--- Whether no case is outstanding once the news are in.
local function is_complete(self, news)
  local outstanding = self.awaited + self.failed
  for _, case in ipairs(news or {}) do
    if case.state == "created" then outstanding = outstanding - 1 end
  end
  return outstanding == 0
end

local function take(row, self, event, policy, now)
  local change = takes[row.take] and takes[row.take](self, event, policy, now) or {}
  change.set = change.set or {}
  change.set.state = row.complete and is_complete(self, change.cases) and row.complete or row.to
  change.effects = {}
  local after = moved(self, change.set)
  for _, name in ipairs(row.effects or {}) do
    for _, effect in ipairs(link.effects[name](after, event, policy, now)) do table.insert(change.effects, effect) end
  end
  return change
end

--- What an event does to a link. Changes nothing itself.
-- @tparam table self the link; for a tenant that has none: `{ state = "none", tenant = …, generation = 0, base = 0 }`
-- @tparam table event `name`, `at` (when it happened, by the clock of whoever tells it), and what its transition takes;
--   `cases` holds only news of cases that are outstanding
-- @tparam table policy `channels` (names), `window_days`, `max_generations`, `pause_before(generation)` in seconds
-- @tparam number now Unix seconds
-- @treturn[1] table the change, as `store:link_move` takes it, without `entry`
-- @treturn[2] nil
-- @treturn[2] string why it changes nothing
function link.step(self, event, policy, now)
  local why = "does not fit the state " .. self.state
  for _, candidate in ipairs(by_event[event.name] or {}) do
    if candidate.from[self.state] then
      local guard = link.guards[candidate.row.when]
      if not guard or guard[1](self, event, policy) then return take(candidate.row, self, event, policy, now) end
      why = guard[2]
    end
  end
  return nil, why
end

return link
