local core = require("debitura.core")
local origin = require("spec.support.origin")
local socket = require("socket")

local INTERPRETER = os.getenv("DEBITURA_ENGINE")

-- Both ways of waiting: one descriptor of its own, and what serves where epoll does not exist.
for _, portable in ipairs { false, true } do
  describe(portable and "a portable engine" or "an engine", function()
    local server, engine

    setup(function() server = origin.start() end)
    teardown(function() server:stop() end)
    before_each(function() engine = core.engine { portable = portable } end)
    after_each(function() engine:close() end)

    local function submit(path, request)
      local asked = { method = "GET", url = server.url .. path, timeout = 20 }
      for name, value in pairs(request or {}) do asked[name] = value end
      return assert(engine:submit(asked))
    end

    local function finish(transfer)
      return origin.finish(engine, transfer)
    end

    it("reports each finished transfer once", function()
      local first, second = submit("/hello"), submit("/hello")
      local seen = {}
      while engine:pending() > 0 or not (seen[first] and seen[second]) do
        for _, transfer in ipairs(engine:wait(1) or {}) do
          seen[transfer] = (seen[transfer] or 0) + 1
        end
      end
      assert.equal(1, seen[first])
      assert.equal(1, seen[second])
      assert.is_nil(engine:step())
    end)

    it("keeps connections alive and uses them again", function()
      assert.is_false(finish(submit("/hello")).reused)
      for _ = 1, 5 do assert.is_true(finish(submit("/hello")).reused) end
    end)

    it("carries 300 transfers at once", function()
      local transfers = {}
      for i = 1, 300 do transfers[i] = submit("/stall?seconds=0.05") end
      for _, transfer in ipairs(transfers) do assert.equal("late", finish(transfer).body) end
      assert.equal(0, engine:pending())
    end)

    it("lets transfers queue for a connection when all that are allowed are taken", function()
      engine:close()
      engine = core.engine { portable = portable, max_connections = 4 }
      local transfers = {}
      for i = 1, 40 do transfers[i] = submit("/stall?seconds=0.01") end
      local queued = 0
      for _, transfer in ipairs(transfers) do
        local result = finish(transfer)
        assert.equal("late", result.body)
        if result.timing.queue > 0.01 then queued = queued + 1 end
      end
      assert.is_true(queued > 0)
    end)

    it("cancels a transfer at once, tells so once, and goes on with the others", function()
      local stalled, other = submit("/stall"), submit("/stall?seconds=0.05")
      engine:step()
      stalled:cancel()
      stalled:cancel()
      assert.is_true(stalled:done())
      local result, failure = stalled:result()
      assert.is_nil(result)
      assert.equal("cancelled", failure.code)
      assert.equal("late", finish(other).body)
    end)

    it("cancels in mid-answer", function()
      local transfer = submit("/trickle")
      for _ = 1, 3 do engine:wait(0.05) end
      transfer:cancel()
      assert.equal("cancelled", select(2, transfer:result()).code)
      assert.equal(0, engine:pending())
    end)

    it("cancels during a name lookup without waiting for it", function()
      local transfer = assert(engine:submit { method = "GET", url = "https://nowhere.invalid/" })
      engine:step()
      transfer:cancel()
      assert.equal(0, engine:pending())
      assert.equal("hello\n", finish(submit("/hello")).body)
    end)

    it("drops a transfer that nobody holds any more", function()
      submit("/stall")
      assert.equal(1, engine:pending())
      collectgarbage()
      collectgarbage()
      assert.equal(0, engine:pending())
      assert.is_nil(engine:step())
    end)

    it("cancels what is under way when it is closed; results stay readable", function()
      local done, under_way = submit("/hello"), submit("/stall")
      while not done:done() do engine:wait(1) end
      engine:close()
      assert.equal("hello\n", done:result().body)
      assert.equal("cancelled", select(2, under_way:result()).code)
      under_way:cancel()
      engine:close()
    end)

    it("raises an error when it is used after being closed", function()
      engine:close()
      for _, use in ipairs { "submit", "step", "pending", "fd" } do
        assert.error_matches(function() engine[use](engine, {}) end, "closed")
      end
    end)

    it("raises an error when a result is asked for too early", function()
      local transfer = submit("/stall")
      assert.error_matches(function() transfer:result() end, "under way")
      transfer:close()
      assert.equal("cancelled", select(2, transfer:result()).code)
    end)

    it("frees engines and transfers in any order, and when Lua ends", function()
      local script = os.tmpname()
      origin.write(script, [[
        local core = require("debitura.core")
        local kept = {}
        for i = 1, 20 do
          local engine = core.engine { portable = arg[2] == "true" }
          kept[i] = engine:submit { method = "GET", url = arg[1] .. "/stall" }
          if i % 2 == 0 then kept[i + 100] = engine end
          if i % 3 == 0 then engine:step() end
          if i % 5 == 0 then kept[i] = nil end
          collectgarbage()
        end
        io.write("still well")
      ]])
      local said = origin.output(("%s '%s' '%s' %s 2>&1"):format(INTERPRETER, script, server.url,
        tostring(portable)))
      os.remove(script)
      assert.equal("still well", said)
    end)
  end)
