local core = require("debitura.core")
local socket = require("socket")

--- More than the system keeps of it for a server that does not read.
local BODY = ("x"):rep(32 * 1024 * 1024)

for _, portable in ipairs { false, true } do
  describe("an answer that comes before its request was sent"
    .. (portable and ", portably," or ""), function()
    local listener, url, engine

    before_each(function()
      listener = assert(socket.bind("127.0.0.1", 0))
      listener:settimeout(0)
      url = "http://127.0.0.1:" .. select(2, listener:getsockname()) .. "/"
      engine = core.engine { portable = portable }
    end)
    after_each(function()
      engine:close()
      listener:close()
    end)

    --- What becomes of a POST whose server reads the header and no more.
    local function post(answer, timeout)
      local transfer = assert(engine:submit {
        method = "POST", url = url, body = BODY, timeout = timeout,
      })
      local client
      while not client do
        engine:wait(0.01)
        client = listener:accept()
      end
      client:settimeout(0)
      local line
      repeat
        engine:wait(0.01)
        line = client:receive("*l")
      until line == ""
      assert(client:send(answer))
      while not transfer:done() do engine:wait(1) end
      client:close()
      return transfer:result()
    end

    it("is the answer, when the server refuses the request", function()
      local result = assert(post("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno", 20))
      assert.are.same({ 413, "no" }, { result.status, result.body })
      assert.is_true(result.bytes_up < #BODY)
    end)

    it("is the answer, too, when the server takes no more of the request until it times out",
      function()
      local result = assert(post("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 1))
      assert.are.same({ 200, "ok" }, { result.status, result.body })
    end)

    it("is none when nothing tells whether it is complete: then the timeout says so",
      function()
      local _, failure = post("HTTP/1.1 200 OK\r\n\r\nok", 1)
      assert.are.same({ "timeout", "timeout", "receive", true },
        { failure.code, failure.where, failure.phase, failure.sent })
      assert.equal("127.0.0.1: the server answered, and did not take the whole request within 1 s "
        .. "(timeout)", failure.message)
    end)
  end)
end
