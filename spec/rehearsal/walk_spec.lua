-- What goes otherwise in a rehearsal: keys, limits, answers that do not come, people, days.

local command = require "spec.support.command"
local core = require "debitura.core"
local debitura = require "debitura"
local nginx = require "debitura.nginx_app"
local runner = require "debitura.rehearsal.runner"
local sandbox = require "debitura.sandbox"
local server = require "spec.support.server"
local walk = require "spec.support.walk"

describe("A rehearsal", function()
  local service, path, remove

  before_each(function()
    service = assert(sandbox.start { seed = 1 })
    path, remove = walk.directory()
    path = path .. "/rehearsal.json"
  end)
  after_each(function()
    service:stop()
    remove()
  end)

  local function control(name, body, method)
    return assert(service:control(method or "POST", name, body))
  end

  --- How many clients and subscriptions there are.
  local function left()
    local partner = debitura.partner { api_key = service.api_key, base_url = service.url }
    return #assert(partner.clients:list():all()) + #assert(partner.webhooks:list())
  end

  local function through(options)
    local report = walk.through(assert(walk.open(service, path, options)))
    return walk.by_name(report), report
  end

  it("with a key that is none stops at the key", function()
    local steps, report = through { platform = { api_key = "another-key" } }
    assert.same({ "me: 200 expected, answered 401" }, steps.key.differences)
    assert.same({ 1, #runner.steps - 1 }, { report.counts.differs, report.counts.not_tried })
    assert.equal("needs key", steps.new_client.why)
  end)

  it("does not go on with another partner's key", function()
    through { unattended = false }
    local opened, err = walk.open(service, path, { platform = { api_key = "another-key" } })
    assert.is_nil(opened)
    assert.truthy(err:find("another key", 1, true), err)
  end)

  it("is told when the key's partner has become another one", function()
    through { unattended = false, ask = function() return "later" end }
    control("differences", { operation = "me", status = 200, field = "id", to = "other" })
    local steps = through { again = true, unattended = false }
    assert.equal("agrees", steps.key.verdict)
    local opened = assert(walk.open(service, path, { again = true }))
    opened.progress.state.steps.key = nil
    assert.same({ "the key is another partner's than that of the rehearsal so far" },
      walk.by_name(walk.through(opened)).key.differences)
  end)

  it("says that there is no room for another subscription, which is no difference", function()
    control("faults", { operation = "webhooks.create", status = 400, times = 1, body = {
      error = "LimitReached", message = "At most 0 subscriptions." } })
    local steps, report = through()
    assert.equal("not tried", steps.subscription.verdict)
    assert.truthy(steps.subscription.why:find("refused with 400: At most 0 subscriptions.", 1,
      true))
    assert.equal("needs subscription", steps.signature.why)
    assert.truthy(steps.approval.why:find("no webhooks are heard", 1, true))
    assert.same({ false, 0 }, { report.agrees, report.counts.differs })
    assert.equal(0, left())
  end)

  it("does not wait for ever for a step", function()
    control("faults", { operation = "coverage.list", delay = 60, times = 1 })
    local steps = through { patience = 2 }
    assert.equal("differs", steps.coverage.verdict)
    assert.truthy(steps.coverage.differences[1]:find("coverage.list: no answer: ", 1, true))
    assert.is_number(steps.subscription.at) -- gone through after that
  end)

  it("whose clean-up fails tells what is left, and removes it later", function()
    control("faults", { operation = "webhooks.delete", status = 500, times = 100 })
    local _, report = through()
    assert.is_false(report.agrees)
    assert.equal("subscription", report.left[1].kind)
    assert.truthy(report.left[1].problem:find("webhooks.delete: server 500", 1, true))
    assert.equal(1, left())
    local opened, err = walk.open(service, path, { anew = true })
    assert.is_nil(opened)
    assert.truthy(err:find("not cleaned up", 1, true))
    control("faults", nil, "DELETE")
    opened = assert(walk.open(service, path))
    assert.equal(1, opened:clean_up(true))
    assert.same({}, opened:report().left)
    assert.equal(0, left())
  end)

  it("goes on another day where a person was waited for", function()
    local asked = {}
    local function later(what, url)
      assert.truthy(url:find(service.url, 1, true))
      asked[#asked + 1] = what
      return "later"
    end
    local steps, report = through { unattended = false, ask = later }
    assert.same({ "Approve it now, as the customer", "Sign it now, as the customer" }, asked)
    assert.equal("waits for a person: Approve it now, as the customer", steps.approval.why)
    assert.equal("waits for approval", steps.carried_case.why)
    assert.equal("waits for approval", steps.expiry.why)
    assert.equal("waits for signing", steps.deletion.why)
    assert.same({ {}, 4 }, { report.left, #report.kept })

    local tenant = "rehearsal-" .. report.run .. "-"
    local does = {
      ["Approve it now, as the customer"] = { "requests", "existing", "approve" },
      ["Sign it now, as the customer"] = { "clients", "new", "sign" },
      ["Decline it now, as the customer"] = { "requests", "expiring", "decline" },
    }
    report = select(2, through { unattended = false, ask = function(what)
      control(does[what][1], { externalTenantId = tenant .. does[what][2], action = does[what][3] })
      return "done"
    end })
    assert.same({ true, #runner.steps, 0 }, { report.agrees, report.counts.agrees, #report.kept })
    assert.equal(0, left())
  end)

  it("takes days in the test environment, and leaves its accounts alone", function()
    local options, days = { unattended = false, existing = "office@existing.example",
      choice = "chris@choice.example", expiring = "office@slow.example" }, 0
    control("accounts", { name = "Slow Ltd", email = options.expiring, country = "Denmark",
      users = { { name = "Una User", email = "una@slow.example" } } })
    -- What is under way is of no concern to these steps.
    local function go_on()
      local opened = assert(walk.open(service, path, options))
      opened.sandbox = nil
      opened.clock = function() return core.system.now() + days * 86400 end
      return walk.through(opened)
    end
    local actions = { Approve = { "requests", "existing", "approve" },
      Sign = { "clients", "new", "sign" }, Decline = { "requests", "expiring", "decline" } }
    local run
    function options.ask(what)
      run = run or core.json.decode(assert(io.open(path)):read("*a")).run
      local action = actions[what:match("^%a+")]
      control(action[1], { externalTenantId = ("rehearsal-%s-%s"):format(run, action[2]),
        action = action[3] })
      return "done"
    end

    local report = go_on()
    local steps = walk.by_name(report)
    assert.same({ true, "agrees", "Debitura alone blocks an account" },
      { steps.expiry.waits, steps.carried_case.verdict, steps.blocked.why })
    assert.is_true(steps.expiry.due_at > core.system.now() + 7 * 86400)
    assert.equal("no account is named: --other-partner ADDRESS", steps.other_partner.why)
    assert.same({ 0, {} }, { report.counts.differs, report.left })

    days = 8
    assert(service:advance("8d"))
    report = go_on()
    assert.same({ 0, {}, true }, { report.counts.differs, report.left,
      walk.by_name(report).recovery.verdict == "agrees" })
    assert.equal("rehearsal-" .. run .. "-existing", report.kept[1].name)
    local partner = debitura.partner { api_key = service.api_key, base_url = service.url }
    assert.truthy(partner:get_client(report.kept[1].name))

    options.reset_accounts = true
    local opened = assert(walk.open(service, path, options))
    assert.equal(1, opened:clean_up(true))
    assert.equal(0, left())
  end)

  it("asks what is no sandbox without the key", function()
    local gateway = assert(nginx.start { http = [[
      lua_shared_dict seen 1m;
      server {
        listen 127.0.0.1:$PORT;
        location = /seen { content_by_lua_block { ngx.print(ngx.shared.seen:get("all")) } }
        location / {
          content_by_lua_block {
            local seen = ngx.shared.seen
            seen:set("all", (seen:get("all") or "") .. ngx.req.raw_header())
            ngx.print("{}")
          }
        }
      }
    ]] })
    local url = "http://127.0.0.1:" .. gateway.port
    local opened, err = walk.open({ api_key = "production-key", url = url }, path)
    local seen = server.run("curl -s " .. url .. "/seen")
    gateway:stop()
    assert.is_nil(opened)
    assert.truthy(err:find("no sandbox answers", 1, true), err)
    assert.truthy(seen:find("^GET /_sandbox/clock HTTP/1.1\r\n"), seen)
    assert.is_nil(seen:lower():find("key", 1, true), seen)
  end)

  it("leaves out what the operator skips, and what is behind it", function()
    local steps, report = through { unattended = false, ask = function() return "skip" end }
    assert.same({ "skipped by the operator", "needs approval", "needs signing" },
      { steps.approval.why, steps.carried_case.why, steps.token.why })
    assert.equal("agrees", steps.recovery.verdict)
    assert.same({ 0, {}, {} }, { report.counts.differs, report.left, report.kept })
  end)

  it("shows no address, secret or name that an answer or a channel quotes", function()
    local secret = "b3RoZXItb3RoZXItb3RoZXItb3RoZXI="
    control("faults", { operation = "clients.create", status = 409, times = 100, body = {
      type = "Other", message = "See https://secret.example/x?token=1, ask ann@secret.example, "
        .. secret } })
    local _, report = through { platform = { channels = {
      debitura.channels.callback(function() return nil, "no" end) } } }
    local text = core.json.encode(report)
    assert.truthy(text:find("ask [address]", 1, true))
    for _, word in ipairs { "secret.example", secret, service.url, "platform.example" } do
      assert.is_nil(text:find(word, 1, true), word)
    end
  end)

  it("tells of a channel that does not deliver", function()
    local steps = through { platform = { channels = { debitura.channels.callback(function(message)
      assert.equal("you@platform.example", message.recipient.email)
      return nil, "no way to " .. message.url
    end, { name = "post" }) } } }
    assert.same({ "post: no way to [redacted]" }, steps.delivery.differences)
  end)

  it("takes no file that is another thing, or that cannot be written", function()
    local file = assert(io.open(path, "w"))
    file:write('{"version": 1, "run": 7}')
    file:close()
    local opened, err = walk.open(service, path)
    assert.is_nil(opened)
    assert.truthy(err:find("is damaged", 1, true))
    opened = assert(walk.open(service, "/nonexistent/rehearsal.json"))
    assert.has_error(function() opened:run(function() end) end)
    assert.equal(0, left())
  end)

  it("hears webhooks by the platform's own receiver", function()
    local desk = command.desk(service)
    local secrets, store = desk:file("secret", "c2FtcGxlLXNlY3JldA==\n"),
      "sqlite://" .. desk.directory .. "/store.db"
    desk.environment.DEBITURA_CONFIG = desk:file("config.json", core.json.encode {
      webhook = { secret_file = secrets }, store = store, base_url = service.url })
    server.run("chmod 600 " .. server.quote(desk.environment.DEBITURA_CONFIG))
    local stop = desk:start("receive --port 0", "Ctrl-C")
    local url = desk:read(desk.directory .. "/out"):match(" at (%S+),")
    local kept
    local steps, report = through {
      unattended = false, ask = function() return "skip" end,
      platform = { store = store, webhook = { url = url, secret_file = secrets } },
      keeper = {
        keep = function(_, secret)
          kept = secret
          return desk:file("secret", secret .. "\n") and true
        end,
        drop = function(_, mark) return mark == core.digest.sha256(kept) end,
      },
    }
    assert.equal("received and verified by the platform's receiver", steps.signature.seen)
    assert.equal("agrees", steps.expiry.verdict)
    assert.same({}, report.left)
    assert.equal(0, stop().status)
    desk:close()
  end)
end)