end

describe("an engine", function()
  local server

  setup(function() server = origin.start() end)
  teardown(function() server:stop() end)

  local function readable(descriptor, engine)
    local ready = socket.select({ { getfd = function() return descriptor end,
      dirty = function() return false end } }, nil, 5)
    return #ready > 0, engine
  end

  it("is one descriptor, readable when there is something to do", function()
    local engine = core.engine {}
    local descriptor = engine:fd()
    local transfer = assert(engine:submit { method = "GET",
      url = server.url .. "/stall?seconds=0.05" })
    while not transfer:done() do
      assert.is_true(readable(descriptor))
      engine:step()
    end
    assert.equal("late", transfer:result().body)
    engine:close()
  end)

  it("makes its descriptor readable for a timeout that is due, and for a transfer that was "
    .. "cancelled", function()
    local engine = core.engine {}
    local descriptor = engine:fd()
    local late = assert(engine:submit { method = "GET", url = server.url .. "/stall",
      timeout = 0.05 })
    while not late:done() do
      assert.is_true(readable(descriptor))
      engine:step()
    end
    assert.equal("timeout", select(2, late:result()).code)
    local cancelled = assert(engine:submit { method = "GET", url = server.url .. "/stall" })
    engine:step()
    cancelled:cancel()
    assert.is_true(readable(descriptor))
    assert.equal(cancelled, engine:step()[1])
    engine:close()
  end)

  it("has no descriptor where it does without epoll", function()
    local engine = core.engine { portable = true }
    assert.is_nil(engine:fd())
    engine:close()
  end)

  it("takes limits for all its requests, which each request may change", function()
    local engine = core.engine { max_response_bytes = 10 }
    local _, failure = origin.fetch(engine,
      { method = "GET", url = server.url .. "/answer?size=11" })
    assert.equal("limit", failure.code)
    assert.is_truthy(origin.fetch(engine, { method = "GET", url = server.url .. "/answer?size=11",
      max_response_bytes = 11 }))
    engine:close()
  end)

  it("refuses options of the wrong kind", function()
    assert.error_matches(function() core.engine { ca_file = 1 } end, "ca_file")
    assert.error_matches(function() core.engine { timeout = -1 } end, "timeout")
    for _, connections in ipairs { 0, 1e9 } do
      local engine, failure = core.engine { max_connections = connections }
      assert.is_nil(engine)
      assert.equal("max_connections", failure.where)
    end
  end)

  it("does not ask a proxy for what is on this machine", function()
    local engine = core.engine { proxy = "http://127.0.0.1:1" }
    assert.equal("hello\n",
      assert(origin.fetch(engine, { method = "GET", url = server.url .. "/hello" })).body)
    local _, failure = origin.fetch(engine, { method = "GET", url = "https://api.example/" })
    assert.equal("transport", failure.code)
    assert.is_false(failure.sent)
    engine:close()
  end)
end)

describe("an engine", function()
  it("tells a proxy the host and the port, and nothing of what is meant for them", function()
    local listener = assert(socket.bind("127.0.0.1", 0))
    listener:settimeout(0)
    local _, port = listener:getsockname()
    local engine = core.engine { proxy = "http://127.0.0.1:" .. port, user_agent = "sample/1.0" }
    local transfer = assert(engine:submit {
      method = "GET", url = "https://api.example/clients/tenant-1", timeout = 20,
      headers = { Authorization = core.secret("Bearer sample"), XApiKey = "sample-key" },
    })
    local proxy
    local said = ""
    repeat
      engine:wait(0.01)
      proxy = proxy or listener:accept()
      if proxy then
        proxy:settimeout(0)
        local _, _, part = proxy:receive("*a")
        said = said .. part
      end
    until said:find("\r\n\r\n", 1, true) or transfer:done()
    engine:close()
    if proxy then proxy:close() end
    listener:close()
    assert.equal("CONNECT api.example:443 HTTP/1.1", said:match("^[^\r]*"))
    for _, meant in ipairs { "Bearer", "sample-key", "Authorization", "XApiKey", "tenant-1" } do
      assert.is_nil(said:find(meant, 1, true), said)
    end
  end)

  -- Variables that are closed at the end of their block came with Lua 5.4.
  if _VERSION == "Lua 5.4" then
    it("and every other handle is closed at the end of the block that declares it so", function()
      local uses = assert(load([[
        local core = ...
        local engine <close> = core.engine {}
        local transfer <close> =
          assert(engine:submit { method = "GET", url = "http://127.0.0.1:1/" })
        local bell <close> = assert(core.doorbell(engine:fd(), 1))
        local verifier <close> = assert(core.signature.verifier { secrets = { "c2FtcGxl" } })
        local key = "c2FtcGxlLXNhbXBsZS1zYW1wbGUtc2FtcGxlLTAxMjM="
        local sealer <close> = assert(core.sealer { keys = { key } })
        local secret <close> = core.secret("c2FtcGxl")
        return {
          function() return engine:step() end,
          function() return bell:path() end,
          function() return verifier:verify("t=1,v1=" .. ("0"):rep(64), "", 1) end,
          function() return sealer:seal("place", "text") end,
          function() return core.signature.sign(secret, "", 1) end,
          function() return transfer:result() or error("cancelled") end,
        }
      ]]))(core)
      for number, use in ipairs(uses) do assert.is_false(pcall(use), "handle " .. number) end
    end)
  end
end)

