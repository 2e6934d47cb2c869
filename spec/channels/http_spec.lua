local certificates = require("spec.support.certificates")
local channels = require("debitura.channels")
local core = require("debitura.core")
local loops = require("spec.support.loops")
local nginx = require("debitura.nginx_app")
local origin = require("spec.support.origin")

local NOW = 1767225600 -- 2026-01-01T00:00:00Z
local SECRET = "c2FtcGxlLWRlbGl2ZXJ5LXNlY3JldA==" -- of "sample-delivery-secret"

--- The platform's endpoint: /<status> answers with that, /last tells what it was sent last.
local PLATFORM = [[
  lua_shared_dict taken 1m;
  server {
    listen 127.0.0.1:$PORT;
    listen 127.0.0.1:$TLS_PORT ssl;
    ssl_certificate $CERTIFICATES/good.pem;
    ssl_certificate_key $CERTIFICATES/good.key;
    location / {
      content_by_lua_block {
        ngx.req.read_body()
        ngx.shared.taken:set("last", ngx.req.raw_header() .. ngx.req.get_body_data())
        ngx.status = tonumber(ngx.var.uri:match("%d+"))
        if ngx.status == 302 then ngx.header.Location = "/204" end
      }
    }
    location = /last {
      content_by_lua_block {
        ngx.print(ngx.shared.taken:get("last"))
        ngx.shared.taken:delete("last")
      }
    }
    location = /stall { content_by_lua_block { ngx.sleep(600) } }
    location = /hang-up { content_by_lua_block { ngx.exit(444) } }
    location = /endless { content_by_lua_block { ngx.print(("x"):rep(1024 * 1024)) } }
    # Answers none of three before the third is there.
    location = /together {
      content_by_lua_block {
        local count = ngx.shared.taken:incr("together", 1, 0)
        local wanted = math.ceil(count / 3) * 3
        while ngx.shared.taken:get("together") < wanted do ngx.sleep(0.002) end
      }
    }
  }
]]

--- What another implementation makes of a header and a body: whether the HMAC fits.
local function openssl_agrees(signature, body)
  local time, mac = signature:match("^t=(%d+),v1=(%x+)$")
  local path = os.tmpname()
  origin.write(path, time .. "." .. body)
  local said = origin.output("openssl dgst -sha256 -hmac sample-delivery-secret " .. path)
  os.remove(path)
  return said:match("(%x+)%s*$") == mac
end

local function message_with(changes)
  local message = {
    key = "deliver/1/http/tenant-1", tenant = "tenant-1", generation = 1, variant = "approval",
    url = "https://referral.example/approve/0f3c", expires_at = NOW + 7 * 86400,
    recipient = { name = "Ann Example", email = "ann@receiver.example" },
  }
  for name, value in pairs(changes or {}) do message[name] = value end
  return message
end

