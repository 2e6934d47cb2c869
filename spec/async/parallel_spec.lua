local core = require("debitura.core")
local debitura = require("debitura")
local nginx = require("debitura.nginx_app")
local loops = require("spec.support.loops")

local parallel = debitura.parallel

--- Answers a client by the id in the path, "missing..." with 404, "slow" only when "last" was asked
-- for.
local UPSTREAM = [[
  lua_shared_dict gate 1m;
  server {
    listen 127.0.0.1:$PORT;
    location = /close { content_by_lua_block { ngx.shared.gate:delete("open") } }
    location /clients/ {
      content_by_lua_block {
        local id = ngx.var.uri:match("[^/]*$")
        if id == "last" then ngx.shared.gate:set("open", true) end
        while id == "slow" and not ngx.shared.gate:get("open") do ngx.sleep(0.002) end
        if id:find("missing") then ngx.exit(404) end
        ngx.print('{"externalTenantId":"', id, '"}')
      }
    }
  }
]]

local server

local function partner_with(options)
  local settings = { api_key = "sample-key", base_url = server.url, attempts = 1 }
  for name, value in pairs(options or {}) do settings[name] = value end
  return debitura.partner(settings)
end

local function getting(partner, id)
  return function() return partner.clients:get(id) end
end

--- The ids of clients, "kind" for failures.
local function told(outcomes)
  local list = {}
  for index, outcome in ipairs(outcomes) do
    list[index] = debitura.is_failure(outcome) and outcome.kind or outcome[1].externalTenantId
  end
  return list
end

--- Lua 5.1 itself cannot yield inside of pcall: in a loop, a spec cannot catch there what is
-- raised.
local PCALL_YIELDS = _VERSION ~= "Lua 5.1" or rawget(_G, "jit") ~= nil

