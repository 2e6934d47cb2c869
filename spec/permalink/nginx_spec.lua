-- The permalink as a location of nginx, against the sandbox.

local core = require("debitura.core")
local app = require("spec.support.permalink_app")
local nginx = require("debitura.nginx_app")
local origin = require("spec.support.origin")
local sandbox = require("debitura.sandbox")
local support = require("spec.support.desk")

local CONFIGURATION = [[
  server {
    listen 127.0.0.1:$PORT;
    location /debitura/h/ {
      access_log off;
      content_by_lua_block {
        local app = require("spec.support.permalink_app")
        local base = "http://127.0.0.1:$PORT/debitura/h/"
        local recipes = app.recipes("$DIRECTORY", "$SANDBOX", base)
        require("debitura.permalink.openresty").serve(recipes:permalink_handler())
      }
    }
  }
]]

describe("the permalink in nginx", function()
  it("shows the page, leads on, and re-issues an expired link once for all who press at the same "
    .. "moment", function()
    local directory, remove = origin.directory()
    local debitura = assert(sandbox.start { settings = { ttl_days = 1 } })
    local server = assert(nginx.start {
      http = CONFIGURATION:gsub("%$DIRECTORY", directory):gsub("%$SANDBOX", debitura.url),
    })
    local engine = assert(core.engine {})
    local function knock(url, method)
      return assert(engine:submit { method = method, url = url, timeout = 20 })
    end
    local function answer(transfer)
      while not transfer:done() do engine:wait(1) end
      return assert(transfer:result())
    end
    -- The store as another process would have filled it, eight days ago.
    local recipes = app.recipes(directory, debitura.url, server.url .. "/debitura/h/")
    recipes.approval.runner.clock = function() return os.time() - 8 * 86400 end
    assert(recipes.approval:request(support.payload()))
    local url = io.lines(directory .. "/delivered")()
    assert.are.equal(1, url:find(server.url .. "/debitura/h/", 1, true))

    local page = answer(knock(url, "GET"))
    assert.are.same({ 200, "text/html; charset=utf-8" },
      { page.status, page.headers["content-type"] })
    assert.is_truthy(page.body:find("Sample Platform works with Debitura", 1, true))
    assert.are.equal(404,
      answer(knock(server.url .. "/debitura/h/" .. ("0"):rep(36), "GET")).status)
    assert.are.equal("", answer(knock(url, "HEAD")).body)

    local function asked()
      local count = 0
      for _ in io.lines(directory .. "/asked") do count = count + 1 end
      return count
    end
    assert.are.equal(1, asked())
    local pressed = {}
    for i = 1, 6 do pressed[i] = knock(url, "POST") end
    local led, before = 0, recipes.approval.runner.store:record("link", "acme-1", "").generation
    for i = 1, 6 do
      local status = answer(pressed[i]).status
      assert.is_truthy(status == 303 or status == 503, tostring(status))
      if status == 303 then led = led + 1 end
    end
    assert.is_true(led >= 1)
    assert.are.equal(2, asked())
    local link = recipes.approval.runner.store:record("link", "acme-1", "")
    assert.are.same({ 1, 2, "pending" }, { before, link.generation, link.state })
    local location = answer(knock(url, "POST")).headers.location
    assert.are.equal(link.url, location)

    recipes.approval.runner.store:close()
    engine:close()
    server:stop()
    debitura:stop()
    remove()
  end)
end)
