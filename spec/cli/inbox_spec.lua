local command = require "spec.support.command"
local core = require "debitura.core"
local debitura = require "debitura"

local HANDLERS = [[
return {
  ["client.linked"] = function() end,
  ["client.link_declined"] = function() return nil, "sample problem" end,
}
]]

local DAY = 86400

describe("debitura inbox", function()
  local desk, store

  before_each(function()
    desk = command.desk()
    local address = "sqlite://" .. desk.directory .. "/store.db"
    desk.environment = { DEBITURA_STORE = address, DEBITURA_ENVIRONMENT = "test" }
    store = assert(debitura.store.open(address))
  end)

  after_each(function()
    store:close()
    desk:close()
  end)

  --- Puts events into the inbox.
  local function receive(names, received_at)
    for index, name in ipairs(names) do
      local _, body = debitura.webhook.example(name,
        { id = ("evt-%d"):format(index), data = { externalTenantId = "tenant-" .. index } })
      assert.equal("new", store:inbox_add({
        id = "evt-" .. index, tenant = "tenant-" .. index, event = name, body = body,
      }, received_at or core.system.now()))
    end
  end

  local function states()
    local found = {}
    for _, item in ipairs(assert(store:inbox_list {})) do found[#found + 1] = item.state end
    return table.concat(found, " ")
  end

  local function work(flags)
    return desk:run(("inbox work --handlers %s %s"):format(desk:file("handlers.lua", HANDLERS),
      flags or ""))
  end

  --- Gives up all that is open.
  local function bury()
    for _, item in ipairs(assert(store:inbox_claim { limit = 100, now = core.system.now() + 1,
      lease = 60 })) do
      assert(store:inbox_dead(item, core.system.now(), "sample problem"))
    end
  end

  it("list shows what came, and narrows it", function()
    receive { "client.linked", "client.link_expired", "case.created" }
    local ended = desk:run("inbox list")
    assert.equal(0, ended.status, ended.err)
    assert.truthy(
      ended.out:find(
        "^evt%-1\tclient.linked\ttenant%-1\topen\t0\t%d%d%d%d%-%d%d%-%d%dT[%d:]+Z\t\n"), ended.out)
    assert.equal(3, #desk:objects(desk:run("inbox list --json").out))
    assert.truthy(desk:run("inbox list --tenant tenant-2").out:find("^evt%-2\t[^\n]*\n$"))
    assert.equal(2, #desk:objects(desk:run("inbox list --limit 2 --json").out))
    local none = desk:run("inbox list --state dead")
    assert.same({ 0, "", "There are none.\n" }, { none.status, none.out, none.err })
    assert.equal(2, desk:run("inbox list --state gone").status)
  end)

  it("list goes through more than are asked for at once", function()
    for index = 1, 1001 do
      assert(store:inbox_add({ id = "evt-" .. index, event = "client.linked", body = "{}" },
        1769860800 + index))
    end
    local _, count = desk:run("inbox list").out:gsub("\n", "")
    assert.equal(1001, count)
  end)

  it("show has the body too", function()
    receive { "client.linked" }
    local ended = desk:run("inbox show evt-1")
    assert.truthy(ended.out:find("State\topen\n", 1, true))
    assert.truthy(ended.out:find('\n{"data":{', 1, true), ended.out)
    assert.equal("evt-1",
      core.json.decode(desk:objects(desk:run("inbox show evt-1 --json").out)[1].body).id)
    assert.equal(1, desk:run("inbox show evt-9").status)
  end)

  it("work calls the handlers of a file, once for each, and says how it went", function()
    receive { "client.linked", "case.created" }
    local counts = desk:objects(work("--json").out)[1]
    assert.same({ 2, 1, 1, 0 }, { counts.total, counts.done, counts.unheard, counts.dead })
    assert.equal("done done", states())
    assert.equal(0, desk:objects(work("--json").out)[1].total)
  end)

  it("work ends with 4 when some failed, with 3 when all did that are tried again, with 1 when all "
    .. "were given up", function()
    receive { "client.linked", "client.link_declined" }
    assert.equal(4, work().status)
    assert.equal("done open", states())
    store:inbox_forget(core.system.now() + 1, 10)
    store:close()
    assert(os.remove(desk.directory .. "/store.db"))
    store = assert(debitura.store.open("sqlite://" .. desk.directory .. "/store.db"))
    receive { "client.link_declined" }
    assert.equal(3, work().status)
    assert(store:inbox_add({ id = "evt-0", event = "client.linked", body = "[]" },
      core.system.now()))
    local ended = work()
    assert.equal(1, ended.status, ended.err)
    assert.truthy(ended.err:find("1 webhook was given up", 1, true), ended.err)
  end)

  it("work gives partner and store to a file that returns a function", function()
    receive { "client.linked" }
    local path = desk:file("made.lua", [[
      return function(with)
        return { ["*"] = function(event)
          assert(with.store:record("link", event.data.externalTenantId, "") == false)
          assert(tostring(with.partner):find("debitura.partner", 1, true))
        end }
      end]])
    local environment = { DEBITURA_API_KEY = "sample-key",
      DEBITURA_BASE_URL = "http://127.0.0.1:9" }
    local ended = desk:run("inbox work --handlers " .. path, { environment = environment })
    assert.equal(0, ended.status, ended.err)
    assert.equal("done", states())
  end)

  it("work refuses a file that is no program, returns nothing useful, or is not given", function()
    for text, problem in pairs {
      ["return ("] = "handlers.lua:1", ["return 7"] = "functions by the names of events",
      ["error('sample')"] = "sample",
    } do
      local ended = desk:run("inbox work --handlers " .. desk:file("handlers.lua", text))
      assert.equal(2, ended.status)
      assert.truthy(ended.err:find(problem, 1, true), ended.err)
    end
    assert.equal(2, desk:run("inbox work").status)
    assert.equal(2, desk:run("inbox work --handlers /nonexistent").status)
  end)

  it("work only counts what is due with --dry-run", function()
    receive { "client.linked", "case.created" }
    assert.equal("Due\t2\n", desk:run("inbox work --dry-run").out)
    assert.equal("open open", states())
  end)

  it("retry gives dead ones another attempt: some, or all", function()
    receive { "client.linked", "client.link_declined", "case.created" }
    bury()
    assert.equal("Would be tried again\t3\n", desk:run("inbox retry --all --dry-run").out)
    assert.equal("dead dead dead", states())
    assert.equal("Will be tried again\t1\n", desk:run("inbox retry evt-2").out)
    assert.equal("dead open dead", states())
    local ended = desk:run("inbox retry evt-1 evt-2")
    assert.same({ 4, "evt-2 was not given up.\n" }, { ended.status, ended.err })
    assert.equal(0, desk:run("inbox retry --all").status)
    assert.equal("open open open", states())
    for _, line in ipairs { "inbox retry", "inbox retry evt-1 --all" } do
      assert.equal(2, desk:run(line).status)
    end
  end)

  it("forget drops what was done long ago, and nothing else", function()
    receive { "client.linked", "case.created" }
    local items = assert(store:inbox_claim { limit = 1, now = core.system.now() + 1, lease = 60 })
    assert(store:inbox_done(items[1], core.system.now() - 8 * DAY))
    local environment = { DEBITURA_ENVIRONMENT = "production" }
    assert.equal("Forgotten\t0\n", desk:run("inbox forget --older-than 9d --yes").out)
    assert.equal("", desk:run("inbox forget --older-than 9d --yes --quiet").out)
    assert(store:restamp("production"))
    assert.equal(1, desk:run("inbox forget", { environment = environment }).status)
    assert.equal("Would be forgotten\t1\n",
      desk:run("inbox forget --dry-run", { environment = environment }).out)
    assert.equal("Forgotten\t1\n",
      desk:run("inbox forget --yes", { environment = environment }).out)
    assert.equal("open", states())
    assert(store:restamp("test"))
    assert.equal(2, desk:run("inbox forget --older-than yesterday").status)
  end)

  it("tells a store that is not there from one that is not named", function()
    assert.equal(2, desk:run("inbox list", { environment = { DEBITURA_STORE = "" } }).status)
    for address, code in pairs {
      ["cupboard:"] = 1, ["sqlite:///nonexistent/store.db"] = 1,
      ["redis://127.0.0.1:" .. core.system.free_port()] = 3,
    } do
      assert.equal(code,
        desk:run("inbox list", { environment = { DEBITURA_STORE = address } }).status, address)
    end
  end)

  it("reads what is sealed with the configured key only", function()
    local key = "c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wMDE="
    store:close()
    store = assert(debitura.store.open(desk.environment.DEBITURA_STORE, { encryption_key = key }))
    receive { "client.linked" }
    assert.equal(0,
      desk:run("inbox show evt-1", { environment = { DEBITURA_ENCRYPTION_KEY = key } }).status)
    local ended = desk:run("inbox show evt-1")
    assert.equal(1, ended.status)
    assert.truthy(ended.err:find("51d16184", 1, true), ended.err)
  end)
end)
