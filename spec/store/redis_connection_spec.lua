-- How the Redis store reads addresses, and what its connection outside of nginx does when it
-- breaks.

local address_of = require("debitura.store.redis.address")
local socket = require("debitura.store.redis.socket")

describe("a connection to Redis that breaks before the reply", function()
  --- A driver whose connections say in turn what they are told to, or break.
  local function scripted(replies)
    local sent, opened = {}, 0
    local driver = {
      tcp = function()
        opened = opened + 1
        return {
          settimeout = function() end,
          setoption = function() end,
          connect = function() return 1 end,
          close = function() end,
          send = function(_, text)
            sent[#sent + 1] = text:match("%$%d+\r\n(%u+)\r\n")
            return #text
          end,
          receive = function(_, pattern)
            if pattern == 1 then return nil, "timeout" end
            local reply = table.remove(replies, 1)
            if reply == "broken" then return nil, "closed" end
            return reply
          end,
        }
      end,
    }
    local transport = socket.new({ host = "localhost", port = 1 }, {}, 1)
    transport.driver = driver
    return transport, sent, function() return opened end
  end

  it("lets the command be sent once more when that is harmless", function()
    local transport, sent, opened = scripted { "+one", "broken", "+two" }
    assert.are.equal("one", transport:call({ "GET" }, true))
    assert.are.equal("two", transport:call({ "GET" }, true))
    assert.are.same({ "GET", "GET", "GET" }, sent)
    assert.are.equal(2, opened())
  end)

  it("fails otherwise, and the next command connects anew", function()
    local transport, sent, opened = scripted { "+one", "broken", "+two" }
    assert.are.equal("one", transport:call({ "GET" }, true))
    assert.are.same({ nil, "closed" }, { transport:call({ "MOVE" }, false) })
    assert.are.equal("two", transport:call({ "GET" }, true))
    assert.are.same({ "GET", "MOVE", "GET" }, sent)
    assert.are.equal(2, opened())
  end)

  it("is not tried for ever", function()
    local transport, sent = scripted { "+one", "broken", "broken" }
    assert.are.equal("one", transport:call({ "GET" }, true))
    assert.are.same({ nil, "closed" }, { transport:call({ "GET" }, true) })
    assert.are.equal(3, #sent)
  end)
end)

describe("a redis address", function()
  it("names the place, with defaults for what it leaves open", function()
    assert.are.same({ host = "localhost", port = 6379, database = 0, tls = false },
      address_of.read("redis", "//localhost"))
    assert.are.same(
      { host = "::1", port = 7000, database = 3, user = "u", password = "a/b:c", tls = true },
      address_of.read("rediss", "//u:a%2Fb:c@[::1]:7000/3"))
    assert.are.same(
      { host = "db.example", port = 6379, database = 0, password = "p", tls = false },
      address_of.read("redis", "//:p@db.example/"))
  end)
end)