describe("the HTTP channel", function()
  local directory, remove, platform, tls_port, engine, opened

  setup(function()
    directory, remove = origin.directory()
    certificates.make(directory)
    tls_port = core.system.free_port()
    platform = assert(nginx.start {
      http = PLATFORM:gsub("%$TLS_PORT", tostring(tls_port)):gsub("%$CERTIFICATES", directory),
    })
    engine = core.engine {}
  end)

  teardown(function()
    engine:close()
    platform:stop()
    remove()
  end)

  before_each(function() opened = {} end)
  after_each(function()
    for _, channel in ipairs(opened) do channel:close() end
  end)

  local function channel_with(changes)
    local options = { url = platform.url .. "/204", secret = SECRET,
      clock = function() return NOW end }
    for name, value in pairs(changes or {}) do options[name] = value end
    opened[#opened + 1] = channels.http(options)
    return opened[#opened]
  end

  --- What the platform was sent last: request line, headers with names in lower case, body.
  local function last()
    local text = assert(
      origin.fetch(engine, { method = "GET", url = platform.url .. "/last" })).body
    local head, body = text:match("^(.-\r\n)\r\n(.*)$")
    local headers = {}
    for name, value in head:gmatch("\n([^:\r\n]+): ([^\r\n]*)") do headers[name:lower()] = value end
    return head:match("^[^\r]*"), headers, body
  end

  local function delivered(changes, options)
    assert.is_true(assert(channel_with(options):deliver(message_with(changes))))
    return last()
  end

  local function refusal(options, changes)
    local done, failed = channel_with(options):deliver(message_with(changes))
    assert.is_nil(done)
    local line = tostring(failed)
    for _, secret in ipairs { "referral.example", "receiver.example", SECRET, "/%d%d%d",
      "approve" } do
      assert.is_nil(line:find(secret), line)
    end
    return failed, line
  end

  describe("posts a message", function()
    it("as JSON, whole", function()
      local line, headers, body = delivered()
      assert.equal("POST /204 HTTP/1.1", line)
      assert.equal("application/json", headers["content-type"])
      assert.same(message_with(), core.json.decode(body))
    end)

    it("signed as OpenSSL would, with the time at which it was sent", function()
      local _, headers, body = delivered()
      local signature = headers["x-debitura-delivery-signature"]
      assert.equal(tostring(NOW), signature:match("^t=(%d+),"))
      assert.is_true(openssl_agrees(signature, body))
    end)

    it("with the key by which the platform knows it again, whatever the tenant is called",
      function()
      for key, header in pairs {
        ["deliver/1/http/tenant-1"] = "deliver/1/http/tenant-1",
        ["deliver/1/http/a b\r\nø%"] = "deliver/1/http/a%20b%0D%0A%C3%B8%25",
      } do
        local _, headers = delivered { key = key }
        assert.equal(header, headers["idempotency-key"])
      end
    end)

    it("with headers of the platform's own, which may be secrets", function()
      local _, headers = delivered(nil,
        { headers = { Authorization = core.secret("Bearer sample"), ["X-Room"] = "letters" } })
      assert.equal("Bearer sample", headers.authorization)
      assert.equal("letters", headers["x-room"])
    end)

    it("over TLS, to a host with a certificate for it", function()
      local url = ("https://localhost:%d/200"):format(tls_port)
      local trusting = channel_with { url = url, ca_file = directory .. "/authority.pem" }
      assert.is_true(assert(trusting:deliver(message_with())))
      assert.is_truthy(refusal { url = url }.message:find("not trusted", 1, true))
    end)
  end)

  describe("says what is wrong", function()
    for status, kind in pairs { [400] = "transport", [404] = "transport", [429] = "transport",
      [500] = "server", [503] = "server" } do
      it("when the answer is " .. status, function()
        local failed, line = refusal { url = ("%s/%d"):format(platform.url, status) }
        assert.equal(status, failed.status)
        assert.equal(kind, failed.kind)
        assert.is_truthy(line:find(" " .. status .. ":", 1, true), line)
      end)
    end

    it("and whether the same can never pass: any 4xx but 408 and 429", function()
      local final = {}
      for _, status in ipairs { 302, 400, 404, 408, 410, 422, 429, 500, 503 } do
        if refusal({ url = ("%s/%d"):format(platform.url, status) }).final then
          final[#final + 1] = status
        end
      end
      assert.same({ 400, 404, 410, 422 }, final)
    end)

    it("when the answer leads elsewhere, which is not followed", function()
      local failed = refusal { url = platform.url .. "/302" }
      assert.equal(302, failed.status)
      assert.is_truthy(failed.message:find("not followed", 1, true))
      assert.equal("POST /302 HTTP/1.1", (last()))
    end)

    it("when there is no answer, none in time, or one without end", function()
      assert.equal("transport", refusal { url = platform.url .. "/hang-up" }.kind)
      assert.equal("timeout", refusal { url = platform.url .. "/stall", timeout = 0.1 }.kind)
      assert.equal("limit", refusal { url = platform.url .. "/endless" }.kind)
    end)

    it("when nothing listens", function()
      local failed = refusal { url = ("http://127.0.0.1:%d/"):format(core.system.free_port()) }
      assert.equal("transport", failed.kind)
      assert.is_false(failed.sent)
    end)

    it("when a message cannot be written as JSON", function()
      local failed = refusal({}, { tenant = "\255" })
      assert.equal("validation", failed.kind)
      assert.is_false(failed.sent)
    end)
  end)

  it("is not made with options that cannot work, nor quotes a secret", function()
    for what, options in pairs {
      ["'url': https://"] = { url = "http://platform.example/letters" },
      ["'url': a user"] = { url = "https://sample:no@platform.example/" },
      ["'secret': text or debitura.secret expected"] = { secret = false },
      ["'secret': .*[Bb]ase64"] = { secret = "not~Base64" },
      ["'headers': idempotency%-key"] = { headers = { ["idempotency-key"] = "mine" } },
      ["'timeout': a number"] = { timeout = -1 }, ["'clock': a function"] = { clock = NOW },
      ["unknown option 'header', did you mean 'headers'"] = { header = {} },
    } do
      local sound, problem = pcall(channel_with, options)
      assert.is_false(sound)
      assert.matches("^[^:]*http_spec.lua:%d+: debitura.channels.http: .*" .. what, problem)
      assert.is_nil(problem:find("not~", 1, true))
    end
    assert.equal("debitura.channels.http (letters)", tostring(channel_with { name = "letters" }))
  end)

  it("goes on after it was closed", function()
    local channel = channel_with()
    channel:close()
    assert(channel:deliver(message_with()))
    channel:close()
    assert(channel:deliver(message_with()))
  end)

  for _, name in ipairs(loops.names()) do
    it("has several deliveries under way at once in " .. name, function()
      local loop = loops[name]()
      local channel = channel_with { url = platform.url .. "/together", waiter = loop.waiter }
      local results = {}
      for n = 1, 3 do
        loop.start(function() results[n] = { channel:deliver(message_with()) } end)
      end
      loop.run()
      assert.same({ { true }, { true }, { true } }, results)
    end)
  end

  it("has several deliveries under way at once in a worker of nginx", function()
    local application = assert(nginx.start { http = ([[
      init_by_lua_block {
        channel = require("debitura.channels").http { url = "%s/together", secret = "%s" }
      }
      server {
        listen 127.0.0.1:$PORT;
        location / {
          content_by_lua_block {
            ngx.print(tostring(channel:deliver { key = "k", url = "https://referral.example/" }))
          }
        }
      }
    ]]):format(platform.url, SECRET) })
    local transfers, answers = {}, {}
    for n = 1, 3 do
      transfers[n] = assert(engine:submit { method = "GET", url = application.url })
    end
    for n = 1, 3 do answers[n] = assert(origin.finish(engine, transfers[n])).body end
    application:stop()
    assert.same({ "true", "true", "true" }, answers)
  end)

  it("fails in a phase of nginx that cannot wait, instead of blocking the worker", function()
    local application = assert(nginx.start { http = ([[
      init_by_lua_block {
        channel = require("debitura.channels").http { url = "%s/204", secret = "%s" }
      }
      server {
        listen 127.0.0.1:$PORT;
        location / {
          set_by_lua_block $said {
            local done, failed = channel:deliver { key = "k", url = "https://referral.example/" }
            return tostring(done) .. " " .. tostring(failed)
          }
          return 200 $said;
        }
      }
    ]]):format(platform.url, SECRET) })
    local said = assert(origin.fetch(engine, { method = "GET", url = application.url })).body
    application:stop()
    assert.matches("^nil channels%.http: transport: .*phase set", said)
  end)
end)

describe("channels.verify", function()
  local BODY = '{"key":"deliver/1/http/tenant-1","url":"https://referral.example/approve/0f3c"}'
  -- printf '%s' "1767225600.$BODY" | openssl dgst -sha256 -hmac sample-delivery-secret
  local SIGNATURE = "t=1767225600,"
    .. "v1=c5cdde1781cde069e617864a131ff4b8c56c6736660910e33d448b373cbbcc4e"

  local function verify(changes)
    local delivery = { body = BODY, signature = SIGNATURE, secret = SECRET, now = NOW + 1 }
    for name, value in pairs(changes or {}) do delivery[name] = value end
    return channels.verify(delivery)
  end

  it("gives the message that the channel has signed", function()
    assert.same({ key = "deliver/1/http/tenant-1", url = "https://referral.example/approve/0f3c" },
      verify())
    assert.is_table(verify { secrets = { "b3RoZXI=", core.secret(SECRET) } })
  end)

  it("refuses what it did not, and says why", function()
    for reason, changes in pairs {
      missing = { signature = "" }, malformed = { signature = "v1=1" },
      no_match = { body = BODY .. " " },
      too_old = { now = NOW + 301 }, in_future = { now = NOW - 31 },
    } do
      local message, failed = verify(changes)
      assert.is_nil(message)
      assert.equal("unauthorized", failed.kind)
      assert.equal(reason, failed.type)
      assert.is_nil(tostring(failed):find("referral.example", 1, true))
    end
    assert.equal("no_match", select(2, verify { secret = "b3RoZXI=" }).type)
    assert.is_table(verify { now = NOW + 301, tolerance = 600 })
  end)

  it("refuses what is signed and no message", function()
    for _, body in ipairs { "", "[]", "null", '"text"', '{"id":"evt_1","event":"client.linked"}',
      '{"key":1,"url":"u"}' } do
      local message, failed = verify { body = body,
        signature = core.signature.sign(SECRET, body, NOW) }
      assert.is_nil(message)
      assert.equal("malformed", failed.kind)
    end
  end)

  it("raises an error without a body or a secret", function()
    assert.error_matches(function() verify { body = 1 } end, "option 'body': text expected")
    assert.error_matches(function() verify { skw = 1 } end,
      "unknown option 'skw', did you mean 'skew'")
    assert.error_matches(function() channels.verify { body = BODY, signature = SIGNATURE } end,
      "secret")
    assert.error_matches(function() verify { secret = "not~Base64" } end, "[Bb]ase64")
  end)
end)
