local window = require("debitura.base.window")

local SLIDING = { { name = "minute", slots = 60, width = 1 } }
local SEVERAL = { { name = "minute", slots = 61, width = 1 },
  { name = "hour", slots = 1, width = 3600 } }

describe("Windows", function()
  local counters
  before_each(function() counters = {} end)

  --- Whether one more is counted, else how long it would have to wait and for what.
  local function at(now, descriptions, limits)
    local asked = window.at(descriptions, limits, now)
    local counted, full = window.add(counters, asked)
    if counted then return true end
    return window.wait(descriptions, asked, full, now)
  end

  it("have room again when the oldest slot has left them", function()
    assert.is_true(at(100.5, SLIDING, { minute = 2 }))
    assert.is_true(at(130, SLIDING, { minute = 2 }))
    assert.same({ 29.5, "minute" }, { at(130.5, SLIDING, { minute = 2 }) })
    assert.is_true(at(160, SLIDING, { minute = 2 }))
    assert.same({ 30, "minute" }, { at(160, SLIDING, { minute = 2 }) })
  end)

  it("wait for as many slots as a lowered limit needs", function()
    for now = 100, 104 do assert.is_true(at(now, SLIDING, { minute = 5 })) end
    assert.same({ 58, "minute" }, { at(105, SLIDING, { minute = 2 }) })
  end)

  it("count in none when one is full, and name the one that is waited for longest", function()
    local limits = { minute = 2, hour = 3 }
    assert.is_true(at(7200, SEVERAL, limits))
    assert.is_true(at(7200, SEVERAL, limits))
    assert.same({ 61, "minute" }, { at(7200, SEVERAL, limits) })
    assert.is_true(at(7300, SEVERAL, limits))
    assert.same({ 3500, "hour" }, { at(7300, SEVERAL, limits) })
    assert.is_true(at(10800, SEVERAL, limits))
  end)

  it("say of a full one how many were counted, and when", function()
    for _, now in ipairs { 100, 100, 107 } do at(now, SLIDING, { minute = 3 }) end
    local counted, full = window.add(counters, window.at(SLIDING, { minute = 3 }, 110))
    assert.is_false(counted)
    assert.same({ minute = { sum = 3, slots = { [100] = 2, [107] = 1 } } }, full)
  end)

  it("count right when the clock is set back", function()
    for _, now in ipairs { 100, 90, 100, 95 } do
      assert.is_true(at(now, SLIDING, { minute = 4 }))
    end
    local _, full = window.add(counters, window.at(SLIDING, { minute = 4 }, 100))
    assert.same({ [90] = 1, [95] = 1, [100] = 2 }, full.minute.slots)
    assert.same({ 50, "minute" }, { at(100, SLIDING, { minute = 4 }) })
  end)

  it("keep no more than their slots, however many are counted", function()
    for now = 1, 5000 do at(now, SLIDING, { minute = 1e9 }) end
    assert.equal(60, #counters.minute.slots)
    assert.equal(60, counters.minute.sum)
  end)
end)
