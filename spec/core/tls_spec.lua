local core = require("debitura.core")
local certificates = require("spec.support.certificates")
local origin = require("spec.support.origin")

-- libcurl itself resolves every name below .localhost to this machine, without asking DNS.
local SERVERS = [[
  ssl_protocols TLSv1.2 TLSv1.3;
  server {
    listen 127.0.0.1:$PORT ssl http2 default_server;
    server_name good.localhost localhost;
    ssl_certificate $CERTIFICATES/good.pem; ssl_certificate_key $CERTIFICATES/good.key;
    $LOCATIONS
  }
]]

local ANOTHER_SERVER = [[
  server {
    listen 127.0.0.1:$PORT ssl http2;
    server_name $NAME.localhost;
    ssl_certificate $CERTIFICATES/$NAME.pem; ssl_certificate_key $CERTIFICATES/$NAME.key;
    location / { content_by_lua_block { ngx.shared.origin:incr("seen", 1, 0) ngx.print("seen") } }
  }
]]

describe("TLS", function()
  local server, engine, directory, remove

  setup(function()
    directory, remove = origin.directory()
    certificates.make(directory)
    local servers = SERVERS
    for _, name in ipairs { "expired", "elsewhere", "self-signed" } do
      servers = servers .. ANOTHER_SERVER:gsub("%$NAME", name)
    end
    server = origin.start((servers:gsub("%$CERTIFICATES", directory)))
  end)

  teardown(function()
    server:stop()
    remove()
  end)

  before_each(function()
    engine = core.engine { ca_file = directory .. "/authority.pem", proxy = "" }
  end)
  after_each(function() engine:close() end)

  local function fetch(host, path, request)
    local asked = { method = "GET", url = ("https://%s:%d%s"):format(host, server.port, path),
      timeout = 20 }
    for name, value in pairs(request or {}) do asked[name] = value end
    return origin.fetch(engine, asked)
  end

  for _, host in ipairs { "good.localhost", "localhost", "127.0.0.1" } do
    it("accepts a certificate of a trusted authority for " .. host, function()
      assert.equal("hello\n", assert(fetch(host, "/hello")).body)
    end)
  end

  it("speaks HTTP/2 over TLS 1.3 where the server does, and says how long the handshake took",
    function()
    local result = assert(fetch("good.localhost", "/protocol"))
    assert.equal("HTTP/2.0 TLSv1.3", result.body)
    assert.equal("2", result.http_version)
    assert.is_true(result.timing.tls > 0)
  end)

  for _, portable in ipairs { false, true } do
    it("carries a burst of requests over one connection" .. (portable and ", portably" or ""),
      function()
      engine:close()
      engine = core.engine { ca_file = directory .. "/authority.pem", proxy = "",
        portable = portable }
      local transfers, made = {}, 0
      for i = 1, 60 do
        transfers[i] = assert(engine:submit { method = "GET",
          url = ("https://localhost:%d/answer?size=1000"):format(server.port) })
      end
      for _, transfer in ipairs(transfers) do
        local result = assert(origin.finish(engine, transfer))
        assert.equal(1000, #result.body)
        if not result.reused then made = made + 1 end
      end
      assert.equal(1, made)
    end)
  end

  it("cancels one of several requests on a shared connection without disturbing the others",
    function()
    assert(fetch("localhost", "/hello"))
    local function submit(path)
      return assert(engine:submit { method = "GET", url = ("https://localhost:%d%s")
        :format(server.port, path) })
    end
    local stalled, other = submit("/stall"), submit("/stall?seconds=0.05")
    engine:step()
    stalled:cancel()
    local result = assert(origin.finish(engine, other))
    assert.equal("late", result.body)
    assert.is_true(result.reused)
    assert.is_true(assert(fetch("localhost", "/hello")).reused)
  end)

  local refused = {
    ["expired"] = "has expired",
    ["self-signed"] = "self%-signed",
    ["elsewhere"] = "for another host",
  }
  for name, reason in pairs(refused) do
    it("refuses a certificate that is " .. name .. " before anything is sent, and says why",
      function()
      local result, failure = fetch(name .. ".localhost", "/",
        { headers = { Authorization = core.secret("Bearer sample") } })
      assert.is_nil(result)
      assert.equal("transport", failure.code)
      assert.is_truthy(failure.message:find(reason), failure.message)
      assert.is_truthy(failure.message:find(name .. ".localhost", 1, true))
      assert.equal("tls", failure.phase)
      assert.is_false(failure.sent)
      assert.equal("0", assert(fetch("localhost", "/count?of=seen")).body)
    end)
  end

  it("refuses an authority that was not made trusted", function()
    engine:close()
    engine = core.engine { proxy = "" }
    local _, failure = fetch("good.localhost", "/hello")
    assert.is_truthy(failure.message:find("not trusted", 1, true))
    assert.is_false(failure.sent)
  end)

  it("finds trusted authorities in a directory", function()
    engine:close()
    os.execute(
      ("mkdir '%s/trusted' && cp '%s/authority.pem' '%s/trusted' && openssl rehash '%s/trusted'")
        :format(
      directory, directory, directory, directory))
    engine = core.engine { ca_path = directory .. "/trusted", proxy = "" }
    assert.equal("hello\n", assert(fetch("good.localhost", "/hello")).body)
  end)

  it("says when the file of trusted authorities cannot be read", function()
    engine:close()
    engine = core.engine { ca_file = directory .. "/nothing.pem", proxy = "" }
    local _, failure = fetch("good.localhost", "/hello")
    assert.equal("system", failure.code)
    assert.is_truthy(failure.message:find("trusted certificates cannot be read", 1, true))
  end)

  it("fails where the server does not speak it", function()
    local plain = origin.start()
    local _, failure = fetch("localhost", "/",
      { url = "https://127.0.0.1:" .. plain.port .. "/hello" })
    plain:stop()
    assert.equal("transport", failure.code)
    assert.is_truthy(failure.message:find("TLS handshake failed", 1, true))
    assert.is_false(failure.sent)
  end)

  it("survives a server that hangs up while it is written to", function()
    -- A process that did not look after SIGPIPE would end here.
    for _ = 1, 5 do
      local _, failure = fetch("localhost", "/hang-up",
        { method = "POST", body = ("x"):rep(8 * 1024 * 1024) })
      assert.equal("transport", failure.code)
      assert.is_true(failure.sent)
    end
  end)

  it("older than 1.2 is not spoken", function()
    local old = origin.start(([[
      server { listen 127.0.0.1:$PORT ssl; ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;
        ssl_certificate $CERTIFICATES/good.pem; ssl_certificate_key $CERTIFICATES/good.key;
        $LOCATIONS }
    ]]):gsub("%$CERTIFICATES", directory))
    local _, failure = fetch("localhost", "/",
      { url = "https://localhost:" .. old.port .. "/hello" })
    old:stop()
    assert.equal("tls", failure.phase)
  end)
end)
