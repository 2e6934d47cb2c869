-- The page that Prometheus reads; with SPEC_PROMTOOL=1 also as its own tool sees it.

local core = require("debitura.core")
local debitura = require("debitura")
local example = require("debitura.webhook.example")
local metrics = require("debitura.status.metrics")
local nginx = require("debitura.nginx_app")
local origin = require("spec.support.origin")
local rows = require("spec.support.store_rows")
local server = require("spec.support.server")
local status = require("debitura.status")
local store = require("debitura.store")
local wsapi = require("debitura.status.wsapi")

local T0 = rows.T0
local PROMTOOL = os.getenv("SPEC_PROMTOOL") == "1"

--- What promtool says of a file.
local function promtool(arguments)
  return server.run("promtool " .. arguments .. " 2>&1; echo exit $?")
end

describe("the metrics", function()
  local kept, seen

  before_each(function()
    kept = assert(store.open("memory:"))
    seen = status.new { store = kept, clock = function() return T0 + 60 end,
      used = function() return { minute = 0.25, hour = 0.5 } end }
  end)

  --- The value of a sample, as it is written.
  local function value(text, sample)
    for line in text:gmatch("[^\n]+") do
      local name, number = line:match("^(.*) (%S+)$")
      if name == sample then return number end
    end
  end

  local function fill()
    rows.enqueue(kept, "t1", {
      rows.job("a", T0), rows.job("b", T0 + 99), rows.job("c", T0, { needs = "channel:x" }),
    })
    rows.add(kept, "evt-1", "t<1>", T0 + 20)
    assert(kept:record_move(rows.change("secret-tenant", {
      rows.move("link", "", 0, { state = "pending", undelivered_since = T0,
        expires_at = T0 + 100 }),
      rows.move("kyc", "", 0, { state = "outstanding" }),
    }), T0))
    assert(kept:beat({
      id = "w", role = "worker", host = "secret-host", pid = 1, release = "1", started_at = T0,
      about = '{"can":[],"does":["sweep","work"]}', marks = { "sweep" }, totals = {
        { of = "performed", kind = "deliver", state = "done", count = 7 },
        { of = "received", kind = "client.linked", state = "new", count = 3 },
        { of = "waited", kind = "", state = "0.1", count = 2 },
        { of = "waited", kind = "", state = "30", count = 1 },
        { of = "waited", kind = "", state = "more", count = 1 },
        { of = "waited", kind = "", state = "milliseconds", count = 12345 },
        { of = "took", kind = "deliver", state = "0.05", count = 2 },
        { of = "took", kind = "deliver", state = "milliseconds", count = 50 },
        { of = "called", kind = "clients.create", state = "0.5", count = 4 },
        { of = "called", kind = "clients.create", state = "milliseconds", count = 1200 },
        { of = "requested", kind = "", state = "ok", count = 4 },
        { of = "refused", kind = "", state = "signature", count = 5 },
      },
    }, T0))
  end

  it("count what is there, and age what is due from when it was due", function()
    fill()
    local text = seen:metrics()
    for sample, expected in pairs {
      ['debitura_links{state="pending"}'] = "1",
      ['debitura_signings{kind="kyc",state="outstanding"}'] = "1",
      ['debitura_undelivered{kind="link"}'] = "1",
      ["debitura_oldest_undelivered_seconds"] = "60", ["debitura_links_expiring"] = "1",
      ['debitura_jobs{kind="deliver",state="open"}'] = "3",
      ['debitura_jobs{kind="deliver",state="dead"}'] = "0",
      ['debitura_oldest_due_job_seconds{kind="deliver"}'] = "60",
      ['debitura_oldest_due_job_seconds{kind="remind"}'] = "0",
      ["debitura_jobs_unserved"] = "1", ['debitura_webhooks{state="open"}'] = "1",
      ["debitura_oldest_due_webhook_seconds"] = "40",
      ["debitura_last_webhook_timestamp_seconds"] = "1767225620",
      ['debitura_processes{role="sweep"}'] = "0",
      ['debitura_last_success_timestamp_seconds{task="sweep"}'] = "1767225600",
      ['debitura_problem{cause="unserved"}'] = "1", ['debitura_problem{cause="dead_jobs"}'] = "0",
      ['debitura_jobs_performed_total{kind="deliver",outcome="done"}'] = "7",
      ['debitura_webhooks_received_total{event="client.linked",outcome="new"}'] = "3",
      ['debitura_webhooks_refused_total{reason="signature"}'] = "5",
      ['debitura_webhook_wait_seconds_bucket{le="0.1"}'] = "2",
      ['debitura_webhook_wait_seconds_bucket{le="5"}'] = "2",
      ['debitura_webhook_wait_seconds_bucket{le="30"}'] = "3",
      ['debitura_webhook_wait_seconds_bucket{le="+Inf"}'] = "4",
      ["debitura_webhook_wait_seconds_sum"] = "12.345",
      ["debitura_webhook_wait_seconds_count"] = "4",
      ['debitura_api_request_duration_seconds_bucket{operation="clients.create",le="0.5"}'] = "4",
      ['debitura_api_request_duration_seconds_sum{operation="clients.create"}'] = "1.2",
      ['debitura_job_duration_seconds_bucket{kind="deliver",le="0.1"}'] = "2",
      ['debitura_job_duration_seconds_sum{kind="deliver"}'] = "0.05",
      ['debitura_rate_budget_used_ratio{window="minute"}'] = "0.25",
      ['debitura_rate_budget_used_ratio{window="day"}'] = "0",
      ['debitura_api_requests_total{outcome="ok"}'] = "4", ["debitura_store_up"] = "1",
    } do assert.equal(expected, value(text, sample), sample) end
  end)

  it("have every value of every label from the beginning, and name nobody", function()
    local function names(text)
      local found = {}
      for line in text:gmatch("[^\n]+") do
        if not line:find("^#") and not line:find("^debitura_%l+_%l*_?duration") then
          found[#found + 1] = line:match("^(.*) %S+$")
        end
      end
      return found
    end
    local before = names((seen:metrics()))
    fill()
    local text = seen:metrics()
    assert.same(before, names(text))
    assert.is_nil(text:find("secret", 1, true))
    assert.is_nil(text:find("t<1>", 1, true))
    assert.is_true(#before < 400, #before)
    for _, name in ipairs(example.names()) do
      assert.truthy(text:find(('event="%s"'):format(name), 1, true), name)
    end
  end)

  it("say so when the store cannot be read", function()
    function kept.summary() return nil, "away" end
    local text, err = seen:metrics()
    assert.equal("away", err)
    assert.equal("0", value(text, "debitura_store_up"))
    assert.is_nil(value(text, "debitura_links_expiring"))
  end)

  local function check(title, run)
    if PROMTOOL then it(title, run) end
  end

  check("are as Prometheus' own tool wants them", function()
    local path = os.tmpname()
    for turn = 1, 2 do
      if turn == 2 then fill() end
      origin.write(path, (seen:metrics()))
      assert.equal("exit 0\n", promtool("check metrics <" .. path))
    end
    function kept.summary() return nil, "away" end
    origin.write(path, (seen:metrics()))
    assert.equal("exit 0\n", promtool("check metrics <" .. path))
    os.remove(path)
  end)

  check("have rules that Prometheus' own tool takes", function()
    for _, arguments in ipairs {
      "check rules docs/monitoring/debitura.rules.yml",
      "test rules docs/monitoring/debitura.tests.yml",
    } do
      local said = promtool(arguments)
      assert.truthy(said:find("exit 0\n", 1, true), said)
    end
  end)

  it("have rules about metrics that there are, each with what to do", function()
    fill()
    local text = seen:metrics()
    local file = assert(io.open("docs/monitoring/debitura.rules.yml"))
    local rules = file:read("*a")
    file:close()
    for name in rules:gmatch("debitura_[%l_]+") do
      assert.truthy(text:find("# TYPE " .. name .. " ", 1, true), name)
    end
    local _, alerts = rules:gsub("%- alert:", "")
    local _, todo = rules:gsub("todo:", "")
    assert.equal(alerts, todo)
  end)

  it("are served by WSAPI", function()
    local code, headers, body = wsapi.metrics(seen) {}
    local text = body()
    assert.same({ 200, metrics.CONTENT_TYPE, tostring(#text) },
      { code, headers["Content-Type"], headers["Content-Length"] })
    assert.equal("1", value(text, "debitura_store_up"))
  end)

  it("are served by nginx, whose workers say that they are alive", function()
    local directory, remove = origin.directory()
    finally(remove)
    local address = "sqlite://" .. directory .. "/store.db"
    local web = assert(nginx.start { http = ([[
      init_by_lua_block {
        platform = require("debitura").platform {
          environment = "test", api_key = "sample-key", store = "%s",
          channels = { require("debitura").channels.callback(function() return true end) },
        }
      }
      server {
        listen 127.0.0.1:$PORT;
        location = /work {
          content_by_lua_block { ngx.print(platform.receiver:work({ once = true }).total) }
        }
        location = /metrics {
          content_by_lua_block { require("debitura.status.openresty").metrics(platform.status) }
        }
      }
    ]]):format(address) })
    finally(function()
      web:stop()
      remove()
    end)
    local engine = assert(core.engine {})
    local function get(path)
      local transfer = assert(engine:submit { method = "GET",
        url = ("http://127.0.0.1:%d%s"):format(web.port, path) })
      while not transfer:done() do engine:wait(1) end
      return assert(transfer:result())
    end
    assert.equal("0", get("/work").body)
    local alive
    server.wait_until(function()
      local answer = get("/metrics")
      assert.equal(metrics.CONTENT_TYPE, answer.headers["content-type"])
      alive = value(answer.body, 'debitura_processes{role="work"}')
      return alive == "1"
    end)
    assert.equal("1", alive)
    local opened = assert(debitura.store.open(address))
    assert.equal("application", opened:summary(T0).processes[1].role)
    opened:close()
  end)
end)
