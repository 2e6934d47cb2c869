-- What a receiver answers, and what is in the inbox afterwards.

local backends = require "spec.support.backends"
local core = require "debitura.core"
local debitura = require "debitura"
local mistake = require "spec.support.mistake"
local task = require "debitura.async.task"

local SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0"
local ANOTHER_SECRET = "YW5vdGhlci1zZWNyZXQ="
local NOW = 1769860800

local webhook = debitura.webhook

local function new_store()
  return assert(debitura.store.open("memory:"))
end

describe("a receiver", function()
  local store, lines

  local function new(options)
    local all = {
      secret = SECRET, store = store, clock = function() return NOW end,
      logger = function(_, line) lines[#lines + 1] = line end,
    }
    for name, value in pairs(options or {}) do all[name] = value end
    return webhook.receiver(all)
  end

  --- A signed POST; `signed` are the bytes that were signed, when they are others.
  local function delivery(body, changes)
    changes = changes or {}
    local request = {
      method = "POST", body = body,
      headers = {
        ["X-Debitura-Signature"] = webhook.sign(changes.signed or body, changes.secret or SECRET,
          changes.time or NOW) },
    }
    for name, value in pairs(changes) do request[name] = value end
    return request
  end

  local function ids()
    local list = {}
    for i, item in ipairs(store:inbox_list {}) do list[i] = item.id end
    return list
  end

  before_each(function() store, lines = new_store(), {} end)

  it("keeps the raw event before it says 200", function()
    local event, body = webhook.example("client.linked",
      { data = { externalTenantId = "tenant-7" }, unheard = "kept" })
    assert.same({ 200, "kept", {} }, { new():handle(delivery(body)) })
    local item = store:inbox_item(event.id)
    assert.same({ body, "tenant-7", "client.linked", NOW, 0 },
      { item.body, item.tenant, item.event, item.received_at, item.replay })
  end)

  it("says 200 to an event that it has, and keeps it once", function()
    local receiver, event, body = new(), webhook.example("client.linked")
    receiver:handle(delivery(body))
    assert.same({ 200, "duplicate", {} }, { receiver:handle(delivery(body, { time = NOW - 60 })) })
    assert.same({ event.id }, ids())
  end)

  it("keeps and acknowledges what it has no handler for, and events of the future", function()
    for _, name in ipairs { "case.sneezed", "a.b.c" } do
      local _, body = webhook.example(name)
      assert.equal(200, (new { on = {} }:handle(delivery(body))))
    end
    assert.equal(2, #ids())
  end)

  it("keeps who sent it as a replay", function()
    local event, body = webhook.example("case.created")
    local request = delivery(body)
    request.headers["x-debitura-replay"] = "true"
    assert.equal(200, (new():handle(request)))
    assert.equal(1, store:inbox_item(event.id).replay)
  end)

  it("keeps an event in the order of the client that links.client alone names", function()
    local event, text = debitura.webhook.example("client.linked", {
      data = { externalTenantId = core.null },
      links = { client = "https://referral-api.debitura.com/clients/Kunde%207%2F%C3%86r%C3%B8" },
    })
    new():handle(delivery(text))
    assert.equal("Kunde 7/Ærø", store:inbox_item(event.id).tenant)
  end)

  it("puts the events of one case behind each other when no tenant is named", function()
    local event, body = webhook.example("payment.created")
    new():handle(delivery(body))
    assert.equal(event.data.caseId, store:inbox_item(event.id).tenant)
    local another, text = webhook.example("payment.created")
    new { tenant = function(given) return given.data.debtorName end }:handle(delivery(text))
    assert.equal("Sample Debtor A/S", store:inbox_item(another.id).tenant)
  end)

  it("keeps an event in its own order when the function tenant fails or gives no name", function()
    for index, tenant in ipairs {
      function(given) return given.data.nothing.here end, function() return 7 end,
      function() return "" end, function() return ("x"):rep(1021) end, function() return "a\0b" end,
    } do
      local event, body = webhook.example("client.linked", { id = "evt_" .. index })
      assert.equal(200, (new { tenant = tenant }:handle(delivery(body))))
      assert.equal("tenant-1", store:inbox_item(event.id).tenant)
      assert.truthy(lines[#lines]:find("reason=tenant", 1, true), lines[#lines])
    end
    local event, body = webhook.example("client.linked")
    assert.equal(200, (new { tenant = function() return nil end }:handle(delivery(body))))
    assert.is_nil(store:inbox_item(event.id).tenant)
  end)

  it("answers 405 to anything but POST", function()
    for _, method in ipairs { "GET", "HEAD", "PUT", "post" } do
      local _, body = webhook.example("client.linked")
      local status, _, headers = new():handle(delivery(body, { method = method }))
      assert.same({ 405, "POST" }, { status, headers.Allow })
    end
  end)

  it("answers 413 to a body that is larger than max_body", function()
    assert.equal(401,
      (new { max_body = 10 }:handle { method = "POST", headers = {}, body = ("x"):rep(10) }))
    assert.equal(413,
      (new { max_body = 10 }:handle { method = "POST", headers = {}, body = ("x"):rep(11) }))
    assert.equal(413, (new():handle {
      method = "POST", headers = {}, body = ("x"):rep(8 * 1024 * 1024 + 1),
    }))
  end)

  it("answers 503 when the inbox cannot be written, and keeps the event when it comes again",
    function()
    local path = os.tmpname()
    local opened = assert(debitura.store.open("sqlite://" .. path, { busy_timeout = 0 }))
    local other = assert(debitura.store.open("sqlite://" .. path))
    local _, body = webhook.example("client.linked")
    local receiver = new { store = opened }
    other.backend.connection:run("begin immediate")
    assert.same({ 503, "try again later" }, {
      (receiver:handle(delivery(body))), (select(2, receiver:handle(delivery(body)))) })
    other.backend.connection:run("rollback")
    assert.equal(200, (receiver:handle(delivery(body))))
    assert.truthy(lines[1]:find("status=503", 1, true)
      and lines[1]:find("database is locked", 1, true), lines[1])
    opened:close()
    other:close()
    for _, suffix in ipairs { "", "-wal", "-shm" } do os.remove(path .. suffix) end
  end)

  describe("refuses with 401 and one word", function()
    local event_body = select(2, webhook.example("client.linked"))

    local requests = {
      ["no signature"] = function() return { method = "POST", headers = {}, body = event_body } end,
      ["a body that was changed"] = function() return delivery(
        event_body:gsub("tenant%-1", "tenant-2"), { signed = event_body }) end,
      ["another secret"] = function() return delivery(event_body, { secret = ANOTHER_SECRET }) end,
      ["an old signature"] = function() return delivery(event_body, { time = NOW - 301 }) end,
      ["a signature from the future"] = function() return delivery(event_body,
        { time = NOW + 31 }) end,
      ["a timestamp that is text"] = function()
        local request = delivery(event_body)
        request.headers["X-Debitura-Signature"] = request.headers["X-Debitura-Signature"]:gsub(
          "t=%d+", "t=today")
        return request
      end,
      ["a signature that is not hexadecimal"] = function()
        return { method = "POST", headers = {
          ["x-debitura-signature"] = "t=1769860800,v1=" .. ("g"):rep(64) }, body = event_body }
      end,
      ["a second signature header"] = function()
        local request = delivery(event_body)
        local good = request.headers["X-Debitura-Signature"]
        request.headers["X-Debitura-Signature"] = { good, good }
        return request
      end,
      ["a second signature header in another case"] = function()
        local request = delivery(event_body)
        request.headers["x-debitura-signature"] = request.headers["X-Debitura-Signature"]
        return request
      end,
      ["an empty body"] = function() return delivery("", { signed = event_body }) end,
    }

    for name, make in pairs(requests) do
      it(name, function()
        assert.same({ 401, "unauthorized", {} }, { new():handle(make()) })
        assert.same({}, ids())
      end)
    end
  end)

  describe("acknowledges and keeps what is signed and cannot be read:", function()
    for name, case in pairs {
      ["nothing"] = { "", "is not JSON" },
      ["no JSON"] = { "not json", "is not JSON" },
      ["an array"] = { "[1]", "has no 'id'" },
      ["null"] = { "null", "has no 'id'" },
      ["no id"] = { '{"event":"client.linked"}', "has no 'id'" },
      ["no event"] = { '{"id":"evt_1"}', "has no 'event'" },
      ["an id that is a number"] = { '{"id":1,"event":"client.linked"}', "has no 'id'" },
      ["an empty id"] = { '{"id":"","event":"client.linked"}', "has no 'id'" },
      ["an id of 300 bytes"] = {
        '{"id":"' .. ("x"):rep(300) .. '","event":"client.linked"}',
        "'id' is longer than 255 bytes",
      },
      ["an id with a line break"] = { '{"id":"a\\nb","event":"client.linked"}',
        "control characters" },
      ["an event with DEL"] = { '{"id":"a","event":"b\127"}', "control characters" },
      ["an event of 10 kB"] = {
        '{"id":"evt_1","event":"' .. ("x"):rep(10240) .. '"}', "'event' is longer than 255 bytes",
      },
      ["a name in Latin-1"] = { '{"id":"evt_1","event":"client.linked","data":"\248"}',
        "is not JSON" },
      ["a number past all numbers"] = { '{"id":"e","event":"a","data":{"n":1e400}}',
        "is not JSON" },
      ["10,000 levels"] = {
        '{"id":"evt_1","event":"client.linked","data":' .. ("["):rep(10000) .. ("]"):rep(10000)
          .. "}",
        "is not JSON",
      },
      ["text after the event"] = { '{"id":"evt_1","event":"client.linked"}{}', "is not JSON" },
      ["1.2 MB"] = {
        '{"id":"evt_1","event":"a","data":"' .. ("x"):rep(1200000) .. '"}',
        "it has 1200036 bytes, and max_event is 1048576",
      },
    } do
      it(name, function()
        local body, reason = case[1], case[2]
        local receiver = new { on = { ["*"] = function() error("a handler was called") end } }
        assert.same({ 200, "kept", {} }, { receiver:handle(delivery(body)) })
        assert.same({ 200, "duplicate", {} }, { receiver:handle(delivery(body)) })
        local id = "sha256:" .. core.digest.sha256(body)
        assert.same({ id }, ids())
        assert.equal(body, store:inbox_item(id).body)
        assert.truthy(lines[1]:find("reason=malformed", 1, true), lines[1])
        -- A worker gives it up at once, with the reason.
        assert.same({ total = 1, dead = 1 }, receiver:work { once = true })
        local item = store:inbox_item(id)
        assert.same({ "dead", "unreadable", 1 }, { item.state, item.event, item.attempt })
        assert.truthy(item.result:find(reason, 1, true), item.result)
      end)
    end
  end)

  it("keeps an event under its case where its tenant is no name for one", function()
    for index, tenant in ipairs { "a\\nb", "a\127b", "", ("x"):rep(1021), "a%20b" } do
      local id = "evt_" .. index
      local body = ('{"id":"%s","event":"a","data":{"externalTenantId":"%s","caseId":"case-1"}}')
        :format(id, tenant)
      assert.equal(200, (new {}:handle(delivery(body))))
      assert.equal(tenant == "a%20b" and tenant or "case-1", store:inbox_item(id).tenant)
    end
  end)

  it("hands on what is odd and can be read", function()
    local seen
    local receiver = new { on = { ["*"] = function(event) seen = event end } }
    for index, case in ipairs {
      { '"a\\u0000b"', "a\0b" }, { '"hello \\ud83d"', "hello \239\191\189" },
      { "1." .. ("0"):rep(70), 1 }, { "1618065507111835497", 1618065507111835497 },
      { '"\240\159\152\128"', "\240\159\152\128" },
    } do
      local body = ('{"id":"evt_%d","event":"client.linked","data":{"x":%s}}'):format(index,
        case[1])
      assert.equal(200, (receiver:handle(delivery(body))))
      assert.same({ total = 1, done = 1 }, receiver:work { once = true })
      assert.equal(case[2], seen.data.x)
    end
    assert.equal(200,
      (receiver:handle(delivery('\239\187\191{"id":"evt_b","event":"client.linked"}'))))
    assert.same({ total = 1, done = 1 }, receiver:work { once = true })
    assert.equal("evt_b", seen.id)
  end)

  it("takes the last of two fields of one name", function()
    assert.equal(200,
      (new():handle(delivery('{"id":"evt_1","id":"evt_2","event":"a","event":"client.linked"}'))))
    assert.same({ "evt_2" }, ids())
    assert.equal("client.linked", store:inbox_item("evt_2").event)
  end)

  it("keeps an event whose data is nothing, a list, or about a tenant of no use", function()
    for index, data in ipairs { "null", "[]", '"text"', '{"externalTenantId":5}',
      '{"externalTenantId":"' .. ("x"):rep(2000) .. '"}' } do
      assert.equal(200,
        (new():handle(
          delivery(('{"id":"evt_%d","event":"client.linked","data":%s}'):format(index, data)))))
      assert.is_nil(store:inbox_item("evt_" .. index).tenant)
    end
  end)

  it("lets an old signature pass, up to where it is told, when the event is new", function()
    local receiver = new { accept_late = 7200 }
    local event, body = webhook.example("client.linked")
    assert.equal(401, (receiver:handle(delivery(body, { time = NOW - 7201 }))))
    assert.equal(200, (receiver:handle(delivery(body, { time = NOW - 7200 }))))
    assert.same({ 200, "duplicate", {} },
      { receiver:handle(delivery(body, { time = NOW - 7200 })) })
    assert.equal(401, (receiver:handle(delivery(body, { time = NOW + 31 }))))
    assert.equal(401,
      (receiver:handle(delivery(body, { time = NOW - 600, secret = ANOTHER_SECRET }))))
    assert.same({ event.id }, ids())
  end)

  it("lets age and skew be set apart", function()
    local _, body = webhook.example("client.linked")
    assert.equal(200, (new { tolerance = 900 }:handle(delivery(body, { time = NOW - 900 }))))
    assert.equal(401, (new { tolerance = 900 }:handle(delivery(body, { time = NOW + 31 }))))
    assert.equal(200, (new { skew = 90 }:handle(delivery(body, { time = NOW + 90 }))))
  end)

  describe("finds the secret", function()
    it("among several, while one is rotated", function()
      local receiver = new { secret = false, secrets = { ANOTHER_SECRET, SECRET } }
      for _, secret in ipairs { SECRET, ANOTHER_SECRET } do
        assert.equal(200,
          (receiver:handle(delivery(select(2, webhook.example("client.linked")),
            { secret = secret }))))
      end
    end)

    it("by a function of the headers and the subscription", function()
      local of = { ["tenant-1"] = SECRET, ["tenant-2"] = {
        ANOTHER_SECRET, debitura.secret(SECRET) } }
      local seen
      local receiver = new { secret = function(headers, subscription)
        seen = headers["x-debitura-event"]
        return of[subscription]
      end }
      local function status(subscription, secret)
        local request = delivery(select(2, webhook.example("client.linked")),
          { secret = secret, subscription = subscription })
        request.headers["X-Debitura-Event"] = "client.linked"
        return (receiver:handle(request))
      end
      assert.same({ 200, 401, 200, 200, 401 }, {
        status("tenant-1", SECRET), status("tenant-1", ANOTHER_SECRET), status("tenant-2", SECRET),
        status("tenant-2", ANOTHER_SECRET),
        status("tenant-3", SECRET),
      })
      assert.equal("client.linked", seen)
    end)

    it("or lets Debitura try again when the function fails or gives none that can be used",
      function()
      local _, body = webhook.example("client.linked")
      for _, secret in ipairs { function() error("vault is sealed: " .. SECRET) end,
        function() return SECRET .. "\n" end } do
        assert.equal(503, (new { secret = secret }:handle(delivery(body))))
      end
      assert.truthy(lines[2]:find("white space", 1, true), lines[2])
      assert.is_nil(table.concat(lines):find(SECRET, 1, true))
    end)
  end)

  describe("tells its log alone the likely cause:", function()
    local _, body = webhook.example("client.linked")
    local pretty = body:gsub('([,{])"', '%1\n  "'):gsub('":', '": ')

    local function line(changes)
      new():handle(delivery(changes.body or body, changes))
      assert.equal(1, #lines)
      assert.is_nil(lines[1]:find(SECRET, 1, true))
      assert.is_nil(lines[1]:find("tenant", 1, true))
      return lines[1]
    end

    for cause, changes in pairs {
      ["the wrong secret"] = { secret = ANOTHER_SECRET },
      ["white space was put around the body"] = { body = body .. "\n", signed = body },
      ["the body was indented or spaced anew"] = { body = pretty, signed = body },
      ["with escaped slashes"] = { body = body:gsub("/", "\\/"), signed = body },
      ["or the body was decoded and encoded again"] = {
        body = '{"data":{},"id":"evt_1"}', signed = body },
      ["signed 412 seconds before this machine's clock"] = { time = NOW - 412 },
      ["signed 99 seconds ahead of this machine's clock"] = { time = NOW + 99 },
      ["the wrong secret: another subscription's or environment's, or one that was rotated"] = {
        secret = ANOTHER_SECRET, time = NOW - 86400, body = '{"id":1}', signed = "{}",
      },
    } do
      it(cause, function()
        local said = line(changes)
        assert.truthy(said:find(cause, 1, true), said)
        assert.truthy(said:find("status=401", 1, true), said)
      end)
    end

    it("in time, however a stranger makes the body up", function()
      local blanks = (" "):rep(60000)
      for _, stranger in ipairs { blanks, "x" .. blanks .. "x", ('"'):rep(60000),
        ('"\\'):rep(30000), ("\\/"):rep(30000) } do
        lines = {}
        assert.truthy(line({ body = stranger, signed = body }):find("reason=no_match", 1, true))
      end
    end)
  end)

  it("lets the platform's functions wait, among others that wait", function()
    local receiver = new {
      secret = function()
        task.waiter().sleep(0)
        return SECRET
      end,
      tenant = function()
        task.waiter().sleep(0)
        return "waited"
      end,
    }
    local answers = {}
    local function deliver()
      local event, body = webhook.example("client.linked")
      local status = receiver:handle(delivery(body))
      answers[#answers + 1] = status .. " " .. tostring(store:inbox_item(event.id).tenant)
    end
    debitura.parallel({}, { deliver, deliver })
    assert.same({ "200 waited", "200 waited" }, answers)
  end)

  it("looks into no more refusals of a second than it has time for", function()
    local receiver, body = new(), (" "):rep(16 * 1024 - 1)
    for _ = 1, 20 do receiver:handle(delivery(body .. "x", { signed = "x" })) end
    assert.truthy(lines[1]:find("white space was put around the body", 1, true), lines[1])
    assert.truthy(lines[20]:find("the wrong secret", 1, true), lines[20])
  end)

  it("says in its log what it kept, by id", function()
    local event, body = webhook.example("client.linked")
    new():handle(delivery(body))
    assert.equal("debitura webhook status=200 event=client.linked id=" .. event.id .. " result=new",
      lines[1])
  end)

  it("needs no secret only to work", function()
    local _, body = webhook.example("client.linked")
    new():handle(delivery(body))
    local worker = new { secret = false }
    assert.same({ total = 1, unheard = 1 }, worker:work { once = true })
    assert.has_error(function() worker:handle(delivery(body)) end,
      "receiver:handle: this receiver was made without a secret, only to work")
  end)

  it("takes wrong options for the programmer's mistake", function()
    for complaint, options in pairs {
      ["option 'store': an object expected, got false"] = { store = false },
      ["webhook secret 1 of 1 has white space in it or around it"] = { secret = SECRET .. " " },
      ["option 'on': functions by the names of events expected"] = { on = { linked = "print" } },
      ["option 'tolerance': a number of seconds or false expected, got -1"] = { tolerance = -1 },
      ["option 'tenant': a function expected, got string"] = { tenant = "acme" },
      ["unknown option 'acceptlate', did you mean 'accept_late'?"] = { acceptlate = 60 },
    } do
      assert.same({ "debitura.webhook.receiver: " .. complaint, "receiver_spec.lua" },
        { mistake(function() new(options) end) })
    end
    for _, wrong in ipairs {
      function() webhook.receiver { store = store } end, function() webhook.receiver() end,
      function() new():handle { method = "POST", headers = {} } end,
    } do
      assert.equal("receiver_spec.lua", select(2, mistake(wrong)))
    end
  end)
end)

for name, backend in pairs(backends) do
  describe("a receiver with the " .. name .. " store", function()
    setup(backend.setup)
    teardown(backend.teardown)

    it("gives its worker back what came in, byte for byte", function()
      local store, close = backend.open()
      local seen
      local receiver = webhook.receiver {
        secret = SECRET, store = store, clock = function() return NOW end,
        on = { ["*"] = function(event) seen = event end },
      }
      local body = '{"id":"evt_\195\169","event":"client.linked",'
        .. '"data":{"externalTenantId":"O\'Brien \\\\ \226\130\172","n":1000.10}}'
      assert.equal(200, (receiver:handle {
        method = "POST", headers = { ["x-debitura-signature"] = webhook.sign(body, SECRET, NOW) },
        body = body,
      }))
      assert.equal(body, store:inbox_item("evt_\195\169").body)
      assert.same({ total = 1, done = 1 }, receiver:work { once = true })
      assert.same(core.json.decode(body), seen)
      close()
    end)
  end)
end
