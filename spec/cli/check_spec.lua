-- Whether a definition could go to work, for CI and before a deploy.

local command = require "spec.support.command"
local core = require "debitura.core"
local debitura = require "debitura"
local server = require "spec.support.server"

local APP = [[
local debitura = require "debitura"
return debitura.platform {
  name = "Sample Platform", environment = "%s", api_key = os.getenv "SAMPLE_KEY",
  store = "%s", channels = { debitura.channels.callback(function() return true end) }, %s
}
]]

describe("debitura check", function()
  local desk, address

  before_each(function()
    desk = command.desk()
    desk.environment = { SAMPLE_KEY = "sample-key" }
    address = "sqlite://" .. desk.directory .. "/store.db"
  end)

  after_each(function() desk:close() end)

  --- What is said of each check, by its name, and the exit status.
  local function check(options)
    options = options or {}
    local path = desk:file("debitura.lua", options.text or APP:format(
      options.environment or "test", options.store or address, options.more or ""))
    server.run("chmod 600 " .. server.quote(path))
    local ended, told = desk:run(("--app %s check --json %s"):format(path, options.flags or "")), {}
    for _, line in ipairs(desk:objects(ended.out)) do told[line.check] = line end
    return told, ended.status, ended
  end

  --- Makes the store as the application would.
  local function use(more)
    local defined = debitura.platform { environment = "test", store = address }
    assert(defined.store:open())
    if more then more(defined.store) end
    defined:close()
  end

  local function exists()
    return core.system.permissions(desk.directory .. "/store.db") ~= nil
  end

  it("finds all in order, sends nothing and makes no store", function()
    local told, code, ended = check()
    assert.equal(0, code, ended.out .. ended.err)
    assert.equal("is not there yet; its first use makes it", told.store.said)
    assert.is_false(exists())
    use()
    told, code = check()
    assert.equal(0, code)
    assert.equal("belongs to test", told.environment.said)
    assert.equal("callback", told.channels.said)
    for name, line in pairs(told) do assert.is_true(line.result ~= "fail", name) end
  end)

  it("is a line for each check", function()
    local ended = desk:run(("--app %s check"):format(
      desk:file("debitura.lua", APP:format("test", address, ""))))
    assert.truthy(ended.out:find("\nok    channels       callback\n", 1, true), ended.out)
  end)

  it("ends with 2 for a definition that is wrong, and names what is", function()
    for more, said in pairs {
      ['webhook = { secret = "no base64!" },'] = "secret",
      ['webhook = { secret_file = "/nonexistent/secret" },'] = "secret",
      ['enviroment = "test",'] = "definition",
      ['permalink = { url = "http://platform.example/h/" },'] = "definition",
      ["window_days = 31,"] = "definition",
    } do
      local told, code, ended = check { more = more }
      assert.equal(2, code, more)
      assert.equal("fail", told[said] and told[said].result, more .. ended.out)
    end
    local told, code = check { text = 'error("no")' }
    assert.same({ 2, "fail" }, { code, told.definition.result })
  end)

  it("ends with 2 when no channel would carry a URL", function()
    local text = [[return require("debitura").platform { environment = "test", %s }]]
    local told, code = check { text = text:format('api_key = "k"') }
    assert.same({ 2, "fail" }, { code, told.channels.result })
    told, code = check { text = text:format(
      'name = "S", store = "memory:", permalink = { url = "https://platform.example/h/" }') }
    assert.same({ 2, "fail", "ok" }, { code, told.parts.result, told.channels.result })
    told, code = check { text = text:format('name = "S", api_key = os.getenv("SAMPLE_KEY"), '
      .. 'store = "memory:", permalink = { url = "https://platform.example/h/" }') }
    assert.same({ 0, "ok" }, { code, told.channels.result })
  end)

  it("ends with 2 when the store belongs to the other environment", function()
    use()
    local told, code = check { environment = "production" }
    assert.same({ 2, "fail" }, { code, told.environment.result })
    assert.truthy(told.environment.said:find("belongs to test, this platform to production", 1,
      true))
  end)

  it("ends with 2 when customers were promised what this platform lacks", function()
    use(function(store)
      assert(store:record_move({
        tenant = "tenant-1",
        moves = { { kind = "link", name = "", version = 0, set = { state = "pending", url = "u" },
          entry = { event = "sample" } } },
        jobs = {
          { key = "deliver/1", kind = "deliver", tenant = "tenant-1", record = "link", name = "",
            generation = 1, needs = "channel:letters", due_at = 1 },
          { key = "deliver/2", kind = "deliver", tenant = "tenant-1", record = "link", name = "",
            generation = 1, needs = "channel:callback", due_at = 1 },
        },
      }, 1))
    end)
    local told, code = check()
    assert.same({ 2, "fail" }, { code, told.jobs.result })
    assert.equal("open jobs wait for what this platform lacks: 1 need channel:letters",
      told.jobs.said)
    told, code = check { flags = "--no-store" }
    assert.same({ 0, "skip" }, { code, told.store.result })
  end)

  it("ends with 3 when the store is not reached", function()
    local told, code = check {
      store = ("redis://127.0.0.1:%d/0"):format(core.system.free_port()) }
    assert.same({ 3, "fail" }, { code, told.store.result })
  end)
end)

describe("debitura store restamp", function()
  local desk, address

  before_each(function()
    desk = command.desk()
    address = "sqlite://" .. desk.directory .. "/store.db"
    desk.environment = { DEBITURA_STORE = address, DEBITURA_ENVIRONMENT = "test" }
    local platform = debitura.platform { environment = "test", store = address }
    assert(platform.store:open())
    platform:close()
  end)

  after_each(function() desk:close() end)

  local production = { environment = { DEBITURA_ENVIRONMENT = "production" } }

  it("gives a store to the other environment, after a question", function()
    local refused = desk:run("inbox list", production)
    assert.equal(1, refused.status)
    assert.truthy(refused.err:find("belongs to the environment test", 1, true), refused.err)
    assert.truthy(refused.err:find("debitura store restamp", 1, true), refused.err)
    assert.equal(1, desk:run("store restamp", production).status)
    assert.equal(0, desk:run("store restamp --dry-run", production).status)
    assert.equal(1, desk:run("inbox list", production).status)
    local asked = desk:run("store restamp", {
      environment = production.environment, terminal = true, input = "production\n",
    })
    assert.equal(0, asked.status, asked.out)
    assert.equal(0, desk:run("inbox list", production).status)
    assert.equal(1, desk:run("inbox list").status)
    assert.equal(0, desk:run("store restamp --yes").status)
    assert.equal(0, desk:run("inbox list").status)
  end)

  it("asks in the test environment as well", function()
    assert.equal(0, desk:run("store restamp --yes", production).status)
    local refused = desk:run("store restamp")
    assert.equal(1, refused.status)
    assert.truthy(refused.err:find("This must be confirmed", 1, true), refused.err)
  end)

  it("has nothing to do where nothing changes", function()
    local ended = desk:run("store restamp")
    assert.same({ 0, "The store belongs to test already.\n" }, { ended.status, ended.err })
  end)
end)
