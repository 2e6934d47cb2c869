--- Approval delivery: asks Debitura for a client and, when the customer must approve the link first, hands over the
-- approval URL and follows the link until every case that came with it has been carried through.
--
-- Debitura's answer may be the 409 in which nobody but the platform delivers the URL; the payload is kept for the time
-- that the URL expires. Everything is on the ledger before it is acted upon, so that any step can be done twice, by
-- any process.
-- @module debitura.recipes.verbs.approval

local failure = require("debitura.base.failure")
local message_of = require("debitura.recipes.message").of
local operations = require("debitura.operations")
local request = require("debitura.client.request")
local runner = require("debitura.workflow.runner")

local approval_delivery = {}

-- Asking and delivering; what becomes of expired links is `expired_link_recovery`'s.
local KINDS = { "request", "request_at_the_door", "request_now", "deliver", "remind", "follow" }
-- What is done at once when something happens; reminders come due by themselves.
local KINDS_OF_EVENT = { "request", "deliver" }
local CREATE = operations.get("partner", "clients.create")

--- What to tell the customer of a link that Debitura refused.
approval_delivery.advice = {
  ClientAlreadyLinkedToAnotherPartner = "Your Debitura account is linked to another partner. "
    .. "Please contact Debitura to discuss your options.",
  InvalidClientType = "Your details match a Debitura account that is not a creditor account. "
    .. "Please create a creditor account, or contact Debitura if you did not expect this.",
  other = "Debitura could not link your account. Please contact Debitura.",
}
-- The API's documents spell this type both ways.
approval_delivery.advice.AlreadyLinkedToAnotherPartner = approval_delivery.advice.ClientAlreadyLinkedToAnotherPartner

local Approval = {}
Approval.__index = Approval

--- By what a link and its cases are recognised later, whoever checks the rest: the tenant, and each case's reference.
-- @treturn[1] string tenant
-- @treturn[1] table references
-- @treturn[2] nil
-- @treturn[2] table failure
local function identify(payload)
  local tenant, references, fields = payload.externalTenantId, {}, {}
  if type(tenant) ~= "string" or tenant == "" then fields.externalTenantId = { "required" } end
  -- No path can carry these: the client could be created and never be read.
  if tenant == "." or tenant == ".." then fields.externalTenantId = { "must not be . or .." } end
  for i, case in ipairs(type(payload.cases) == "table" and payload.cases or {}) do
    references[i] = type(case) == "table" and case.creditorReference
    if type(references[i]) ~= "string" or references[i] == "" then
      fields[("cases[%d].creditorReference"):format(i)] = { "required, to recognise the case when it has been carried through" }
    end
  end
  if next(fields) == nil then return tenant, references end
  return nil, failure.new {
    kind = "validation", operation = "approval_delivery", message = "the payload cannot be followed, nothing was sent", fields = fields,
  }
end

-- The payload, checked, as the exact text that is sent whenever it is sent.
function Approval:encode(payload, options)
  local built, failed = request.build(CREATE, { body = payload }, { check = options.check, now = self.runner.clock() })
  if not built then return nil, failed end
  return built.body
end

-- Puts a request on the ledger, unless the same is there already: true, or nil and a failure.
function Approval:record(tenant, payload, references, again)
  local link, err = self.runner.store:link(tenant)
  if link == nil then return nil, err end
  local changed = link and link.payload ~= payload
  local event = { name = "request", at = self.runner.clock(), payload = payload, references = references }
  if link and (again or changed and link.state == "rejected") then
    event.name = "again"
  elseif changed then
    return nil, failure.new {
      kind = "conflict", type = "PayloadChanged", operation = "approval_delivery",
      message = ("this client was requested with another payload and is %s; ask with again = true to send the new one"):format(link.state),
    }
  elseif link then
    return true
  end
  local moved, word = self.runner:apply(tenant, event)
  if moved == nil then return nil, word end
  return true
end

-- What the platform needs to know of a link.
function Approval:outcome(link, client, problem)
  local outcome = {
    external_tenant_id = link.tenant, state = link.state, generation = link.generation, variant = link.variant,
    expires_at = link.expires_at, cases = link.cases, awaited = link.awaited, failed = link.failed,
    client = client, failure = problem,
  }
  if link.state == "refused" then
    outcome.reason = link.reason
    outcome.advice = approval_delivery.advice[link.reason] or approval_delivery.advice.other
  end
  for _, name in ipairs(link.url and self.runner.channel_names or {}) do
    local channel = self.runner.channels[name]
    if channel.inline then
      local key = ("deliver/%d/%s/%s"):format(link.generation, name, link.tenant)
      local message, err = message_of(self.runner, link, key, link)
      if not message then return nil, err end
      outcome.redirect = channel:deliver(message)
    end
  end
  return outcome
end

