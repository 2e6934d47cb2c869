-- What people see: tables that fit 80 and 100 columns, times from now on, help as wide as the
-- terminal, colours only where they are wanted.

local cli = require "debitura.cli"
local command = require "spec.support.command"
local core = require "debitura.core"
local debitura = require "debitura"
local observer = require "debitura.client.observer"
local operations = require "debitura.operations"
local sandbox = require "debitura.sandbox"
local support = require "spec.support.desk"
local text = require "debitura.cli.text"

local DAY = 86400
local LONG = "customer-of-the-platform-with-a-number-that-is-as-long-as-a-uuid-"
  .. "7f2c1a9e-35d4-4c0b-9a51-d5e1b1f0a001"
local WIDE = "Kunde " .. ("長い名前"):rep(12) .. " GmbH & Co. KG"

--- Every command that shows a table, with a command line that shows one.
local TABLES = {
  ["clients list"] = "clients list", ["links list"] = "links list",
  ["links show"] = "links show '" .. LONG .. "'", ["cases list"] = "cases list",
  ["cases show"] = "cases show '" .. LONG .. "' INV-1", ["inbox list"] = "inbox list",
  operations = "operations", ["webhooks list"] = "webhooks list", ["jobs list"] = "jobs list",
  adopt = "--app $directory/debitura.lua adopt --dry-run",
  differences = "differences --shapes",
}

--- What is adopted has channels.
local PLATFORM = [[
local debitura = require "debitura"
return debitura.platform {
  base_url = os.getenv "DEBITURA_BASE_URL", api_key = os.getenv "DEBITURA_API_KEY",
  store = os.getenv "DEBITURA_STORE",
  channels = { debitura.channels.callback(function() return true end) },
}]]

