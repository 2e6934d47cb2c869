-- `debitura desk`: the operators' pages on this machine.

local command = require "spec.support.command"
local core = require "debitura.core"
local origin = require "spec.support.origin"
local rows = require "spec.support.store_rows"
local server = require "spec.support.server"
local store = require "debitura.store"

--- What a browser sends with a form of the same site.
local FORM = { ["Sec-Fetch-Site"] = "same-origin",
  ["Content-Type"] = "application/x-www-form-urlencoded" }

describe("debitura desk", function()
  local place, engine, address

  before_each(function()
    place = command.desk()
    address = "sqlite://" .. place.directory .. "/store.db"
    place.environment = { DEBITURA_STORE = address, DEBITURA_ENVIRONMENT = "test",
      DEBITURA_API_KEY = "key" }
    engine = assert(core.engine {})
  end)
  after_each(function()
    engine:close()
    place:close()
  end)

  local function fill()
    local opened = assert(store.open(address))
    assert(opened:stamp("test"))
    assert(opened:record_move(rows.change("acme-1", {
      rows.move("link", "", 0, { state = "pending", url = "https://hosted.example/secret",
        expires_at = core.system.now() + 86400,
        payload = '{"client":{"name":"Sample Customer"}}' }),
    }), core.system.now()))
    opened:close()
  end

  local function call(method, url, headers, body)
    local transfer = assert(engine:submit { method = method, url = url, headers = headers or {},
      body = body, timeout = 20 })
    while not transfer:done() do engine:wait(1) end
    local result = assert(transfer:result())
    return result.status, result.body, result.headers
  end

  local function start(flags)
    local stop = place:start("desk --port 0 " .. flags, "Ctrl-C")
    local url = place:read(place.directory .. "/out"):match(" at (%S+) ")
    assert.truthy(url:find("^http://127%.0%.0%.1:%d+/%x+/$"), url)
    return url, function()
      local ended = stop()
      assert.equal(0, ended.status, ended.err)
    end
  end

  it("finds a configuration that is named from where it was started", function()
    fill()
    local path = place:file("config.json", assert(core.json.encode {
      environment = "test", api_key = "key", store = address,
    }))
    os.execute("chmod 600 " .. path)
    local to_root = server.run("pwd"):gsub("%s+$", ""):gsub("[^/]+", ".."):sub(2)
    -- By a directory that there is nowhere else.
    place.environment = { DEBITURA_CONFIG = "spec/../" .. to_root .. path }
    local url, stop = start("")
    assert.equal(200, (call("GET", url)))
    stop()
  end)

  it("says that there is no store, rather than make one", function()
    local ended = place:run("desk --port 0")
    assert.equal(1, ended.status, ended.err)
    assert.truthy(ended.err:find("the store does not exist yet", 1, true), ended.err)
  end)

  it("shows the store to those who have its address, on this machine alone", function()
    fill()
    local url, stop = start("")
    local code, body = call("GET", url)
    assert.equal(200, code)
    assert.truthy(body:find("What needs a person first", 1, true))
    body = select(2, call("GET", url .. "link?tenant=acme-1"))
    assert.truthy(body:find("<h1>acme-1</h1>", 1, true), body)
    assert.is_nil(body:find("Sample Customer", 1, true))
    assert.is_nil(body:find("secret", 1, true))
    assert.is_nil(body:find("act?do=", 1, true))
    assert.equal(404, (call("GET", url:match("^http://[^/]*") .. "/")))
    for host, answer in pairs { ["desk.example"] = "403", ["localhost:1"] = "200" } do
      local said = "curl -s -o /dev/null -w '%%{http_code}' -H 'Host: %s' %s"
      assert.equal(answer, origin.output(said:format(host, url)))
    end
    assert.equal(403, (call("POST", url .. "act?do=close&tenant=acme-1",
      FORM, "token=x")))
    stop()
  end)

  it("acts where it is told that it may, in the name of who has started it", function()
    fill()
    local url, stop = start("--actions --personal --name otto")
    local _, asked = call("GET", url .. "act?do=close&tenant=acme-1")
    local action, token = asked:match('<form method="post" action="([^"]*)">\n.-value="([^"]*)"')
    local code, _, headers = call("POST", url .. action:gsub("&amp;", "&"), FORM,
      "token=" .. token .. "&reason=telephone")
    assert.same({ 303, "link?said=moved&tenant=acme-1" }, { code, headers.location })
    local _, body = call("GET", url .. headers.location)
    assert.truthy(body:find("by otto", 1, true), body)
    assert.truthy(body:find("Sample Customer", 1, true))
    assert.equal(413, (call("POST", url .. "act", FORM, ("x"):rep(70000))))
    stop()
    local shown = place:run("links show acme-1")
    assert.truthy(shown.out:find("desk.close", 1, true), shown.out)
    assert.truthy(shown.out:find("closed", 1, true), shown.out)
  end)
end)
