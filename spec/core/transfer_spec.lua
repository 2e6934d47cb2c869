local core = require("debitura.core")
local origin = require("spec.support.origin")
local socket = require("socket")

describe("a transfer", function()
  local server, engine

  setup(function()
    server = origin.start()
    engine = core.engine { user_agent = "sample/1.0" }
  end)

  teardown(function()
    engine:close()
    server:stop()
  end)

  --- Fetches a path of the server; `request` adds to or replaces what is asked.
  local function fetch(path, request)
    local asked = { method = "GET", url = server.url .. path, timeout = 20 }
    for name, value in pairs(request or {}) do asked[name] = value end
    return origin.fetch(engine, asked)
  end

  local function count(of)
    return tonumber(fetch("/count?of=" .. of).body)
  end

  describe("gives", function()
    it("status, headers in lower case, body, HTTP version and request id", function()
      local result = assert(fetch("/answer?status=409&size=3"))
      assert.equal(409, result.status)
      assert.equal("xxx", result.body)
      assert.equal("1.1", result.http_version)
      assert.equal("req-1", result.request_id)
      assert.equal("one, two", result.headers["x-twice"])
      assert.same({ "a=1; Expires=Wed, 21 Oct 2037 07:28:00 GMT", "b=2" },
        result.headers["set-cookie"])
      assert.equal(3, result.bytes_down)
    end)

    it("the seconds that each phase took, none of it for a connection that was reused", function()
      fetch("/hello")
      local result = assert(fetch("/hello"))
      assert.is_true(result.reused)
      assert.equal(0, result.timing.tls)
      assert.is_true(result.timing.total > 0)
      assert.is_true(result.timing.first_byte <= result.timing.total)
    end)

    it("nothing but headers for HEAD, and an empty body for 204", function()
      assert.equal("", assert(fetch("/answer?size=100", { method = "HEAD" })).body)
      assert.equal("", assert(fetch("/answer?status=204")).body)
    end)

    it("what was compressed in full, and says how little came over the wire", function()
      local result = assert(fetch("/compressed?megabytes=1"))
      assert.equal("gzip", result.headers["content-encoding"])
      assert.equal((" "):rep(1024 * 1024), result.body)
      assert.is_true(result.bytes_down < 10000)
    end)

    it("the body behind each compression that it tells the server it understands", function()
      local accepted = assert(fetch("/echo")).body:match("\r\nAccept%-Encoding: ([^\r]+)")
      assert.is_truthy(accepted:find("gzip", 1, true))
      for encoding in accepted:gmatch("[^, ]+") do
        assert.equal(("sample "):rep(20), assert(fetch("/encoded?as=" .. encoding)).body, encoding)
      end
    end)

    it("less than the whole of a compressed body that ends too early, but nothing else", function()
      local whole = '{"a":"' .. ("sample "):rep(20) .. '"}'
      for bytes = 0, 37 do
        local body = assert(fetch("/raw/short-gzip?bytes=" .. bytes)).body
        assert.equal(whole:sub(1, #body), body)
        assert.is_true(#body < #whole or bytes >= 28)
      end
    end)

    it("the same table each time it is asked for its result", function()
      local transfer = assert(engine:submit { method = "GET", url = server.url .. "/hello" })
      local result = origin.finish(engine, transfer)
      assert.equal(result, (transfer:result()))
    end)

    it("the last answer's headers after an interim one, a folded line as one, and no trailers",
      function()
      assert.is_nil(fetch("/raw/interim").headers["x-early"])
      assert.equal("one two three", fetch("/raw/folded").headers["x-folded"])
      local nameless = assert(fetch("/raw/colon-first"))
      assert.equal("yes", nameless.headers["x-after"])
      assert.equal("ok", nameless.body)
      local trailed = assert(fetch("/raw/trailer"))
      assert.equal("ok", trailed.body)
      assert.equal("yes", trailed.headers["x-kept"])
      assert.is_nil(trailed.headers["x-late"])
    end)

    it("all of it when engine and transfer are closed, and nothing else", function()
      local own = core.engine()
      local transfer = assert(own:submit { method = "GET", url = server.url .. "/hello" })
      local result = origin.finish(own, transfer)
      transfer:close()
      own:close()
      assert.equal(200, result.status)
      assert.equal("hello\n", result.body)
      assert.equal("text/plain", result.headers["content-type"])
      assert.equal(result.headers, result.headers)
      assert.is_true(result.timing.total > 0)
      assert.is_false(result.reused)
      assert.equal(0, result.bytes_up)
      assert.is_nil(result.request_id)
      assert.is_nil(result.unknown)
      assert.has_error(function() result.status = 500 end)
    end)

    it("no field before it has succeeded", function()
      local transfer = assert(engine:submit { method = "GET", url = server.url .. "/stall" })
      assert.is_nil(transfer.status)
      assert.is_nil(transfer.body)
      transfer:cancel()
      assert.is_nil(transfer:result())
      assert.is_nil(transfer.status)
    end)

    it("a body whose length is said several times, in the same way", function()
      assert.equal("ok", assert(fetch("/raw/equal-lengths")).body)
    end)

    it("a body of HTTP/1.0 that ends with the connection", function()
      local result = assert(fetch("/raw/http10"))
      assert.equal("1.0", result.http_version)
      assert.equal("until the end", result.body)
    end)
  end)

  describe("sends", function()
    it("the path and the query as they were written, to a base that it knows as to a new one",
      function()
      local echo = origin.start([[server { listen 127.0.0.1:$PORT; location / {
        content_by_lua_block { ngx.print(ngx.req.raw_header()) } } }]])
      finally(function() echo:stop() end)
      local known = core.engine()
      for written, sent in pairs {
        [""] = "/", ["/"] = "/", ["?a=b"] = "/?a=b", ["/a#b"] = "/a",
        ["/a%2Fb%3f?c=%20d&c=:e@f"] = "/a%2Fb%3f?c=%20d&c=:e@f", ["/a?b=/../c"] = "/a?b=/../c",
        ["/a/../b/./c"] = "/b/c", ["/a//b;c='(d)'*!$,+~"] = "/a//b;c='(d)'*!$,+~",
        ["/cases/:search?q=\195\188"] = "/cases/:search?q=\195\188",
      } do
        for _ = 1, 2 do
          for _, chosen in ipairs { known, core.engine() } do
            local url = echo.url .. written
            local header = assert(origin.fetch(chosen, { method = "GET", url = url })).body
            assert.equal("GET " .. sent .. " HTTP/1.1", header:match("^[^\r]+"))
            assert.equal("127.0.0.1:" .. echo.port, header:match("\r\nHost: ([^\r]+)"))
          end
        end
      end
      for _, wrong in ipairs { "/a b", "/a\tb", "@a.example/", "\\@a.example/", "x/" } do
        local _, err = known:submit { method = "GET", url = echo.url .. wrong }
        assert.equal("argument", err.code, wrong)
      end
      known:close()
    end)

    for _, method in ipairs { "POST", "PUT", "PATCH", "DELETE" } do
      it("the bytes of a " .. method .. " with its length and no header of its own making",
        function()
        local seen = assert(fetch("/echo", { method = method, body = "a\0b" })).body
        assert.equal(method .. " /echo HTTP/1.1", seen:match("^[^\r]+"))
        assert.is_truthy(seen:find("\r\nContent-Length: 3\r\n", 1, true))
        assert.is_truthy(seen:find("\r\nUser-Agent: sample/1.0\r\n", 1, true))
        assert.equal("a\0b", seen:match("\r\n\r\n(.*)$"))
        for _, unwanted in ipairs { "Expect", "Content-Type", "Cookie", "Authorization" } do
          assert.is_nil(seen:find(unwanted, 1, true))
        end
      end)
    end

    it("a secret as a header and as a body", function()
      local seen = assert(fetch("/echo", {
        method = "POST", headers = { Authorization = core.secret("Bearer sample"),
          ["X-Empty"] = "" },
        body = core.secret("sample body"),
      })).body
      assert.is_truthy(seen:find("\r\nAuthorization: Bearer sample\r\n", 1, true))
      assert.is_truthy(seen:find("\r\nX%-Empty: ?\r\n"))
      assert.equal("sample body", seen:match("\r\n\r\n(.*)$"))
    end)

    it("a secret body whose owner closed it meanwhile", function()
      local body = core.secret("sample body")
      local transfer = assert(engine:submit { method = "POST", url = server.url .. "/echo",
        body = body })
      body:close()
      assert.equal("sample body", origin.finish(engine, transfer).body:match("\r\n\r\n(.*)$"))
    end)

    it("a POST without a body as an empty one", function()
      assert.is_truthy(fetch("/echo", { method = "POST" }).body:find("\r\nContent-Length: 0\r\n", 1,
        true))
    end)

    it("a body from memory that is no longer referenced by anybody else", function()
      local request = { method = "POST", url = server.url .. "/digest", body = ("0123456789")
        :rep(200000) }
      local transfer = assert(engine:submit(request))
      request.body = nil
      collectgarbage()
      collectgarbage()
      -- printf '0123456789%.0s' $(seq 200000) | md5sum
      assert.equal("2000000 499411682260e00edacbe06cd283fbf4", origin.finish(engine, transfer).body)
    end)
  end)

  describe("refuses before anything is sent", function()
    local function refused(request, field)
      local asked = { method = "GET", url = server.url .. "/stolen" }
      for name, value in pairs(request) do asked[name] = value end
      local transfer, failure = engine:submit(asked)
      assert.is_nil(transfer)
      assert.equal("argument", failure.code)
      assert.equal(field, failure.where)
      return failure.message
    end

    it("an unencrypted URL to any host that is not certainly this machine", function()
      for _, host in ipairs {
        "api.example", "localhost.example", "localhost.", "127.0.0.1.example", "[::ffff:127.0.0.1]",
        "0.0.0.0", "128.0.0.1", "[::2]", "10.0.0.1", "127.0.0.1%2eexample",
      } do
        refused({ url = "http://" .. host .. "/" }, "url")
      end
    end)

    it("a URL with a user in it, which reads like another host, without repeating it", function()
      local message = refused({ url = "http://127.0.0.1@api.example/hidden" }, "url")
      assert.is_nil(message:find("hidden", 1, true))
      refused({ url = "https://user:hidden@127.0.0.1/" }, "url")
    end)

    it("other schemes and what is no URL", function()
      for _, url in ipairs {
        "ftp://127.0.0.1/", "file:///etc/passwd", "smtp://127.0.0.1/", "127.0.0.1/", "//127.0.0.1/",
        "https://", "",
      } do
        refused({ url = url }, "url")
      end
    end)

    it("line breaks and NUL in URL, method, header names and values", function()
      for _, bad in ipairs { "\r\nX: y", "\n", "\r", "\0" } do
        refused({ url = server.url .. "/" .. bad }, "url")
        refused({ method = "GET" .. bad }, "method")
        refused({ headers = { ["X-Name" .. bad] = "value" } }, "headers")
        refused({ headers = { ["X-Name"] = "value" .. bad } }, "X-Name")
        refused({ headers = { ["X-Name"] = core.secret("value" .. bad) } }, "X-Name")
      end
    end)

    it("a header value without showing it", function()
      assert.is_nil(refused({ headers = { XApiKey = "sample-key\n" } }, "XApiKey")
        :find("sample-key", 1, true))
    end)

    it("headers that would contradict the body or the connection", function()
      for _, name in ipairs { "Content-Length", "transfer-encoding", "Connection", "Host", "Expect",
        "Upgrade" } do
        refused({ headers = { [name] = "1" } }, name)
      end
    end)

    it("other methods, a body for GET, and two bodies at once", function()
      refused({ method = "TRACE" }, "method")
      refused({ body = "x" }, "body")
      refused({ method = "POST", body = "x", body_file = "/etc/hostname" }, "body_file")
      refused({ method = "POST", body = "x", form = { { name = "a", data = "b" } } }, "form")
    end)

    it("an argument of the wrong type, by raising an error that names it", function()
      local function raises(request, named)
        local asked = { method = "GET", url = server.url }
        for name, value in pairs(request) do asked[name] = value end
        assert.error_matches(function() engine:submit(asked) end, named)
      end
      raises({ url = 1 }, "url")
      raises({ timeout = "soon" }, "timeout")
      raises({ timeout = 0 }, "timeout")
      raises({ timeout = 0 / 0 }, "timeout")
      raises({ headers = { A = 1 } }, "header 'A'")
      raises({ method = "POST", body = {} }, "body")
      raises({ method = "POST", form = { "text" } }, "form")
      assert.has_error(function() engine:submit() end)
    end)

    it("nothing of which reached the server", function()
      assert.equal(0, count("stolen"))
    end)
  end)

  describe("accepts an unencrypted URL to", function()
    for _, host in ipairs { "127.0.0.1", "localhost", "LocalHost", "[::1]", "127.1" } do
      it(host, function()
        assert.equal("hello\n",
          assert(fetch("", { url = ("http://%s:%d/hello"):format(host, server.port) })).body)
      end)
    end
  end)

  it("does not follow a redirect, nor take the credential anywhere", function()
    local result = assert(fetch("/moved", { headers = { Authorization = "Bearer sample" } }))
    assert.equal(302, result.status)
    assert.is_truthy(result.headers.location:find("/stolen", 1, true))
    assert.equal(0, count("stolen"))
  end)

  describe("fails with the reason, where it was, and whether the request may have been seen, when",
    function()
    local function fails(path, request)
      local result, failure = fetch(path, request)
      assert.is_nil(result)
      return failure
    end

    local function like(expected, failure)
      assert.equal(expected[1], failure.code)
      assert.is_truthy(failure.message:find(expected[2], 1, true), failure.message)
      assert.equal(expected[3], failure.phase)
      assert.equal(expected.sent ~= false, failure.sent)
    end

    local cases = {
      ["the answer is garbage"] = { "/raw/garbage", { "transport", "not HTTP", "wait" } },
      ["the status has four digits"] = { "/raw/long-status", { "transport", "not HTTP", "wait" } },
      ["the status has two digits"] = { "/raw/short-status", { "transport", "not HTTP", "wait" } },
      ["the server switches protocols unasked"] = { "/raw/switching",
        { "transport", "not asked for (101)", "receive" } },
      ["the server hangs up at once"] = { "/raw/nothing",
        { "transport", "without an answer", "wait" } },
      ["the header ends in the middle"] = { "/raw/half-header",
        { "transport", "middle of the header", "receive" } },
      ["the body ends in the middle"] = { "/raw/half-body",
        { "transport", "middle of the answer", "receive" } },
      ["a chunk ends in the middle"] = { "/raw/half-chunk",
        { "transport", "middle of the answer", "receive" } },
      ["gzip ends in the middle"] = { "/raw/half-gzip",
        { "transport", "middle of the answer", "receive" } },
      ["gzip is broken"] = { "/raw/broken-gzip", { "transport", "decompressed", "receive" } },
      ["the compression is unknown"] = { "/raw/unknown-encoding",
        { "transport", "decompressed", "receive" } },
      ["a header line has 1 MB"] = { "/raw/long-line", { "limit", "max_header_bytes", "receive" } },
      ["the header has 1 MB"] = { "/raw/long-header", { "limit", "max_header_bytes", "receive" } },
      ["the header has too many lines"] = { "/raw/many-lines",
        { "limit", "1000 header lines (max_header_lines)", "receive" } },
      ["the header never ends"] = { "/raw/endless-header",
        { "limit", "max_header_bytes", "receive" } },
      ["interim answers never end"] = { "/raw/endless-interim",
        { "limit", "max_header_bytes", "receive" } },
      ["the trailer never ends"] = { "/raw/endless-trailer",
        { "limit", "max_header_bytes", "receive" } },
      ["the length is larger than any number"] = { "/raw/huge-length",
        { "transport", "Content-Length cannot be read", "receive" } },
      ["the length is said in two ways"] = { "/raw/two-lengths",
        { "transport", "Content-Length cannot be read", "receive" } },
      ["the length is no number"] = { "/raw/odd-length",
        { "transport", "Content-Length cannot be read", "receive" } },
      ["a chunk has 2^64 bytes"] = { "/raw/huge-chunk", { "transport", "chunk", "receive" } },
      ["a chunk has 2^64 - 1 bytes"] = { "/raw/largest-chunk",
        { "transport", "chunk", "receive" } },
      ["the answer is larger than allowed"] =
        { "/answer?size=10000000", { "limit", "1000000 bytes (max_response_bytes)", "receive" },
          { max_response_bytes = 1000000 } },
      ["the answer gets larger than allowed by decompression"] =
        { "/compressed?megabytes=50", { "limit", "1000000 bytes (max_response_bytes)", "receive" },
          { max_response_bytes = 1000000 } },
      ["no answer comes in time"] = { "/stall", { "timeout", "1 s (timeout)", "wait" },
        { timeout = 1 } },
      ["the answer does not end in time"] = { "/trickle",
        { "timeout", "1 s (timeout)", "receive" }, { timeout = 1 } },
      ["nobody listens"] =
        { "", { "transport", "127.0.0.1: no connection: Connection refused", "connect",
          sent = false }, { url = "http://127.0.0.1:1/" } },
      ["the name does not exist"] =
        { "", { "transport", "nowhere.invalid", "dns", sent = false },
          { url = "https://nowhere.invalid/" } },
    }
    for sentence, case in pairs(cases) do
      it(sentence, function() like(case[2], fails(case[1], case[3])) end)
    end

    it("has no limit that is not an option of the request", function()
      local tight = {
        timeout = { "/stall", 0.1 }, max_response_bytes = { "/answer?size=11", 10 },
        max_header_bytes = { "/raw/long-header", 1000 },
        max_header_lines = { "/raw/many-lines", 10 },
      }
      for option, case in pairs(tight) do
        local failure = fails(case[1], { [option] = case[2] })
        assert.equal(option, failure.where)
        assert.truthy(failure.message:find("(" .. option .. ")", 1, true))
      end
      local message = select(2, pcall(fetch, "/hello", { max_header_bytes = 200 * 1024 }))
      assert.truthy(message:find("option 'max_header_bytes': more than 102400", 1, true))
    end)

    it("the server never answers the TLS handshake", function()
      local listener = assert(socket.bind("127.0.0.1", 0))
      local _, port = listener:getsockname()
      local failure = fails("", { url = "https://127.0.0.1:" .. port .. "/",
        connect_timeout = 1 })
      listener:close()
      like({ "timeout", "1 s (connect_timeout)", "tls", sent = false }, failure)
    end)
  end)

  it("writes a POST once when a kept-alive connection ends without an answer, and what is "
    .. "idempotent again", function()
    fetch("/hello")
    local before = count("hang-up")
    local _, failure = fetch("/hang-up", { method = "POST", body = "once" })
    assert.equal("transport", failure.code)
    assert.is_true(failure.sent)
    assert.equal(before + 1, count("hang-up"))
    fetch("/hang-up")
    assert.equal(before + 3, count("hang-up"))
  end)
end)
