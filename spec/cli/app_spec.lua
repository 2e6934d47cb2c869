-- A Lua file of the application's, from which the command takes the platform: --app,
-- DEBITURA_CONFIG.

local app = require "debitura.cli.app"
local command = require "spec.support.command"
local sandbox = require "debitura.sandbox"
local server = require "spec.support.server"

local APP = [[
local debitura = require "debitura"

return debitura.platform {
  name = "Sample Platform", base_url = "%s", api_key = os.getenv "SAMPLE_KEY",
  store = "sqlite://%s/store.db",
  channels = { debitura.channels.callback(function() return true end) },
}
]]

describe("debitura --app", function()
  local service, desk

  setup(function() service = assert(sandbox.start()) end)
  teardown(function() service:stop() end)

  before_each(function()
    desk = command.desk()
    desk.environment = { SAMPLE_KEY = service.api_key }
  end)

  after_each(function() desk:close() end)

  local function written(text, mode)
    local path = desk:file("debitura.lua", text)
    server.run(("chmod %s %s"):format(mode or "644", server.quote(path)))
    return path
  end

  local function platform_file()
    return written(APP:format(service.url, desk.directory))
  end

  it("works with the platform that the file returns, before or behind the command", function()
    local path = platform_file()
    for _, line in ipairs { "--app %s clients list --json", "clients list --json --app %s" } do
      local ended = desk:run(line:format(path))
      assert.equal(0, ended.status, ended.err)
    end
    -- What only reads makes no store.
    local ended = desk:run("inbox list --app " .. path)
    assert.equal(1, ended.status)
    assert.truthy(ended.err:find("the store does not exist yet", 1, true), ended.err)
  end)

  it("works with what DEBITURA_CONFIG names, and --app goes before that", function()
    local path = platform_file()
    local ended = desk:run("clients list", { environment = { DEBITURA_CONFIG = path } })
    assert.equal(0, ended.status, ended.err)
    ended = desk:run("clients list --app " .. path,
      { environment = { DEBITURA_CONFIG = "/nonexistent.json" } })
    assert.equal(0, ended.status, ended.err)
  end)

  it("leaves the variables of the command alone: the file says all", function()
    local ended = desk:run("clients list --app " .. platform_file(),
      { environment = { DEBITURA_API_KEY = "sample-other-key" } })
    assert.equal(0, ended.status, ended.err)
  end)

  it("says what is missing where a part is needed", function()
    local path = written('return require("debitura").platform { environment = "test" }')
    local ended = desk:run("clients list --app " .. path)
    assert.equal(2, ended.status)
    assert.equal(("debitura: %s: no API key: option 'api_key' is missing\n"):format(path),
      ended.err)
    assert.truthy(desk:run("inbox list --app " .. path).err:find("option 'store' is missing", 1,
      true))
  end)

  describe("refuses, in one sentence, a file", function()
    local function refuses(text, said, mode)
      local path = written(text, mode)
      local ended = desk:run("clients list --app " .. path)
      assert.equal(2, ended.status, ended.err)
      assert.equal(("debitura: %s\n"):format(said:gsub("FILE", (path:gsub("%%", "%%%%")))),
        ended.err)
      assert.equal("", ended.out)
    end

    it("that raises an error", function()
      refuses('error("no pepper in the house")',
        "FILE: it raised an error: FILE:1: no pepper in the house")
    end)

    it("whose options are wrong", function()
      refuses('return require("debitura").platform { enviroment = "test" }',
        "FILE: it raised an error: debitura.platform: unknown option 'enviroment', "
          .. "did you mean 'environment'?")
    end)

    it("that is no Lua", function()
      local path = written("return {")
      local ended = desk:run("clients list --app " .. path)
      assert.same({ 2, "" }, { ended.status, ended.out })
      assert.truthy(ended.err:find("^debitura: [^\n]*debitura.lua:1: [^\n]+\n$"), ended.err)
    end)

    it("that returns no platform", function()
      local said = "FILE returns no platform; it ends with: return debitura.platform { … }"
      refuses("", said)
      refuses('return { environment = "test" }', said)
    end)

    it("that is not there", function()
      local ended = desk:run("clients list --app /nonexistent/debitura.lua")
      assert.same({ 2, "debitura: /nonexistent/debitura.lua: No such file or directory\n" },
        { ended.status, ended.err })
    end)

    it("that others can read while a key is written in it", function()
      local text = 'return require("debitura").platform { base_url = "' .. service.url
        .. '", api_key = "' .. service.api_key .. '" }'
      refuses(text, "FILE can be read by others and holds a key or secret: chmod 600 'FILE', or "
        .. "take it from the environment")
      refuses(text, "FILE can be read by others and holds a key or secret: chmod 600 'FILE', or "
        .. "take it from the environment", "640")
      assert.equal(0, desk:run("clients list --app " .. written(text, "600")).status)
    end)
  end)

  it("knows a key or secret in a source from what is none", function()
    for _, source in ipairs {
      'api_key = "sample-key-1"', "local API_KEY = 'sample-key-1'",
      'store = { encryption_key = "c2FtcGxlLWtleQ==" }', 'encryption_keys = { "c2FtcGxlLWtleQ==" }',
      'api_key = debitura.secret "sample-key-1"', 'secret = secret("sample-key-1")',
      'password = "sample-word"', 'store = "postgresql://app:word@db.example/app"',
      'webhook = { secrets = {\n"c2FtcGxlLWtleQ==" } }',
    } do assert.is_true(app.holds_secret(source), source) end
    for _, source in ipairs {
      'api_key = os.getenv "DEBITURA_API_KEY"', 'api_key = os.getenv("DEBITURA_API_KEY")',
      'secret_file = "/etc/app/webhook-secret"', 'store = "postgresql://app@db.example/app"',
      'encryption_key = read("/etc/app/store-key")', 'password = ""',
      'url = "http://127.0.0.1:8787/customer"', 'secrets = { os.getenv "DEBITURA_SECRET" }',
    } do assert.is_false(app.holds_secret(source), source) end
  end)

  it("receives webhooks for the platform of a file", function()
    local path = written(([[
      return require("debitura").platform {
        environment = "test", store = "sqlite://%s/store.db",
        webhook = { secret_file = "%s" },
      }]]):format(desk.directory, desk:file("secret", "c2FtcGxlLXdlYmhvb2stc2VjcmV0\n")))
    local stop = desk:start("receive --port 0 --app " .. path, "Ctrl-C")
    local url = desk:read(desk.directory .. "/out"):match(" at (%S+),")
    local signed = desk:run(("webhooks sign --app %s --url %s"):format(path, url))
    assert.equal("kept\n", (server.run(signed.out)))
    assert.equal(0, stop().status)
    assert.truthy(desk:run("inbox list --app " .. path).out:find("client.linked", 1, true))
  end)
end)
