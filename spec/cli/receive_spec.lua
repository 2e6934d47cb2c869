-- Receiving, signing and working off, by the command alone and configured by a file.

local command = require "spec.support.command"
local core = require "debitura.core"
local debitura = require "debitura"
local encoding = require "debitura.base.encoding"
local server = require "spec.support.server"

-- Of this process alone: what others give to theirs stands in the list of processes.
local SECRET = encoding.base64(core.system.random(24))

describe("debitura receive, configured by a file,", function()
  local desk

  before_each(function() desk = command.desk() end)
  after_each(function() desk:close() end)

  for what, place in pairs { ["in it"] = "secret", ["in a file of its own"] = "secret_file" } do
    it("finds its store, and its secret " .. what, function()
      local settings = { environment = "test", webhook = {},
        store = "sqlite://" .. desk.directory .. "/store.db" }
      settings.webhook[place] = place == "secret" and SECRET or desk:file("secret", SECRET .. "\n")
      desk.environment.DEBITURA_CONFIG = desk:file("config.json", core.json.encode(settings))
      server.run("chmod 600 " .. server.quote(desk.environment.DEBITURA_CONFIG))
      local stop = desk:start("receive --verbose --port 0", "Ctrl-C")
      assert.is_nil(server.run("ps -eo args"):find(SECRET, 1, true))

      local url = desk:read(desk.directory .. "/out"):match(" at (%S+),")
      local signed = desk:run("webhooks sign --tenant tenant-7 --url " .. url)
      assert.equal("kept\n", (server.run(signed.out)))
      assert.equal("duplicate\n", (server.run(signed.out)))
      assert.truthy(desk:run("inbox list").out:find("\tclient.linked\ttenant-7\topen\t", 1, true))
      local ended = stop()
      assert.equal(0, ended.status, ended.err)
      assert.is_nil((ended.out .. ended.err):find(SECRET, 1, true))
    end)
  end

  it("says what to type where `webhooks ensure` has not been", function()
    local path = desk.directory .. "/secret"
    for _, row in ipairs {
      { { url = "https://platform.example/webhooks", secret_file = path },
        "type: debitura webhooks ensure\n" },
      { { secret_file = path }, "type: debitura webhooks ensure --url URL\n" },
      { {}, "type: debitura webhooks ensure --url URL --secret-file FILE, " },
    } do
      local given, typed = row[1], row[2]
      desk.environment.DEBITURA_CONFIG = desk:file("config.json", core.json.encode {
        environment = "test", webhook = next(given) and given,
        store = "sqlite://" .. desk.directory .. "/store.db",
      })
      server.run("chmod 600 " .. server.quote(desk.environment.DEBITURA_CONFIG))
      local ended = desk:run("receive --port 0")
      assert.equal(2, ended.status)
      assert.truthy(ended.err:find(typed, 1, true), ended.err)
    end
    local ended = desk:run("receive --port 0 --secret-file /nonexistent/secret")
    assert.truthy(ended.err:find("/nonexistent/secret: No such file or directory; type: debitura "
      .. "webhooks ensure --url URL --secret-file '/nonexistent/secret'\n", 1, true), ended.err)
  end)

  it("runs as the user that was named, or whose the store is, where root starts it", function()
    -- Nor where the user may not enter the checkout, as in root's home.
    if server.run("id -u") ~= "0\n"
      or not select(2, server.run("su -s /bin/sh nobody -c \"test -r '$PWD/bin/debitura'\"")) then
      return
    end
    server.run("chmod 777 " .. server.quote(desk.directory))
    desk.environment = { DEBITURA_STORE = "sqlite://" .. desk.directory .. "/store.db",
      DEBITURA_ENVIRONMENT = "test", DEBITURA_WEBHOOK_SECRET = SECRET }
    for _, flags in ipairs { "--user nobody", "" } do
      local stop = desk:start("receive --port 0 " .. flags, "Ctrl-C")
      local url = desk:read(desk.directory .. "/out"):match(" at (%S+),")
      local signed = desk:run("webhooks sign --url " .. url)
      assert.equal("kept\n", (server.run(signed.out)))
      for _, suffix in ipairs { "", "-wal" } do -- the latter is made by the worker
        local path = desk.directory .. "/store.db" .. suffix
        assert.equal("nobody", select(3, core.system.permissions(path)))
      end
      local ended = stop()
      assert.equal(0, ended.status, ended.err)
    end
  end)

  it("leaves the rest to `inbox work`, which goes on until Ctrl-C", function()
    desk.environment = { DEBITURA_STORE = "sqlite://" .. desk.directory .. "/store.db",
      DEBITURA_ENVIRONMENT = "test" }
    assert(debitura.store.open(desk.environment.DEBITURA_STORE)):close()
    local handlers = desk:file("handlers.lua",
      'io.stdout:write("at work\\n") io.stdout:flush() return {}')
    local stop = desk:start("inbox work --follow --handlers " .. handlers, "at work")
    local ended = stop()
    assert.equal(0, ended.status, ended.err)
  end)
end)
