local core = require("debitura.core")

--- Runs a line of Lua in an interpreter of its own and gives what it prints.
local function printed_by(line)
  local pipe = assert(io.popen(("%s -e '%s'"):format(os.getenv("DEBITURA_ENGINE"), line)))
  local text = pipe:read("*a")
  pipe:close()
  return (text:gsub("%s+$", ""))
end

describe("require \"debitura\"", function()
  it("opens to everything behind it", function()
    local debitura = require("debitura")
    assert.equal(core.null, debitura.null)
    for _, name in ipairs { "array", "secret", "partner", "customer", "parallel", "limiter",
      "is_failure" } do
      assert.is_function(debitura[name], name)
    end
    for _, name in ipairs { "webhook", "store", "waiter" } do
      assert.is_table(debitura[name], name)
    end
    assert.is_nil(debitura.no_such_thing)
  end)

  it("creates no global, nor does what is behind it", function()
    assert.equal("none", printed_by([[
      local before = {}
      for name in pairs(_G) do before[name] = true end
      local debitura = require "debitura"
      for _, name in ipairs {
        "partner", "customer", "parallel", "limiter", "webhook", "store", "waiter", "is_failure",
      } do
        assert(debitura[name])
      end
      debitura.partner({ api_key = "sample-key", environment = "test" }):customer("tenant-1")
      for name in pairs(_G) do if not before[name] then print(name) end end
      print("none")
    ]]))
  end)

  it("loads what is behind a name when the name is used", function()
    assert.equal("false true", printed_by([[
      local debitura = require "debitura"
      local before = package.loaded["debitura.operations"] ~= nil
      debitura.partner { api_key = "sample-key", environment = "test" }
      print(tostring(before) .. " " .. tostring(package.loaded["debitura.operations"] ~= nil))
    ]]))
  end)
end)