--- Asks for a client. Asking again with the same payload changes nothing and tells how things stand.
-- @tparam table payload CreateClientRequest; every case with a `creditorReference` of its own
-- @tparam[opt] table options `again = true` starts anew what has ended, or replaces the payload of what has not;
--   `check = false` leaves the payload to Debitura's own checks
-- @treturn[1] table `external_tenant_id`, `state` (`debitura.recipes.link.states`), `generation`, `variant`, `expires_at`, `cases`,
--   `awaited`, `failed`; `client` (201 and 202: Debitura's answer); `reason` and `advice` when refused; `redirect` where such a
--   channel is used; `failure` when Debitura could not be asked just now: the ledger holds the request, and a sweep repeats it
-- @treturn[2] nil
-- @treturn[2] table failure: the payload was not accepted, or the store failed
function Approval:request(payload, options)
  if type(payload) ~= "table" then error("payload: CreateClientRequest as a table", 2) end
  options = options or {}
  local text, recorded, counts, err
  text, err = self:encode(payload, options)
  if not text then return nil, err end
  local tenant, references = identify(payload)
  if not tenant then return nil, references end
  recorded, err = self:record(tenant, text, references, options.again)
  if not recorded then return nil, err end

  local client, problem
  counts, err = self.runner:work { tenant = tenant, kinds = KINDS_OF_EVENT, each = function(effect, _, details)
    if effect.kind == "request" then client, problem = details.client, details.failure end
  end }
  if not counts then return nil, err end
  local link
  link, err = self.runner.store:link(tenant)
  if not link then return nil, err end
  if link.state == "rejected" then
    return nil, problem or failure.new { kind = "validation", operation = "approval_delivery", message = link.reason }
  end
  -- That failure holds the URL, which is the channels' alone.
  if problem and problem.approval_url then problem = nil end
  return self:outcome(link, client, problem)
end

--- Follows a webhook: any event, of any client, once or many times, in any order.
-- @tparam table event as `debitura.webhook.verify` gives it
-- @treturn[1] string "moved", "recorded" (it fits nowhere and changed nothing), "duplicate", or "unknown" (no client of this ledger)
-- @treturn[1] table|false the link as it is now
-- @treturn[2] nil
-- @treturn[2] table failure of the store: hand the event in again later
function Approval:handle(event)
  local word, link = self.runner:follow(event, KINDS_OF_EVENT)
  return word, link
end

--- Hands the URL over once more, on purpose: it is the customer's second message of the same generation.
-- @tparam string external_tenant_id
-- @tparam[opt] table options `channel` (the name of one of the recipe's channels; default: all), `remind` (true: as a reminder, unless
--   Debitura says that the link is active by now)
-- @treturn[1] string "moved", "recorded" (there is no URL to hand over), or "unknown" (no client of this ledger)
-- @treturn[1] table|false the link as it is now
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Approval:deliver(external_tenant_id, options)
  options = options or {}
  local channel = options.channel
  if channel ~= nil and not self.runner.channels[channel] then error(("channel: there is none named %q"):format(tostring(channel)), 2) end
  return self.runner:steer(external_tenant_id, { name = "ask", channel = channel, remind = options.remind }, KINDS)
end

--- Closes a link that nobody has answered: nothing more is sent for it. An approval that comes all the same counts.
-- @tparam string external_tenant_id
-- @tparam[opt] string reason for the history
-- @treturn[1] string "moved", "recorded" (there is nothing to close), or "unknown" (no client of this ledger)
-- @treturn[1] table|false the link as it is now
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Approval:close(external_tenant_id, reason)
  return self.runner:steer(external_tenant_id, { name = "close", reason = reason }, KINDS_OF_EVENT)
end

--- Does what is due: requests and deliveries that failed before, or were left by a process that died, reminders, and a look at what
-- was approved.
-- @tparam[opt] table options `limit` (how many at most), `dry_run`, `on_progress(step)`; see `expired_link_recovery`
-- @treturn table counts, or nil and a failure of the store
function Approval:sweep(options)
  return self.runner:sweep(KINDS, options)
end

--- Makes the recipe.
-- @tparam table options `partner` (`debitura.partner`), `store` (`debitura.store`), `clock` (a function that gives Unix seconds),
--   `channels` (array, `debitura.channels`), `return_url` (where hosted pages send the customer afterwards),
--   `window_days` (7; the approval window that Debitura has set for the partner), `reminders` ({ 0.5, -86400 }: when the customer is
--   reminded, as parts of the window or seconds before its end), `follow_after` (seconds that the webhooks of carried cases have
--   before they are asked for, 3600), `permalink` (see debitura.permalink), `lease` (seconds, 600)
-- @treturn table with `request`, `deliver`, `close`, `handle` and `sweep`
function approval_delivery.new(options)
  return setmetatable({ runner = runner.new(options) }, Approval)
end

return approval_delivery
