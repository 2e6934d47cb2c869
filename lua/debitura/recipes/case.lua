--- The state machine of a case; debitura.workflow.machine says how it is read.
--
-- A record of kind "case" whose name is the case's creditor reference. Its `origin` is "link" (it
-- came with a request for a client and is carried through when the customer approves) or
-- "submitted" (through the Customer API). One that came with a link has no payload of its own until
-- it has to be submitted again: it is in the link's. The generation counts idempotency keys: a call
-- that got no answer is repeated under its key, one that got a 422 uses the next, because Debitura
-- may have stored that answer under the key.
-- @module debitura.recipes.case

local jobs = require("debitura.workflow.jobs")
local machine = require("debitura.workflow.machine")

local unpack = table.unpack or unpack -- luacheck: ignore

local HOUR, DAY = 3600, 86400
-- Seconds after which a parked case is tried again although no webhook said so; the last one stands
-- for those after it.
local PAUSES = { HOUR, 6 * HOUR, DAY }

local states = {
  awaited = "it came with a link; Debitura carries it through when the customer approves",
  failed = "it came with a link and could not be carried through",
  replaced = "a new request for its client leaves it out",
  submitting = "stored; POST /cases has not been answered yet",
  parked = "Debitura wants a signature, an identity check or an active link first",
  created = "Debitura has the case",
  unsupported = "no collection partner takes it at present",
  blocked = "Debitura has blocked the creditor",
  rejected = "Debitura did not accept the case",
  withdrawn = "the platform withdrew it before it was accepted",
  forgotten = "what was personal is blanked; it is followed no more",
}

--- Under what a link counts a case that came with it; the others it does not count.
local STANDINGS = {
  awaited = "awaited", submitting = "awaited", parked = "awaited", created = "created",
  failed = "failed", unsupported = "failed", blocked = "failed", rejected = "failed",
  withdrawn = "failed",
}

local guards = {
  client_was_gone = { function(_, event) return event.anew end, "Debitura has it" },
  answers_this_submission = {
    function(self, event) return event.generation == self.generation end,
    "answers an earlier submission",
  },
  parked_for_this = {
    function(self, event) return event.reason == self.reason end,
    "waits for something else",
  },
}

--- Whether an event tells of a lifecycle that was not heard of, and is no older than what was.
local function is_later(self, event)
  return event.lifecycle ~= nil
    and (event.lifecycle_at or event.at) >= (self.data.heard_at or 0)
end

guards.says_more = {
  function(self, event)
    return is_later(self, event) and (event.lifecycle ~= self.data.lifecycle
      or event.close_code ~= self.data.close_code)
  end,
  "says nothing new",
}

local takes = {}

--- How Debitura says that the case stands; what was said earlier does not undo what came before it.
local function lifecycle(self, event)
  if not is_later(self, event) then return {} end
  return { data = { lifecycle = event.lifecycle, close_code = event.close_code or false,
    heard_at = event.lifecycle_at or event.at } }
end

--- Nothing that was heard of a case that is forgotten counts for its next beginning.
local function begun_anew(self)
  if self.state ~= "forgotten" then return nil end
  return { case_id = false, earlier = false, reference = false, lifecycle = false,
    close_code = false, heard_at = false }
end

function takes.with_link(self)
  return { set = { origin = "link", reason = false }, data = begun_anew(self) }
end

function takes.payload(self, event)
  return {
    set = {
      payload = event.payload, key = event.key, terms = event.terms,
      origin = self.origin or "submitted", generation = self.generation + 1, reason = false,
      result = false,
    },
    data = begun_anew(self),
  }
end

function takes.next_key(self) return { set = { generation = self.generation + 1 } } end

--- The reason stays: it says what the case has waited for. Under an earlier id, which it had before
-- its client was gone, events may be kept, and come.
function takes.created(self, event)
  local known, earlier = self.data.case_id, self.data.earlier
  if known and event.case_id and known ~= event.case_id then
    earlier = { known, unpack(earlier or {}) }
  end
  return { set = { url = event.url or false, result = false },
    data = { case_id = event.case_id, earlier = earlier, reference = event.reference } }
end

--- A case that the platform submitted otherwise.
function takes.adopted(self, event)
  local change = takes.created(self, event)
  change.set.origin = "submitted"
  return change
end

function takes.parked(_, event)
  return { set = { reason = event.reason, result = event.detail or false,
    url = event.url or false } }
end

function takes.reason(_, event)
  return { set = { reason = event.reason, result = event.detail, url = false } }
end

