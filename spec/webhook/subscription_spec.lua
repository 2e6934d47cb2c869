-- That there is a subscription, with its secret in good hands.

local core = require "debitura.core"
local debitura = require "debitura"
local desk = require "spec.support.desk"
local failure = require "debitura.base.failure"
local mistake = require "spec.support.mistake"
local sandbox = require "debitura.sandbox"

local URL = "http://127.0.0.1:9/webhooks"
local EVENTS = { "client.linked", "case.created" }

local ensure = debitura.webhook.ensure

describe("debitura.webhook.ensure, asked of the sandbox,", function()
  local server, partner, kept

  setup(function() server = assert(sandbox.start()) end)
  teardown(function() server:stop() end)

  before_each(function()
    partner, kept = debitura.partner { api_key = server.api_key, base_url = server.url }, {}
    for _, subscription in ipairs(assert(partner.webhooks:list())) do partner.webhooks:delete(
      subscription.id) end
  end)

  local function options(changes)
    local all = { url = URL, events = EVENTS, keep = function(secret, id) kept[id] = secret end }
    for name, value in pairs(changes or {}) do all[name] = value end
    return all
  end

  local function all_of_them()
    return assert(partner.webhooks:list())
  end

  it("subscribes, and gives the secret to who keeps it", function()
    local subscription, report = ensure(partner, options())
    assert.same({ created = true }, report)
    assert.same({ URL, true, false }, { subscription.url, subscription.isActive,
      subscription.isTestMode })
    assert.equal("string", type(kept[subscription.id]))
    assert(core.signature.sign(kept[subscription.id], "{}", 1))
  end)

  it("changes nothing the second time, in whatever order the events are named", function()
    local first = ensure(partner, options())
    local again,
      report = ensure(partner,
        options { events = { "case.created", "client.linked", "case.created" } })
    assert.same({ first.id, {} }, { again.id, report })
    assert.equal(1, #all_of_them())
  end)

  it("makes one, not two, when processes that share a store call it at the same moment", function()
    local store = assert(debitura.store.open("memory:"))
    local second, why
    local first = ensure(partner, options { store = store, keep = function(secret, id)
      kept[id] = secret
      second, why = ensure(partner, options { store = store })
    end })
    assert.is_nil(second)
    assert.same({ "store", true }, { why.kind, why.retryable })
    assert.is_truthy(why.message:find("call again in a minute", 1, true))
    assert.equal(first.id, assert(ensure(partner, options { store = store })).id)
    assert.equal(1, #all_of_them())
    store.lease = function() return nil, failure.new { kind = "store", message = "gone" } end
    assert.equal("gone", select(2, ensure(partner, options { store = store })).message)
  end)

  it("changes the events of what is there, and keeps its secret", function()
    local first = ensure(partner, options())
    local secret = kept[first.id]
    for _, events in ipairs { { "client.linked" }, { "client.linked", "case.closed" }, EVENTS } do
      local changed, report = ensure(partner, options { events = events })
      assert.same({ updated = true }, report)
      assert.equal(first.id, changed.id)
      assert.same(events, changed.events)
    end
    assert.equal(secret, kept[first.id])
  end)

  it("wakes what was switched off, and says why it was", function()
    local first = ensure(partner, options())
    partner.webhooks:update(first.id, { isActive = false })
    local woken, report = ensure(partner, options())
    assert.is_true(woken.isActive)
    assert.is_true(report.enabled)
  end)

  it("makes another for another URL, and for test events", function()
    for _, changes in ipairs { {}, { url = URL .. "/b" }, { test = true } } do
      assert.same({ created = true }, select(2, ensure(partner, options(changes))))
    end
    assert.equal(3, #all_of_them())
  end)

  it("replaces a secret that was lost, or when asked to", function()
    local first = ensure(partner, options())
    local secret = kept[first.id]
    local _, report = ensure(partner, options { known = function(id) return kept[id] ~= nil end })
    assert.same({}, report)
    kept = {}
    _, report = ensure(partner, options { known = function(id) return kept[id] ~= nil end })
    assert.same({ rotated = true }, report)
    local second = kept[first.id]
    assert.not_equal(secret, second)
    _, report = ensure(partner, options { rotate = true })
    assert.same({ rotated = true }, report)
    assert.not_equal(second, kept[first.id])
  end)

  it("withdraws a subscription whose secret could not be kept, and shows the secret nowhere",
    function()
    local seen
    local functions = {
      function(secret)
        seen = secret
        error("disk full while writing " .. secret)
      end,
      function(secret)
        seen = secret
        return nil, "disk full while writing " .. secret
      end,
      function(secret)
        seen = secret
        return false, "disk full"
      end,
    }
    for _, keep in ipairs(functions) do
      local subscription, failed = ensure(partner, options { keep = keep })
      assert.is_nil(subscription)
      assert.equal("store", failed.kind)
      assert.truthy(tostring(failed):find("disk full", 1, true))
      assert.is_nil(tostring(failed):find(seen, 1, true))
      assert.equal(0, #all_of_them())
    end
    assert.same({ created = true }, select(2, ensure(partner, options())))
  end)

  it("says so when the function known fails, and changes nothing", function()
    assert(ensure(partner, options()))
    local before = all_of_them()
    local done, err = ensure(partner, options { known = function() error("vault is sealed") end })
    assert.is_nil(done)
    assert.matches("known failed: .*vault is sealed", tostring(err))
    assert.same(before, all_of_them())
  end)

  it("takes a plain false for a secret that was not kept", function()
    local _, failed = ensure(partner, options { keep = function() return false end })
    assert.equal("the secret was not kept: keep returned false", failed.message)
    assert.equal(0, #all_of_them())
  end)

  it("wakes what Debitura has switched off after eight failures, and says why it was", function()
    local first = ensure(partner,
      options { events = { "client.link_requested" } }) -- nothing listens at its URL
    assert(server:control("POST", "settings", { webhooks = { travel_disables = true } }))
    assert.equal("conflict", select(2, partner.clients:create(desk.payload())).kind)
    assert(server:advance("3h"))
    local disabled = assert(partner.webhooks:get(first.id))
    assert.is_false(disabled.isActive)
    local woken, report = ensure(partner, options { events = { "client.link_requested" } })
    assert.same({ enabled = true, disabled_reason = disabled.disabledReason }, report)
    assert.truthy(report.disabled_reason:find("8", 1, true), report.disabled_reason)
    assert.is_true(assert(partner.webhooks:get(woken.id)).isActive)
  end)

  it("gives the failure when Debitura says no", function()
    local subscription, failed = ensure(partner,
      options { url = "http://platform.example/webhooks" })
    assert.is_nil(subscription)
    assert.equal("validation", failed.kind)
    local stranger = debitura.partner { api_key = "another-key", base_url = server.url }
    assert.equal("unauthorized", select(2, ensure(stranger, options())).kind)
  end)
end)

describe("debitura.webhook.ensure", function()
  it("reads answers whose names begin with capitals, and says why a subscription was off",
    function()
    local updated
    local webhooks = {
      list = function()
        return { { Id = "sub-1", Url = URL, Events = EVENTS, IsActive = false, IsTestMode = false,
          DisabledReason = "8 failures" } }
      end,
      update = function(_, id, body)
        updated = { id, body }
        return { Id = id, Url = URL, Events = EVENTS, IsActive = true, Secret = "c2VjcmV0" }
      end,
    }
    local kept
    local _, report = ensure({ webhooks = webhooks }, {
      url = URL, events = EVENTS, rotate = true, keep = function(...) kept = { ... } end,
    })
    assert.same({ "sub-1", { isActive = true, regenerateSecret = true } }, updated)
    assert.same({ "c2VjcmV0", "sub-1" }, kept)
    assert.same({ enabled = true, rotated = true, disabled_reason = "8 failures" }, report)
  end)

  it("prefers the active one of two", function()
    local webhooks = { list = function()
      return {
        { id = "a", url = URL, events = EVENTS, isActive = false },
        { id = "b", url = URL, events = EVENTS, isActive = true },
      }
    end }
    assert.equal("b", ensure({ webhooks = webhooks },
      { url = URL, events = EVENTS, keep = print }).id)
  end)

  it("says so when a subscription without a secret could not be withdrawn", function()
    local webhooks = {
      list = function() return {} end,
      create = function() return { id = "sub-1", secret = "c2VjcmV0" } end,
      delete = function() return nil, failure.new { kind = "transport", message = "gone" } end,
    }
    local _, failed = ensure({ webhooks = webhooks },
      { url = URL, events = EVENTS, keep = function() return nil, "disk full" end })
    assert.equal(
      "the secret was not kept: disk full; the subscription sub-1 could not be withdrawn: "
        .. "call again with rotate = true",
      failed.message)
  end)

  it("passes on what went wrong on the way", function()
    local gone = failure.new { kind = "transport", message = "gone" }
    local function broken(verb, list)
      local webhooks = { list = function() return list or {} end,
        [verb] = function() return nil, gone end }
      return select(2, ensure({ webhooks = webhooks },
        { url = URL, events = EVENTS, keep = print }))
    end
    assert.equal(gone, broken("list"))
    assert.equal(gone, broken("create"))
    assert.equal(gone, broken("update", { { id = "a", url = URL, events = {}, isActive = true } }))
  end)

  it("takes missing options for the programmer's mistake", function()
    local partner = debitura.partner { api_key = "sample-key", environment = "test" }
    for complaint, options in pairs {
      ["option 'url': missing"] = { events = EVENTS, keep = print },
      ["option 'events': an array of names"] = { url = URL, events = {}, keep = print },
      ["option 'keep': missing"] = { url = URL, events = EVENTS },
      ["unknown option 'event', did you mean 'events'?"] = {
        url = URL, event = EVENTS, keep = print },
    } do
      local text, path = mistake(function() ensure(partner, options) end)
      assert.equal(1, text:find("debitura.webhook.ensure: " .. complaint, 1, true), text)
      assert.equal("subscription_spec.lua", path)
    end
    assert.error_matches(function() ensure("partner", {}) end, "a partner object expected")
  end)
end)
