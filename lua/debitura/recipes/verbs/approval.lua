--- Approval delivery: asks Debitura for a client and, when the customer must approve the link
-- first, delivers the approval URL and follows the link until every case that came with it has been
-- carried through.
--
-- Debitura's answer may be the 409 in which only the platform delivers the URL; the payload is kept
-- for the time that the URL expires. Everything is in the store before it is acted upon, so that
-- any step can be done twice, by any process.
-- @module debitura.recipes.verbs.approval

local cases = require("debitura.recipes.cases")
local advice = require("debitura.recipes.advice")
local contract = require("debitura.store.contract")
local deliveries = require("debitura.recipes.deliveries")
local failure = require("debitura.base.failure")
local interpret = require("debitura.recipes.interpret")
local kinds = require("debitura.recipes.kinds")
local link_jobs = require("debitura.recipes.link_jobs")
local link_machine = require("debitura.recipes.link")
local message_of = require("debitura.recipes.message").of
local options = require("debitura.base.options")
local recipe_options = require("debitura.recipes.options")
local recipient = require("debitura.operations.recipient")
local request_payload = require("debitura.recipes.payload")
local usage = require("debitura.base.usage")

local approval = {}

approval.request_options = options.define("approval:request", {
  { "again", "boolean", default = false,
    "starts anew what has ended, or replaces the payload of what has not" },
  { "check", "boolean", default = true, "false leaves the payload to Debitura's own checks" },
})
approval.deliver_options = options.define("approval:deliver", {
  { "channel", "text",
    "the name of one of the recipe's channels; default: all those of the link's terms" },
  { "remind", "boolean",
    "true: as a reminder, unless Debitura says that the link is active by now" },
})

local Approval = {}

-- Why a channel could never write to whom the payload names.
function Approval:unwritable(payload)
  local given, context = recipient.of(payload), self.runner.context
  if not given then return nil end
  for _, name in ipairs(context.channel_names) do
    local channel = context.channels[name]
    local problem = channel.refuses and channel:refuses(given)
    if problem then
      return failure.new {
        kind = "validation", operation = "approval.request",
        message = "no letter could reach the customer, nothing was sent",
        fields = { [recipient.field(payload)] = { problem } },
      }
    end
  end
end

function Approval:apply_and_run(tenant, event, on_done)
  cases.check_tenant(tenant)
  return self.runner:apply_and_run({ kind = "link", tenant = tenant, name = "" }, event, on_done)
end

-- What an earlier call, or a process that died, has left undone and is due: true, or nil and a
-- failure.
function Approval:take_up(work, link)
  local now = self.runner.clock()
  work:remember(deliveries.first(link, link.terms or self.runner.terms, now), now)
  return link.state ~= "requesting" or work:take_up(link_jobs.requests(link, now))
end

-- What else can be done where a request changes nothing.
local WAYS_OUT = {
  onboarding = "deliver the onboarding URL once more, or close the link first",
  requesting = "wait for the answer to the request that is under way",
}
local FURTHER_CASES = "hand further cases in, by themselves or in a payload"

local function not_taken(link)
  return failure.new {
    kind = "conflict", type = "NotTaken", operation = "approval.request",
    message = ("this client is %s, nothing was sent; %s"):format(link.state,
      WAYS_OUT[link.state] or FURTHER_CASES),
  }
end

-- Submits what a payload has that a client whom Debitura has did not come with.
local function submit_further(work, link, payload, references)
  local further, err = cases.further(work.store, link.tenant, payload, references)
  if not further then return nil, err end
  if not further[1] then return nil, not_taken(link) end
  return cases.submit(work, link, further)
end

