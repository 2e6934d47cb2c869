-- `debitura rehearse`, as an operator runs it.

local command = require "spec.support.command"
local core = require "debitura.core"
local sandbox = require "debitura.sandbox"

local UNATTENDED = "rehearse --unattended --to you@platform.example"

describe("debitura rehearse", function()
  local service, desk

  local function config(changes)
    local options = { api_key = service.api_key, base_url = service.url,
      channels = core.json.array { { type = "print" } } }
    for name, value in pairs(changes or {}) do options[name] = value end
    local path = desk:file("config.json", assert(core.json.encode(options)))
    os.execute("chmod 600 " .. path)
    return path
  end

  local function rehearse(line, options)
    options = options or {}
    options.environment = { DEBITURA_CONFIG = options.config or config() }
    return desk:run(("%s --file %s/rehearsal.json"):format(line, desk.directory), options)
  end

  --- What of the rehearsal is still at Debitura.
  local function left()
    local options, found = { environment = { DEBITURA_CONFIG = config() } }, ""
    for _, list in ipairs { "clients list", "webhooks list" } do
      local ended = desk:run(list, options)
      assert.equal(0, ended.status, ended.err)
      found = found .. ended.out
    end
    return found
  end

  before_each(function()
    service = assert(sandbox.start { seed = 1 })
    desk = command.desk()
  end)
  after_each(function()
    service:stop()
    desk:close()
  end)

  it("agrees in every step against the sandbox, and leaves nothing behind", function()
    local ended = rehearse(UNATTENDED .. " --json --html " .. desk.directory .. "/report.html")
    local report = desk:objects(ended.out)[1]
    for _, step in ipairs(report.steps) do
      assert.equal("agrees", step.verdict, step.name .. ": " .. (step.why or step.differences[1]
        or ""))
    end
    assert.same({ 0, true, 41, {}, {} },
      { ended.status, report.agrees, report.counts.agrees, report.noted, report.left })
    assert.equal("", left())
    assert.equal("", service:log())
    local page = desk:read(desk.directory .. "/report.html")
    for _, text in ipairs { ended.out, page } do
      for _, secret in ipairs { "http://", "https://", "platform.example", service.api_key } do
        assert.is_nil(text:find(secret, 1, true), secret)
      end
    end
  end)

  it("ends by Ctrl-C amid a step with nothing left behind, and goes on", function()
    assert(service:control("POST", "faults", { operation = "clients.is_deletable", delay = 60 }))
    desk.environment.DEBITURA_CONFIG = config()
    local line = ("%s --file %s/rehearsal.json"):format(UNATTENDED, desk.directory)
    local stop = desk:start(line, function()
      return desk:read(desk.directory .. "/err"):find("rate_limit\n", 1, true)
    end)
    local ended = stop()
    assert.equal(130, ended.status, ended.err)
    assert.truthy(ended.err:find("Interrupted; what was made is removed now.\n", 1, true))
    assert.equal("", left())
    assert(service:control("DELETE", "faults"))
    ended = desk:run(line)
    assert.equal(0, ended.status, ended.out)
    assert.truthy(ended.out:find(" 41 steps agree, 0 differ, 0 were not tried.\n", 1, true))
    assert.equal("", left())
  end)

  it("shows a person the URL and how to skip it, in 80 columns", function()
    local ended = rehearse("rehearse --to you@platform.example",
      { terminal = true, columns = 80, input = "what?\ns\nl\nl\n" })
    assert.equal(4, ended.status)
    assert.truthy(ended.out:find("Approve it now, as the customer:\n" .. service.url, 1, true))
    assert.truthy(ended.out:find("\nEnter when it is done, s to skip it, l to go on another day: ",
      1, true))
    for line in ended.out:match("\nRehearsal .*"):gmatch("[^\n]+") do
      assert.is_true(#line:gsub("\27%[%d*m", "") <= 80, line)
    end
    ended = rehearse("rehearse --report --json")
    local report = desk:objects(ended.out)[1]
    assert.same({ 4, "skipped by the operator" }, { ended.status, report.steps[18].why })
    assert.same({ 0, "3 removed, 0 left\n" }, (function()
      local cleaned = rehearse("rehearse --clean")
      return { cleaned.status, cleaned.out }
    end)())
    assert.equal("", left())
  end)

  it("refuses before anything is sent what may be production", function()
    for _, options in ipairs {
      { environment = "production", base_url = service.url },
      { environment = "test", base_url = "https://referral-api.debitura.com." },
    } do
      local ended = rehearse(UNATTENDED, { config = config(options) })
      assert.same({ 2, "" }, { ended.status, ended.out })
    end
    assert.same({}, assert(service:control("GET", "calls")))
    local ended = rehearse("rehearse --unattended", { config = config { environment = "test",
      base_url = "https://testreferral-api.debitura.com",
      customer_base_url = "https://testcustomer-api.debitura.com" } })
    assert.truthy(ended.err:find("--unattended is for a sandbox", 1, true), ended.err)
    ended = rehearse("rehearse --unattended --to nowhere")
    assert.truthy(ended.err:find("--to: a mail address is expected", 1, true), ended.err)
  end)
end)
