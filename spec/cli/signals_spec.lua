-- What ends a command: Ctrl-C, the TERM of `docker stop` and systemd, the HUP of a terminal that is
-- closed.

local command = require "spec.support.command"
local core = require "debitura.core"
local debitura = require "debitura"
local sandbox = require "debitura.sandbox"
local server = require "spec.support.server"
local support = require "spec.support.desk"

local SIGNALS = { "INT", "TERM", "HUP" }

describe("A signal", function()
  local desk, store

  before_each(function()
    desk = command.desk()
    desk.environment = {
      DEBITURA_STORE = "sqlite://" .. desk.directory .. "/store.db", DEBITURA_ENVIRONMENT = "test",
      DEBITURA_API_KEY = "sample-key", DEBITURA_WEBHOOK_SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0",
    }
    store = assert(debitura.store.open(desk.environment.DEBITURA_STORE))
    assert(store:stamp("test"))
  end)

  after_each(function()
    store:close()
    desk:close()
  end)

  it("ends the command without a word while it loads", function()
    -- As the interpreter raises it, out of whatever is being loaded.
    assert(os.execute("mkdir " .. desk.directory .. "/debitura"))
    desk:file("debitura/cli.lua", 'error("interrupted!", 0)')
    assert.equal("130\n", (server.run(("cp bin/debitura '%s/command' && cd '%s' && "
      .. "LUA_PATH='./?.lua' lua5.4 command version 2>&1; echo $?"):format(desk.directory,
        desk.directory))))
  end)

  local function states()
    local counts = {}
    for _, item in ipairs(assert(store:inbox_list {})) do
      local key = ("%s %d"):format(item.state, item.attempt)
      counts[key] = (counts[key] or 0) + 1
    end
    return counts
  end

  local function receive(tenant)
    local event, body = debitura.webhook.example("client.linked",
      { data = { externalTenantId = tenant } })
    assert(store:inbox_add({ id = event.id, tenant = tenant, event = event.event, body = body },
      core.system.now()))
  end

  -- What a handler and a channel say, and that they go on once they may.
  local SLOW = [[
    local core = require "debitura.core"
    local function log(word)
      local file = assert(io.open("$DIRECTORY/log", "a"))
      file:write(word, " ")
      file:close()
    end
    local function wait()
      for _ = 1, 3000 do
        local file = io.open("$DIRECTORY/go")
        if file then return file:close() end
        core.system.sleep(0.02)
      end
    end
  ]]

  local function slow_file(name, text)
    return desk:file(name, ((SLOW .. text):gsub("%$DIRECTORY", desk.directory)))
  end

  --- A file of handlers that takes its time over each event, and says when it begins and ends.
  local function slow_handlers()
    return slow_file("handlers.lua", [[
      return { ["*"] = function()
        log("begun")
        wait()
        log("ended")
      end }]])
  end

  local function log() return desk:read(desk.directory .. "/log") end

  --- Makes what is slow begin anew.
  local function hold()
    desk:file("log", "")
    os.remove(desk.directory .. "/go")
  end

  --- Lets what is slow go on.
  local function release() desk:file("go", "") end

  it("lets `inbox work` finish the event in progress, and begin no other", function()
    local handlers = slow_handlers()
    for number, signal in ipairs(SIGNALS) do
      for i = 1, 3 do receive(("tenant-%d-%d"):format(number, i)) end
      hold()
      local stop = desk:start("inbox work --follow --handlers " .. handlers, "", nil)
      assert(server.wait_until(function() return log() ~= "" end))
      local ended = stop(signal, release)
      assert.equal(0, ended.status, ended.err)
      assert.equal("begun ended ", log(), signal)
      -- What was claimed beside it is the next worker's, and costs no attempt.
      assert.same({ ["done 1"] = 1, ["open 0"] = 2 }, states(), signal)
      for _, item in ipairs(assert(store:inbox_claim {
        limit = 9, now = core.system.now(), lease = 60,
      })) do assert(store:inbox_done(item, 0)) end
      assert(store:inbox_forget(core.system.now() + 1, 9))
    end
  end)

  it("ends `sandbox` and `receive` with status 0, and their nginx with them", function()
    for _, line in ipairs { "sandbox --port 0", "receive --port 0" } do
      for _, signal in ipairs { "TERM", "HUP" } do
        local ended = desk:start(line, "Ctrl-C stops it")(signal)
        assert.equal(0, ended.status, ended.err)
        local port = ended.out:match("127%.0%.0%.1:(%d+)")
        local _, answered = server.run(("curl -s -m 2 http://127.0.0.1:%s/"):format(port))
        assert.is_false(answered, line)
      end
    end
  end)

  it("ends what a first process of a container does", function()
    -- Where this user may make no such space of processes, the signals above have to do.
    if not select(2, server.run("unshare --pid --fork true")) then return end
    receive("tenant-1")
    hold()
    local shell = desk:shell("inbox work --follow --handlers " .. slow_handlers())
    server.run(("(unshare --pid --fork %s; echo $? >%s) >/dev/null 2>&1 & echo $! >%s"):format(
      shell, desk:file("code", ""), desk:file("id", "")))
    local child
    assert(server.wait_until(function()
      child = server.run("pgrep -P $(pgrep -P " .. desk:read(desk.directory .. "/id") .. ")")
        :match("%d+")
      return child
    end))
    assert(server.wait_until(function() return log() ~= "" end))
    server.run("kill -TERM " .. child)
    release()
    assert(server.wait_until(function() return desk:read(desk.directory .. "/code") ~= "" end))
    assert.equal("0\n", desk:read(desk.directory .. "/code"))
    assert.equal("begun ended ", log())
  end)

  it("lets `sweep` finish the job in progress, and ends it with 130", function()
    local service = assert(sandbox.start())
    desk.environment.DEBITURA_BASE_URL, desk.environment.DEBITURA_API_KEY =
      service.url, service.api_key
    local recipes = debitura.recipes.new {
      partner = debitura.partner { api_key = service.api_key, base_url = service.url },
      store = store, clock = core.system.now,
      channels = { debitura.channels.callback(function() return nil, "not now" end) },
    }
    for i = 1, 4 do
      assert(recipes.approval:request(support.payload { externalTenantId = "tenant-" .. i }))
      for _, job in ipairs(assert(store:jobs { tenant = "tenant-" .. i })) do
        if job.kind == "deliver" then assert(store:job_retry(job, core.system.now(), "sample")) end
      end
    end
    hold()
    local app = slow_file("debitura.lua", [[
      local debitura = require "debitura"
      return debitura.platform {
        name = "Sample", base_url = os.getenv "DEBITURA_BASE_URL",
        api_key = os.getenv "DEBITURA_API_KEY", store = os.getenv "DEBITURA_STORE",
        channels = { debitura.channels.callback(function()
          log("delivered")
          wait()
          return true
        end) },
      }]])
    local stop = desk:start("sweep --app " .. app, "", nil)
    assert(server.wait_until(function() return log() ~= "" end))
    local ended = stop("TERM", release)
    assert.equal(130, ended.status, ended.err)
    assert.equal("delivered ", log())
    assert.truthy(ended.err:find("Stopped; a sweep goes on from here.", 1, true), ended.err)
    local done = 0
    for i = 1, 4 do
      for _, job in ipairs(assert(store:jobs { tenant = "tenant-" .. i })) do
        if job.kind == "deliver" then
          done = done + (job.state == "done" and 1 or 0)
          -- None is left under a lease.
          assert.is_true(job.state == "done" or job.due_at <= core.system.now())
        end
      end
    end
    assert.equal(1, done)
    service:stop()
  end)
end)
