local certificates = require("spec.support.certificates")
local core = require("debitura.core")
local origin = require("spec.support.origin")

-- Debian's own interpreter, as for the mail server.
local PYTHON = os.getenv("DEBITURA_PYTHON") or "/usr/bin/python3"

local UNPROCESSED = "did not process the request (HTTP/2"

--- nginx goes away after five requests on a connection, whatever is under way on it.
local LEAVING = [[
  server {
    listen 127.0.0.1:$PORT ssl http2; server_name localhost; keepalive_requests 5;
    ssl_certificate $CERTIFICATES/good.pem; ssl_certificate_key $CERTIFICATES/good.key;
    location = /count { keepalive_requests 1000;
      content_by_lua_block { ngx.print(ngx.shared.origin:get(ngx.var.arg_of) or 0) } }
    location / {
      content_by_lua_block {
        ngx.req.read_body()
        ngx.shared.origin:incr("served", 1, 0)
        ngx.sleep(0.01)
        ngx.print(ngx.var.arg_n)
      }
    }
  }
]]

for _, portable in ipairs { false, true } do
  describe(portable and "HTTP/2, portably," or "HTTP/2", function()
    local directory, remove, engine

    setup(function()
      directory, remove = origin.directory()
      certificates.make(directory)
    end)
    teardown(function() remove() end)
    before_each(function()
      engine = core.engine {
        ca_file = directory .. "/authority.pem", proxy = "", portable = portable,
      }
    end)
    after_each(function() engine:close() end)

    local function submit(port, request)
      local asked = { method = "POST", url = "https://localhost:" .. port .. "/", timeout = 20 }
      for name, value in pairs(request or {}) do asked[name] = value end
      if asked.method == "POST" then asked.body = asked.body or "once" end
      return assert(engine:submit(asked))
    end

    --- Runs a function with the port of a server in one mode; gives the server's log as counts, and
    -- what the function gives.
    local function with_server(mode, use)
      local log = directory .. "/" .. mode .. (portable and "-portable" or "")
      origin.write(log, "")
      local command = "%s spec/support/http2_server.py %s '%s/good.pem' '%s/good.key' '%s' 2>&1"
      local said = origin.output(command:format(PYTHON, mode, directory, directory, log))
      local port, pid = said:match("^(%d+) (%d+)\n$")
      assert(port, said)
      local ok, result, failure = pcall(use, port)
      os.execute("kill " .. pid)
      assert(ok, result)
      local counts = { served = 0, refused = 0, gone = 0, cut = 0 }
      for line in io.lines(log) do counts[line] = (counts[line] or 0) + 1 end
      return counts, result, failure
    end

    local function post(port) return origin.finish(engine, submit(port)) end

    it("sends again what a server refused, a POST too", function()
      local counts, result, failure = with_server("refuse-once", post)
      assert.equal(200, assert(result, failure and failure.message).status)
      assert.are.same({ served = 1, refused = 1, gone = 0, cut = 0 }, counts)
    end)

    it("gives up after some refusals, as not sent, and says why", function()
      local counts, result, failure = with_server("refuse", post)
      assert.is_nil(result)
      assert.equal("transport", failure.code)
      assert.is_false(failure.sent)
      assert.truthy(failure.message:find(UNPROCESSED, 1, true), failure.message)
      assert.equal(0, counts.served)
      assert.equal(8, counts.refused)
      assert.truthy(failure.message:find("begun 8 times", 1, true), failure.message)
    end)

    it("sends again what came after the last request of a connection", function()
      local counts = with_server("goaway", function(port)
        for _ = 1, 4 do assert.equal(200, assert(post(port)).status) end
      end)
      assert.equal(4, counts.served)
    end)

    it("gives up on a server that always goes away, as not sent", function()
      local counts, result, failure = with_server("goaway-zero", post)
      assert.is_nil(result)
      assert.is_false(failure.sent)
      assert.truthy(failure.message:find(UNPROCESSED, 1, true), failure.message)
      assert.is_true(counts.gone > 1 and counts.gone <= 8)
    end)

    it("takes a POST for sent when the connection ends without a word about it", function()
      local counts, result, failure = with_server("cut", post)
      assert.is_nil(result)
      assert.is_true(failure.sent)
      assert.equal(1, counts.cut)
    end)

    --- Sends so many requests, four at once; the status of each answer as a key, how often it came.
    local function statuses(port, count, body)
      local seen = {}
      for _ = 1, count / 4 do
        local transfers = {}
        for i = 1, 4 do transfers[i] = submit(port, { body = body }) end
        for _, transfer in ipairs(transfers) do
          local result, failure = origin.finish(engine, transfer)
          local key = result and result.status or failure.message
          seen[key] = (seen[key] or 0) + 1
        end
      end
      return seen
    end

    it("gives answers that come before the body was sent", function()
      for mode, status in pairs { ["early-open"] = 401, ["early-found"] = 200 } do
        local _, seen = with_server(mode, function(port) return statuses(port, 40, "a body") end)
        assert.are.same({ [status] = 40 }, seen)
      end
    end)

    it("loses an answer that ends the request once at most, and says so", function()
      local counts, lost = with_server("early", function(port)
        local lost = 0
        for _ = 1, 20 do
          local result, failure = origin.finish(engine, submit(port, { body = ("x"):rep(60000) }))
          if failure then
            assert.equal("transport", failure.code)
            assert.is_true(failure.sent)
            assert.truthy(failure.message:find("libcurl lost the answer (HTTP/2)", 1, true),
              failure.message)
            lost = lost + 1
          else
            assert.equal(401, result.status)
          end
        end
        return lost
      end)
      assert.is_true(lost == 0 or lost == 1 and counts["1.1"] > 0)
    end)

    it("is left to HTTP/1.1 for a body that is larger than its first window", function()
      local counts, seen = with_server("early-open", function(port)
        return statuses(port, 8, ("x"):rep(65536))
      end)
      assert.are.same({ [401] = 8 }, seen)
      assert.equal(8, counts["1.1"])
    end)

    it("loses and doubles none of many POSTs to a server that often goes away", function()
      local server = origin.start((LEAVING:gsub("%$CERTIFICATES", directory)))
      local transfers = {}
      for i = 1, 60 do
        local url = ("https://localhost:%d/?n=%d"):format(server.port, i)
        transfers[i] = submit(server.port, { url = url })
      end
      for i, transfer in ipairs(transfers) do
        assert.equal(tostring(i), assert(origin.finish(engine, transfer)).body)
      end
      local count = submit(server.port, {
        method = "GET", url = ("https://localhost:%d/count?of=served"):format(server.port),
      })
      assert.equal("60", assert(origin.finish(engine, count)).body)
      server:stop()
    end)
  end)
end
