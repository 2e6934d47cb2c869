-- A mistake of the programmer's is reported where it was made: at the line that called the library.

local debitura = require "debitura"

local NOWHERE = "http://127.0.0.1:1"
local QUERY = NOWHERE .. "/?"

local partner = debitura.partner { api_key = "sample-key", base_url = NOWHERE }
local customer = partner:customer("tenant-1")

local function with(changes)
  local given = { api_key = "sample-key", base_url = NOWHERE }
  for name, value in pairs(changes) do given[name] = value end
  return given
end

-- What each line does wrong, with words of the message.
local MISTAKES = {
  { "option 'api_key': missing", function() debitura.partner() return 1 end },
  { "a table of options expected, got string",
    function() debitura.customer("sample-key") return 1 end },
  { "option 'api_key': missing", function() debitura.partner {} return 1 end },
  { "option 'environment': missing",
    function() debitura.partner { api_key = "sample-key" } return 1 end },
  { "did you mean 'environment'?",
    function() debitura.partner { enviroment = "test" } return 1 end },
  { "did you mean 'api_key'?",
    function() debitura.customer { apikey = "sample-key" } return 1 end },
  { "option 'max_header_bytes': a whole number from 1 to 102400 expected, got 102401",
    function() debitura.partner(with { max_header_bytes = 102401 }) return 1 end },
  { "option 'timeout'",
    function() debitura.partner { api_key = "k", base_url = NOWHERE, timeout = -1 } return 1 end },
  { "option 'base_url'",
    function() debitura.partner { api_key = "k", base_url = "ftp://a.example" } return 1 end },
  { "option 'base_url'",
    function() debitura.partner { api_key = "k", base_url = QUERY } return 1 end },
  { "option 'base_url'",
    function() debitura.partner { api_key = "k", base_url = NOWHERE .. "/#a" } return 1 end },
  { "option 'customer_base_url'",
    function() debitura.partner(with { customer_base_url = QUERY }) return 1 end },
  { "option 'waiter'",
    function() debitura.partner { api_key = "k", base_url = NOWHERE, waiter = {} } return 1 end },
  { "option 'limiter'",
    function() debitura.partner { api_key = "k", base_url = NOWHERE, limiter = 5 } return 1 end },
  { "option 'engine'",
    function() debitura.partner { api_key = "k", base_url = NOWHERE, engine = 5 } return 1 end },
  { "option 'logger'",
    function() debitura.partner { api_key = "k", base_url = NOWHERE, logger = {} } return 1 end },
  { "option 'minute'", function() debitura.limiter { minute = 0 } return 1 end },
  { "unknown option 'minutes', did you mean 'minute'?",
    function() debitura.limiter { minutes = 5 } return 1 end },
  { "option 'limit'", function() debitura.parallel({ limit = 0 }, {}) return 1 end },
  { "an array of functions expected", function() debitura.parallel({}) return 1 end },
  { "job 1: a function expected", function() debitura.parallel({}, { 1 }) return 1 end },
  { "a function that sleeps expected", function() debitura.waiter.ticks() return 1 end },
  { "above 0 expected", function() debitura.waiter.ticks(print, 0) return 1 end },
  { "externalTenantId expected", function() partner:customer("") return 1 end },
  { "argument 1 (externalTenantId)", function() partner:get_client(1) return 1 end },
  { "argument 1 (externalTenantId)", function() partner.clients:get(1) return 1 end },
  { "argument 1 (body)", function() partner:create_client() return 1 end },
  { "takes 2 arguments at most", function() partner.clients:get("a", {}, 3) return 1 end },
  { "option 'timeout'", function() partner.clients:get("a", { timeout = -1 }) return 1 end },
  { "clients.get: unknown option 'timout', did",
    function() partner.clients:get("a", { timout = 1 }) return 1 end },
  { "cases.list: unknown option 'attempt', did",
    function() partner.cases:list({}, { attempt = 1 }) return 1 end },
  { "the method expected", function() partner:call() return 1 end },
  { "the path expected", function() partner:call("GET") return 1 end },
  { "call: unknown option 'paths', did you mean",
    function() partner:call("GET", "/me", nil, { paths = {} }) return 1 end },
  { "number of a page expected", function() partner.cases:list():page("1") return 1 end },
  { "a number of rows expected", function() partner.cases:list():all(-1) return 1 end },
  { "argument 1 (body)", function() customer.cases:create("a") return 1 end },
}

describe("A mistake", function()
  for _, mistake in ipairs(MISTAKES) do
    local words, make = mistake[1], mistake[2]
    local line = debug.getinfo(make, "S").linedefined
    it(("is reported in line %d: %s"):format(line, words), function()
      local sound, message = pcall(make)
      assert.is_false(sound)
      assert.equal(("spec/client/mistakes_spec.lua:%d: "):format(line), message:match("^%S+:%d+: "))
      assert.is_truthy(message:find(words, 1, true), message)
    end)
  end

  it("in a coroutine is reported there", function()
    local run = coroutine.create(function()
      partner.clients:get(1)
      return 1
    end)
    local _, message = coroutine.resume(run)
    assert.matches("^spec/client/mistakes_spec.lua:%d+: clients.get", message)
  end)

  it("of every option is found, whatever its type", function()
    for _, row in ipairs(require("debitura.client.options").partner.rows) do
      local sound, message = pcall(debitura.partner, with { [row.name] = 0 })
      if sound then error(row.name .. " may be 0") end
      assert.is_truthy(message:find("option '" .. row.name .. "'", 1, true), message)
    end
  end)
end)
