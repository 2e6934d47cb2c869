local core = require("debitura.core")

local secret = core.secret

describe("core.secret", function()
  it("shows itself nowhere", function()
    assert.equal("[redacted]", tostring(secret("sample")))
  end)

  it("equals text and secrets of the same bytes, and nothing else", function()
    local kept = secret("sample\0text")
    assert.is_true(kept:equals("sample\0text"))
    assert.is_true(kept:equals(secret("sample\0text")))
    for _, other in ipairs { "sample", "sample\0texT", "", secret("sample"), 7, {}, false,
      io.stdout } do
      assert.is_false(kept:equals(other))
    end
    assert.is_false(kept:equals(nil))
    assert.is_false(secret("7"):equals(7))
  end)

  it("equals nothing once it is closed", function()
    local closed, kept = secret("sample"), secret("sample")
    closed:close()
    assert.is_false(closed:equals("sample"))
    assert.is_false(kept:equals(closed))
    assert.is_false(closed:equals(closed))
  end)

  it("refuses what was not made by it, also under its metatable", function()
    local made = secret("sample")
    local foreign = assert(io.tmpfile())
    local own = debug.getmetatable(foreign)
    finally(function()
      debug.setmetatable(foreign, own)
      foreign:close()
    end)
    local function refused(value)
      local done, message = pcall(made.equals, value, "sample")
      assert.is_false(done)
      return message
    end
    assert.truthy(refused(foreign):find("debitura.secret expected", 1, true))
    assert.truthy(refused(core.null):find("debitura.secret expected", 1, true))
    debug.setmetatable(foreign, debug.getmetatable(made))
    assert.truthy(refused(foreign):find("a userdata that was not made here", 1, true))
  end)
end)
