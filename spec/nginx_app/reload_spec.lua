-- An application in nginx is reloaded, and its workers are killed, while it receives webhooks and
-- calls Debitura: what was acknowledged is there and is processed, no call gets another's answer,
-- no old worker stays. DEBITURA_NGINX names another build to try it on.
local core = require "debitura.core"
local debitura = require "debitura"
local nginx = require "debitura.nginx_app"
local origin = require "spec.support.origin"
local server = require "spec.support.server"

local SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0"
local WORKERS, AT_ONCE, REQUESTS, ACCIDENTS = 2, 16, 600, 5

local UPSTREAM = [[
  server {
    listen 127.0.0.1:$PORT;
    location / { content_by_lua_block {
      ngx.sleep(0.02)
      ngx.header["Content-Type"] = "application/json"
      ngx.print('{"externalTenantId":"', ngx.var.uri:match("[^/]+$"), '"}')
    } }
  }
]]

local APPLICATION = [[
  client_max_body_size 1m;
  keepalive_timeout 0; # a request must not meet the end of a connection that waits for one
  init_worker_by_lua_block { require("spec.support.reloaded").start("$STORE") }
  server {
    listen 127.0.0.1:$PORT;
    location = /hook {
      content_by_lua_block { require("spec.support.reloaded").receive("$STORE") }
    }
    location = /call {
      content_by_lua_block { require("spec.support.reloaded").call("$UPSTREAM") }
    }
  }
]]

local function workers_of(application)
  local pids = {}
  for pid in server.run("ps -o pid= --ppid " .. application.pid):gmatch("%d+") do
    pids[#pids + 1] = pid
  end
  return pids
end

local ACCIDENT = {}

function ACCIDENT.reload(application)
  application:signal("HUP")
end

function ACCIDENT.kill(application)
  server.run("kill -KILL " .. (workers_of(application)[1] or ""))
end

describe("An application in nginx", function()
  local upstream, application, engine, directory, remove

  setup(function() upstream = assert(nginx.start { http = UPSTREAM }) end)
  teardown(function() upstream:stop() end)

  before_each(function()
    directory, remove = origin.directory()
    -- Makes the tables.
    assert(debitura.store.open("sqlite://" .. directory .. "/store.db")):close()
    application = assert(nginx.start { workers = WORKERS, http = APPLICATION:gsub("%$(%u+)", {
      STORE = directory, UPSTREAM = upstream.url,
    }) })
    engine = core.engine {}
  end)

  after_each(function()
    engine:close()
    application:stop()
    remove()
  end)

  local function webhook(index)
    local event, body = debitura.webhook.example("case.created", {
      id = ("evt-%d-end"):format(index), data = { externalTenantId = "tenant-" .. index },
    })
    return { id = event.id, send = function()
      return engine:submit {
        method = "POST", url = application.url .. "/hook", body = body,
        headers = { ["X-Debitura-Signature"] = debitura.webhook.sign(body, SECRET) },
      }
    end }
  end

  local function call(index)
    local tenant = "tenant-" .. index
    return { tenant = tenant, send = function()
      return engine:submit { method = "GET", url = application.url .. "/call?client=" .. tenant }
    end }
  end

  --- Sends all requests, those again that came to nothing; an accident happens after every so many.
  -- Gives the ids that were acknowledged, and how often something came to nothing.
  local function send_all(accident)
    local queue, open, acknowledged, done, failed = {}, {}, {}, 0, 0
    for index = 1, REQUESTS do queue[index] = index % 2 == 0 and webhook(index) or call(index) end
    local function take(request)
      local answer = request.transfer:result()
      if not answer or answer.status ~= 200 then
        failed = failed + 1
        queue[#queue + 1] = request
        return
      end
      if request.id then acknowledged[#acknowledged + 1] = request.id end
      if request.tenant then assert.equal(request.tenant, answer.body) end
      done = done + 1
      if done % (REQUESTS / ACCIDENTS) == 1 then ACCIDENT[accident](application) end
    end
    while #queue > 0 or #open > 0 do
      while #open < AT_ONCE and #queue > 0 do
        local request = table.remove(queue, 1)
        request.transfer = assert(request.send())
        open[#open + 1] = request
      end
      engine:wait(0.1)
      for index = #open, 1, -1 do
        if open[index].transfer:done() then take(table.remove(open, index)) end
      end
    end
    return acknowledged, failed
  end

  --- Waits until each event that was acknowledged has reached the handler.
  local function wait_for(acknowledged)
    assert.equal(REQUESTS / 2, #acknowledged)
    assert.is_true(server.wait_until(function()
      local log = application:log()
      for _, id in ipairs(acknowledged) do
        if not log:find("heard of " .. id, 1, true) then return false end
      end
      return true
    end))
  end

  it("answers everything while it is reloaded, and no old worker stays", function()
    local old = workers_of(application)
    local acknowledged, failed = send_all("reload")
    assert.equal(0, failed)
    wait_for(acknowledged)
    assert.is_true(server.wait_until(function() return #workers_of(application) == WORKERS end))
    local now = table.concat(workers_of(application), " ")
    for _, pid in ipairs(old) do assert.is_nil((now .. " "):find(pid .. " ", 1, true)) end
    local running = server.run("ps -o args= --ppid " .. application.pid)
    assert.is_nil(running:find("shutting down", 1, true))
    local log = application:log()
    for _, level in ipairs { "[error]", "[crit]", "[alert]", "[emerg]" } do
      assert.is_nil(log:find(level, 1, true), log)
    end
  end)

  it("keeps what it acknowledged when workers are killed, and others take over", function()
    local acknowledged = send_all("kill")
    wait_for(acknowledged)
    assert.is_true(server.wait_until(function() return #workers_of(application) == WORKERS end))
  end)
end)
