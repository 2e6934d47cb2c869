local command = require "spec.support.command"
local core = require "debitura.core"
local debitura = require "debitura"
local rig = require "spec.support.rig"
local sandbox = require "debitura.sandbox"
local support = require "spec.support.desk"

local DAY = 86400

local function payload(tenant, changes)
  return assert(core.json.encode(support.payload { externalTenantId = tenant,
    client = (changes or {}).client }))
end

describe("debitura links", function()
  local service, desk, store

  before_each(function()
    service = assert(sandbox.start())
    desk = command.desk(service)
    desk.environment.DEBITURA_STORE = "sqlite://" .. desk.directory .. "/store.db"
    desk.environment.DEBITURA_CONFIG = desk:file("config.json", '{"channels": [{"type": "print"}]}')
    assert(os.execute("chmod 600 " .. desk.directory .. "/config.json"))
    store = assert(debitura.store.open(desk.environment.DEBITURA_STORE))
  end)

  after_each(function()
    store:close()
    desk:close()
    service:stop()
  end)

  local function request(tenant, flags)
    return desk:run("links request - " .. (flags or ""), { input = payload(tenant) })
  end

  local function state_of(tenant) return assert(store:record("link", tenant, "")).state end

  --- As if the link had been asked for days ago.
  local function age(tenant, days)
    assert(service:advance(days .. "d"))
    local link = assert(store:record("link", tenant, ""))
    assert(store:record_move({ tenant = tenant, moves = { {
      kind = "link", name = "", version = link.version, entry = { event = "aged" },
      set = {
        requested_at = link.requested_at - days * DAY, expires_at = link.expires_at - days * DAY,
      },
    } } }, core.system.now()))
  end

  it("request asks for a client, delivers by the configured channel, and says how it stands",
    function()
    local ended = request("tenant-1")
    assert.equal(0, ended.status, ended.err)
    assert.equal("", ended.out)
    assert.truthy(ended.err:find("For tenant-1 (approval, generation 1): " .. service.url
      .. "/link/", 1, true), ended.err)
    assert.truthy(ended.err:find("tenant-1 is pending.\n", 1, true))
    local again = desk:objects(desk:run("links request - --json",
      { input = payload("tenant-1") }).out)[1]
    assert.same({ "pending", 1, true }, { again.state, again.generation, again.has_url })
    assert.is_nil(again.url)
  end)

  it("request says what to tell a customer of another partner, and exits with 1", function()
    local ended = desk:run("links request -", { input = payload("tenant-1", {
      client = { name = "Taken Ltd", country = "Sweden",
        supportEmail = "office@other-partner.example" },
    }) })
    assert.equal(1, ended.status)
    assert.truthy(ended.err:find("linked to another partner", 1, true))
    local said = "The client is linked to another referral partner. Please contact Debitura."
    assert.truthy(ended.err:find("Debitura says: " .. said .. "\n", 1, true), ended.err)
    assert.truthy(desk:run("links show tenant-1").out:find("Debitura says\t" .. said .. "\n", 1,
      true))
    assert.equal("refused", state_of("tenant-1"))
  end)

  it("request refuses what is no payload, and sends nothing with --dry-run", function()
    assert.equal(2, desk:run("links request -", { input = "no JSON" }).status)
    for _, flags in ipairs { "", " --dry-run" } do
      local ended = desk:run("links request -" .. flags, { input = "{}" })
      assert.equal(1, ended.status)
      assert.truthy(ended.err:find("externalTenantId", 1, true))
    end
    assert.equal(0, request("tenant-1", "--dry-run").status)
    assert.is_false(store:record("link", "tenant-1", ""))
  end)

  it("list shows the links, by state and page after page, and no URL", function()
    for i = 1, 3 do request("tenant-" .. i) end
    assert.equal(0, desk:run("links close tenant-2 --yes").status)
    local ended = desk:run("links list")
    assert.equal(0, ended.status)
    assert.truthy(ended.out:find("^tenant%-1\tpending\t1\tapproval\t\t%d%d%d%d%-"))
    assert.is_nil((ended.out .. ended.err):find("http", 1, true))
    assert.equal(2, #desk:objects(desk:run("links list --state pending --json").out))
    assert.equal("tenant-3",
      desk:objects(desk:run("links list --after tenant-1 --state pending --json").out)[1].tenant)
    assert.equal(1, #desk:objects(desk:run("links list --limit 1 --json").out))
    assert.equal("There are none.\n", desk:run("links list --state declined").err)
    assert.equal(2, desk:run("links list --state sideways").status)
  end)

  it("show says where it leaves out cases", function()
    local many = support.payload { externalTenantId = "tenant-1", cases = {} }
    for i = 1, 501 do many.cases[i] = rig.case("INV-" .. i) end
    assert.equal(0, desk:run("links request -", { input = assert(core.json.encode(many)) }).status)
    local ended = desk:run("links show tenant-1")
    assert.same({ 0, "Of its cases only the first 500 are shown.\n" }, { ended.status, ended.err })
  end)

  it("show tells of the link, its cases, its deliveries and its history, and of no URL", function()
    request("tenant-1")
    local ended = desk:run("links show tenant-1")
    assert.equal(0, ended.status, ended.err)
    for _, expected in ipairs {
      "State\tpending: an approval URL waits for the customer's answer\n",
      "INV-1\tawaited\tlink\t", "deliver\t1\tlink\t\tchannel:print\tdone\t1\t",
      "remind\t1\tlink\t\tchannel:print\topen\t0\t",
      "answer.needs_linking\t",
    } do assert.truthy(ended.out:find(expected, 1, true), expected .. "\n" .. ended.out) end
    assert.is_nil(ended.out:find("http", 1, true))
    local shown = desk:objects(desk:run("links show tenant-1 --json").out)[1]
    assert.same({ "pending", 3, "request" }, { shown.state, #shown.cases, shown.history[1].event })
    assert.is_nil(shown.payload)
    ended = desk:run("links show nobody")
    assert.same({ 1, "There is no link of nobody in the store.\n" }, { ended.status, ended.err })
  end)

  it("deliver and remind hand the URL over again, and say why not", function()
    request("tenant-1")
    local ended = desk:run("links deliver tenant-1")
    assert.equal(0, ended.status, ended.err)
    assert.truthy(ended.err:find("For tenant-1 (approval, generation 1): http", 1, true))
    assert.truthy(desk:run("links remind tenant-1").err:find("For tenant-1", 1, true))
    ended = desk:run("links deliver tenant-1 --dry-run")
    assert.same({ 0, "The URL of tenant-1 (pending) would be handed over once more.\n" },
      { ended.status, ended.err })
    assert.equal(0, desk:run("links close tenant-1 --yes").status)
    ended = desk:run("links deliver tenant-1")
    local anew = "`links request FILE --again` starts anew.\n"
    assert.same({ 1, "tenant-1 is closed: there is no URL to hand over. " .. anew },
      { ended.status, ended.err })
    ended = request("tenant-1")
    assert.same({ 1, "tenant-1 is closed.\n" .. anew }, { ended.status, ended.err })
    assert.equal(1, desk:run("links deliver nobody").status)
    assert.truthy(desk:run("links deliver tenant-1 --channel fax").status ~= 0)
  end)

  it("recover asks for a new URL when the window has passed", function()
    request("tenant-1")
    local ended = desk:run("links recover tenant-1")
    assert.equal(1, ended.status)
    assert.truthy(ended.err:find("there is nothing to recover", 1, true))
    age("tenant-1", 8)
    ended = desk:run("links recover tenant-1")
    assert.equal(0, ended.status, ended.err)
    assert.truthy(ended.err:find("generation 2): http", 1, true))
    assert.same({ "pending", 2 },
      { state_of("tenant-1"), store:record("link", "tenant-1", "").generation })
  end)

  it("move when `inbox work` hands the recipes what came in", function()
    request("tenant-1")
    local event, body = debitura.webhook.example("client.linked",
      { data = { externalTenantId = "tenant-1" } })
    store:inbox_add({ id = event.id, tenant = "tenant-1", event = event.event, body = body },
      core.system.now())
    local ended = desk:run("inbox work")
    assert.equal(0, ended.status, ended.err)
    assert.truthy(ended.out:find("Done\t1\n", 1, true), ended.out)
    assert.equal("linked", state_of("tenant-1"))
  end)

  it("refuse to ask for a client where no channel would carry the URL", function()
    desk.environment.DEBITURA_CONFIG = nil
    local ended = request("tenant-1")
    assert.equal(2, ended.status)
    assert.truthy(ended.err:find("no channel would carry the customer's URL", 1, true), ended.err)
    assert.truthy(ended.err:find("configure channels", 1, true), ended.err)
    assert.is_false(store:record("link", "tenant-1", ""))
  end)

  it("have cases that `cases` lists and shows with their origin", function()
    assert.equal(0, request("tenant-1").status)
    local listed = desk:objects(desk:run("cases list --tenant tenant-1 --json").out)
    assert.same({ "INV-1", "link", "awaited" },
      { listed[1].creditor_reference, listed[1].origin, listed[1].state })
    local ended = desk:run("cases show tenant-1 INV-1")
    assert.equal(0, ended.status, ended.err)
    assert.truthy(ended.out:find("awaited", 1, true), ended.out)
  end)

  it("close asks in production", function()
    request("tenant-1")
    desk.environment.DEBITURA_ENVIRONMENT = "production"
    assert(store:restamp("production"))
    local ended = desk:run("links close tenant-1")
    assert.equal(1, ended.status)
    assert.truthy(ended.err:find("--yes", 1, true), ended.err)
    assert.equal("pending", state_of("tenant-1"))
    assert.equal(0, desk:run("links close tenant-1 --yes --reason 'left us'").status)
    assert.same({ "closed", "left us" },
      { state_of("tenant-1"), store:record("link", "tenant-1", "").reason })
  end)

  it("exits with 3 when an answer makes no sense, such as a page of something between", function()
    for _, body in ipairs { "<html>conflict</html>", { type = "ClientExistsNeedsLinking" } } do
      assert(service:control("POST", "faults",
        { operation = "clients.create", status = 409, body = body }))
      local ended = request("tenant-" .. type(body))
      assert.same({ 3, "requesting" }, { ended.status, state_of("tenant-" .. type(body)) })
    end
  end)

  it("exits with 3 when Debitura cannot be reached, and keeps the request for a sweep", function()
    desk.environment.DEBITURA_BASE_URL = "http://127.0.0.1:" .. core.system.free_port()
    local ended = request("tenant-1")
    assert.equal(3, ended.status, ended.err)
    assert.equal("requesting", state_of("tenant-1"))
    assert.truthy(ended.err:find("\nA sweep asks again.\n", 1, true), ended.err)
    desk.environment.DEBITURA_BASE_URL = service.url
    for _, job in ipairs(store:jobs { tenant = "tenant-1" }) do
      if job.state == "open" then assert(store:job_retry(job, core.system.now(), "sample")) end
    end
    ended = desk:run("sweep")
    assert.equal(0, ended.status, ended.err)
    assert.equal("pending", state_of("tenant-1"))
  end)

  it("takes tenants with blanks, slashes and letters of any language", function()
    local tenant = "Kunde 7/Ærø"
    assert.equal(0, request(tenant).status)
    assert.equal(tenant,
      desk:objects(desk:run(("links show '%s' --json"):format(tenant)).out)[1].tenant)
    assert.equal(0, desk:run(("links close '%s' --yes"):format(tenant)).status)
  end)

  describe("lives on the sandbox's clock with DEBITURA_CLOCK=sandbox, so that", function()
    before_each(function() desk.environment.DEBITURA_CLOCK = "sandbox" end)

    it("the window is over when it is over there, and a sweep recovers the link", function()
      assert.equal(0, request("tenant-1").status)
      assert.equal(0, desk:run("sweep").status)
      assert.equal("pending", state_of("tenant-1"))
      assert(service:advance("7d1h"))
      local swept = desk:run("sweep")
      assert.equal(0, swept.status, swept.err)
      local link = assert(store:record("link", "tenant-1", ""))
      assert.same({ "pending", 2 }, { link.state, link.generation })
      assert.truthy(swept.err:find("generation 2", 1, true), swept.err)
    end)

    it("what is no sandbox is refused, and so is another word", function()
      local missing = desk:run("sweep", { environment = {
        DEBITURA_BASE_URL = "http://127.0.0.1:" .. core.system.free_port(),
      } })
      assert.equal(2, missing.status)
      assert.truthy(missing.err:find("DEBITURA_CLOCK=sandbox: ", 1, true), missing.err)
      local word = desk:run("sweep", { environment = { DEBITURA_CLOCK = "moon" } })
      assert.equal(2, word.status)
      assert.truthy(word.err:find("DEBITURA_CLOCK: 'sandbox' is all that it may say", 1, true))
    end)
  end)

  describe("whose URL is owed by a channel", function()
    --- Configures an HTTP channel at a place where nothing listens, or that refuses for good.
    local function channel(url)
      assert(os.execute("chmod 600 " .. desk:file("config.json",
        ('{"channels": [{"type": "http", "name": "portal", "url": "%s", '
          .. '"secret": "c2FtcGxlLXNlY3JldA=="}]}'):format(url))))
    end

    local function nowhere() return "http://127.0.0.1:" .. core.system.free_port() .. "/" end

    it("exits with 3 while none has taken it, and names channel and masked address", function()
      channel(nowhere())
      for _, line in ipairs { "links request -", "links deliver tenant-1", "links remind tenant-1" }
      do
        local ended = desk:run(line, { input = payload("tenant-1") })
        assert.equal(3, ended.status, line .. ended.err)
        assert.truthy(ended.err:find(
          "tenant-1: portal has not reached n***@new.example yet, and tries again: ", 1, true),
          ended.err)
        assert.is_nil(ended.err:find("nora@", 1, true))
      end
      local ended = desk:run("links request - --json", { input = payload("tenant-1") })
      assert.equal(3, ended.status)
      local delivery = desk:objects(ended.out)[1].deliveries.portal
      assert.same({ "waiting", "n***@new.example" }, { delivery.state, delivery.address })
      local told = desk:objects(ended.err)[1].error
      assert.same({ "transport", "portal", "n***@new.example", true },
        { told.kind, told.channel, told.address, told.retryable })
    end)

    it("exits with 1 when none ever will, and with 0 once one has", function()
      channel(service.url .. "/nowhere")
      local ended = request("tenant-1", "--json")
      assert.equal(1, ended.status, ended.err)
      assert.equal("given up", desk:objects(ended.out)[1].deliveries.portal.state)
      assert.truthy(desk:run("links deliver tenant-1").err:find(
        "tenant-1: portal has given up n***@new.example: ", 1, true))
      assert.equal(1, desk:run("links deliver tenant-1").status)
      assert(os.execute("chmod 600 " .. desk:file("config.json",
        '{"channels": [{"type": "print", "name": "portal"}]}')))
      ended = desk:run("links deliver tenant-1 --json")
      assert.equal(0, ended.status, ended.err)
      assert.equal("delivered", desk:objects(ended.out)[1].deliveries.portal.state)
    end)
  end)

  it("that no channel has delivered are listed, and delivered once one can", function()
    local function channel(text)
      assert(os.execute("chmod 600 " .. desk:file("config.json", text)))
    end
    channel('{"channels": [{"type": "http", "name": "portal", "url": "http://127.0.0.1:1/", '
      .. '"secret": "c2FtcGxlLXNlY3JldA=="}]}')
    assert.equal(3, request("tenant-1").status)
    channel('{"channels": [{"type": "print", "name": "portal"}]}')
    assert.equal(0, request("tenant-2").status)
    local listed = desk:objects(desk:run("links list --undelivered --json").out)
    assert.same({ 1, "tenant-1" }, { #listed, listed[1].tenant })
    assert.is_number(listed[1].undelivered_since)
    local ended = desk:run("links deliver --undelivered --yes")
    assert.equal(0, ended.status, ended.err)
    assert.truthy(ended.err:find("For tenant-1 (approval, generation 1)", 1, true), ended.err)
    assert.truthy(ended.err:find("1 of 1 link.\n", 1, true), ended.err)
    assert.same({}, desk:objects(desk:run("links list --undelivered --json").out))
  end)

  describe("many of them", function()
    local function names(line)
      local found = {}
      for _, link in ipairs(desk:objects(desk:run(line .. " --json").out)) do
        found[#found + 1] = link.tenant
      end
      return table.concat(found, " ")
    end

    before_each(function()
      for i = 1, 4 do assert.equal(0, request("tenant-" .. i).status) end
      assert.equal(0, desk:run("links close tenant-2 --yes").status)
    end)

    it("are listed by several states, by age, by what expires, and sorted", function()
      assert.equal("tenant-1 tenant-3 tenant-4", names("links list --state pending"))
      assert.equal("tenant-1 tenant-2 tenant-3 tenant-4",
        names("links list --state pending --state closed"))
      assert.equal("tenant-4 tenant-3 tenant-2 tenant-1", names("links list --sort tenant:desc"))
      assert.equal("tenant-2 tenant-1", names("links list --sort state --limit 2"))
      assert.equal("", names("links list --older-than 1h"))
      assert.equal("tenant-1 tenant-2 tenant-3 tenant-4", names("links list --older-than 0s"))
      assert.equal("", names("links list --expiring 6d"))
      age("tenant-3", 2)
      assert.equal("tenant-3", names("links list --expiring 6d"))
      assert.equal("tenant-3 tenant-1 tenant-2 tenant-4", names("links list --sort expires"))
      local ended = desk:run("links list --sort weather")
      assert.equal(2, ended.status)
      assert.truthy(ended.err:find("there are tenant, state, generation", 1, true), ended.err)
      assert.equal(2, desk:run("links list --older-than soon").status)
    end)

    it("show the customer and the masked address, where they can be opened", function()
      local shown = desk:objects(desk:run("links list --json").out)[1]
      assert.same({ "Existing Customer Ltd", "n***@new.example" },
        { shown.customer, shown.address })
    end)

    it("are listed without them where they cannot", function()
      local key = "c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wMDE="
      desk.environment.DEBITURA_STORE = "sqlite://" .. desk.directory .. "/sealed.db"
      desk.environment.DEBITURA_ENCRYPTION_KEY = key
      assert.equal(0, request("tenant-1").status)
      assert.equal("n***@new.example", desk:objects(desk:run("links list --json").out)[1].address)
      local other = "b3RoZXItZW5jcnlwdGlvbi1rZXktbnVtYmVyLTAwMDI="
      for _, wrong in ipairs { other, "" } do
        local ended = desk:run("links list --json",
          { environment = { DEBITURA_ENCRYPTION_KEY = wrong } })
        local shown = desk:objects(ended.out)[1]
        assert.same({ 0, "tenant-1", "pending" }, { ended.status, shown.tenant, shown.state })
        assert.is_nil(shown.customer)
        assert.is_nil(shown.address)
      end
    end)

    it("are acted on once the number of them is confirmed", function()
      local ended = desk:run("links deliver --state pending")
      assert.equal(1, ended.status)
      assert.truthy(ended.err:find("The URLs of 3 links are handed over once more. This must be "
        .. "confirmed: add --yes, or run it on a terminal", 1, true), ended.err)
      ended = desk:run("links deliver --state pending --dry-run")
      assert.same({ 0, "The URLs of 3 links are handed over once more, were this no dry run.\n" },
        { ended.status, ended.err })
      ended = desk:run("links deliver --state pending", { terminal = true, input = "yes\n" })
      assert.equal(0, ended.status, ended.out)
      assert.truthy(ended.out:find("Type yes to go on: ", 1, true), ended.out)
      assert.truthy(ended.out:find("3 of 3 links.", 1, true), ended.out)
      for _, tenant in ipairs { "tenant-1", "tenant-3", "tenant-4" } do
        assert.truthy(ended.out:find(("For %s (approval, generation 1)"):format(tenant), 1, true))
      end
      ended = desk:run("links deliver tenant-1 tenant-2 --yes")
      assert.equal(4, ended.status)
      assert.truthy(ended.err:find("tenant-2 is closed: there is no URL to hand over.", 1, true))
      assert.equal(2, #desk:objects(desk:run("links deliver tenant-1 tenant-3 --yes --json").out))
    end)

    it("are recovered, where recovery has given up", function()
      for _, tenant in ipairs { "tenant-1", "tenant-3" } do
        local link = assert(store:record("link", tenant, ""))
        assert(store:record_move({ tenant = tenant, moves = { {
          kind = "link", name = "", version = link.version, entry = { event = "sample" },
          set = { state = "exhausted", url = false, expires_at = core.system.now() - DAY },
        } } }, core.system.now()))
      end
      assert(service:advance("8d"))
      local ended = desk:run("links recover --state exhausted --yes")
      assert.equal(0, ended.status, ended.err)
      for tenant, generation in pairs { ["tenant-1"] = 2, ["tenant-3"] = 2, ["tenant-4"] = 1 } do
        assert.equal(generation, store:record("link", tenant, "").generation)
      end
      -- On an idle day there is nothing to ask, and nothing to say.
      ended = desk:run("links recover --state exhausted")
      assert.same({ 0, "", "" }, { ended.status, ended.out, ended.err })
    end)

    it("are named, or chosen, and not both", function()
      for line, problem in pairs {
        ["links deliver"] = "which clients? Name them, or choose them by --state",
        ["links deliver tenant-1 --undelivered"] = "not both",
      } do
        local ended = desk:run(line)
        assert.equal(2, ended.status)
        assert.truthy(ended.err:find(problem, 1, true), ended.err)
      end
      local ended = desk:run("links deliver --json")
      assert.equal("usage", desk:objects(ended.err)[1].error.kind)
    end)

    it("complain in JSON, one object in each line", function()
      for line, kind in pairs {
        ["links show nobody --json"] = "not_found", ["links deliver tenant-2 --json"] = "conflict",
        ["links list --sort weather --json"] = "usage", ["frobnicate --json"] = "usage",
        ["cases show tenant-1 INV-9 --json"] = "not_found",
        ["inbox show evt-9 --json"] = "not_found",
        ["links close --state closed --json"] = "forbidden",
      } do
        local ended = desk:run(line)
        local objects = desk:objects(ended.err)
        assert.same({ 1, "" }, { #objects, ended.out }, line)
        assert.equal(kind, objects[1].error.kind, line)
        assert.is_string(objects[1].error.message)
      end
    end)
  end)

  describe("and debitura sweep", function()
    --- Requests that were made days ago.
    local function requested(count, days)
      local recipes = debitura.recipes.new {
        partner = debitura.partner { api_key = service.api_key, base_url = service.url },
        store = store, clock = function() return core.system.now() - days * DAY end,
        channels = { debitura.channels.print { write = function() end } },
      }
      for i = 1, count do
        assert(recipes.approval:request(support.payload { externalTenantId = "tenant-" .. i }))
      end
      assert(service:advance(days .. "d"))
    end

    it("does what is due, and says how much of what", function()
      requested(3, 8)
      local ended = desk:run("sweep --dry-run")
      assert.equal(0, ended.status, ended.err)
      assert.truthy(ended.out:find("tenant-1\texpire\t1\t\tdue\n", 1, true), ended.out)
      assert.equal("pending", state_of("tenant-1"))
      ended = desk:run("sweep")
      assert.equal(0, ended.status, ended.err)
      assert.truthy(ended.err:find(
        "15 steps: asked again for 3 links, delivered 3 URLs, had nothing left to do for 6 steps, "
          .. "found the window of 3 links over.\n", 1, true), ended.err)
      assert.equal(2, store:record("link", "tenant-3", "").generation)
      assert.truthy(desk:run("sweep", { terminal = true }).out:find("Nothing is due.", 1, true))
      assert.same({ { total = 0 } }, desk:objects(desk:run("sweep --json").out))
    end)

    it("stops after so many steps, and goes on the next time", function()
      requested(3, 8)
      assert.equal(4, desk:objects(desk:run("sweep --json --limit 4").out)[1].total)
      assert.equal(0, desk:run("sweep").status)
      for i = 1, 3 do assert.equal(2, store:record("link", "tenant-" .. i, "").generation) end
    end)

    it("exits with 4 when some steps have failed", function()
      requested(2, 8)
      assert(os.execute("chmod 600 " .. desk:file("config.json",
        '{"channels": [{"type": "http", "name": "print", "url": "http://127.0.0.1:1/", '
          .. '"secret": "c2FtcGxlLXNlY3JldA=="}]}')))
      local ended = desk:run("sweep")
      assert.equal(4, ended.status, ended.err)
      assert.truthy(ended.err:find("failed 2 steps", 1, true), ended.err)
      assert.truthy(ended.err:find("2 steps failed and are tried again, such as deliver of tenant-",
        1, true), ended.err)
    end)

    it("tells which steps are given up", function()
      requested(1, 8)
      assert(os.execute("chmod 600 " .. desk:file("config.json", core.json.encode { channels = {
        { type = "http", name = "print", url = service.url .. "/nowhere",
          secret = "c2FtcGxlLXNlY3JldA==" },
      } })))
      local ended = desk:run("sweep")
      assert.equal(4, ended.status, ended.err)
      assert.truthy(ended.err:find("1 step failed for good, such as deliver of tenant-1: ",
        1, true), ended.err)
    end)

    it("exits with 3 when all of them have failed, and complains of it in JSON", function()
      requested(2, 8)
      desk.environment.DEBITURA_BASE_URL = "http://127.0.0.1:" .. core.system.free_port()
      assert.equal(4, desk:run("sweep").status) -- the clock has found the windows over
      for _, name in ipairs { "tenant-1", "tenant-2" } do
        for _, job in ipairs(store:jobs { tenant = name }) do
          if job.state == "open" and job.kind == "request_link" then
            assert(store:job_retry(job, core.system.now(), "sample"))
          end
        end
      end
      local ended = desk:run("sweep --json")
      assert.equal(3, ended.status, ended.err)
      local told = desk:objects(ended.err)[1].error
      assert.same({ "server", true }, { told.kind, told.retryable })
      assert.same({ { total = 2, failed = 2 } }, desk:objects(ended.out))
    end)

    it("prints nothing with --quiet unless something went wrong", function()
      requested(1, 8)
      local path = desk:file("config.json",
        ('{"channels": [{"type": "http", "name": "print", "url": "%s/_sandbox/none", '
          .. '"secret": "c2FtcGxlLXNlY3JldA=="}]}'):format(service.url))
      local ended = desk:run("sweep --quiet --limit 1")
      assert.same({ 0, "", "" }, { ended.status, ended.out, ended.err })
      assert(os.execute("chmod 600 " .. path))
      ended = desk:run("sweep --quiet")
      assert.equal(4, ended.status)
      assert.equal(1, select(2, ended.err:gsub("\n", "")), ended.err)
      assert.truthy(ended.err:find("^1 step failed"), ended.err)
    end)

    it("says what it needs", function()
      desk.environment.DEBITURA_STORE = nil
      local ended = desk:run("sweep")
      assert.equal(2, ended.status)
      assert.truthy(ended.err:find("no store", 1, true))
    end)
  end)
end)