describe("an upload", function()
  local server, engine, directory, remove

  setup(function()
    server, engine = origin.start(), core.engine {}
    directory, remove = origin.directory()
    origin.write(directory .. "/sample.txt", "from a file")
    origin.write(directory .. "/large", ("sample bytes of a file "):rep(1139756))
  end)

  teardown(function()
    engine:close()
    server:stop()
    remove()
  end)

  it("sends a file as the body", function()
    local result = assert(origin.fetch(engine, { method = "PUT", url = server.url .. "/echo",
      body_file = directory .. "/sample.txt" }))
    assert.is_truthy(result.body:find("\r\nContent-Length: 11\r\n", 1, true))
    assert.equal("from a file", result.body:match("\r\n\r\n(.*)$"))
  end)

  it("sends a form of parts from memory and from files, byte by byte", function()
    local result = assert(origin.fetch(engine, {
      method = "POST", url = server.url .. "/echo", form = {
        { name = "plain", data = "a\0\r\nb" },
        { name = "document", path = directory .. "/sample.txt", filename = 'quo"ted\r\n.txt',
          content_type = "text/plain" },
        { name = "secret", data = core.secret("sample") },
        { name = "empty", data = "" },
      },
    }))
    local boundary = result.body:match(
      "\r\nContent%-Type: multipart/form%-data; boundary=(%S+)\r\n")
    local expected = table.concat({
      "--B", 'Content-Disposition: form-data; name="plain"', "", "a\0\r\nb",
      "--B", 'Content-Disposition: form-data; name="document"; filename="quo%22ted%0D%0A.txt"',
      "Content-Type: text/plain", "",
      "from a file",
      "--B", 'Content-Disposition: form-data; name="secret"', "", "sample",
      "--B", 'Content-Disposition: form-data; name="empty"', "", "",
      "--B--", "",
    }, "\r\n")
    local received = result.body:match("\r\n\r\n(.*)$"):gsub(boundary:gsub("%-", "%%-"), "B")
    assert.equal(expected, received)
  end)

  for _, way in ipairs { "body from a file", "form from a file", "body from memory",
    "form from memory" } do
    it("of 25 MB as " .. way .. " needs no second copy of it", function()
      local said = origin.output(("%s spec/support/upload.lua '%s/digest' '%s/large' '%s' 2>&1")
        :format(
        INTERPRETER, server.url, directory, way))
      local length, grown = said:match("^(%d+) %x+\n(%-?%d+)\n$")
      assert.is_truthy(grown, said)
      assert.is_true(tonumber(length) >= 26214388)
      assert.is_true(tonumber(grown) < 8 * 1024, "grew by " .. tostring(grown) .. " kB")
    end)
  end

  it("is refused when the file is missing or a directory", function()
    for _, path in ipairs { directory .. "/nothing", directory } do
      for _, request in ipairs { { body_file = path },
        { form = { { name = "file", path = path } } } } do
        request.method, request.url = "POST", server.url .. "/digest"
        local transfer, failure = engine:submit(request)
        assert.is_nil(transfer)
        assert.equal("argument", failure.code)
      end
    end
  end)

  it("fails when the file changes under way, without the server having had all of it", function()
    local path = directory .. "/changing"
    origin.write(path, ("x"):rep(8 * 1024 * 1024))
    local transfer = assert(engine:submit { method = "POST", url = server.url .. "/digest",
      body_file = path })
    origin.write(path, "shorter")
    local result, failure = origin.finish(engine, transfer)
    assert.is_nil(result)
    assert.equal("system", failure.code)
    assert.is_truthy(failure.message:find("changed", 1, true))
  end)

  it("refuses a content type with a line break in it", function()
    local transfer, failure = engine:submit {
      method = "POST", url = server.url .. "/digest",
      form = { { name = "a", data = "b", content_type = "text/plain\r\nX: y" } },
    }
    assert.is_nil(transfer)
    assert.equal("form", failure.where)
  end)
end)
