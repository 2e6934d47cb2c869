-- A webhook's handler delivers, by channels that wait for a network: in a worker, whatever the Lua.

local channels = require("debitura.channels")
local core = require("debitura.core")
local debitura = require("debitura")
local mail_server = require("spec.support.mail_server")
local recipes = require("debitura.recipes")
local rig = require("spec.support.rig")
local support = require("spec.support.desk")

local SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0"

describe("a worker whose handlers deliver", function()
  it("mails the URL of an expired link's successor at its first attempt", function()
    local server, bench = mail_server.start("plain"), rig.new()
    local mailbox = channels.email {
      url = "smtp://127.0.0.1:" .. server.port, from = "notes@platform.example",
      brand = { name = "Sample Platform" }, language = "en",
    }
    finally(function()
      mailbox:close()
      server:stop()
    end)
    bench.options.channels = { mailbox }
    bench.recipes = recipes.new(bench.options)
    local receiver = debitura.webhook.receiver {
      secret = SECRET, store = bench.store, clock = bench.options.clock,
      on = { ["*"] = function(event) return bench.recipes:handle(event) end },
    }
    local function hear()
      while #bench.debitura.inbox > 0 do
        local body = assert(core.json.encode(table.remove(bench.debitura.inbox, 1)))
        local signature = debitura.webhook.sign(body, SECRET, bench.options.clock())
        assert.are.equal(200, (receiver:handle {
          method = "POST", body = body, headers = { ["X-Debitura-Signature"] = signature },
        }))
      end
      local counts = assert(receiver:work { once = true })
      assert.are.equal(counts.total, counts.done)
    end

    assert(bench.recipes.approval:request(support.payload()))
    hear()
    bench.debitura:advance("7d")
    hear()
    local link = bench.recipes.runner:record("link", "acme-1", "")
    assert.are.same({ "pending", 2 }, { link.state, link.generation })
    assert.is_truthy(server:parsed(2).bodies["text/plain"]:find(link.url, 1, true))
    local attempts = {}
    for i, job in ipairs(bench:jobs("acme-1", "deliver")) do
      attempts[i] = ("%d %s %d"):format(job.generation, job.state, job.attempt)
    end
    table.sort(attempts)
    assert.are.same({ "1 done 1", "2 done 1" }, attempts)
  end)
end)
