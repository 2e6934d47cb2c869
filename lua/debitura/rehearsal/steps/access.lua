--- Steps that make nothing but the subscription: the key, what is covered, how webhooks are signed.
-- @module debitura.rehearsal.steps.access

local core = require("debitura.core")
local credential = require("debitura.client.credential")
local interpret = require("debitura.recipes.interpret")
local null = require("debitura.base.null")
local subscription = require("debitura.webhook.subscription")
local verify = require("debitura.webhook.verify")

--- Countries that no collection partner is likely to work in.
local REMOTE = { "AQ", "TV", "NR", "KI", "PN" }

local steps = {}

--- The names of headers that may be about limits; no document has any.
local function limit_headers(headers)
  local names = {}
  for name in pairs(headers) do
    if name:lower():find("rate") or name:lower():find("limit") then names[#names + 1] = name end
  end
  table.sort(names)
  return names[1] and table.concat(names, ", ") or "none"
end

function steps.key(stage)
  local body, headers = stage:call("me", {}, 200, { isActive = true, id = "{any}" })
  local state, id = stage.progress.state, null.text(body, "id")
  if state.partner_id and id ~= state.partner_id then
    stage:stop("the key is another partner's than that of the rehearsal so far")
  end
  state.partner_id, stage.facts.key = id, true
  stage:saw("200, an active partner; headers about limits: " .. limit_headers(headers))
end

function steps.wrong_key(stage)
  local session = stage.session:share(stage.session.base_url,
    credential.key(core.secret("rehearsal-no-such-key")))
  local status = stage:send(session, "me", {}, 401)
  stage:saw(tostring(status))
  stage:expect(status == 401, ("me: 401 expected, answered %d"):format(status))
end

function steps.coverage(stage)
  local served, count = {}, 0
  for _, item in ipairs(null.table(stage:call("coverage.list", {}, 200))) do
    served[null.text(item, "countryAlpha2") or ""], count = true, count + 1
  end
  stage:expect(count > 0, "coverage.list: no jurisdiction is served")
  for _, country in ipairs(REMOTE) do
    if not served[country] then stage.facts.remote = stage.facts.remote or country end
  end
  stage:saw(("200, %d jurisdictions"):format(count))
end

--- The ids of the subscriptions that there are.
local function present(list)
  local ids = core.json.array {}
  for _, dto in ipairs(null.table(list)) do ids[#ids + 1] = subscription.field(dto, "id") end
  return ids
end

function steps.subscribe(stage)
  local ears = stage.ears
  if not ears.url then stage:skip(ears.why) end
  -- Of one that an earlier process has made the secret is not known any more.
  stage:withdraw("subscription")
  local list = stage:call("webhooks.list", {}, 200)
  local thing = stage.progress:will_make { kind = "subscription", url = ears.url,
    before = present(list), facts = { "subscription" }, waits_for = true }
  local status, body = stage:send(stage.session, "webhooks.create",
    { body = { url = ears.url, events = core.json.array(interpret.events) } }, 200)
  -- That there is no room is no difference.
  if status == 400 or status == 422 then
    stage.progress:is_gone(thing)
    local said = null.text(body, "message") or core.json.encode(body) or ""
    stage:skip(("refused with %d: %s; %d subscriptions are there, `debitura webhooks list` shows "
      .. "them"):format(status, said, #thing.before))
  end
  if status ~= 200 then
    stage:differs(("webhooks.create: 200 expected, answered %d"):format(status))
  end
  thing.id = subscription.field(body, "id")
  local secret = subscription.field(body, "secret")
  if type(secret) ~= "string" then stage:stop("webhooks.create: no secret", "secret") end
  thing.mark = stage.mark(secret)
  stage.progress:save()
  local kept, err = ears:keep(secret)
  if not kept then stage:skip("the secret was not kept: " .. err) end
  stage.secret, stage.facts.subscription = secret, true
  stage:matches({ isActive = true, url = ears.url }, {
    isActive = subscription.field(body, "isActive"), url = subscription.field(body, "url") }, "",
    "webhooks.create")
  for _, dto in ipairs(null.table(stage:call("webhooks.list", {}, 200))) do
    stage:expect(subscription.field(dto, "secret") == nil, "webhooks.list: a secret is shown again")
  end
  stage:saw("200, with a secret that is not shown again")
end

function steps.signature(stage)
  local tenant = stage:tenant("new")
  local body = stage:call("webhooks.test",
    { body = { eventType = "client.linked", externalTenantId = tenant } }, 200)
  stage:expect((tonumber(null.field(body, "enqueuedCount")) or 0) > 0,
    "webhooks.test: no subscription hears it")
  local _, came = stage:hear("client.linked", tenant)
  if not stage.ears.verifies then
    return stage:saw("received and verified by the platform's receiver")
  end
  local verifier, err = verify.prepare({ stage.secret })
  local event
  if verifier then event, err = verifier:verify(came.body, came.signature) end
  if not event then
    stage:stop(("the signature of client.linked is not good: %s"):format(tostring(err)))
  end
  stage:expect(came.headers["X-Debitura-Event"] == "client.linked",
    "webhook client.linked: X-Debitura-Event names another event")
  stage:saw("received, the signature is good")
end

return steps
