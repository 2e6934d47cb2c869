--- Takes care of a webhook subscription: there is one, for these events, it is active, and its
-- secret is in good hands.
--
-- Source: the secret is shown once, on creation and on rotation; after 8 failed
-- deliveries, or on a 410, Debitura switches a subscription off and says why in `disabledReason`;
-- `isActive = true` wakes it.
-- @module debitura.webhook.subscription

local core = require("debitura.core")
local failure = require("debitura.base.failure")
local null = require("debitura.base.null")
local options = require("debitura.base.options")
local protected = require("debitura.async.protected")
local text = require("debitura.base.text")
local usage = require("debitura.base.usage")

local subscription = {}

local LEASE = 120 -- seconds; longer than two calls with their retries take

--- A field of a subscription, whose names are also seen in PascalCase.
-- @tparam table dto WebhookDto
-- @tparam string name in camelCase
-- @return its value; nil when it is absent or null
function subscription.field(dto, name)
  local value = dto[name]
  if value == nil then value = dto[name:sub(1, 1):upper() .. name:sub(2)] end
  return null.given(value)
end

local field = subscription.field

local OPERATION = "webhook.ensure"

local function failed(kind, message, retryable)
  return failure.new {
    kind = kind, message = message, operation = OPERATION, retryable = retryable,
  }
end

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

--- The subscription of a URL among those that there are; the first that is active where there are
-- several.
-- @tparam table list of WebhookDto
-- @tparam string url
-- @tparam[opt] boolean is_test whether one for test events is meant
-- @treturn ?table
function subscription.of_url(list, url, is_test)
  local found
  for _, dto in ipairs(list) do
    local mine = field(dto, "url") == url and not field(dto, "isTestMode") == not is_test
    if mine and (not found or field(dto, "isActive") and not field(found, "isActive")) then
      found = dto
    end
  end
  return found
end

--- The subscription of this URL and mode.
-- @treturn[1] table|false
-- @treturn[2] nil
-- @treturn[2] table failure
local function find(partner, read)
  local list, err = partner.webhooks:list()
  if not list then return nil, err end
  return subscription.of_url(list, read.url, read.test) or false
end

--- Gives a secret that is shown this once to what keeps it.
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure
local function give_secret(dto, keep)
  local secret = null.text(dto, "secret") or null.text(dto, "Secret")
  if not secret then
    return nil, failed("malformed", "the subscription came without its secret")
  end
  local ran, results = protected(function() return keep(secret, field(dto, "id")) end)
  local kept, err = nil, results[1]
  if ran then kept, err = results[1], results[2] end
  if ran and (kept or kept == nil and err == nil) then return true end
  if ran and err == nil then err = "keep returned false" end
  return nil, failed("store",
    "the secret was not kept: " .. text.redact(tostring(err), secret))
end

local function create(partner, read)
  local dto, err = partner.webhooks:create {
    url = read.url, events = core.json.array(read.events), isTestMode = read.test,
  }
  if not dto then return nil, err end
  local kept
  kept, err = give_secret(dto, read.keep)
  if kept then return dto, { created = true } end
  -- A subscription whose secret is lost is worse than none: the next call makes another.
  local id, unkept = field(dto, "id"), err
  local gone
  gone, err = partner.webhooks:delete(id)
  if not gone and err then
    unkept.message = ("%s; the subscription %s could not be withdrawn: call again with rotate = "
      .. "true"):format(unkept.message, id)
  end
  return nil, unkept
end

-- Whether the secret of a subscription was kept, as far as `known` is there to say so.
-- @treturn[1] boolean
-- @treturn[2] nil
-- @treturn[2] table failure
local function is_known(read, id)
  if not read.known then return true end
  local ran, results = protected(function() return read.known(id) end)
  if not ran then
    return nil, failed("store", "the function known failed: " .. tostring(results[1]))
  end
  return results[1] and true or false
end

--- What of a subscription is not as it should be, as the body of an update, and what that comes to.
-- @treturn[1] table
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] table failure
local function difference(dto, read)
  local body, report = {}, { disabled_reason = field(dto, "disabledReason") }
  if not same_set(read.events, field(dto, "events") or {}) then
    body.events, report.updated = core.json.array(read.events), true
  end
  if not field(dto, "isActive") then body.isActive, report.enabled = true, true end
  local known, err = is_known(read, field(dto, "id"))
  if known == nil then return nil, err end
  if read.rotate or not known then body.regenerateSecret, report.rotated = true, true end
  return body, report
end

local function care(partner, read)
  local dto, err = find(partner, read)
  if dto == nil then return nil, err end
  if not dto and read.dry_run then return false, { created = true } end
  if not dto then return create(partner, read) end
  local body, report = difference(dto, read)
  if not body then return nil, report end
  if read.dry_run or not next(body) then return dto, report end
  dto, err = partner.webhooks:update(field(dto, "id"), body)
  if not dto then return nil, err end
  if report.rotated then
    local kept
    kept, err = give_secret(dto, read.keep)
    if not kept then return nil, err end
  end
  return dto, report
end

-- Debitura has no name under which two calls would make one subscription: processes that share a
-- store take turns.
local function alone(read, run)
  local store, name = read.store, "webhook.ensure/" .. read.url
  local holder = core.digest.sha256(core.system.random(16))
  local held, err = store:lease(name, holder, LEASE, core.system.now())
  if held == nil then return nil, err end
  if not held then
    return nil, failed("store", "another process takes care of this subscription at this moment; "
      .. "call again in a minute", true)
  end
  local dto, report = run()
  store:lease_release(name, holder)
  return dto, report
end

local function events_problem(events)
  if #events == 0 then return "an array of names such as client.linked expected" end
end

subscription.options = options.define("debitura.webhook.ensure", {
  { "url", "text", required = true, "where webhooks are received, https" },
  { "events", "table", required = true, check = events_problem,
    "array of names such as client.linked" },
  { "keep", "function", required = true,
    "`keep(secret, id)` puts the secret (Base64) of the subscription with this id, which is "
      .. "shown once, where the receiver finds it, before anything else happens; it fails by an "
      .. "error, `nil, err` or `false`" },
  { "known", "function",
    "`known(id)` says whether the secret of this subscription was kept, so that one that was "
      .. "lost is replaced" },
  { "rotate", "boolean", default = false, "true: another secret" },
  { "test", "boolean", default = false, "true: test events only" },
  { "store", "object", "debitura.store: processes that share it take turns" },
  { "dry_run", "boolean", default = false,
    "true: changes nothing, and tells what would be done" },
})

--- Sees to it that Debitura sends events to a URL: subscribes, changes the events of a subscription
-- that is there, wakes one that was switched off. Called again it changes nothing. Of several
-- processes only those with a `store` may call it at the same time.
-- @tparam table partner see debitura.client.partner
-- @tparam table given see `subscription.options`
-- @treturn[1] table the subscription, as Debitura tells it; false where `dry_run` would make one
-- @treturn[1] table what was done: `created`, `updated`, `enabled`, `rotated` (true), and
--   `disabled_reason` (text) when Debitura had switched it off
-- @treturn[2] nil
-- @treturn[2] table failure; when `keep` failed, of kind "store": a new subscription was withdrawn,
--   or the failure says that it could not be; a new secret is to be replaced by another call with
--   `rotate`
function subscription.ensure(partner, given)
  if type(partner) ~= "table" or type(partner.webhooks) ~= "table" then
    usage.error("debitura.webhook.ensure: a partner object expected")
  end
  local read = subscription.options:read(given)
  local function run() return care(partner, read) end
  if read.store then return alone(read, run) end
  return run()
end

return subscription