--- The behaviour that plain Lua and all loops share; `run(options, make_jobs)` gives the outcomes.
local function behaves(run, catches)
  it("gives the outcomes in the order of the jobs, failures in their places", function()
    local outcomes = run({ limit = 3 }, function(partner)
      return { getting(partner, "a"), getting(partner, "missing"), getting(partner, "b"),
        getting(partner, "c"), getting(partner, "d") }
    end)
    assert.same({ "a", "not_found", "b", "c", "d" }, told(outcomes))
  end)

  it("lets the others go on while one waits", function()
    local outcomes = run({ limit = 2 }, function(partner)
      return { getting(partner, "slow"), getting(partner, "a"), getting(partner, "b"),
        getting(partner, "last") }
    end)
    assert.same({ "slow", "a", "b", "last" }, told(outcomes))
  end)

  it("runs as many at a time as the limit says", function()
    local open, most = 0, 0
    local outcomes = run({ limit = 4 }, function(partner)
      local jobs = {}
      for index = 1, 20 do
        jobs[index] = function()
          open = open + 1
          most = math.max(most, open)
          local client, err = partner.clients:get("t" .. index)
          open = open - 1
          return client, err
        end
      end
      return jobs
    end)
    assert.equal(20, #outcomes)
    assert.equal("t20", outcomes[20][1].externalTenantId)
    assert.equal(4, most)
  end)

  if catches then
    it("lets all run to their ends before it raises the error of the first that raised "
      .. "one", function()
      local ended = {}
      local sound, message = pcall(run, { limit = 2 }, function(partner)
        local function job(id, mistake)
          return function()
            partner.clients:get(id)
            ended[#ended + 1] = id
            if mistake then error(mistake) end
          end
        end
        return { job("a"), job("b", "sample mistake"), job("c", "another"), job("d") }
      end)
      assert.is_false(sound)
      assert.matches("job 2: .*sample mistake", tostring(message))
      table.sort(ended)
      assert.same({ "a", "b", "c", "d" }, ended)
    end)
  end

  it("takes a failure that is raised for one that is returned", function()
    local outcomes = run({}, function(partner)
      return { function()
        local _, err = partner.clients:get("missing")
        error(err, 0)
      end, getting(partner, "a") }
    end)
    assert.same({ "not_found", "a" }, told(outcomes))
  end)

  it("can be used inside of itself", function()
    local outcomes = run({ limit = 2 }, function(partner, options)
      local function family(name)
        return function()
          local inner = { getting(partner, name .. 1), getting(partner, name .. 2) }
          return { externalTenantId = table.concat(told(parallel({ waiter = options.waiter },
            inner)), "+") }
        end
      end
      return { family("a"), family("b"), family("c") }
    end)
    assert.same({ "a1+a2", "b1+b2", "c1+c2" }, told(outcomes))
  end)
end

setup(function() server = assert(nginx.start { http = UPSTREAM }) end)
teardown(function() server:stop() end)

before_each(function()
  local engine = core.engine {}
  local transfer = engine:submit { method = "GET", url = server.url .. "/close" }
  debitura.waiter.block.wait(engine, transfer)
  engine:close()
end)

describe("many calls at once in plain Lua", function()
  behaves(function(options, make_jobs)
    return parallel(options, make_jobs(partner_with(), options))
  end, true)

  it("keep all that a job returns", function()
    local outcomes = parallel({}, { function() return 1, nil, "x" end, function() end })
    assert.same({ { n = 3, 1, nil, "x" }, { n = 0 } }, outcomes)
  end)

  it("may be none", function()
    assert.same({}, parallel({}, {}))
  end)

  it("may use several engines", function()
    local one, other = partner_with(), partner_with()
    assert.same({ "slow", "last" }, told(parallel({}, { getting(one, "slow"), getting(other,
      "last") })))
  end)

  it("sleep side by side before they are repeated", function()
    local asked = {}
    local partner = partner_with {
      attempts = 2, base_url = "http://127.0.0.1:" .. core.system.free_port(),
      random = function() return 0.01 end,
      on_retry = function(event) asked[#asked + 1] = event.attempt end,
    }
    assert.same({ "transport", "transport" },
      told(parallel({}, { getting(partner, "a"), getting(partner, "b") })))
    assert.same({ 1, 1 }, asked)
  end)

  it("wait as they are told to where no loop is known that could run them", function()
    local naps = 0
    local waiter = debitura.waiter.ticks(function(seconds)
      naps = naps + 1
      core.system.sleep(seconds)
    end)
    local jobs = { getting(partner_with(), "slow"), getting(partner_with(), "last") }
    assert.same({ "slow", "last" }, told(parallel({ waiter = waiter }, jobs)))
    assert.is_true(naps > 0)
  end)

  it("go on when one of them closes the engine of all", function()
    local engine = core.engine {}
    local partner = partner_with { engine = engine }
    local outcomes = parallel({}, { getting(partner, "slow"), function()
      engine:close()
      return { externalTenantId = "closed" }
    end })
    assert.same({ "transport", "closed" }, told(outcomes))
  end)

  it("are functions, and say which is not", function()
    assert.has_error(function() parallel({}, { print, {} }) end,
      "debitura.parallel: job 2: a function expected, got table")
    assert.has_error(function() parallel({ print }) end, "debitura.parallel: unknown option '1'")
    assert.has_error(function() parallel({ limits = 2 }, {}) end,
      "debitura.parallel: unknown option 'limits', did you mean 'limit'?")
    assert.has_error(function() parallel({}) end,
      "debitura.parallel: an array of functions expected, got nil")
    for got, wrong in pairs { ["0"] = 0, ["1.5"] = 1.5, string = "16" } do
      assert.has_error(function() parallel({ limit = wrong }, {}) end,
        "debitura.parallel: option 'limit': a whole number from 1 expected, got " .. got)
    end
  end)
end)

for _, name in ipairs(loops.names()) do
  describe("many calls at once in the loop " .. name, function()
    behaves(function(options, make_jobs)
      local loop = loops[name]()
      local sound, outcomes
      options.waiter = loop.waiter
      loop.start(function()
        local jobs = make_jobs(partner_with { waiter = loop.waiter }, options)
        if PCALL_YIELDS then
          sound, outcomes = pcall(parallel, options, jobs)
        else
          sound, outcomes = true, parallel(options, jobs)
        end
      end)
      loop.run()
      if not sound then error(outcomes, 0) end
      return outcomes
    end, PCALL_YIELDS)
  end)
end

describe("many calls at once in a worker of nginx", function()
  local application

  local function ask(path)
    local engine = core.engine {}
    local transfer = engine:submit { method = "GET", url = application.url .. path }
    debitura.waiter.block.wait(engine, transfer)
    local body = transfer:result().body
    engine:close()
    return body
  end

  setup(function()
    application = assert(nginx.start { http = ([[
      server {
        listen 127.0.0.1:$PORT;
        location = /filtered {
          header_filter_by_lua_block {
            local function start() error("started") end
            local outcomes, err = require("debitura").parallel({}, { start })
            ngx.header["Content-Length"] = nil
            ngx.ctx.said = outcomes == nil and tostring(err)
          }
          body_filter_by_lua_block { ngx.arg[1], ngx.arg[2] = ngx.ctx.said, true }
          return 200 "x";
        }
        location / {
          content_by_lua_block {
            local debitura = require("debitura")
            local partner = debitura.partner {
              api_key = "sample-key", base_url = "$UPSTREAM", attempts = 1,
            }
            local function getting(id) return function() return partner.clients:get(id) end end
            local function mistake() error("sample mistake") end
            local jobs = { getting("slow"), getting("missing"), getting("last") }
            if ngx.var.uri == "/raise" then jobs[4] = mistake end
            local sound, outcomes = pcall(debitura.parallel, { limit = 2 }, jobs)
            if not sound then return ngx.print(tostring(outcomes)) end
            for _, outcome in ipairs(outcomes) do
              local err = debitura.is_failure(outcome)
              ngx.print(err and outcome.kind or outcome[1].externalTenantId, " ")
            end
          }
        }
      }
    ]]):gsub("%$UPSTREAM", server.url) })
  end)
  teardown(function() application:stop() end)

  it("yield to each other and keep their order", function()
    assert.equal("slow not_found last ", ask("/"))
  end)

  it("are none where nothing can wait", function()
    assert.matches("^transport: .*phase header_filter", ask("/filtered"))
  end)

  it("raise what a job raised when all have ended", function()
    assert.matches("^job 4: .*sample mistake$", ask("/raise"))
  end)
end)