local function once(kind)
  return function(self, _, _, now) return { jobs.new(kind, self, now) } end
end

--- A function of the platform, where the process that took the case on had it.
local function function_of_platform(name)
  return function(self, _, terms, now)
    return terms[name] and { jobs.new(name, self, now, { needs = name }) } or {}
  end
end

local enqueue = {
  --- POST /cases.
  submit_case = once("submit_case"),
  --- Another attempt, by the clock.
  retry = function(self, _, _, now)
    return { jobs.new("retry", self, now + PAUSES[math.min(self.generation, #PAUSES)]) }
  end,
  --- What the customer has to sign or fill in goes to the record that follows it.
  request_signing = function(self, _, _, now)
    return (self.url or self.reason == "kyc") and { jobs.new("request_signing", self, now) } or {}
  end,
  --- To the signing or the identity check that the case had waited for: it is done.
  report_signed = function(self, _, _, now)
    return (self.reason == "signing" or self.reason == "kyc")
      and { jobs.new("report_signed", self, now, { args = { kind = self.reason } }) } or {}
  end,
  fallback = function_of_platform("fallback"),
  escalate = function_of_platform("escalate"),
}

local ANY_BUT_CREATED = "awaited, failed, replaced, submitting, parked, unsupported, blocked, "
  .. "rejected, withdrawn"

--- Events: `await` and `replace` come from a request for a client, `resubmit` from a look after an
-- approved link, `submit`, `again` and `withdraw` from the platform, `answer.*` from POST /cases,
-- `released` from the signing, the identity check or the link that a case waits for, `retry` from
-- the clock, `case.found` and `adopt` from GET /cases, `case.failed` from an answer or a webhook
-- about the link's cases, `case.created` from a webhook or the answer to the link's request,
-- `case.updated` and `case.closed` from webhooks.
local transitions = {
  { on = "await",
    from = "none, replaced, failed, unsupported, blocked, rejected, withdrawn, forgotten",
    to = "awaited", take = "with_link" },
  { on = "await", from = "created, submitting, parked", when = "client_was_gone", to = "awaited",
    take = "with_link" },
  { on = "replace", from = "awaited, failed", to = "replaced" },
  { on = "replace", from = "created, submitting, parked", when = "client_was_gone",
    to = "replaced" },
  { on = "case.failed", from = "awaited", to = "failed", take = "reason" },
  { on = "resubmit", from = "awaited, failed", to = "submitting", take = "payload",
    jobs = "submit_case" },
  { on = "submit", from = "none, replaced, forgotten", to = "submitting", take = "payload",
    jobs = "submit_case" },
  { on = "again", from = "parked, failed, unsupported, blocked, rejected, withdrawn",
    to = "submitting", take = "payload", jobs = "submit_case" },
  { on = "withdraw", from = "parked, failed, unsupported, blocked, rejected", to = "withdrawn",
    take = "reason" },

  { on = "answer.created", from = "submitting", when = "answers_this_submission", to = "created",
    take = "created", jobs = "report_signed, request_signing" },
  { on = "answer.parked", from = "submitting", when = "answers_this_submission", to = "parked",
    take = "parked", jobs = "request_signing, retry" },
  { on = "answer.unsupported", from = "submitting", when = "answers_this_submission",
    to = "unsupported", take = "reason", jobs = "fallback" },
  { on = "answer.blocked", from = "submitting", when = "answers_this_submission", to = "blocked",
    take = "reason", jobs = "escalate" },
  { on = "answer.rejected", from = "submitting", when = "answers_this_submission", to = "rejected",
    take = "reason" },

  { on = "released", from = "parked", when = "parked_for_this", to = "submitting",
    take = "next_key", jobs = "submit_case" },
  { on = "retry", from = "parked", when = "answers_this_submission", to = "submitting",
    take = "next_key", jobs = "submit_case" },
  { on = "case.created, case.updated, case.closed, case.found", from = ANY_BUT_CREATED,
    to = "created", take = "created", jobs = "report_signed" },
  { on = "case.created", from = "created" },
  { on = "case.updated, case.closed", from = "created", when = "says_more" },
  { on = "adopt", from = "none", to = "created", take = "adopted" },
}

return machine.new {
  kinds = { "case" }, states = states, guards = guards, takes = takes, tally = lifecycle,
  jobs = enqueue, transitions = transitions,
  parent = {
    kind = "link", name = "", event = "cases.moved",
    standing = function(self) return self.origin == "link" and STANDINGS[self.state] or nil end,
  },
}
