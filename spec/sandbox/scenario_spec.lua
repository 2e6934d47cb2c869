local command = require "spec.support.command"
local core = require "debitura.core"
local sandbox = require "debitura.sandbox"
local scenario = require "debitura.sandbox.scenario"

local NAMES = {
  "happy-path", "choice-page", "expiry-and-recovery", "declined", "another-partner", "kyc",
  "bad-week-of-the-mail-server", "disabled-subscription",
}

--- A scenario of the given steps, as JSON.
local function written(steps)
  return assert(core.json.encode { name = "own", steps = core.json.array(steps) })
end

describe("A scenario", function()
  local server

  setup(function() server = assert(sandbox.start { seed = 4 }) end)
  teardown(function() server:stop() end)

  it("comes with the sandbox in eight kinds, each of which names itself", function()
    assert.same(NAMES, scenario.names())
    for _, name in ipairs(NAMES) do
      local read = assert(scenario.read(scenario.shipped(name)))
      assert.equal(name, read.name)
      assert.is_string(read.about)
    end
    assert.is_nil(scenario.shipped("nothing"))
  end)

  for _, name in ipairs(NAMES) do
    it(name .. " goes as told, twice in one sandbox", function()
      for _ = 1, 2 do
        local report = assert(server:play(scenario.shipped(name)))
        assert.is_true(report.passed, report.problem)
        assert.equal(report.steps, report.played)
      end
      assert.equal("", server:log())
    end)
  end

  it("stops at the first step that does not go as expected, and says which and why", function()
    local function play(...) return assert(server:play(written { ... })) end
    assert.same({ name = "own", passed = false, played = 1, steps = 3, step = 2, verb = "expect",
      problem = "status: 201 expected, 200 came" },
      play({ request = { operation = "me" } }, { expect = { status = 201 } }, { advance = "1s" }))
    assert.equal('body.companyName: "Other" expected, "Sample Partner" came',
      play({ request = { operation = "me" } },
        { expect = { body = { companyName = "Other" } } }).problem)
    assert.equal("events: [\"client.linked\"] expected, [] came",
      play({ expect = { events = core.json.array { "client.linked" } } }).problem)
    assert.truthy(play({ approve = "no-such-tenant" }).problem
      :find('the control requests answers 400: {"externalTenantId":["has no link request"]}', 1,
      true))
    assert.truthy(play({ sign = "no-such-tenant" }).problem:find("has no active link", 1, true))
  end)

  it("names the step that cannot be read", function()
    local function problem(text) return select(2, scenario.read(text)) end
    assert.equal("step 1: 'expct' is not known, did you mean 'expect'?",
      problem(written { { expct = {} } }))
    assert.equal("step 2: an object with one verb is expected",
      problem(written { { advance = "1d" }, { advance = "1d", sweep = true } }))
    assert.equal("step 1: a duration such as 7d1h is expected",
      problem(written { { advance = "soon" } }))
    assert.equal("step 1: advance takes a string", problem(written { { advance = 7 } }))
    assert.equal("step 1: 'clients.creat' is no operation of the partner API",
      problem(written { { request = { operation = "clients.creat" } } }))
    assert.equal("step 1: up or down is expected", problem(written { { mail = "off" } }))
    assert.equal("step 1: expect: 'state' is not known; there are status, body, events, letters, "
      .. "link", problem(written { { expect = { state = "linked" } } }))
    assert.equal("name and steps are needed", problem('{"steps": [{"advance": "1d"}]}'))
    assert.equal("steps must be a list of 1 to 1000", problem('{"name": "x", "steps": []}'))
    assert.equal("'stepps' is not known, did you mean 'steps'?",
      problem('{"name": "x", "stepps": []}'))
    assert.equal("a JSON object is expected", problem("[1]"))
    assert.matches("^no JSON: ", problem("{"))
  end)

  it("is played on the sandbox's own page, where it needs no platform", function()
    local report = assert(server:control("POST", "scenarios", { name = "declined" }))
    assert.same({ name = "declined", passed = true, played = 8, steps = 8 }, report)
    local _, err = server:control("POST", "scenarios", { name = "expiry-and-recovery" })
    assert.truthy(err:find("debitura scenario run expiry-and-recovery", 1, true), err)
    local own = core.json.decode(written { { advance = "1s" } })
    assert.is_true(server:control("POST", "scenarios", own).passed)
    for _, row in ipairs(assert(server:control("GET", "scenarios"))) do
      assert.equal(row.name == "happy-path" or row.name == "choice-page" or row.name == "declined"
        or row.name == "kyc", row.playable, row.name)
    end
  end)
end)

describe("debitura scenario", function()
  local desk

  before_each(function() desk = command.desk() end)
  after_each(function() desk:close() end)

  it("runs files and those that come with it, and exits by what came of them", function()
    local file = desk:file("own.json",
      written { { advance = "1d" }, { expect = { status = 200 } } })
    local both = desk:run("scenario run declined " .. file)
    assert.same({ 4, "ok    declined, 8 steps\n"
      .. "FAIL  own, step 2 of 2 (expect): status: 200 expected, nothing came\n" },
      { both.status, both.out })
    assert.equal(1, desk:run("scenario run " .. file).status)
    local all = desk:run("scenario run --json")
    assert.equal(0, all.status, all.err)
    assert.equal(#NAMES, #desk:objects(all.out))
  end)

  it("plays nothing when one of them cannot be read", function()
    local ended = desk:run("scenario run declined -", { input = '{"name": "x"}' })
    assert.same({ 2, "" }, { ended.status, ended.out })
    assert.truthy(ended.err:find("-: name and steps are needed", 1, true), ended.err)
    ended = desk:run("scenario run nothing")
    assert.equal(2, ended.status)
    assert.truthy(ended.err:find("scenarios that come with the sandbox are happy-path", 1, true))
  end)

  it("plays in a sandbox that runs already, and shows a file to begin with", function()
    local server = assert(sandbox.start())
    assert.equal(0, desk:run("scenario run kyc --at " .. server.url).status)
    assert.is_true(#server:control("GET", "calls") > 0)
    server:stop()
    assert.equal(scenario.shipped("kyc"), desk:run("scenario show kyc").out)
    assert.truthy(desk:run("scenario list").out:find("declined\tThe customer says no.", 1, true))
  end)
end)
