-- The desk as a location of nginx: who is let in by nginx's own means, and that any worker takes a
-- form that another has made.

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local nginx = require("debitura.nginx_app")
local origin = require("spec.support.origin")
local rows = require("spec.support.store_rows")
local store = require("debitura.store")

local CONFIGURATION = [[
  server {
    listen 127.0.0.1:$PORT;
    location /below/desk/ {
      auth_request /session;
      auth_request_set $operator $upstream_http_x_operator;
      content_by_lua_block {
        require("spec.support.desk_app").serve("$PLACE", function()
          return "act", ngx.var.operator
        end)
      }
    }
    location = /session {
      internal;
      proxy_pass http://127.0.0.1:$PORT/login;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
    }
    location = /login {
      content_by_lua_block {
        if ngx.var.http_cookie ~= "session=1" then return ngx.exit(401) end
        ngx.header["X-Operator"] = "nora"
        ngx.print("")
      }
    }
    location /basic/ {
      auth_basic "desk";
      auth_basic_user_file $PLACE/users;
      content_by_lua_block {
        require("spec.support.desk_app").serve("$PLACE", function(request)
          return request.user == "otto" and "read", request.user
        end)
      }
    }
  }
]]

describe("the desk in nginx", function()
  local server, directory, remove, engine, kept

  setup(function()
    directory, remove = origin.directory()
    origin.write(directory .. "/users", "otto:{PLAIN}password\neva:{PLAIN}password\n")
    kept = assert(store.open("sqlite://" .. directory .. "/store.db"))
    assert(kept:stamp("test"))
    for i = 1, 13 do
      assert(kept:record_move(rows.change("acme-" .. i, {
        rows.move("link", "", 0, { state = "pending", generation = 1, payload = "{}",
          terms = '{"channels":["mail"]}', url = "https://hosted.example/secret",
          expires_at = core.system.now() + 86400 }),
      }), core.system.now()))
    end
    server = assert(nginx.start { workers = 2, main = nginx.thread_pool("debitura", 2),
      http = CONFIGURATION:gsub("%$PLACE", directory) })
    engine = assert(core.engine {})
  end)

  teardown(function()
    engine:close()
    server:stop()
    kept:close()
    remove()
  end)

  local function submit(method, path, headers, body)
    local sent = { Cookie = "session=1" }
    for name, value in pairs(headers or {}) do sent[name] = value or nil end
    return assert(engine:submit { method = method, url = server.url .. path, headers = sent,
      body = body, timeout = 30 })
  end

  local function answer_of(transfer)
    while not transfer:done() do engine:wait(1) end
    return assert(transfer:result())
  end

  local function call(...) return answer_of(submit(...)) end

  --- What `submit` takes to send the form of a page.
  local function form(path, fields)
    local action, token = call("GET", path).body:match('post" action="([^"]*)">\n.-value="([^"]*)"')
    return "/below/desk/" .. action:gsub("&amp;", "&"), {
      ["Sec-Fetch-Site"] = "same-origin", ["Content-Type"] = "application/x-www-form-urlencoded",
    }, "token=" .. token .. (fields or "")
  end

  local function press(path, fields) return call("POST", form(path, fields)) end

  it("lets in whom the application's own session, or a password, lets in", function()
    assert.equal(401, call("GET", "/below/desk/", { Cookie = "session=2" }).status)
    local page = call("GET", "/below/desk/")
    assert.same({ 200, "no-store" }, { page.status, page.headers["cache-control"] })
    assert.truthy(page.body:find("<strong>nora</strong>", 1, true))
    local function basic(user)
      return call("GET", "/basic/links", {
        Authorization = "Basic " .. encoding.base64(user .. ":password"),
      })
    end
    assert.equal(401, call("GET", "/basic/").status)
    assert.equal(403, basic("eva").status)
    assert.truthy(basic("otto").body:find("acme-12", 1, true))
    assert.is_nil(basic("otto").body:find("all of these", 1, true))
    assert.equal("", call("HEAD", "/below/desk/").body)
  end)

  it("takes a form in any worker, and a header that comes twice for none", function()
    for i = 1, 6 do
      local answer = press("/below/desk/act?do=close&tenant=acme-" .. i, "&reason=asked")
      assert.same({ 303, "link?said=moved&tenant=acme-" .. i },
        { answer.status, answer.headers.location }, answer.body)
      assert.equal("closed", kept:record("link", "acme-" .. i, "").state)
    end
    local lines = kept:record_history { kind = "link", tenant = "acme-1", name = "" }
    assert.same({ "desk.close", "nora" }, { lines[2].event, lines[2].note })
    local url = server.url .. "/below/desk/act?do=close&tenant=acme-7"
    local said = origin.output(("curl -s -b session=1 -H 'Sec-Fetch-Site: same-origin' "
      .. "-H 'Sec-Fetch-Site: same-origin' -d token=x '%s'"):format(url))
    assert.truthy(said:find("the browser did not say", 1, true), said)
    assert.equal(413, call("POST", "/below/desk/act", nil, ("x"):rep(70000)).status)
  end)

  it("lets one of those act who send their forms at the same moment", function()
    local place, forms, sent, codes = "/below/desk/act?do=close&tenant=acme-13", {}, {}, {}
    for i = 1, 4 do forms[i] = { form(place) } end
    for i = 1, 4 do sent[i] = submit("POST", forms[i][1], forms[i][2], forms[i][3]) end
    for i = 1, 4 do codes[i] = answer_of(sent[i]).status end
    table.sort(codes)
    assert.same({ 303, 409, 409, 409 }, codes)
    local count = 0
    for _, line in ipairs(kept:record_history { kind = "link", tenant = "acme-13", name = "" }) do
      if line.event == "desk.close" then count = count + 1 end
    end
    assert.equal(1, count)
  end)

  it("acts on all that a filter finds", function()
    local answer = press("/below/desk/act?do=deliver&list=links&state=pending")
    assert.equal(200, answer.status)
    assert.truthy(answer.body:find("<bdi>6</bdi></td><td><bdi>were done</bdi>"), answer.body)
    local delivered = {}
    for line in io.lines(directory .. "/delivered") do delivered[#delivered + 1] = line end
    table.sort(delivered)
    assert.same({ "acme-10", "acme-11", "acme-12", "acme-7", "acme-8", "acme-9" }, delivered)
    assert.equal("", (server:log():gsub("[^\n]*%[notice%][^\n]*\n", "")))
  end)
end)
