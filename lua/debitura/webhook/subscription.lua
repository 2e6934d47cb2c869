--- Takes care of a webhook subscription: there is one, for these events, it is active, and its secret is in good hands.
--
-- Source of the facts: the secret is shown once, on creation and on rotation; after 8 failed deliveries, or on a 410, Debitura
-- switches a subscription off and says why in `disabledReason`; `isActive = true` wakes it.
-- @module debitura.webhook.subscription

local core = require("debitura.core")
local failure = require("debitura.base.failure")
local given = require("debitura.base.null").given

local subscription = {}

local LEASE = 120 -- seconds; longer than two calls with their retries take

--- A field of a subscription, whose names are also seen in PascalCase.
-- @tparam table dto WebhookDto
-- @tparam string name in camelCase
-- @return its value; nil when it is absent or null
function subscription.field(dto, name)
  local value = dto[name]
  if value == nil then value = dto[name:sub(1, 1):upper() .. name:sub(2)] end
  return given(value)
end

local field = subscription.field

local function same_set(some, others)
  local wanted, count = {}, 0
  for _, name in ipairs(some) do
    if not wanted[name] then wanted[name], count = true, count + 1 end
  end
  for _, name in ipairs(others) do
    if not wanted[name] then return false end
    if wanted[name] == true then wanted[name], count = "seen", count - 1 end
  end
  return count == 0
end

--- The subscription of this URL and mode; the first that is active where there are several.
-- @treturn[1] table|false
-- @treturn[2] nil
-- @treturn[2] table failure
local function find(partner, options)
  local list, failed = partner.webhooks:list()
  if not list then return nil, failed end
  local found
  for _, dto in ipairs(list) do
    local mine = field(dto, "url") == options.url and (field(dto, "isTestMode") or false) == (options.test or false)
    if mine and (not found or field(dto, "isActive") and not field(found, "isActive")) then found = dto end
  end
  return found or false
end

--- Gives a secret that is shown this once to who keeps it.
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure
local function hand_over(dto, keep)
  local secret = field(dto, "secret")
  if type(secret) ~= "string" then
    return nil, failure.new { kind = "malformed", message = "the subscription came without its secret", operation = "webhook.ensure" }
  end
  local ran, kept, problem = pcall(keep, secret, field(dto, "id"))
  if ran and (kept or kept == nil and problem == nil) then return true end
  if ran and problem == nil then problem = "keep returned false" end
  problem = tostring(ran and problem or kept):gsub(secret:gsub("%p", "%%%0"), "[redacted]")
  return nil, failure.new { kind = "store", message = "the secret was not kept: " .. problem, operation = "webhook.ensure" }
end

local function create(partner, options)
  local dto, failed = partner.webhooks:create {
    url = options.url, events = core.json.array(options.events), isTestMode = options.test or false,
  }
  if not dto then return nil, failed end
  local kept
  kept, failed = hand_over(dto, options.keep)
  if kept then return dto, { created = true } end
  -- A subscription whose secret nobody knows is worse than none: the next call makes another.
  local gone, why = partner.webhooks:delete(field(dto, "id"))
  if not gone and why then
    failed.message = ("%s; the subscription %s could not be withdrawn: call again with rotate = true"):format(
      failed.message, field(dto, "id"))
  end
  return nil, failed
end

--- What of a subscription is not as it should be, as the body of an update, and what that comes to.
local function difference(dto, options)
  local body, report = {}, { disabled_reason = field(dto, "disabledReason") }
  if not same_set(options.events, field(dto, "events") or {}) then body.events, report.updated = core.json.array(options.events), true end
  if not field(dto, "isActive") then body.isActive, report.enabled = true, true end
  if options.rotate or options.known and not options.known(field(dto, "id")) then body.regenerateSecret, report.rotated = true, true end
  return body, report
end

local function check(partner, options)
  if type(partner) ~= "table" or type(partner.webhooks) ~= "table" then error("debitura.webhook.ensure: a partner object expected", 3) end
  if type(options) ~= "table" then error("debitura.webhook.ensure: options table expected", 3) end
  if type(options.url) ~= "string" then error("url: where webhooks are received, https", 3) end
  if type(options.events) ~= "table" or #options.events == 0 then error("events: an array of names such as client.linked", 3) end
  if type(options.keep) ~= "function" then error("keep: a function that keeps the secret, which is shown once", 3) end
  if options.known ~= nil and type(options.known) ~= "function" then error("known: a function expected", 3) end
end

local function care(partner, options)
  local dto, failed = find(partner, options)
  if dto == nil then return nil, failed end
  if not dto and options.dry_run then return false, { created = true } end
  if not dto then return create(partner, options) end
  local body, report = difference(dto, options)
  if options.dry_run or not next(body) then return dto, report end
  dto, failed = partner.webhooks:update(field(dto, "id"), body)
  if not dto then return nil, failed end
  if report.rotated then
    local kept
    kept, failed = hand_over(dto, options.keep)
    if not kept then return nil, failed end
  end
  return dto, report
end

-- Debitura has no name under which two calls would make one subscription: processes that share a store take turns.
local function alone(options, run)
  local store, name = options.store, "webhook.ensure/" .. options.url
  local holder = core.digest.sha256(core.system.random(16))
  local held, failed = store:lease(name, holder, LEASE, core.system.now())
  if held == nil then return nil, failed end
  if not held then
    return nil, failure.new {
      kind = "store", retryable = true, operation = "webhook.ensure",
      message = "another process takes care of this subscription at this moment; call again in a minute",
    }
  end
  local dto, report = run()
  store:lease_release(name, holder)
  return dto, report
end

--- Sees to it that Debitura sends events to a URL: subscribes, changes the events of a subscription that is there, wakes one that
-- was switched off. Called again it changes nothing. Of several processes only those with a `store` may call it at the same time.
-- @tparam table partner see debitura.client.partner
-- @tparam table options `url`; `events` (array of names); `keep(secret, id)`: puts the secret (Base64) of the subscription with
--   this id where the receiver finds it, before anything else happens, and fails by an error, `nil, problem` or `false`; `known(id)`,
--   optional: whether the secret of this subscription was kept, so that one that was lost is replaced; `rotate` (true: another
--   secret); `test` (true: test events only); `store` (debitura.store: processes that share it take turns); `dry_run`
--   (true: changes nothing, and tells what would be done)
-- @treturn[1] table the subscription, as Debitura tells it; false where `dry_run` would make one
-- @treturn[1] table what was done: `created`, `updated`, `enabled`, `rotated` (true), and `disabled_reason` (text) when Debitura
--   had switched it off
-- @treturn[2] nil
-- @treturn[2] table failure; when `keep` failed, of kind "store": a new subscription was withdrawn, or the failure says that it
--   could not be; a new secret is to be replaced by another call with `rotate`
function subscription.ensure(partner, options)
  check(partner, options)
  local function run() return care(partner, options) end
  if options.store then return alone(options, run) end
  return run()
end

return subscription
