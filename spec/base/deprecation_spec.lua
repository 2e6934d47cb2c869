local debitura = require("debitura")
local deprecation = require("debitura.base.deprecation")
local mistake = require("spec.support.mistake")
local command = require("spec.support.command")

--- Each spec has names of its own: a name warns once in a process.
local NAMES = {
  ["debitura.partner: option api_token"] = { instead = "api_key", since = "1.1.0", gone = "2.0.0" },
  ["debitura.partner: option key"] = { instead = "api_key", since = "1.1.0", gone = "2.0.0" },
}

local function lines_of_stderr(code)
  local pipe = assert(io.popen(([[%s -e '%s' 2>&1 >/dev/null]]):format(
    os.getenv("DEBITURA_ENGINE"), code)))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

describe("A deprecated name", function()
  setup(function()
    for name, row in pairs(NAMES) do deprecation.names[name] = row end
  end)

  teardown(function() for name in pairs(NAMES) do deprecation.names[name] = nil end end)

  it("of an option is taken as today's, and told to its logger once", function()
    local lines, given = {}, { api_token = "sample-key", environment = "test" }
    function given.logger(level, line) lines[#lines + 1] = level .. ": " .. line end
    for _ = 1, 2 do assert.is_table(debitura.partner(given)) end
    assert.same({ "warn: debitura 1.0.0: debitura.partner: option api_token is deprecated since "
      .. "1.1.0 and goes with 2.0.0; use api_key" }, lines)
    assert.equal("sample-key", given.api_token)
  end)

  it("of an option is refused beside today's, and one that is not known as ever", function()
    assert.equal("debitura.partner: option 'api_key': given under its earlier name 'key' as well",
      (mistake(function()
        debitura.partner { key = "a", api_key = "b", environment = "test", logger = function() end }
      end)))
    assert.equal("debitura.partner: unknown option 'api_kee', did you mean 'api_key'?",
      (mistake(function() debitura.partner { api_kee = "a", environment = "test" } end)))
  end)

  it("of the front door leads to today's, and is told on standard error once", function()
    local said = lines_of_stderr([[
      local debitura = require "debitura"
      require("debitura.base.deprecation").names["debitura: name ledger"] = {
        instead = "store", since = "1.1.0", gone = "2.0.0" }
      assert(debitura.ledger == debitura.store and debitura.ledger.open)
      assert(debitura.nothing == nil)]])
    assert.equal("debitura 1.0.0: debitura: name ledger is deprecated since 1.1.0 and goes with "
      .. "2.0.0; use store\n", said)
  end)

  it("of a command runs today's, with a note", function()
    local desk = command.desk()
    local init = [[require("debitura.base.deprecation").names["debitura release"] = {
      instead = "version", since = "1.1.0", gone = "2.0.0" }]]
    local line = "debitura release is deprecated since 1.1.0 and goes with 2.0.0; use version"
    for flags, noted in pairs { [""] = "debitura 1.0.0: " .. line .. "\n",
      [" --json"] = '{"note":"debitura 1.0.0: ' .. line .. '"}\n' } do
      local ended = desk:run("release" .. flags, { environment = { LUA_INIT = init } })
      assert.same({ 0, noted }, { ended.status, ended.err })
      assert.truthy(ended.out:find("1.0.0", 1, true))
    end
    desk:close()
  end)
end)
