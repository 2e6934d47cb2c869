-- What becomes of webhooks while the store of `debitura receive` cannot take them: its disk is
-- full, its server is away, its password is another one.

local command = require "spec.support.command"
local core = require "debitura.core"
local debitura = require "debitura"
local origin = require "spec.support.origin"
local wait_until = require("spec.support.server").wait_until

local SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0"
local LIMIT = 2048 -- KiB in one file
local BODY = 60000 -- bytes; a few dozen of them fill the disk
local MOST = 100

local webhook = debitura.webhook

for name, support in pairs {
  sqlite = false, postgresql = require("spec.support.postgresql"),
  redis = require("spec.support.redis"),
} do
  describe("debitura receive with the " .. name .. " store", function()
    local server, desk, engine, url, stop

    --- Starts the command anew.
    local function start(address, limit)
      if stop then stop() end
      desk.environment = {
        DEBITURA_ENVIRONMENT = "test", DEBITURA_STORE = address, DEBITURA_WEBHOOK_SECRET = SECRET,
      }
      stop = desk:start("receive --port 0", "Ctrl-C", limit)
      url = desk:read(desk:file("out")):match(" at (http[^,]*),")
    end

    setup(function() server = support and support.start { limit = LIMIT } end)
    teardown(function()
      if server then server:stop() end
    end)
    before_each(function() desk, engine = command.desk(), assert(core.engine {}) end)
    after_each(function()
      if stop then stop() end
      stop = nil
      engine:close()
      desk:close()
    end)

    local function address()
      return server and server:address() or "sqlite://" .. desk:file("store.db")
    end

    --- A delivery of at least so many bytes, which do not compress.
    local function new_delivery(size)
      local notes = {}
      for n = 1, (size or 0) / 64 do notes[n] = core.digest.sha256(core.system.random(16)) end
      local event, body = webhook.example("case.created", { data = { note = table.concat(notes) } })
      return { id = event.id, body = body }
    end

    local function post(delivery)
      return assert(origin.fetch(engine, {
        method = "POST", url = url, body = delivery.body,
        headers = { ["X-Debitura-Signature"] = webhook.sign(delivery.body, SECRET) },
      })).status
    end

    if support then
      it("answers 503 while the server is away, and takes deliveries when it is back", function()
        start(address())
        for _ = 1, 2 do
          server:halt()
          local first, second = new_delivery(), new_delivery()
          assert.same({ 503, 503 }, { post(first), post(second) })
          server:start()
          assert.same({ 200, 200 }, { post(first), post(second) })
        end
        local said
        assert.is_true(wait_until(function()
          said = desk:read(desk:file("err"))
          return select(2, said:gsub("status=503", "")) == 4
        end), said)
        assert.is_nil(said:find("stack traceback", 1, true))
        assert.is_nil(said:find(support.password, 1, true))
      end)

      it("does not start with a wrong password, and does not show it", function()
        desk.environment = {
          DEBITURA_ENVIRONMENT = "test", DEBITURA_WEBHOOK_SECRET = SECRET,
          DEBITURA_STORE = server:address { password = "sample-wrong-password" },
        }
        local ended = desk:run("receive --port 0")
        assert.equal(1, ended.status)
        assert.matches(name == "redis" and "WRONGPASS" or "password authentication failed",
          ended.err)
        assert.is_nil((ended.out .. ended.err):find("sample-wrong-password", 1, true))
      end)
    end

    it("answers 503 when the disk is full, and has all that it answered 200 to", function()
      start(address(), not support and LIMIT or nil)
      local acknowledged, refused = {}, nil
      repeat
        local delivery = new_delivery(BODY)
        local status = post(delivery)
        if status == 200 then
          table.insert(acknowledged, delivery.id)
        else
          assert.equal(503, status)
          refused = delivery
        end
      until refused or #acknowledged == MOST
      assert.is_true(refused ~= nil and #acknowledged > 2)
      assert.equal(503, post(refused))
      if support then server:make_room() else start(address()) end
      assert.equal(200, post(refused))

      local store = assert(debitura.store.open(address()))
      local done = {}
      local receiver = webhook.receiver {
        secret = false, store = store, on = { ["*"] = function(event) done[event.id] = true end },
      }
      assert(receiver:work { once = true, batch = 2 * MOST })
      store:close()
      for _, id in ipairs(acknowledged) do assert.is_true(done[id]) end
      assert.is_true(done[refused.id])
    end)
  end)
end
