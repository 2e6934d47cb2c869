local core = require("debitura.core")
local debitura = require("debitura")
local nginx = require("debitura.nginx_app")
local pages = require("debitura.client.pagination")
local loops = require("spec.support.loops")
local upstream = require("spec.support.upstream")

local server

--- An answer with these ids as rows.
local function answer(ids, about, field)
  local rows = core.json.array {}
  for _, id in ipairs(ids) do rows[#rows + 1] = { id = id } end
  return { status = 200, body = core.json.encode { page = about, [field or "cases"] = rows } }
end

local function three_pages()
  local about = { totalResults = 5, totalPages = 3 }
  server:answers { answer({ 1, 2 }, about), answer({ 3, 4 }, about), answer({ 5 }, about) }
end

local function partner_with(options)
  local settings = { api_key = "sample-key", base_url = server.url, attempts = 1 }
  for name, value in pairs(options or {}) do settings[name] = value end
  return debitura.partner(settings)
end

local function targets()
  local list = {}
  for _, request in ipairs(server:requests()) do list[#list + 1] = request.target end
  return list
end

local function ids_of(rows)
  local list = {}
  for index, row in ipairs(rows) do list[index] = row.id end
  return list
end

setup(function() server = upstream.start() end)
teardown(function() server:stop() end)

describe("a listing", function()
  it("sends nothing until it is read", function()
    three_pages()
    partner_with().cases:list()
    assert.same({}, targets())
  end)

  it("gives all rows of all pages, the largest pages there are, with the query on each", function()
    three_pages()
    local seen = {}
    for case in partner_with().cases:list({ Statuses = { "Active" } }):each() do
      seen[#seen + 1] = case.id
    end
    assert.same({ 1, 2, 3, 4, 5 }, seen)
    assert.same({
      "/cases?Statuses=Active&Page=1&PageSize=100", "/cases?Statuses=Active&Page=2&PageSize=100",
      "/cases?Statuses=Active&Page=3&PageSize=100",
    }, targets())
  end)

  it("starts where and has pages as large as the query says", function()
    local about = { totalResults = 5, totalPages = 3 }
    server:answers { answer({ 3, 4 }, about), answer({ 5 }, about) }
    assert.same({ 3, 4, 5 }, ids_of(partner_with().cases:list({ Page = 2, PageSize = 2 }):all()))
    assert.same({ "/cases?Page=2&PageSize=2", "/cases?Page=3&PageSize=2" }, targets())
  end)

  it("names page and size as each operation does", function()
    server:answers { answer({ 1 }, { totalPages = 1 }, "divisions") }
    local customer = debitura.customer { api_key = "sample-key", base_url = server.url }
    assert.same({ 1 }, ids_of(customer.divisions:list({ includeArchived = true }):all()))
    assert.same({ "/divisions?page=1&pageSize=100&includeArchived=true" }, targets())
  end)

  it("can be gone through again", function()
    three_pages()
    local listing = partner_with().cases:list()
    assert.same({ 1, 2, 3, 4, 5 }, ids_of(listing:all()))
    three_pages()
    assert.same({ 1, 2, 3, 4, 5 }, ids_of(listing:all()))
  end)

  it("is not changed by what becomes of the query's table", function()
    three_pages()
    local query = { Query = "one" }
    local listing = partner_with().cases:list(query)
    query.Query = "other"
    listing:page(1)
    assert.same({ "/cases?Query=one&Page=1&PageSize=100" }, targets())
    assert.same({ Query = "other" }, query)
  end)

  it("has the next page on its way while the rows of one are used", function()
    three_pages()
    local next_case = partner_with().cases:list():each()
    next_case()
    local seen
    for _ = 1, 500 do
      seen = targets()
      if #seen > 1 then break end
    end
    assert.same({ "/cases?Page=1&PageSize=100", "/cases?Page=2&PageSize=100" }, seen)
  end)

  it("leaves nothing under way when it is left", function()
    local slow = answer({ 2 }, { totalPages = 2 })
    slow.delay = 60
    server:answers { answer({ 1 }, { totalPages = 2 }), slow }
    local partner = partner_with()
    local next_case = partner.cases:list():each()
    next_case()
    assert.equal(1, partner.session:engine():pending())
    next_case = nil -- luacheck: no unused
    collectgarbage()
    collectgarbage()
    assert.equal(0, partner.session:engine():pending())
  end)

  it("ends with an empty page, whatever the totals say", function()
    server:answers { answer({ 1 }, { totalPages = 1000 }), answer({}, { totalPages = 1000 }) }
    assert.same({ 1 }, ids_of(partner_with().cases:list():all()))
    assert.equal(2, #targets())
  end)

  it("is a failure where the service promises one page more without end", function()
    local partner, read = partner_with(), 0
    partner.session.call = function(_, _, arguments)
      read = arguments.query.Page
      return { cases = { { id = read } }, page = { totalPages = read + 1 } }
    end
    local rows, err = partner.cases:list():all()
    -- Two pages were promised at first.
    assert.is_nil(rows)
    assert.same({ 105, "cases.list: limit: the list does not end: page 105 promises another" },
      { read, tostring(err) })
  end)

  it("ends with a page that is not full where there are no totals", function()
    server:answers { answer({ 1, 2 }), answer({ 3 }) }
    assert.same({ 1, 2, 3 }, ids_of(partner_with().cases:list({ PageSize = 2 }):all()))
    assert.equal(2, #targets())
  end)

  it("takes null for no rows", function()
    server:answers { { status = 200, body = '{"page":{"totalPages":0},"cases":null}' } }
    local rows = partner_with().cases:list():all()
    assert.equal("[]", core.json.encode(rows))
  end)
end)

describe("a listing that fails", function()
  it("says so where it is gone through, and not before its rows were had", function()
    local about = { totalPages = 3 }
    server:answers { answer({ 1, 2 }, about), { status = 500 } }
    local seen = {}
    local sound, err = pcall(function()
      for case in partner_with().cases:list():each() do seen[#seen + 1] = case.id end
    end)
    assert.is_false(sound)
    assert.is_true(debitura.is_failure(err))
    assert.equal("server", err.kind)
    assert.equal("cases.list", err.operation)
    assert.same({ 1, 2 }, seen)
  end)

  it("returns the failure step by step, and goes on where it was", function()
    local about = { totalPages = 2 }
    server:answers { answer({ 1 }, about), { status = 400 }, answer({ 2 }, about) }
    local listing = partner_with().cases:list()
    assert.equal(1, listing:next().id)
    local row, err = listing:next()
    assert.is_nil(row)
    assert.equal("validation", err.kind)
    assert.equal(2, listing:next().id)
    local none, nothing = listing:next()
    assert.is_nil(none)
    assert.is_nil(nothing)
    assert.is_nil((listing:next()))
  end)

  it("asks again for a page that failed on its way while rows were used", function()
    local about = { totalPages = 2 }
    server:answers { answer({ 1 }, about), { status = 503 }, answer({ 2 }, about) }
    assert.same({ 1, 2 }, ids_of(partner_with().cases:list():all()))
  end)

  it("gives no array rather than a part of one", function()
    server:answers { answer({ 1 }, { totalPages = 2 }), { status = 404 } }
    local rows, err = partner_with().cases:list():all()
    assert.is_nil(rows)
    assert.equal("not_found", err.kind)
  end)

  it("is malformed without rows where the contract has them", function()
    for _, body in ipairs { '{"page":{}}', '{"cases":7}', "[]" } do
      server:answers { { status = 200, body = body } }
      local rows, err = partner_with().cases:list():all()
      assert.is_nil(rows)
      assert.equal("malformed", err.kind)
      assert.equal('cases.list: malformed 200: the response has no array "cases"', tostring(err))
    end
    server:answers { { status = 200, body = "" } }
    local _, err = partner_with().cases:list():all()
    assert.equal("malformed", err.kind)
  end)

  it("names a page or a page size that cannot be, and sends nothing", function()
    three_pages()
    local cases = partner_with().cases
    local function problem(listing) return select(2, listing:page(1)).fields end
    assert.same({ PageSize = { "must be at least 1" } }, problem(cases:list { PageSize = 0 }))
    assert.same({ PageSize = { "must be at most 100" } }, problem(cases:list { PageSize = 101 }))
    assert.same({ Page = { "must be at least 1" } }, select(2, cases:list():page(0)).fields)
    assert.same({ Page = { "must be a whole number of 32 bits" } },
      select(2, cases:list({ Page = "2" }):next()).fields)
    assert.has_error(function() cases:list():page() end,
      "listing:page: the number of a page expected, got nil")
    assert.has_error(function() cases:list():all("10") end,
      "listing:all: a number of rows expected")
    assert.same({}, targets())
  end)

  it("says that there are more rows than it gathers", function()
    local most = pages.MAX_ROWS
    pages.MAX_ROWS = 3
    finally(function() pages.MAX_ROWS = most end)
    three_pages()
    local rows, err = partner_with().cases:list():all()
    assert.is_nil(rows)
    assert.equal("cases.list: limit: more than 3 rows: give listing:all a limit, or go through "
      .. "them with listing:each", tostring(err))
  end)
end)

describe("of a listing", function()
  it("some rows can be had with the pages needed for them", function()
    three_pages()
    assert.same({ 1, 2 }, ids_of(partner_with().cases:list():all(2)))
    assert.equal(1, #targets())
    three_pages()
    assert.same({ 1, 2, 3 }, ids_of(partner_with().cases:list():all(3)))
    assert.equal(2, #targets())
    three_pages()
    assert.same({}, partner_with().cases:list():all(0))
    assert.equal(0, #targets())
  end)

  it("a page can be had as it came", function()
    server:answers { { status = 200, headers = { ["X-Request-Id"] = "req-9" },
      body = '{"page":{"totalPages":9,"newTotal":1},"cases":[{"id":7,"new":null}],"newer":[]}' } }
    local page, err, came = partner_with().cases:list({ PageSize = 1 }):page(7)
    assert.is_nil(err)
    assert.equal('{"cases":[{"id":7,"new":null}],"newer":[],"page":{"newTotal":1,"totalPages":9}}',
      core.json.encode(page))
    assert.equal("req-9", came.request_id)
    assert.same({ "/cases?Page=7&PageSize=1" }, targets())
  end)

  it("the totals are those of the page read last, or of the first", function()
    three_pages()
    local listing = partner_with().cases:list()
    assert.equal(5, listing:totals().totalResults)
    assert.equal(3, listing:totals().totalPages)
    assert.equal(1, #targets())
    server:answers { answer({ 1 }, { totalResults = 6 }) }
    listing:page(1)
    assert.equal(6, listing:totals().totalResults)
    server:answers { { status = 500 } }
    local totals, err = partner_with().cases:list():totals()
    assert.is_nil(totals)
    assert.equal("server", err.kind)
  end)

  it("the summary can be had where there is one", function()
    server:answers { { status = 200,
      body = '{"page":{"totalPages":1},"data":[],"summary":{"totalDebituraRevenueUsd":12.5}}' } }
    local transactions = partner_with().reporting:transactions { RevenueStages = { 0 } }
    assert.equal(12.5, transactions:summary().totalDebituraRevenueUsd)
    assert.same({}, transactions:all())
    server:answers { answer({ 1 }, { totalPages = 1 }) }
    assert.is_nil((partner_with().cases:list():summary()))
  end)

  it("the calls take the options of every call", function()
    server:answers { { status = 503 } }
    local _, err = partner_with({ attempts = 3 }).cases:list({}, { attempts = 1 }):page(1)
    assert.equal(1, err.attempts)
    _, err = partner_with().cases:list({ New = 1 }, { check = false }):page(1)
    assert.equal("server", err.kind)
    assert.equal("/cases?Page=1&PageSize=100&New=1", targets()[2])
  end)
end)

for _, name in ipairs(loops.names()) do
  describe("a listing in the loop " .. name, function()
    it("is gone through by several coroutines at once", function()
      server:answers { answer({ 1, 2 }, { totalPages = 3 }) }
      local loop, seen = loops[name](), {}
      local partner = partner_with { waiter = loop.waiter }
      for reader = 1, 3 do
        loop.start(function()
          local listing = partner.cases:list()
          seen[reader] = {}
          -- Not by `each`: Lua 5.1 itself cannot yield inside of an iterator.
          for _ = 1, 6 do table.insert(seen[reader], assert(listing:next()).id) end
          assert(listing:next() == nil)
        end)
      end
      loop.run()
      assert.same({ { 1, 2, 1, 2, 1, 2 }, { 1, 2, 1, 2, 1, 2 }, { 1, 2, 1, 2, 1, 2 } }, seen)
      assert.equal(9, #targets())
    end)
  end)
end

describe("a listing in a worker of nginx", function()
  it("is gone through with its next page on its way, and tells of a failure", function()
    local application = assert(nginx.start { http = ([[
      server {
        listen 127.0.0.1:$PORT;
        location / {
          content_by_lua_block {
            local partner = require("debitura").partner {
              api_key = "sample-key", base_url = "$UPSTREAM", attempts = 1,
            }
            local sound, err = pcall(function()
              for case in partner.cases:list():each() do ngx.print(case.id, " ") end
            end)
            ngx.print(sound and "end" or err.kind)
          }
        }
      }
    ]]):gsub("%$UPSTREAM", server.url) })
    finally(function() application:stop() end)
    local function ask()
      local engine = core.engine {}
      local transfer = engine:submit { method = "GET", url = application.url .. "/" }
      debitura.waiter.block.wait(engine, transfer)
      local body = transfer:result().body
      engine:close()
      return body
    end
    three_pages()
    assert.equal("1 2 3 4 5 end", ask())
    local slow = answer({ 2 }, { totalPages = 3 })
    slow.delay = 0.05
    server:answers { answer({ 1 }, { totalPages = 3 }), slow, { status = 404 } }
    assert.equal("1 2 not_found", ask())
  end)
end)

describe("a listing of a client's", function()
  it("keeps no other call waiting for a token that its next page needs", function()
    local token = { status = 200,
      body = '{"accessToken":"sample","tokenType":"Bearer","expiresIn":1800}' }
    local about, now = { totalPages = 2 }, 0
    local partner = partner_with {
      clock = function() return now end,
      on_response = function(event) if event.operation == "cases.list" then now = 1800 end end,
      waiter = { wait = debitura.waiter.block.wait,
        sleep = function() error("a call waits for a token") end },
    }
    server:answers { token, answer({ 1 }, about), token, answer({ 2 }, about),
      { status = 200, body = '{"id":"me"}' } }
    local customer = partner:customer("tenant-1")
    local listing = customer.cases:list()
    assert.equal(1, listing:next().id)
    assert.equal("me", customer:me().id)
    assert.equal(2, listing:next().id)
  end)
end)
