-- One definition for the application, its workers, cron and the command.

local core = require "debitura.core"
local debitura = require "debitura"
local origin = require "spec.support.origin"
local platform = require "debitura.platform"
local sandbox = require "debitura.sandbox"

local SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0"

describe("debitura.platform", function()
  local directory, remove

  before_each(function() directory, remove = origin.directory() end)
  after_each(function() remove() end)

  local function address()
    return "sqlite://" .. directory .. "/store.db"
  end

  local function exists(name)
    local file = io.open(directory .. "/" .. name, "rb")
    if file then file:close() end
    return file ~= nil
  end

  it("connects to nothing and opens nothing, until a verb of the store is called", function()
    local defined = debitura.platform {
      name = "Sample Platform", environment = "test", api_key = "sample-key", store = address(),
      permalink = { url = "https://platform.example/h/" }, webhook = { secret = SECRET },
    }
    for _, part in ipairs { "partner", "store", "recipes", "receiver", "permalink" } do
      assert.is_not_nil(defined[part], part)
      assert.equal(defined[part], defined[part], part)
    end
    assert.is_false(exists("store.db"))
    assert.same({}, defined.store:inbox_list { limit = 1 })
    assert.is_true(exists("store.db"))
    defined:close()
    defined:close()
  end)

  it("makes its parts on the same store, partner and clock", function()
    local service = assert(sandbox.start())
    local now = 1769860800
    local defined = debitura.platform {
      base_url = service.url, api_key = service.api_key, store = "memory:",
      clock = function() return now end,
      channels = { debitura.channels.callback(function() return true end) },
      webhook = { secret = SECRET },
    }
    assert.equal("test", defined.environment)
    assert(defined.partner:me())
    assert(defined.store:inbox_add({
      id = "evt-1", tenant = "tenant-1", event = "client.linked",
      body = (core.json.encode { id = "evt-1", event = "client.linked", data = {} }),
    }, now))
    local counts = assert(defined.receiver:work { once = true })
    assert.equal(1, counts.done)
    defined:close()
    service:stop()
  end)

  it("tells the recipes of each event, then the platform's own functions", function()
    local heard, reply = {}, nil
    local defined = debitura.platform {
      environment = "test", api_key = "sample-key", store = "memory:",
      webhook = {
        secret = SECRET,
        on = {
          ["*"] = function(event) heard[#heard + 1] = "* " .. event.id end,
          ["client.linked"] = function(event)
            heard[#heard + 1] = "linked " .. event.id
            return nil, reply
          end,
        },
      },
    }
    local function work(id)
      assert(defined.store:inbox_add({
      id = id, tenant = "tenant-1", event = "client.linked",
      body = (core.json.encode { id = id, event = "client.linked", data = {} }),
    }, 1))
      return assert(defined.receiver:work { once = true })
    end
    assert.equal(1, work("evt-1").done)
    assert.same({ "linked evt-1", "* evt-1" }, heard)
    reply = "not now"
    assert.equal(1, work("evt-2").retried)
    assert.same({ "linked evt-1", "* evt-1", "linked evt-2" }, heard)
  end)

  it("makes the channels that are described, in its own name and language", function()
    local shown = {}
    local defined = debitura.platform {
      name = "Sample Platform", environment = "test", language = "da",
      channels = {
        { type = "print", write = function(text) shown[#shown + 1] = text end },
        debitura.channels.callback(function() return true end),
        { type = "email", name = "letters", url = "smtps://mail.example",
          from = "platform@sample.example" },
      },
    }
    local names = {}
    for i, channel in ipairs(defined.options.channels) do names[i] = channel.name end
    assert.same({ "print", "callback", "letters" }, names)
    assert(defined.options.channels[1]:deliver { tenant = "tenant-1", variant = "approval",
      generation = 1, url = "https://hosted.example/1" })
    assert.truthy(shown[1]:find("https://hosted.example/1", 1, true))
    local letter = assert(defined.options.channels[3].template { tenant = "tenant-1",
      variant = "approval", url = "https://hosted.example/1" })
    assert.truthy(letter.text:find("Sample Platform", 1, true), letter.text)
    assert.truthy(letter.text:find("^Hej"), letter.text)
  end)

  it("gives a store that cannot be opened as the failure of its verbs", function()
    local defined = debitura.platform { environment = "test",
      store = "sqlite:///nonexistent/store.db" }
    local found, err = defined.store:inbox_list { limit = 1 }
    assert.is_nil(found)
    assert.equal("store", err.kind)
    defined:close()
  end)

  it("refuses a store of the other environment, and leaves it as it is", function()
    local here = debitura.platform { environment = "test", store = address() }
    assert.same({}, here.store:inbox_list { limit = 1 })
    local there = debitura.platform { environment = "production", store = address() }
    for _ = 1, 2 do
      local found, err = there.store:inbox_list { limit = 1 }
      assert.is_nil(found)
      assert.same({ "store", false }, { err.kind, err.retryable })
      assert.truthy(err.message:find("belongs to the environment test", 1, true), err.message)
    end
    assert.equal("test", here.store:stamp(nil))
    here:close()
    there:close()
  end)

  it("reads webhook secrets from a file, as it is now", function()
    origin.write(directory .. "/secret", SECRET .. "\n")
    local defined = debitura.platform { environment = "test", store = "memory:",
      webhook = { secret_file = directory .. "/secret" } }
    local function status(secret)
      local _, body = debitura.webhook.example("client.linked")
      local signature = debitura.webhook.sign(body, secret, math.floor(core.system.now()))
      return (defined.receiver:handle { method = "POST", body = body,
        headers = { ["X-Debitura-Signature"] = signature } })
    end
    assert.equal(200, status(SECRET))
    assert.equal(401, status("YW5vdGhlci1zZWNyZXQ="))
    origin.write(directory .. "/secret", "YW5vdGhlci1zZWNyZXQ=\n" .. SECRET .. "\n")
    assert.equal(200, status("YW5vdGhlci1zZWNyZXQ="))
    origin.write(directory .. "/secret", "\n")
    assert.equal(503, status(SECRET))
  end)

  it("says which environment its customers are in", function()
    for expected, all in pairs {
      test = { { environment = "test" }, { base_url = "http://127.0.0.1:8787" },
        { base_url = "https://proxy.example", environment = "test" } },
      production = { { environment = "production" }, { base_url = "https://proxy.example" } },
    } do
      for _, given in ipairs(all) do
        assert.equal(expected, debitura.platform(given).environment)
      end
    end
  end)

  it("shows its secrets nowhere", function()
    local defined = debitura.platform {
      environment = "test", api_key = "sample-key",
      store = { address = "memory:", encryption_key = SECRET, encryption_keys = { SECRET } },
      webhook = { secrets = { SECRET } },
    }
    local options = defined.options
    for _, value in ipairs {
      options.api_key, options.store.encryption_key, options.store.encryption_keys[1],
      options.webhook.secrets[1],
    } do assert.equal("[redacted]", tostring(value)) end
    assert.equal("debitura.platform (test)", tostring(defined))
  end)

  it("is told from other tables", function()
    assert.is_true(platform.is(debitura.platform { environment = "test" }))
    assert.is_false(platform.is { environment = "test" })
    assert.is_false(platform.is(nil))
  end)

  describe("reports a mistake at its caller's line:", function()
    for what, case in pairs {
      ["an unknown option"] = { { enviroment = "test" }, "did you mean 'environment'?" },
      ["an unknown option of a part"] = { { environment = "test", webhook = { secrt = SECRET } },
        "webhook: unknown option 'secrt', did you mean 'secret'?" },
      ["no environment"] = { {}, "option 'environment': missing" },
      ["another environment"] = { { environment = "staging" }, "option 'environment': " },
      ["a store without an address"] = { { environment = "test", store = {} },
        "option 'address': missing" },
      ["an option of another kind of store"] = {
        { environment = "test", store = { address = "memory:", busy_timeout = 1 } },
        "option 'busy_timeout' is for sqlite: and postgresql:, not for memory:",
      },
      ["a window that is too long"] = { { environment = "test", window_days = 31 },
        "option 'window_days': from 1 to 30" },
      ["a wrong timeout"] = { { environment = "test", partner = { timeout = -1 } },
        "partner: option 'timeout': " },
      ["a channel of a kind that takes a function"] = {
        { environment = "test", channels = { { type = "callback" } } },
        "option 'channels[1]': type: email, http or print expected",
      },
      ["a permalink without a URL"] = { { environment = "test", permalink = {} },
        "permalink: option 'url': missing" },
    } do
      it(what, function()
        local sound, said = pcall(function() return debitura.platform(case[1]), nil end)
        assert.is_false(sound)
        assert.truthy(said:find("platform_spec.lua:%d+: debitura%."), said)
        assert.truthy(said:find(case[2], 1, true), said)
      end)
    end

    it("a part that lacks what it needs", function()
      local defined = debitura.platform { environment = "test" }
      for part, name in pairs { partner = "api_key", store = "store", permalink = "permalink" } do
        local sound, said = pcall(function() return defined[part], nil end)
        assert.is_false(sound)
        assert.truthy(said:find("platform_spec.lua:%d+: debitura.platform: option '" .. name
          .. "': missing"), said)
      end
    end)
  end)
end)
