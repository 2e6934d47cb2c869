local core = require("debitura.core")
local debitura = require("debitura")
local limiter = require("debitura.client.limiter")
local store = require("debitura.store")
local upstream = require("spec.support.upstream")

describe("a limiter", function()
  local now

  local function new(options)
    options.clock = function() return now end
    return limiter.new(options)
  end

  --- Sends at a moment; the seconds it would have to wait.
  local function at(moment, limits)
    now = moment
    return (limits:reserve())
  end

  it("lets so many pass in a minute, and says when the next may: when the first has left the "
    .. "minute", function()
    local limits = new { minute = 3 }
    assert.equal(0, at(1000, limits))
    assert.equal(0, at(1010, limits))
    assert.equal(0, at(1020, limits))
    assert.equal(31, at(1030, limits))
    assert.equal(0.5, at(1060.5, limits))
    assert.equal(0, at(1061, limits))
    assert.equal(10, at(1061, limits))
  end)

  it("never lets more pass in any minute, and holds no call longer than a second too "
    .. "long", function()
    local limits, sent, random = new { minute = 20 }, {}, 12345
    now = 500
    local function in_last(seconds)
      local count = 0
      for _, moment in ipairs(sent) do
        if moment > now - seconds then count = count + 1 end
      end
      return count
    end
    local refused = 0
    for _ = 1, 2000 do
      random = (random * 1103515245 + 12345) % 2147483648
      now = now + random / 2147483648 * 4
      if limits:reserve() == 0 then
        sent[#sent + 1] = now
        assert.is_true(in_last(60) <= 20)
      else
        refused = refused + 1
        assert.is_true(in_last(61) >= 20)
      end
    end
    assert.is_true(refused > 100)
  end)

  it("counts an hour and a day as well, and names the window that is full", function()
    local limits = new { minute = 10, hour = 12, day = 14 }
    for _ = 1, 10 do assert.equal(0, at(7200, limits)) end
    assert.same({ 61, "minute" }, { limits:reserve() })
    assert.equal(0, at(7300, limits))
    assert.equal(0, at(7300, limits))
    assert.same({ 3560, "hour" }, { limits:reserve() })
    assert.equal(0, at(10860, limits))
    assert.equal(0, at(10860, limits))
    assert.same({ 84540, "day" }, { limits:reserve() })
  end)

  it("has the limits of the service unless told otherwise", function()
    local limits = new {}
    for _ = 1, 2000 do assert.equal(0, at(0, limits)) end
    assert.equal(61, at(0, limits))
  end)

  it("lets no call pass as long as the service said", function()
    local limits = new {}
    at(100, limits)
    limits:hold(7)
    limits:hold(3)
    assert.same({ 7, "held" }, { limits:reserve() })
    assert.equal(0.5, at(106.5, limits))
    assert.equal(0, at(107, limits))
  end)

  it("does not believe a pause of more than a day", function()
    local limits = new {}
    now = 0
    limits:hold(1e12)
    assert.equal(86400, (limits:reserve()))
  end)

  it("keeps no more for many requests than for few", function()
    local limits = new { minute = 1e9, hour = 1e9, day = 1e9 }
    local function kept()
      local slots = 0
      for _, counter in pairs(limits.counters) do
        for _, window in pairs(counter.counters) do slots = slots + #window.slots end
      end
      return slots
    end
    for second = 1, 200000 do at(second, limits) end
    assert.is_true(kept() <= 61 + 61 + 49)
  end)

  it("counts and holds each API key for itself", function()
    local limits = new { minute = 2 }
    now = 100
    assert.equal(0, (limits:reserve("key-a")))
    assert.equal(0, (limits:reserve("key-a")))
    assert.same({ 61, "minute" }, { limits:reserve("key-a") })
    assert.equal(0, (limits:reserve("key-b")))
    limits:hold(7, "key-b")
    assert.same({ 7, "held" }, { limits:reserve("key-b") })
    assert.equal(0, (limits:reserve("key-c")))
  end)

  it("counts keys together that it gives a name to share", function()
    local limits = new { minute = 2, name = "both" }
    now = 100
    assert.equal(0, (limits:reserve("key-a")))
    assert.equal(0, (limits:reserve("key-b")))
    assert.same({ 61, "minute" }, { limits:reserve("key-b") })
  end)

  it("counts the requests of all workers together in a store", function()
    local shared = assert(store.open("memory:"))
    local one, other = new { minute = 2, store = shared }, new { minute = 2, store = shared }
    assert.equal(0, at(10, one))
    assert.equal(0, at(10, other))
    assert.equal(61, at(10, one))
    assert.equal(61, at(10, other))
    assert.equal(0, at(10, new { minute = 2, store = shared, name = "another key" }))
  end)

  it("says what part of each limit is used, and counts nothing by that", function()
    local shared = assert(store.open("memory:"))
    for _, limits in ipairs { new { minute = 4, hour = 10, store = shared },
      new { minute = 4, hour = 10 } } do
      assert.same({ minute = 0, hour = 0, day = 0 }, limits:used())
      for second = 1, 3 do assert.equal(0, at(second, limits)) end
      for _ = 1, 2 do
        assert.same({ minute = 0.75, hour = 0.3, day = 3 / 100000 }, limits:used())
      end
      assert.equal(0, at(4, limits))
      now = 200
      assert.same({ minute = 0, hour = 0.4, day = 4 / 100000 }, limits:used())
      assert.same({ minute = 0, hour = 0, day = 0 }, limits:used("another key"))
      now = 0
    end
    local used, err = new { store = { counter_add = function() return nil,
      { kind = "store" } end } }:used()
    assert.same({ nil, "store" }, { used, err.kind })
  end)

  it("lets everybody pass when the store is out of order", function()
    local limits = new { minute = 1, store = { counter_add = function() return nil,
      { kind = "store" } end } }
    assert.equal(0, at(10, limits))
    assert.equal(0, at(10, limits))
  end)

  it("wants numbers", function()
    for got, wrong in pairs { ["0"] = 0, ["-1"] = -1, string = "2000", ["false"] = false } do
      assert.has_error(function() limiter.new { minute = wrong } end,
        "debitura.limiter: option 'minute': a whole number from 1 expected, got " .. got)
    end
    assert.has_error(function() limiter.new { minute = 0 / 0 } end)
  end)
end)

describe("a call under limits", function()
  local server, pauses, slept

  local function partner_with(options)
    pauses, slept = {}, 0
    local settings = {
      api_key = "sample-key", base_url = server.url, budget = 120,
      clock = function() return core.system.monotonic() + slept end,
      waiter = { name = "sample", wait = debitura.waiter.block.wait, sleep = function(seconds)
        pauses[#pauses + 1] = seconds
        slept = slept + seconds
      end },
    }
    for name, value in pairs(options) do settings[name] = value end
    return debitura.partner(settings)
  end

  local function limits(options)
    options.clock = function() return core.system.monotonic() + slept end
    return debitura.limiter(options)
  end

  setup(function() server = upstream.start() end)
  teardown(function() server:stop() end)
  before_each(function() server:answers { { status = 200, body = '{"externalTenantId":"t"}' } } end)

  it("waits for its turn", function()
    local partner = partner_with { limiter = limits { minute = 2 } }
    for _ = 1, 3 do assert.is_truthy(partner:get_client("t")) end
    assert.equal(3, #server:requests())
    assert.equal(1, #pauses)
    assert.is_true(pauses[1] > 59 and pauses[1] <= 61)
  end)

  it("fails before it is sent when its turn comes after its budget", function()
    local partner = partner_with { limiter = limits { minute = 2 }, budget = 30 }
    partner:get_client("t")
    partner:get_client("t")
    local client, err = partner:get_client("t")
    assert.is_nil(client)
    assert.equal("rate_limited", err.kind)
    assert.equal("clients.get", err.operation)
    assert.is_false(err.sent)
    assert.is_true(err.retryable)
    assert.is_true(err.retry_after > 59 and err.retry_after <= 61)
    assert.matches("^clients%.get: rate_limited: as many requests as a minute allows were sent; "
      .. "the next can be sent in %d+%.%d s",
      tostring(err))
    assert.equal(2, #server:requests())
    assert.same({}, pauses)
  end)

  it("counts each attempt", function()
    local partner = partner_with { limiter = limits { minute = 3 }, budget = 30,
      random = function() return 0 end }
    server:answers { { status = 503 } }
    partner:get_client("t")
    local _, err = partner:get_client("t")
    assert.equal("rate_limited", err.kind)
    assert.equal(3, #server:requests())
  end)

  it("is held back by what another one of its key was told", function()
    local partner = partner_with { budget = 30 }
    server:answers {
      { status = 429,
        body = '{"error":"rate_limit_exceeded","message":"slow down","retryAfter":60}' },
      { status = 200, body = "{}" },
    }
    local _, first = partner:get_client("t")
    assert.equal(429, first.status)
    local _, second = partner:customer("t"):me()
    assert.equal("rate_limited", second.kind)
    assert.is_nil(second.status)
    assert.matches("the service asked for a pause", tostring(second))
    assert.equal(1, #server:requests())
    slept = slept + 60
    assert.is_truthy(partner:get_client("t"))
  end)

  it("is sent whatever was sent before when there is no limiter", function()
    local partner = partner_with { limiter = false, attempts = 1 }
    server:answers {
      { status = 429,
        body = '{"error":"rate_limit_exceeded","message":"slow down","retryAfter":60}' },
      { status = 200, body = "{}" },
    }
    partner:get_client("t")
    assert.is_truthy(partner:get_client("t"))
  end)

  it("is not made with something else for a limiter", function()
    for got, wrong in pairs { ["true"] = true, ["2000"] = 2000, ["another table"] = {} } do
      assert.has_error(function() partner_with { limiter = wrong } end,
        "debitura.partner: option 'limiter': one made by debitura.limiter, or false expected, got "
          .. got)
    end
  end)
end)
