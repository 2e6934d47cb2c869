local options = require("debitura.base.options")
local usage = require("debitura.base.usage")

local LIMITS = options.define("sample.new", {
  { "environment", "text", required = true, "'production' or 'test'" },
  { "timeout", "positive", default = 30, "seconds for one call" },
  { "encryption_key", "secret", "32 bytes in Base64" },
  { "limiter", "table|false", "a limiter, or false for none" },
  { "window_days", "count", default = 7, "days", check = function(days)
    if days > 30 then return "from 1 to 30" end
  end },
})

local function complaint(given)
  local ok, message = pcall(function() return LIMITS:read(given), 1 end)
  assert.is_false(ok)
  return message
end

describe("a table of options", function()
  it("fills in what was not given and leaves the caller's table alone", function()
    local given = { environment = "test", limiter = false }
    assert.are.same({ environment = "test", timeout = 30, limiter = false, window_days = 7 },
      LIMITS:read(given))
    assert.are.same({ environment = "test", limiter = false }, given)
  end)

  it("refuses an unknown name and says which one was meant", function()
    for written, meant in pairs {
      enviroment = "environment", Environment = "environment", encryptionkey = "encryption_key",
      timout = "timeout",
      ["window-days"] = "window_days", windowDays = "window_days",
    } do
      assert.is_truthy(complaint({ [written] = 1 }):find(
        ("sample.new: unknown option '%s', did you mean '%s'?"):format(written, meant), 1, true))
    end
    assert.is_truthy(complaint({ colour = 1 }):find("sample.new: unknown option 'colour'$"))
    assert.is_truthy(complaint({ "test" }):find("sample.new: unknown option '1'$"))
  end)

  it("names the option, what is expected and what came", function()
    local sentences = {
      { {}, "option 'environment': missing: 'production' or 'test'" },
      { { environment = "" },
        "option 'environment': text that is not empty expected, got an empty text" },
      { { environment = "test", timeout = 0 },
        "option 'timeout': a number above 0 expected, got 0" },
      { { environment = "test", timeout = 0 / 0 }, "option 'timeout': a number above 0 expected" },
      { { environment = "test", timeout = math.huge },
        "option 'timeout': a number above 0 expected" },
      { { environment = "test", limiter = true },
        "option 'limiter': a table or false expected, got true" },
      { { environment = "test", window_days = 31 }, "option 'window_days': from 1 to 30" },
      { 5, "a table of options expected, got number" },
    }
    for _, row in ipairs(sentences) do
      assert.is_truthy(complaint(row[1]):find("sample.new: " .. row[2], 1, true), complaint(row[1]))
    end
  end)

  it("shows no value that could be a secret", function()
    assert.is_nil(complaint({ environment = "test", timeout = "k-12345" }):find("12345", 1, true))
  end)

  it("raises at the caller's line", function()
    assert.is_truthy(complaint({ colour = 1 }):find("options_spec.lua:15: ", 1, true))
  end)
end)

describe("a mistake", function()
  it("is reported at the first frame outside the library, also from a coroutine", function()
    local here = debug.getinfo(1, "l").currentline
    local run = coroutine.create(function() LIMITS:read({ colour = 1 }) return 1 end)
    local _, message = coroutine.resume(run)
    assert.is_truthy(message:find(("options_spec.lua:%d: "):format(here + 1), 1, true), message)
    local _, own = pcall(function() usage.error("wrong") return 1 end)
    assert.is_truthy(own:find(("options_spec.lua:%d: wrong"):format(here + 4), 1, true), own)
  end)
end)
