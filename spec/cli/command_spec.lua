-- What all commands have in common: statuses, configuration, output, confirmation.

local cli = require "debitura.cli"
local command = require "spec.support.command"
local core = require "debitura.core"
local failure = require "debitura.base.failure"
local sandbox = require "debitura.sandbox"
local server = require "spec.support.server"
local session = require "debitura.cli.session"
local status = require "debitura.cli.exit_status"

local CLIENT = [[{"externalTenantId": "tenant-1", "client": {"name": "Sample Trading Ltd",
  "country": "Denmark",
  "supportEmail": "office@new.example"}, "users": [{"name": "Ann Example",
  "email": "ann@onboarded.example"}]}]]
local NOT_ONBOARDED = CLIENT:gsub("tenant%-1", "tenant-2"):gsub("onboarded", "sample")
  :gsub("office@new", "desk@new")

describe("debitura", function()
  local service, desk

  setup(function()
    service = assert(sandbox.start { situations = {} })
    desk = command.desk(service)
    assert.equal(0, desk:run("clients create -", { input = CLIENT }).status)
  end)

  teardown(function()
    desk:close()
    service:stop()
  end)

  local function chmod(mode, path)
    server.run(("chmod %s %s"):format(mode, server.quote(path)))
  end

  local function config(text, mode)
    local path = desk:file("config.json", text)
    chmod(mode or "600", path)
    return path
  end

  describe("exits with", function()
    local function exits(code, line, options)
      local ended = desk:run(line, options)
      assert.equal(code, ended.status, ended.err)
      return ended
    end

    it("0 when it is done", function() exits(0, "clients show tenant-1") end)

    it("1 when Debitura refuses, and says what to do", function()
      assert.truthy(exits(1, "clients show nobody").err:find("clients.get: not_found 404", 1, true))
      local refused = exits(1, "clients list",
        { environment = { DEBITURA_API_KEY = "sample-wrong-key" } })
      assert.truthy(refused.err:find("debitura doctor", 1, true))
      assert.is_nil(refused.err:find("sample-wrong-key", 1, true))
    end)

    it("2 for a command line that makes no sense, and shows how it goes", function()
      for line, problem in pairs {
        ["frobnicate"] = "unknown command 'frobnicate'",
        ["clients frobnicate"] = "unknown command 'frobnicate'",
        ["clients show"] = "missing argument 'tenant'",
        ["clients list --limit 0"] = "a whole number, 1 at least",
        ["clients list --api-key sample"] = "unknown option '--api-key'",
        [""] = "a command is required",
      } do
        local ended = exits(2, line)
        assert.truthy(ended.err:find(problem, 1, true), ended.err)
        assert.truthy(ended.err:find("Usage: debitura", 1, true), ended.err)
        assert.equal("", ended.out)
      end
    end)

    it("3 when Debitura is not reached, does not answer, or cannot", function()
      local nowhere = "http://127.0.0.1:" .. core.system.free_port()
      local ended = exits(3, "clients show tenant-1",
        { environment = { DEBITURA_BASE_URL = nowhere } })
      assert.truthy(ended.err:find("no connection", 1, true), ended.err)
      assert(service:control("POST", "faults", { operation = "me", status = 503, times = 3 }))
      exits(3, "call GET /me")
    end)

    it("a status for every kind of failure there is", function()
      for kind in pairs(failure.kinds) do
        assert.is_number(status.of(failure.new { kind = kind, message = "sample" }), kind)
      end
      for kind in pairs(status.of_kind) do assert.is_table(failure.kinds[kind], kind) end
      assert.equal(1,
        status.of(failure.new { kind = "store", message = "not installed", retryable = false }))
      assert.equal(3, status.of(failure.new { kind = "store", message = "locked" }))
      assert.same({ 0, 1, 4, 3 }, {
        status.of_many(2, 0), status.of_many(0, 2), status.of_many(1, 1),
        status.of_many(0, 1, failure.new { kind = "timeout", message = "sample" }),
      })
    end)
  end)

  describe("is configured", function()
    it("by a file that only its owner can read", function()
      local path = config(('{"api_key": "%s", "base_url": "%s"}')
        :format(service.api_key, service.url))
      local ended = desk:run("clients show tenant-1", {
        environment = { DEBITURA_API_KEY = "", DEBITURA_BASE_URL = "", DEBITURA_CONFIG = path },
      })
      assert.equal(0, ended.status, ended.err)
      chmod("640", path)
      ended = desk:run("clients show tenant-1", { environment = { DEBITURA_CONFIG = path } })
      assert.equal(2, ended.status)
      assert.truthy(ended.err:find("chmod 600 '" .. path .. "'", 1, true), ended.err)
      assert.is_nil(ended.err:find(service.api_key, 1, true))
    end)

    it("by the file below ~/.config, and by variables before it", function()
      server.run("mkdir -p " .. server.quote(desk.directory .. "/.config/debitura"))
      local path = desk:file(".config/debitura/config.json",
        ('{"api_key": "wrong", "base_url": "%s"}'):format(service.url))
      chmod("600", path)
      assert.equal(1,
        desk:run("clients show tenant-1", { environment = { DEBITURA_API_KEY = "" } }).status)
      assert.equal(0, desk:run("clients show tenant-1").status)
      os.remove(path)
    end)

    it("never by a file that is wrong, and names what is wrong but no value", function()
      for text, problem in pairs {
        ['{"api_kee": "sample-secret", "store": "memory:"}'] =
          "unknown option 'api_kee', did you mean 'api_key'?",
        ['{"name": 7}'] = "option 'name': text that is not empty expected",
        ['{"environment": "sample-secret"}'] =
          "option 'environment': 'production' or 'test' expected",
        ['{"webhook": {"sekret": "sample-secret"}}'] =
          "webhook: unknown option 'sekret', did you mean 'secret'?",
        ['{"directors": "sample-secret"}'] = "option 'directors': a function expected",
        ['{"api_key": "sample-secret"'] = "no JSON",
        ['["sample-secret"]'] = "a JSON object is expected", [""] = "no JSON",
        ['{"channels": [{"type": "pigeon", "to": "sample-secret"}], "api_key": null}'] =
          "api_key is null; leave it out",
        ['{"channels": [{"type": "pigeon", "to": "sample-secret"}]}'] =
          "option 'channels[1]': type: email, http or print expected",
        ['{"channels": [{"type": "print"}, {"type": "callback"}]}'] =
          "option 'channels[2]': type: email, http or print expected; a channel of another kind is "
          .. "made in Lua, by debitura.channels",
        ['{"channels": [{"type": "http", "url": "http://platform.example"}]}'] =
          "debitura.channels.http: option ",
      } do
        local ended = desk:run("clients list", { environment = { DEBITURA_CONFIG = config(text) } })
        assert.equal(2, ended.status, text)
        assert.truthy(ended.err:find(problem, 1, true), ended.err)
        assert.is_nil(ended.err:find("sample-secret", 1, true))
      end
      local ended = desk:run("clients list",
        { environment = { DEBITURA_CONFIG = desk.directory .. "/nowhere.json" } })
      assert.equal(2, ended.status)
      assert.truthy(ended.err:find("nowhere.json: No such file", 1, true), ended.err)
    end)

    it("not at all: says where the key belongs", function()
      local ended = desk:run("clients list", { environment = { DEBITURA_API_KEY = "" } })
      assert.equal(2, ended.status)
      assert.truthy(ended.err:find("DEBITURA_API_KEY", 1, true))
      assert.truthy(ended.err:find(desk.directory .. "/.config/debitura/config.json", 1, true))
    end)

    it("for a host without encryption: refused", function()
      local ended = desk:run("clients list",
        { environment = { DEBITURA_BASE_URL = "http://referral.example" } })
      assert.equal(2, ended.status)
      assert.truthy(ended.err:find("https://", 1, true), ended.err)
    end)
  end)

  describe("prints", function()
    it("cells between tabs for other programs", function()
      assert.truthy(
        desk:run("clients list").out:find("^tenant%-1\tSample Trading Ltd\tDenmark\tyes\tyes\t"))
    end)

    it("a table with headings on a terminal, no wider than that", function()
      local shown = desk:run("clients list", { terminal = true })
      assert.equal(0, shown.status)
      assert.truthy(shown.out:find("^TENANT +COMPANY +COUNTRY"), shown.out)
      for line in shown.out:gmatch("[^\n]+") do assert.is_true(#line <= 100) end
    end)

    it("one JSON object in each line, the failure on standard error", function()
      local listed = desk:objects(desk:run("clients list --json").out)
      assert.same({ 1, "tenant-1" }, { #listed, listed[1].externalTenantId })
      local ended = desk:run("clients show nobody --json")
      assert.equal("", ended.out)
      local told = desk:objects(ended.err)[1].error
      assert.same({ "not_found", 404, "clients.get", false },
        { told.kind, told.status, told.operation, told.retryable })
    end)
  end)

  describe("in production", function()
    local environment = { DEBITURA_ENVIRONMENT = "production" }

    local function there()
      return desk:run("clients show tenant-2").status == 0
    end

    before_each(function()
      assert.equal(0, desk:run("clients create -", { input = NOT_ONBOARDED }).status)
    end)

    after_each(function() desk:run("clients delete tenant-2") end)

    it("does nothing that cannot be taken back where nobody can be asked", function()
      local ended = desk:run("clients withdraw tenant-2", { environment = environment })
      assert.equal(1, ended.status)
      assert.truthy(ended.err:find("add --yes", 1, true), ended.err)
      assert.equal(1, desk:run("call POST /clients/tenant-2/withdraw",
        { environment = environment }).status)
      assert.is_true(there())
    end)

    it("asks for the id on a terminal", function()
      local ended = desk:run("clients withdraw tenant-2",
        { environment = environment, terminal = true, input = "yes\n" })
      assert.equal(1, ended.status)
      assert.truthy(
        ended.out:find(
          "PRODUCTION: This withdraws the client and closes its pending cases: tenant-2", 1, true),
            ended.out)
      assert.is_true(there())
      ended = desk:run("clients withdraw tenant-2", { environment = environment, terminal = true,
        input = "tenant-2\n" })
      assert.equal(0, ended.status, ended.out)
      assert.is_false(there())
    end)

    it("takes --yes for an answer, and only shows with --dry-run", function()
      local ended = desk:run("clients withdraw tenant-2 --dry-run", { environment = environment })
      assert.same({ 0, ("would send: POST %s/clients/tenant-2/withdraw\n"):format(service.url) },
        { ended.status, ended.out })
      assert.is_true(there())
      assert.equal(0, desk:run("clients withdraw tenant-2 --yes",
        { environment = environment }).status)
      assert.is_false(there())
    end)

    it("does not even ask about what the test environment alone has", function()
      local ended = desk:run("clients delete tenant-1",
        { environment = environment, terminal = true, input = "tenant-1\n" })
      assert.equal(1, ended.status)
      assert.is_nil(ended.out:find("PRODUCTION", 1, true))
    end)

    it("is where it believes to be unless it is told otherwise", function()
      for options, expected in pairs {
        [{ environment = "test" }] = false, [{ environment = "production" }] = true,
        [{ base_url = "https://proxy.example" }] = true,
        [{ base_url = "http://127.0.0.1:8787" }] = false,
        [{ base_url = "http://localhost" }] = false,
        [{ base_url = "http://[::1]:8787" }] = false,
        [{ base_url = "http://127.0.0.1:8787", environment = "production" }] = true,
        [{}] = true, -- nothing says where it is
      } do
        local own = session.new({}, nil, {})
        own.loaded = { options = options }
        assert.equal(expected, own:production(), options.base_url or options.environment)
      end
    end)
  end)

  it("asks on a terminal of production only", function()
    local said = {}
    local function ask(changes)
      local given = { production = true, terminal = true, read = function() return " sample " end }
      for name, value in pairs(changes) do given[name] = value end
      local own = session.new({ yes = given.yes }, nil, {})
      own.stderr = { flush = function() end, write = function(_, text) said[#said + 1] = text end }
      function own.production() return given.production end
      function own.keyboard() return given.terminal and given or nil end
      return own:confirm("This is a sample", "sample")
    end
    assert.is_true(ask { production = false, terminal = false })
    assert.is_true(ask { yes = true, terminal = false })
    assert.same({}, said)
    assert.is_true(ask {})
    assert.same({ "PRODUCTION: This is a sample.\nType sample to go on: " }, said)
    for _, typed in ipairs { "", "y", "Sample" } do
      local allowed, refused = ask { read = function() return typed end }
      assert.is_nil(allowed)
      assert.equal("forbidden", refused.kind)
    end
    assert.is_nil((ask { read = function() return nil end }))
  end)

  it("does not take a result for printed that was not", function()
    local text = server.run(desk:shell("operations") .. " >/dev/full; echo status $?")
    assert.truthy(text:find("the result could not be written: No space left on device", 1, true),
      text)
    assert.truthy(text:find("status 1\n", 1, true), text)
  end)

  it("is found by symbolic links, of links too", function()
    local here = server.run("pwd"):gsub("%s+$", "")
    server.run(("cd '%s' && ln -s '%s/bin/debitura' first && ln -s first second"):format(
      desk.directory, here))
    for _, name in ipairs { "first", "second" } do
      local said, ended = server.run(("cd / && env -u LUA_PATH -u LUA_CPATH lua5.4 '%s/%s' version")
        :format(desk.directory, name))
      assert.is_true(ended, said)
      assert.truthy(said:find("^debitura\t"), said)
    end
  end)

  it("shows its key nowhere", function()
    local secret = "sample-key-that-nobody-sees"
    local path = config(('{"api_key": "%s"}'):format(secret))
    local elsewhere = assert(sandbox.start { settings = { api_key = secret } })
    local environment = { DEBITURA_API_KEY = "", DEBITURA_CONFIG = path,
      DEBITURA_BASE_URL = elsewhere.url }
    for _, line in ipairs { "call GET /me", "call GET /me --json", "call GET /me --dry-run",
      "call GET /nowhere", "clients show nobody" } do
      local ended = desk:run(line, { environment = environment })
      assert.is_nil((ended.out .. ended.err):find(secret, 1, true), line)
    end
    elsewhere:stop()
  end)

  it("has a summary and a description for whatever it offers", function()
    local function check(parser)
      for _, list in ipairs { parser._arguments, parser._options } do
        for _, element in ipairs(list) do
          assert.is_string(element._description, parser:get_usage())
        end
      end
      for _, inner in ipairs(parser._commands) do
        assert.truthy(inner._summary:find("%.$"), inner._name)
        check(inner)
      end
    end
    check(assert(cli.parser()))
  end)
end)
