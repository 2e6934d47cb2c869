-- An nginx that is started belongs to the process that started it: it inherits nothing from it and
-- ends with it.
local core = require "debitura.core"
local nginx = require "debitura.nginx_app"
local origin = require "spec.support.origin"
local server = require "spec.support.server"

local HELLO = 'server { listen 127.0.0.1:$PORT; location / { return 200 "hello"; } }'
local ENGINE = rawget(_G, "jit") and "jit" or _VERSION:match("%d%.%d")
local IS_ROOT = server.run("id -u") == "0\n"

local function exists(path)
  local file = io.open(path)
  return file ~= nil and file:close()
end

local function answers(url)
  local engine = core.engine {}
  local response = origin.fetch(engine, { method = "GET", url = url })
  engine:close()
  return response and response.body
end

describe("An nginx that is started", function()
  local started, path

  before_each(function() path = os.tmpname() end)

  after_each(function()
    if started then started:stop() end
    started = nil
    os.remove(path)
  end)

  --- Runs a program in a process of its own, its environment before it; returns what it printed.
  local function process(code, environment)
    origin.write(path, code)
    return origin.output(("{ %s scripts/lua %s %s; } 2>/dev/null"):format(environment or "", ENGINE,
      path))
  end

  it("answers, and is gone with its directory when it is stopped", function()
    started = assert(nginx.start { http = HELLO })
    assert.equal("hello", answers(started.url))
    assert.is_true(started:running())
    started:stop()
    started:stop()
    assert.is_nil(answers(started.url))
    assert.is_false(started:running())
    assert.is_false(exists(started.directory .. "/nginx.conf"))
  end)

  it("leaves a directory that was given to it, and its log in it", function()
    local directory, remove = origin.directory()
    started = assert(nginx.start { http = HELLO, directory = directory, log_level = "notice" })
    started:stop()
    assert.truthy(started:log():find("start worker process", 1, true))
    remove()
  end)

  it("inherits none of the files that its parent has open", function()
    local kept = assert(io.open(path, "w"))
    started = assert(nginx.start { http = HELLO })
    local open = origin.output(("ls -l /proc/%d/fd"):format(started.pid))
    kept:close()
    assert.truthy(open:find("error.log", 1, true))
    assert.is_nil(open:find(path, 1, true))
  end)

  it("ends with its parent, killed or not, and so does its directory", function()
    for _, ending in ipairs { "os.execute('kill -KILL $PPID')", "os.exit(0)", "" } do
      local said = process(([[
        local server = assert(require("debitura.nginx_app").start { http = '%s' })
        print(server.url, server.directory)
        io.stdout:flush()
        %s
      ]]):format(HELLO, ending))
      local url, directory = said:match("(%S+)\t(%S+)")
      local file = directory .. "/nginx.conf"
      assert.is_true(server.wait_until(function() return not exists(file) end))
      assert.is_nil(answers(url))
    end
  end)

  it("goes on when what stands for it is collected as garbage", function()
    local url = assert(nginx.start { http = HELLO }).url
    collectgarbage()
    collectgarbage()
    assert.equal("hello", answers(url))
  end)

  it("says why it could not start", function()
    local nothing, reason = nginx.start { http = "no such directive;" }
    assert.is_nil(nothing)
    assert.truthy(reason:find('unknown directive "no"', 1, true))
  end)

  it("is not started with an option that there is not, and the mistake is the caller's", function()
    local fine, message = pcall(function() nginx.start { http = HELLO, worker = 1 } end)
    assert.is_false(fine)
    local here = debug.getinfo(1, "S").short_src
    assert.equal(here, message:match("^(.-):%d+: "))
    assert.truthy(message:find("unknown option 'worker', did you mean 'workers'?", 1, true))
    assert.is_false(pcall(nginx.start, { http = HELLO, signal = "KILL" }))
    assert.is_false(pcall(nginx.start, {}))
  end)

  it("is the program that DEBITURA_NGINX names", function()
    local program = path .. "-nginx"
    local real = server.find("openresty", "nginx", "/usr/sbin/nginx")
    origin.write(program, ('#!/bin/sh\necho "$*" >>%s.said\nexec %s "$@"\n'):format(program, real))
    os.execute("chmod +x " .. program)
    local code = ("print(require('debitura.nginx_app').start { http = '%s' } ~= nil)"):format(HELLO)
    assert.equal("true\n", process(code, "DEBITURA_NGINX=" .. program))
    assert.truthy(origin.output("cat " .. program .. ".said"):find("-c nginx.conf", 1, true))
    os.execute(("rm -f %s %s.said"):format(program, program))
    code = ("print(require('debitura.nginx_app').start { http = '%s' })"):format(HELLO)
    local said = process(code, "DEBITURA_NGINX=/nonexistent/nginx")
    assert.truthy(said:find("no nginx found; install .*; DEBITURA_NGINX names /nonexistent/nginx"))
  end)

  it("gives its workers threads, where it was built with them", function()
    local pool = nginx.thread_pool("sample", 2)
    if pool ~= "" then assert.equal("thread_pool sample threads=2;", pool) end
    started = assert(nginx.start { http = HELLO, main = pool })
    assert.is_true(started:running())
  end)

  it("gives its workers to the user who was named, where root starts it", function()
    local worker = [[server { listen 127.0.0.1:$PORT; location / { content_by_lua_block {
      ngx.req.read_body()
      local file = assert(io.open("/proc/self/status"))
      ngx.print(file:read("*a"):match("Uid:%s+(%d+)"))
      file:close()
    } } }]]
    local reason
    started, reason = nginx.start { http = worker, user = "nobody" }
    if not IS_ROOT then
      return assert.equal("only root can start nginx for another user", reason)
    end
    assert.equal(server.run("id -u nobody"), answers(started.url) .. "\n")
    assert.same({ nil, "there is no user no-such-user" },
      { nginx.start { http = worker, user = "no-such-user" } })
  end)
end)
