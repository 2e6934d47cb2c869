local core = require("debitura.core")
local socket = require("socket")

local ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"

for _, portable in ipairs { false, true } do
  describe("what comes over an idle connection" .. (portable and ", portably," or ""), function()
    local listener, url, engine, clients

    before_each(function()
      listener = assert(socket.bind("127.0.0.1", 0))
      listener:settimeout(0)
      url = "http://127.0.0.1:" .. select(2, listener:getsockname()) .. "/"
      clients = {}
      engine = core.engine { portable = portable }
    end)

    after_each(function()
      engine:close()
      for _, client in ipairs(clients) do client:close() end
      listener:close()
    end)

    local function accept()
      local client = listener:accept()
      if not client then return end
      client:settimeout(0)
      clients[#clients + 1] = client
    end

    --- The first connection that a whole request without a body has come over.
    local function asked()
      for index, client in ipairs(clients) do
        local line = client:receive("*l")
        if line then
          repeat local header = client:receive("*l") until header == "" or not header
          return index
        end
      end
    end

    --- Sends a request and answers it. Gives the number of its connection and the body that came
    -- back.
    local function exchange(method, body)
      local transfer = assert(engine:submit { method = method, url = url, timeout = 20 })
      local index
      while not index do
        engine:wait(0.01)
        accept()
        index = asked()
      end
      assert(clients[index]:send(ANSWER .. body))
      while not transfer:done() do engine:wait(1) end
      local result, failure = transfer:result()
      return index, result and result.body or failure.message
    end

    --- What is sent over loopback is there for the other end when this returns.
    local function send_idle(index, bytes)
      assert(clients[index]:send(bytes))
    end

    it("is not the answer to the next request", function()
      assert.are.same({ 1, "a1" }, { exchange("GET", "a1") })
      send_idle(1, ANSWER .. "XX")
      assert.are.same({ 2, "a2" }, { exchange("GET", "a2") })
      assert.are.same({ 2, "a3" }, { exchange("GET", "a3") })
    end)

    it("does not fail a POST that never left", function()
      assert.are.same({ 1, "a1" }, { exchange("POST", "a1") })
      send_idle(1, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
      clients[1]:shutdown("send")
      assert.are.same({ 2, "a2" }, { exchange("POST", "a2") })
    end)

    it("may be its end", function()
      assert.are.same({ 1, "a1" }, { exchange("POST", "a1") })
      clients[1]:shutdown("send")
      assert.are.same({ 2, "a2" }, { exchange("POST", "a2") })
    end)

    it("may be a single byte, and on each connection anew", function()
      for i = 1, 5 do
        assert.are.same({ i, "ab" }, { exchange("GET", "ab") })
        send_idle(i, "\n")
      end
    end)

    it("spoils the connections that it came over, and no other", function()
      local transfers = {}
      for i = 1, 3 do
        transfers[i] = assert(engine:submit { method = "GET", url = url, timeout = 20 })
      end
      local answered = 0
      while answered < 3 do
        engine:wait(0.01)
        accept()
        local index = asked()
        if index then
          assert(clients[index]:send(ANSWER .. "ok"))
          answered = answered + 1
        end
      end
      for _, transfer in ipairs(transfers) do
        while not transfer:done() do engine:wait(1) end
      end
      send_idle(1, "x")
      send_idle(3, "x")
      for i = 1, 6 do
        local index, body = exchange("GET", "b" .. i)
        assert.is_true(index ~= 1 and index ~= 3)
        assert.equal("b" .. i, body)
      end
      assert.is_true(#clients <= 5)
    end)

    it("is nothing, as a rule: then the connection is used again and again", function()
      for i = 1, 10 do
        assert.are.same({ 1, "ok" }, { exchange(i % 2 == 0 and "POST" or "GET", "ok") })
      end
    end)
  end)
end
