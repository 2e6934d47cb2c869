-- What an observer keeps of answers, where, how much of it, and that no value is among it.

local core = require "debitura.core"
local debitura = require "debitura"
local observer = require "debitura.client.observer"
local operations = require "debitura.operations"

local GET = operations.get("partner", "clients.get")
local ME = operations.get("partner", "me")
local SECRET = "Ann Example"

local function client(changes)
  local body = { externalTenantId = SECRET, onboardingDone = true, kycStatus = "pending",
    users = { { id = 7, email = "ann@sample.example", firstName = SECRET } } }
  for name, value in pairs(changes or {}) do body[name] = value end
  return body
end

local function answer(status, body)
  return { status = status, headers = { ["content-type"] = "application/json" },
    body = type(body) == "table" and assert(core.json.encode(body)) or body or "" }
end

describe("An observer", function()
  local store, now

  before_each(function()
    store, now = assert(debitura.store.open "memory:"), 1000
  end)

  local function new(own)
    return observer.new { store = own ~= false and (own or store) or nil,
      clock = function() return now end }
  end

  local function look(one, row, status, body)
    one:look(row, answer(status, body), type(body) == "table" and status < 300 and body or nil)
  end

  it("looks at ten answers of an operation and a status, then at one in twenty", function()
    local one = new(false)
    for _ = 1, 50 do look(one, GET, 200, client()) end
    look(one, GET, 404, { error = "e", message = "m" })
    local shapes = one:told().shapes
    assert.equal(12, shapes["partner clients.get 200"].answers)
    assert.equal(1, shapes["partner clients.get 404"].answers)
  end)

  it("looks at all of them where it is told to", function()
    local one = observer.new { all = true }
    for _ = 1, 50 do look(one, ME, 200, {}) end
    assert.equal(50, one:told().shapes["partner me 200"].answers)
  end)

  it("is interrupted by Ctrl-C", function()
    local one = new(setmetatable({}, { __index = function() error("interrupted!", 0) end }))
    assert.has_error(function() look(one, ME, 200, { isActive = "yes" }) end, "interrupted!")
  end)

  it("counts differences together with other processes, since the first of them", function()
    local one, other = new(), new()
    look(one, GET, 200, client { added = 1 })
    now = 2000
    look(other, GET, 200, client { added = 2 })
    look(other, GET, 200, client { kycStatus = "Rejected" })
    now = 3000
    look(one, GET, 200, client { added = 3 })
    local seen = assert(one:told())
    assert.same({ "value", "Rejected", "fails", 1, 2000 }, { seen.differences[1].kind,
      seen.differences[1].value, seen.differences[1].severity, seen.differences[1].count,
      seen.differences[1].first_at })
    local added = seen.differences[2]
    assert.same({ "unknown", "added", "noted", 3, 1000, 3000 }, { added.kind, added.path,
      added.severity, added.count, added.first_at, added.last_at })
    assert.equal(4, seen.shapes["partner clients.get 200"].answers)
    assert.same({ pending = 3, Rejected = 1 },
      seen.shapes["partner clients.get 200"].paths.kycStatus.words)
  end)

  it("tells of fields that were not there and always are in the baseline", function()
    local one = new(false)
    local here = client { isAttributedClient = true, dateLinked = "2026-01-02", caseStats = {
      casesTotal = 0, casesClosed = 0, earningsUsd = 0 }, client = core.null }
    here.users[1].lastName = "x"
    look(one, GET, 200, here)
    assert.same({}, one:told().differences)
    here.isAttributedClient = nil
    look(one, GET, 200, here)
    local gone = one:told().differences[1]
    assert.same({ "absent", "isAttributedClient", "noted", 1,
      "is absent in 1 of 2 answers; the baseline always has it" },
      { gone.kind, gone.path, gone.severity, gone.count, gone.message })
  end)

  it("keeps no value of an answer", function()
    local one = new()
    look(one, GET, 200, client { added = SECRET, [SECRET] = 1, onboardingDone = SECRET,
      kycStatus = "ann@sample.example", dateLinked = SECRET })
    look(one, GET, 500, "<html>" .. SECRET)
    local text = store:token("observed", now)
      .. store:token("observed partner clients.get 200", now)
    assert.truthy(text:find("onboardingDone", 1, true))
    assert.is_nil(text:lower():find("ann", 1, true))
  end)

  it("is bounded, and leaves room for what fails", function()
    local one, body = new(), client()
    for i = 1, 1000 do body["added_" .. i] = i end
    look(one, GET, 200, body)
    look(one, ME, 200, { isActive = "yes" })
    local seen, fails, noted = assert(one:told()), 0, 0
    for _, each in ipairs(seen.differences) do
      if each.severity == "fails" then fails = fails + 1 end
      if each.kind == "unknown" then noted = noted + 1 end
    end
    assert.same({ 1, 150, 850 }, { fails, noted, seen.dropped })
    local paths = 0
    for _ in pairs(seen.shapes["partner clients.get 200"].paths) do paths = paths + 1 end
    assert.equal(300, paths)
  end)

  it("loses nothing to a store that fails for a while, and fails nothing", function()
    local broken = setmetatable({}, { __index = function() error("away", 0) end })
    local one = new(broken)
    look(one, GET, 200, client { added = 1 })
    one.store = { lease = function() return nil, "away" end }
    look(one, GET, 200, client { added = 1 })
    one.store = store
    assert.equal(2, one:told().differences[1].count)
  end)

  it("waits for its turn when another process writes", function()
    local one = new()
    assert.is_true(store:lease("observed", "another", 10, now))
    look(one, GET, 200, client { added = 1 })
    assert.equal(0, #assert(observer.read(store, now)).differences)
    store:lease_release("observed", "another")
    assert.equal(1, one:told().differences[1].count)
  end)

  it("forgets when it is told to", function()
    local one = new()
    look(one, GET, 200, client { added = 1 })
    assert(observer.clear(store, now))
    local seen = assert(observer.read(store, now))
    assert.same({ 0, nil }, { #seen.differences, (next(seen.shapes)) })
    now = now + 100
    look(one, GET, 200, client())
    assert.equal(1, one:told().shapes["partner clients.get 200"].answers)
  end)
end)

describe("A partner object", function()
  it("does not observe unless it is told to", function()
    local partner = debitura.partner { api_key = "k", base_url = "http://127.0.0.1:1" }
    assert.is_nil(partner.session.observer)
    assert.has_error(function() partner:differences() end)
  end)
end)
