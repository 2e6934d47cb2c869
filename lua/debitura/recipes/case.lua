--- The state machine of a case that is submitted through the Customer API; debitura.recipes.machine says how it is read.
--
-- A matter of kind "case" whose name is the case's creditor reference. Its generation counts idempotency keys: a call that got no
-- answer is repeated under its key, one that got a 422 uses the next, because Debitura may have stored that answer under the key.
-- @module debitura.recipes.case

local machine = require("debitura.workflow.machine")

local HOUR, DAY = 3600, 86400
-- Seconds after which a parked case is tried again although no webhook said so; the last one stands for those after it.
local PAUSES = { HOUR, 6 * HOUR, DAY }

local states = {
  submitting = "stored; POST /cases has not been answered yet",
  parked = "Debitura wants a signature, an identity check or an active link first",
  created = "Debitura has the case",
  unsupported = "no collection partner takes it at present",
  blocked = "Debitura has blocked the creditor",
  rejected = "Debitura did not accept the case",
  withdrawn = "the platform withdrew it before it was accepted",
}

local guards = {
  answers_this_submission = {
    function(self, event) return event.generation == self.generation end,
    "answers an earlier submission",
  },
  parked_for_this = {
    function(self, event) return event.reason == self.reason end,
    "waits for something else",
  },
}

local takes = {}

function takes.payload(self, event)
  return { set = { payload = event.payload, key = event.key, generation = self.generation + 1, reason = false, result = false } }
end

function takes.next_key(self) return { set = { generation = self.generation + 1 } } end

--- The reason stays: it says what the case has waited for.
function takes.answer(_, event) return { set = { result = event.result, url = event.url or false } } end

function takes.parked(_, event) return { set = { reason = event.reason, url = event.url or false } } end

function takes.reason(_, event) return { set = { reason = event.reason, url = false } } end

local function once(kind)
  return function(self, _, _, now) return { machine.owe(kind, self, now, self.generation) } end
end

local effects = {
  --- POST /cases.
  submit = once("submit"),
  --- Another attempt, by the clock.
  retry = function(self, _, _, now)
    return { machine.owe("retry", self, now + PAUSES[math.min(self.generation, #PAUSES)], self.generation) }
  end,
  --- What the customer has to sign or fill in goes to the matter that follows it.
  hand_over = function(self, _, _, now)
    return (self.url or self.reason == "kyc") and { machine.owe("hand_over", self, now, self.generation) } or {}
  end,
  --- How it ended, to those who wait for it: the link that it came with, the signing that it waited for.
  report = once("report"),
  --- The platform's functions `fallback` and `escalate`.
  fallback = function(self, event, policy, now) return policy.has_fallback and once("fallback")(self, event, policy, now) or {} end,
  escalate = function(self, event, policy, now) return policy.has_escalate and once("escalate")(self, event, policy, now) or {} end,
}

local OPEN = { "submitting", "parked", "unsupported", "blocked", "rejected", "withdrawn" }

--- Events: `submit`, `again` and `withdraw` come from the platform, `answer.*` from POST /cases, `released` from the signing, the
-- identity check or the link that a case waits for, `retry` from the clock, `case.created` is a webhook.
local transitions = {
  { on = "submit", from = { "none" }, to = "submitting", take = "payload", effects = { "submit" } },
  { on = "again", from = { "parked", "unsupported", "blocked", "rejected", "withdrawn" }, to = "submitting", take = "payload",
    effects = { "submit" } },
  { on = "withdraw", from = { "parked", "unsupported", "blocked", "rejected" }, to = "withdrawn", take = "reason" },

  { on = "answer.created", from = { "submitting" }, when = "answers_this_submission", to = "created", take = "answer",
    effects = { "report", "hand_over" } },
  { on = "answer.parked", from = { "submitting" }, when = "answers_this_submission", to = "parked", take = "parked",
    effects = { "hand_over", "retry" } },
  { on = "answer.unsupported", from = { "submitting" }, when = "answers_this_submission", to = "unsupported", take = "reason",
    effects = { "report", "fallback" } },
  { on = "answer.blocked", from = { "submitting" }, when = "answers_this_submission", to = "blocked", take = "reason",
    effects = { "report", "escalate" } },
  { on = "answer.rejected", from = { "submitting" }, when = "answers_this_submission", to = "rejected", take = "reason",
    effects = { "report" } },

  { on = "released", from = { "parked" }, when = "parked_for_this", to = "submitting", take = "next_key", effects = { "submit" } },
  { on = "retry", from = { "parked" }, when = "answers_this_submission", to = "submitting", take = "next_key", effects = { "submit" } },
  { on = "case.created", from = OPEN, to = "created", take = "answer", effects = { "report" } },
}

return machine.new {
  states = states, guards = guards, takes = takes, effects = effects, transitions = transitions,
}