describe("On a terminal", function()
  local service, desk, store

  local function shown(line, columns, environment)
    return desk:run(line, { terminal = true, columns = columns, environment = environment })
  end

  setup(function()
    service = assert(sandbox.start { situations = {} })
    desk = command.desk(service)
    desk.environment.DEBITURA_STORE = "sqlite://" .. desk.directory .. "/store.db"
    desk:file("debitura.lua", PLATFORM)
    store = assert(debitura.store.open(desk.environment.DEBITURA_STORE))
    local recipes = debitura.recipes.new {
      partner = debitura.partner { api_key = service.api_key, base_url = service.url },
      store = store, clock = core.system.now,
      channels = { debitura.channels.callback(function() return nil, ("why not? "):rep(30) end) },
    }
    for _, tenant in ipairs { LONG, "tenant-2", "tenant-3" } do
      local payload = support.payload { externalTenantId = tenant }
      payload.client.name = WIDE
      assert(recipes.approval:request(payload))
    end
    for i, tenant in ipairs { LONG, "tenant-2" } do
      assert(store:inbox_add({ id = "evt_" .. ("0123456789abcdef"):rep(3) .. i, tenant = tenant,
        event = "client.onboarding.contract_signed", body = "[]" }, core.system.now()))
      local created = desk:run("clients create -", { input = assert(core.json.encode {
        externalTenantId = tenant .. "/new", client = { name = WIDE, country = "Denmark",
          supportEmail = ("office@new-%d.example"):format(i) },
        users = { { name = "Ann Example", email = ("ann-%d@onboarded.example"):format(i) } },
      }) })
      assert.equal(0, created.status, created.err)
    end
    local ended = desk:run("inbox work")
    assert.equal(1, ended.status, ended.err)
    observer.new({ store = store }):look(operations.get("partner", "me"),
      { status = 200, headers = { ["content-type"] = "application/json" },
        body = '{"companyName":"n","' .. ("added"):rep(12) .. '":1}' })
    assert.equal(0, desk:run("webhooks ensure --show --url http://127.0.0.1:8788/"
      .. ("webhooks-of-the-platform/"):rep(4)).status)
  end)

  teardown(function()
    store:close()
    desk:close()
    service:stop()
  end)

  it("no table wraps at 80 or 100 columns, in any command", function()
    local function look(parser, names)
      if #parser._commands > 0 then
        for _, inner in ipairs(parser._commands) do
          look(inner, (names and names .. " " or "") .. inner._name)
        end
        return
      end
      for _, option in ipairs(parser._options) do
        if option._name == "--wide" then assert.truthy(TABLES[names], names) end
      end
    end
    look(assert(cli.parser()))
    for name, given in pairs(TABLES) do
      local line = given:gsub("$directory", desk.directory)
      for _, columns in ipairs { 80, 100 } do
        local ended, rows = shown(line, columns), 0
        assert.equal(0, ended.status, ended.out)
        for row in ended.out:gmatch("[^\n]+") do
          rows = rows + 1
          -- A name beside its label stays whole, to be copied.
          if not row:find("^%u[%l ]+  %S+$") then
            assert.is_true(text.width(row) <= columns, ("%s at %d: %s"):format(name, columns, row))
          end
        end
        assert.is_true(rows >= 2, name .. ": " .. ended.out)
      end
    end
  end)

  it("nor do reports and records", function()
    for _, line in ipairs { "doctor", "check", "status", "version", "inbox work --dry-run",
      "sweep --dry-run", "clients show tenant-2/new", "differences" } do
      for _, columns in ipairs { 80, 100 } do
        for row in shown(line, columns, { NO_COLOR = "1" }).out:gmatch("[^\n]+") do
          -- Addresses and paths stay whole, to be copied.
          assert.is_true(text.width(row) <= columns or row:find("^[^/]*%S*/%S*$") ~= nil,
            ("%s at %d: %s"):format(line, columns, row))
        end
      end
    end
  end)

  it("columns are left out by their rank, the row's name keeps its end", function()
    local ended = shown("links list", 80)
    assert.truthy(ended.out:find("^TENANT +STATE +EXPIRES"), ended.out)
    assert.is_nil(ended.out:find("ATTRIBUTED", 1, true))
    assert.truthy(ended.out:find("customer%-of%S+…1f0a001 +%l+ +"), ended.out)
    assert.truthy(ended.out:find("\ntenant%-2 +pending +in 6 d +.* s ago"), ended.out)
    ended = shown("links list --wide", 80)
    for _, expected in ipairs { LONG, WIDE, "ATTRIBUTED", "n***@new.example" } do
      assert.truthy(ended.out:find(expected, 1, true), ended.out)
    end
    assert.truthy(ended.out:find("%d%d%d%d%-%d%d%-%d%dT[%d:]+Z"), ended.out)
  end)

  it("one thing is shown with its times in full and from now on", function()
    local ended = shown("links show tenant-2", 80)
    assert.truthy(ended.out:find("Expires +%d%d%d%d%-%d%d%-%d%dT[%d:]+Z %(in 6 d%)\n"), ended.out)
    assert.truthy(ended.out:find("Address +n%*%*%*@new%.example\n"), ended.out)
    assert.is_nil(ended.out:find("nora@", 1, true))
  end)

  it("help is as wide as it is", function()
    for _, columns in ipairs { 60, 80, 120 } do
      local ended, widest = shown("links deliver --help", columns), 0
      assert.equal(0, ended.status)
      for line in ended.out:gmatch("[^\n]+") do widest = math.max(widest, text.width(line)) end
      assert.is_true(widest <= columns and widest > columns - 25, ended.out)
    end
    assert.equal(0, desk:run("links deliver --help", { environment = { COLUMNS = "70" } }).status)
  end)

  it("colours what is wrong, and nothing with NO_COLOR, or elsewhere", function()
    local wrong = { TERM = "xterm", DEBITURA_API_KEY = "sample-wrong-key" }
    assert.truthy(shown("doctor", 80, wrong).out:find("\27[31mfail\27[0m  key", 1, true))
    wrong.NO_COLOR = "1"
    assert.is_nil(shown("doctor", 80, wrong).out:find("\27", 1, true))
    wrong.NO_COLOR, wrong.TERM = nil, "dumb"
    assert.is_nil(shown("doctor", 80, wrong).out:find("\27", 1, true))
    wrong.TERM = "xterm"
    local ended = desk:run("doctor", { environment = wrong })
    assert.is_nil((ended.out .. ended.err):find("\27", 1, true))
    for line in shown("doctor", 80, { TERM = "dumb" }).out:gmatch("[^\n]+") do
      assert.is_true(text.width(line) <= 80, line)
    end
  end)

  it("times are told by their largest unit", function()
    local now = 100 * DAY
    for expected, seconds in pairs {
      ["0 s ago"] = 0, ["59 s ago"] = -59, ["1 min ago"] = -60, ["3 h ago"] = -3 * 3600 - 1,
      ["47 h ago"] = -47 * 3600, ["2 d ago"] = -2 * DAY, ["in 6 d"] = 7 * DAY - 1,
      ["in 5 min"] = 300, ["in 999 d"] = 999 * DAY, ["in 2 y"] = 1000 * DAY,
    } do assert.equal(expected, text.relative(now + seconds, now)) end
    assert.equal("", text.relative(nil, now))
  end)
end)