-- Puts a request into the store, unless the same is there already: true, or nil and a failure.
function Approval:record(work, payload, text, references, again)
  local tenant = payload.externalTenantId
  local link, err = self.runner:record("link", tenant, "")
  if link == nil then return nil, err end
  local changed, name = link and link.payload ~= text, "request"
  if link and link.state == contract.forgotten then link, changed, again = false, false, false end
  if link and link_machine.had[link.state] and (changed or again) then
    return submit_further(work, link, payload, references)
  end
  if link and (again or changed and link.state == "rejected") then
    name = "again"
  elseif changed then
    return nil, failure.new {
      kind = "conflict", type = "PayloadChanged", operation = "approval.request",
      message = ("this client was requested with another payload and is %s; ask with again = true "
        .. "to send the new one"):format(link.state),
    }
  elseif link then
    return self:take_up(work, link)
  end
  local applied
  -- One that replaces another may leave cases out, which takes a step of its own.
  applied, err = work:apply(cases.with_link(tenant, {
    name = name, at = work:clock(), payload = text, terms = self.runner.terms,
    in_steps = name == "again",
  }, references))
  if not applied then return nil, err end
  if applied.word ~= "moved" then return nil, not_taken(applied.records[#applied.records]) end
  return true
end

-- How the deliveries of a link's URL stand: by channel `state` and, where it is not delivered,
-- `why`.
local DELIVERY = { done = "delivered", open = "waiting", dead = "given up" }

function Approval:deliveries(link)
  local keys, by_channel = {}, {}
  for i, channel in ipairs((link.terms or self.runner.terms).channels) do
    keys[i] = deliveries.key(link, channel)
  end
  local page, err = self.runner.store:jobs_named(keys)
  if not page then return nil, err end
  for _, job in ipairs(page) do
    by_channel[job.channel] = {
      state = DELIVERY[job.state], why = job.state ~= "done" and job.result or nil,
    }
  end
  return by_channel
end

-- What the platform needs to know of a link.
function Approval:outcome(link, client, problem)
  local stand, err = self:deliveries(link)
  if not stand then return nil, err end
  local outcome = {
    external_tenant_id = link.tenant, state = link.state, generation = link.generation,
    variant = link.data.variant, expires_at = link.expires_at, cases = link.data.cases or 0,
    awaited = link.data.awaited or 0, failed = link.data.failed or 0, client = client,
    failure = problem, deliveries = stand,
    unanswered = link.state == "onboarding" and link.data.unanswered or nil,
  }
  if link.data.attributed then outcome.is_attributed_client = link.data.attributed == "yes" end
  if link.state == "refused" then
    outcome.reason, outcome.detail = link.reason, link.result
    outcome.advice = advice.of_link(link.reason, self.runner.context.debitura_support)
  end
  local context = self.runner.context
  for _, name in ipairs(link.url and context.channel_names or {}) do
    local channel = context.channels[name]
    if channel.inline then
      local message
      message, err = message_of(context, link, deliveries.key(link, name), link)
      if not message then return nil, err end
      outcome.redirect = channel:deliver(message)
    end
  end
  return outcome
end

local ENDED_AS = { delivered = "delivered", reminded = "delivered", failed = "waiting" }

--- Keeps how a delivery went, where one was tried.
local function keep_delivery(work, job, word, details)
  local state = job.channel and ENDED_AS[word]
  if not state then return end
  work.deliveries = work.deliveries or {}
  work.deliveries[job.channel] = {
    state = details.given_up and "given up" or state, why = details.problem,
  }
end

local function keep_answer(work, job, _, details)
  if job.kind == "request_link" then work.client, work.problem = details.client, details.failure end
end

-- The text of a payload that `request` would take, whose it is, and its cases' references.
function Approval:checked(payload, wanted)
  if type(payload) ~= "table" then usage.error("payload: CreateClientRequest as a table") end
  local err = recipe_options.unreachable(self.runner.context, "approval.request")
  if err then return nil, err end
  local text, tenant, references
  text, err = request_payload.encode(payload, wanted.check, self.runner.clock())
  if not text then return nil, err end
  tenant, references = request_payload.identify(payload, true)
  if not tenant then return nil, references end
  err = self:unwritable(payload)
  if err then return nil, err end
  return text, tenant, references
end

-- What `request` would say of a payload before anything is recorded or sent: true, or nil and a
-- failure.
function Approval:try(payload, given)
  local text, err = self:checked(payload, approval.request_options:read(given))
  return text and true, err
end

--- Asks for a client. Asking again with the same payload changes nothing and tells how things
-- stand.
-- @tparam table payload CreateClientRequest; every case with a `creditorReference` of its own
-- @tparam[opt] table given `again = true` starts anew what has ended, or replaces the payload of
--   what has not; `check = false` leaves the payload to Debitura's own checks
-- @treturn[1] table `external_tenant_id`, `state` (`debitura.recipes.link.states`), `generation`,
--   `variant`, `expires_at`, `cases`, `awaited`, `failed`; `deliveries` (by channel `state`:
--   "delivered", "waiting", "given up", and `why`); `unanswered` when no reminder of the onboarding
--   is left; `is_attributed_client` once Debitura has said; `client` (201 and 202: Debitura's
--   answer); `reason`, `detail` and `advice` when refused; `redirect` where such a channel is used;
--   `failure` when Debitura could not be asked just now: the store holds the request, and a sweep
--   repeats it
-- @treturn[2] nil
-- @treturn[2] table failure: the payload was not accepted, or the store failed
function Approval:request(payload, given)
  local wanted = approval.request_options:read(given)
  local text, tenant, references = self:checked(payload, wanted)
  if not text then return nil, tenant end
  local work = self.runner:begin(keep_answer)
  local recorded, err = self:record(work, payload, text, references, wanted.again)
  if not recorded then return nil, err end
  local counts, link
  counts, err = work:go_on()
  if not counts then return nil, err end
  link, err = self.runner:record("link", tenant, "")
  if not link then return nil, err end
  local problem = work.problem
  if link.state == "rejected" then
    return nil, problem or failure.new { kind = "validation", operation = "approval.request",
      message = link.reason }
  end
  -- An answer is in the outcome; and that of the 409 holds the URL, which is the channels' alone.
  if link.state ~= "requesting" then problem = nil end
  return self:outcome(link, work.client, problem)
end

--- How a link stands.
-- @tparam string external_tenant_id
-- @treturn[1] table|false as `request` gives it; false when it is not in the store
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Approval:status(external_tenant_id)
  local link, err = self.runner:record("link", external_tenant_id, "")
  if not link then return link, err end
  return self:outcome(link)
end

--- Takes note that the platform itself withdrew, deleted or reset a client: a new request leads on.
-- @tparam string external_tenant_id
-- @tparam[opt] string reason for the history
-- @treturn[1] string "moved", "recorded" (Debitura did not have the client) or "unknown"
-- @treturn[1] table|false the link as it is now
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Approval:gone(external_tenant_id, reason)
  cases.check_tenant(external_tenant_id)
  local runner = self.runner
  local link, err = runner:record("link", external_tenant_id, "")
  if link == nil then return nil, err end
  if not link then return "unknown", false end
  if not link_machine.had[link.state] then return "recorded", link end
  local applied, failed = runner:take(interpret.gone(external_tenant_id, runner.clock(), reason))
  if not applied then return nil, failed end
  return applied.word, applied.records[#applied.records]
end

--- Follows a webhook: any event, of any client, once or many times, in any order.
-- @tparam table event as `debitura.webhook.verify` gives it
-- @treturn[1] string "moved", "recorded" (it fits nowhere and changed nothing), "duplicate", or
--   "unknown" (no record of this store waits for it)
-- @treturn[1] table|false the link as it is now, when the event is about it
-- @treturn[2] nil
-- @treturn[2] table failure of the store: hand the event in again later
-- @function Approval:handle

--- Delivers the URL once more, on purpose: it is the customer's second message of the same
-- generation.
-- @tparam string external_tenant_id
-- @tparam[opt] table given `channel` (the name of one of the recipe's channels; default: all),
--   `remind` (true: as a reminder, unless Debitura says that the link is active by now)
-- @treturn[1] string "moved", "recorded" (there is no URL to hand over), or "unknown" (no client of
--   this store)
-- @treturn[1] table|false the link as it is now; with `deliveries`, by channel, when it moved
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Approval:deliver(external_tenant_id, given)
  local wanted = approval.deliver_options:read(given)
  local channel = wanted.channel
  if channel ~= nil and not self.runner.context.channels[channel] then
    usage.error(("channel: there is none named %q"):format(tostring(channel)))
  end
  local word, link, work = self:apply_and_run(external_tenant_id,
    { name = "deliver", channel = channel, remind = wanted.remind }, keep_delivery)
  if word == "moved" and link then
    link.deliveries = work.deliveries or {}
    local channels = channel and { channel } or (link.terms or self.runner.terms).channels
    for _, name in ipairs(link.url and channels or {}) do
      link.deliveries[name] = link.deliveries[name] or { state = "waiting" }
    end
  end
  return word, link
end

--- Closes a link that was not answered: nothing more is sent for it. An approval that comes all
-- the same counts.
-- @tparam string external_tenant_id
-- @tparam[opt] string reason for the history
-- @treturn[1] string "moved", "recorded" (there is nothing to close), or "unknown" (no client of
--   this store)
-- @treturn[1] table|false the link as it is now
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Approval:close(external_tenant_id, reason)
  return self:apply_and_run(external_tenant_id, { name = "close", reason = reason, note = reason })
end

--- Does what is due: requests and deliveries that failed before, or were left by a process that
-- died, reminders, and a look at what was approved.
-- @tparam[opt] table given `limit` (how many at most), `dry_run`, `on_progress(step)`; see
--   `expired_link_recovery`
-- @treturn table counts, or nil and a failure of the store
-- @function Approval:sweep

--- Makes the recipe.
-- @tparam table given options, see debitura.recipes.options
-- @treturn table with `request`, `status`, `gone`, `deliver`, `close`, `handle` and `sweep`
-- @function new
approval.new = kinds.recipe(Approval, "link")

return approval
