local nginx = require("debitura.nginx_app")

describe("the example for", function()
  local server

  setup(function()
    server = assert(nginx.start { http = [[
      server {
        listen 127.0.0.1:$PORT;
        location = /clients/tenant-3 { return 404; }
        location / { default_type application/json; return 200 '{"externalTenantId":"sample"}'; }
      }
    ]] })
  end)
  teardown(function() server:stop() end)

  local function run(engine, name)
    local command = "DEBITURA_API_KEY=sample DEBITURA_BASE_URL=%s scripts/lua %s "
      .. "examples/loops/%s.lua tenant-1 tenant-2 tenant-3 2>&1|sort"
    local pipe = assert(io.popen(command:format(server.url, engine, name)))
    local said = pipe:read("*a")
    pipe:close()
    return said
  end

  for _, case in ipairs { { "cqueues", "5.4" }, { "luv", "5.4" }, { "luv", "jit" },
    { "copas", "jit" } } do
    local name, engine = case[1], case[2]
    it(name .. " looks up clients at once under " .. engine, function()
      assert.matches("^tenant%-1\tfound\ntenant%-2\tfound\ntenant%-3\tclients%.get: not_found "
        .. "404.*\n$", run(engine, name))
    end)
  end

  it("nginx looks up a client", function()
    local file = assert(io.open("examples/loops/nginx.conf"))
    local http = assert(file:read("*a"):match("\nhttp (%b{})")):sub(2, -2):gsub("access_log off;",
      ""):gsub(":8080", ":$PORT")
    file:close()
    local application = assert(nginx.start {
      http = http, main = "env DEBITURA_API_KEY=sample; env DEBITURA_BASE_URL=" .. server.url
        .. ";",
    })
    local pipe = assert(io.popen((
      "curl -s %s/clients/tenant-1; curl -s %s/clients/tenant-3"):format(application.url,
      application.url)))
    local said = pipe:read("*a")
    pipe:close()
    application:stop()
    assert.matches("^found\nclients%.get: not_found 404.*\n$", said)
  end)
end)
