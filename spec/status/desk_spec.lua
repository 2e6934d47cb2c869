-- The desk: who is let in, what it shows and what it never does, how it lists. What is done at it
-- is in desk_actions_spec.lua.

local backends = require("spec.support.backends")
local desk = require("debitura.status.desk")
local encoding = require("debitura.base.encoding")
local lists = require("debitura.status.desk.lists")
local operators = require("spec.support.operators")
local rows = require("spec.support.store_rows")
local status = require("debitura.status")
local store = require("debitura.store")
local wsapi = require("debitura.status.wsapi")

--- Every page there is of what `operators.full` holds.
local function places()
  local found = { "", "links", "links?undelivered=1", "cases", "inbox", "jobs", "nothing",
    "case?tenant=carried-1&name=INV-1", "act?do=deliver&list=links&undelivered=1",
    "act?do=revive_job&list=jobs&state=dead", "jobs?tenant=undelivered-1" }
  for _, tenant in ipairs { "carried-1", "signing-1", "undelivered-1", operators.HOSTILE,
    operators.UPWARDS, operators.HEBREW, operators.LONG, "nobody" } do
    local query = "tenant=" .. encoding.percent(tenant)
    for _, page in ipairs { "link?", "act?do=deliver&", "act?do=forget&", "act?do=close&" } do
      found[#found + 1] = page .. query
    end
  end
  return found
end

local function has(body, text)
  return body:find(text, 1, true) ~= nil
end

describe("the desk", function()
  it("is not made without a function that says who may see it, nor with actions alone", function()
    local seen = status.new { store = assert(store.open("memory:")), clock = os.time }
    local let_in = function() return "act" end
    for problem, given in pairs {
      ["option 'authorize': missing"] = { status = seen },
      ["option 'recipes': missing"] = { status = seen, authorize = let_in, actions = true },
      ["unknown option 'action', did you mean 'actions'?"] =
        { status = seen, authorize = let_in, action = true },
    } do
      local made, err = pcall(desk.new, given)
      assert.is_false(made)
      assert.truthy(has(err, problem), err)
    end
  end)

  describe("lets in", function()
    local given, asked, all

    setup(function()
      all = operators.full { authorize = function(request)
        asked = request
        return given, "nora"
      end }
    end)

    it("nobody to whom authorize gives nothing, and shows them nothing", function()
      for _, nothing in ipairs { false, "nil" } do
        given = nothing ~= "nil" and nothing or nil
        for _, place in ipairs(places()) do
          local body, code, headers = all:get(place)
          assert.equal(403, code, place)
          assert.is_nil(body:find("carried", 1, true), place)
          assert.equal("no-store", headers["Cache-Control"])
        end
        assert.equal(403, select(2, all:post("act?do=deliver&tenant=carried-1", { token = "x" })))
      end
    end)

    it("with the request by which it can tell", function()
      given = "read"
      all:get("links?state=pending", { headers = { ["x-user"] = "nora" }, user = "n",
        address = "10.0.0.7" })
      assert.same({ "GET", "/below/desk/links", "state=pending", "nora", "n", "10.0.0.7" },
        { asked.method, asked.path, asked.query, asked.headers["x-user"], asked.user,
          asked.address })
    end)

    it("to read only, to act, or for some actions", function()
      local page = "link?tenant=undelivered-1"
      for _, row in ipairs {
        { "read", {} }, { "act", { "deliver", "remind", "close", "forget", "revive_job" } },
        { { "remind" }, { "remind" } }, { {}, {} },
        { { "revive", "deliver" }, { "deliver", "revive_job" } },
      } do
        given = row[1]
        local body, offered = all:get(page), {}
        for _, name in ipairs(row[2]) do offered[name] = true end
        for _, name in ipairs { "deliver", "remind", "close", "forget", "revive_job" } do
          assert.equal(offered[name] or false, has(body, "act?do=" .. name .. "&amp;"), name)
          local code = select(2, all:get("act?do=" .. name .. "&tenant=undelivered-1"))
          if not offered[name] then assert.equal(403, code, name) end
        end
      end
      given = "read"
      local body, code = all:post("act?do=close&tenant=undelivered-1", { token = "x" })
      assert.equal(403, code)
      assert.truthy(has(body, "You may not do this."))
    end)

    it("who is allowed to act, to see only, where it was made without actions", function()
      given = "act"
      local reading = all:beside { actions = false, recipes = false or nil }
      assert.is_false(has(reading:get("link?tenant=undelivered-1"), "act?"))
      assert.equal(403, select(2, reading:get("act?do=close&tenant=undelivered-1")))
    end)

    it("only by words that it knows: another is a mistake", function()
      for _, wrong in ipairs { "write", 1, { "destroy" } } do
        given = wrong
        local answered, err = pcall(all.get, all, "")
        assert.is_false(answered)
        assert.truthy(has(tostring(err), "desk: "))
      end
      local raising = all:beside { authorize = function() error("away", 0) end }
      local answered, err = pcall(raising.get, raising, "")
      assert.same({ false, "away" }, { answered, err })
    end)
  end)

  describe("shows", function()
    local full, guarded

    setup(function()
      full = operators.full { personal = true }
      guarded = full:beside()
    end)

    --- Visits every page, with personal data and without.
    local function visit(look)
      for _, one in ipairs { full, guarded } do
        for _, place in ipairs(places()) do look(one, place, one:get(place)) end
      end
    end

    it("no page that a browser keeps, runs anything in, frames, or loads anything for", function()
      visit(function(_, place, body, code, headers)
        assert.is_true(code == 200 or code == 404 or code == 409, place .. " " .. code)
        assert.equal("no-store", headers["Cache-Control"])
        assert.equal(tostring(#body), headers["Content-Length"])
        local policy = headers["Content-Security-Policy"]
        assert.truthy(policy:find("^default%-src 'none'; base%-uri 'none'; "
          .. "frame%-ancestors 'none'; form%-action 'self'; style%-src 'sha256%-[%w+/]+='$"))
        for _, pattern in ipairs { "<script", "<img", "<link", "<iframe", " style=", " on%l+=",
          "javascript:" } do
          assert.is_nil(body:lower():find(pattern), place .. " has " .. pattern)
        end
      end)
    end)

    it("every address relative to itself, so that it works below any path", function()
      visit(function(_, place, body)
        for address in body:gmatch('[fn]="([^"]*)"') do
          assert.truthy(address:find("^%l*$") or address == "./" or address:find("^%l+%?"),
            place .. ": " .. address)
        end
      end)
    end)

    it("no URL of a hosted page, wherever one is kept", function()
      local hosted = {}
      for _, kind in ipairs { "link", "signing" } do
        for _, record in ipairs(full.rig.store:records { kind = kind }) do
          if record.url then hosted[#hosted + 1] = record.url end
        end
      end
      assert.is_true(#hosted >= 5)
      hosted[#hosted + 1] = "https://hosted.example/secret"
      visit(function(_, place, body)
        for _, url in ipairs(hosted) do assert.is_false(has(body, url), place) end
        assert.is_false(has(body, "https:"), place)
      end)
    end)

    it("what is personal only where that is wanted, and of addresses one letter", function()
      local texts = { ["Existing Customer Ltd"] = false, ["u***@new.example"] = false,
        ["InvalidClientType"] = true, ["Nora is no creditor"] = false, ["the handler said"] = false,
        ["mailbox of"] = false, ["business 550"] = true }
      local found = { [full] = {}, [guarded] = {} }
      visit(function(one, place, body)
        for text in pairs(texts) do
          if has(body, text) then found[one][text] = place end
        end
        if one == guarded then
          assert.is_false(has(body, "@new.example"), place)
          assert.is_false(has(body, "Dana Debtor"), place)
        end
      end)
      for text, always in pairs(texts) do
        assert.truthy(found[full][text], text)
        assert.equal(always, found[guarded][text] ~= nil, text)
      end
    end)

    it("a tenant called like markup, a path, or from right to left, and leads to it", function()
      for tenant, shown in pairs {
        [operators.HOSTILE] = "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;",
        [operators.UPWARDS] = "../..", [operators.HEBREW] = "לקוח-&lt;U+202E&gt;7",
        [operators.LONG] = ("0f3c"):rep(30) .. "…",
      } do
        local listed = full:get("links?tenant=" .. encoding.percent(tenant))
        local address = "link?tenant=" .. encoding.percent(tenant)
        assert.truthy(has(listed, ('<a href="%s"><bdi>%s</bdi></a>'):format(address, shown)), shown)
        local body, code = full:get(address)
        assert.equal(200, code)
        assert.truthy(has(body, "<h1>" .. shown:sub(1, 20)))
      end
    end)

    it("nothing of a tenant that no store can have, and does not ask one", function()
      local asked = full:beside { status = status.new { clock = os.time, store = setmetatable({}, {
        __index = function(_, verb) error("the store was asked for " .. verb) end,
      }) } }
      for _, tenant in ipairs { "a%00b", "%FF", ("x"):rep(2001) } do
        for _, place in ipairs { "link?tenant=", "act?do=close&tenant=", "case?name=a&tenant=" } do
          assert.equal(404, select(2, asked:get(place .. tenant)), place)
        end
        for _, list in ipairs { "links", "cases", "inbox" } do
          local body, code = full:get(list .. "?tenant=" .. tenant)
          assert.equal(200, code)
          assert.truthy(has(body, "There are none."), list)
        end
      end
    end)

    it("a link with all that happened to it, and what became of it", function()
      local body = full:get("link?tenant=undelivered-1")
      for _, text in ipairs { "pending: an approval URL waits", "requesting → pending",
        "job deliver by mail", "webhook case.created", "evt-3", "INV-2", "delivery.given_up",
        "Undelivered since", "inbox?tenant=undelivered-1" } do
        assert.truthy(has(body, text), text)
      end
      local of_none, code = full:get("link?tenant=pending-9")
      assert.equal(200, code)
      assert.truthy(has(of_none, "There is no link of this tenant."))
      assert.truthy(has(of_none, "channel:print"))
      body = full:get("link?tenant=signing-1")
      assert.truthy(has(body, "<h1>signing-1</h1>"))
      assert.truthy(has(full:get("case?tenant=carried-1&name=INV-1"), "awaited → created"))
    end)

    it("first what needs a person, and the way from requests to cases", function()
      local body = full:get("")
      local first = body:match("<h2>(.-)</h2>.-<tbody>(.-)</tbody>")
      assert.equal("What needs a person first", first)
      local causes = body:match("<tbody>(.-)</tbody>")
      for _, row in ipairs {
        { "3 jobs were given up", "jobs?state=dead" },
        { "2 webhooks were given up", "inbox?state=dead" },
        { "2 URLs have not reached their customers", "links?undelivered=1" },
        { "jobs wait for what no process here has: channel:print", "jobs" },
      } do
        assert.truthy(causes:find(('<a href="%s"><bdi>%s'):format(row[2]:gsub("%p", "%%%0"),
          row[1]:gsub("%p", "%%%0"))) or has(causes, row[1]), row[1])
      end
      local steps = {}
      for step, count in body:gmatch("<tr><td><bdi>(%l+)</bdi></td><td><bdi>(%d+)</bdi></td>") do
        steps[step] = steps[step] or count
      end
      assert.same({ "8", "5", "1", "1" },
        { steps.requested, steps.delivered, steps.answered, steps.carried })
      assert.truthy(has(body, "<svg width="))
    end)

    it("failures by their cause, with the first and the last", function()
      local body = guarded:get("jobs")
      local groups = body:match("What was given up</h2>.-<tbody>(.-)</tbody>")
      local of, cause, count, first, last = groups:match("<bdi>(%l+)</bdi></a></td>"
        .. "<td><bdi>(.-)</bdi></td><td><bdi>(%d+)</bdi></td><td><time datetime=\"(.-)\".-"
        .. "<time datetime=\"(.-)\"")
      assert.same({ "deliver", "business 550", "2", "2026-01-02T00:00:00Z",
        "2026-01-02T00:00:00Z" }, { of, cause, count, first, last })
      local one = groups:match('href="([^"]*)"'):gsub("&amp;", "&")
      local found = guarded:get(one):match("Found</h2>.-<tbody>(.-)</tbody>")
      assert.equal(2, select(2, found:gsub("<tr>", "")))
      -- With what was said, addresses are what tells one from the next.
      assert.truthy(has(full:get("jobs"),
        "channel email: business 550: mailbox of … is at [redacted]"))
    end)

    it("jobs that wait for a channel, and events, the dead ones first", function()
      local body = guarded:get("jobs")
      assert.truthy(has(body, '<a href="jobs?needs=channel%3Aprint">'))
      assert.truthy(has(guarded:get("jobs?needs=channel%3Aprint"), "pending-9"))
      local states = {}
      for state in guarded:get("inbox"):gmatch("<td><bdi>(%l+)</bdi></td><td><bdi>%d</bdi>") do
        states[#states + 1] = state
      end
      assert.same({ "dead", "dead", "open", "open" }, states)
    end)
  end)
end)

describe("the desk's lists", function()
  local many, now

  setup(function()
    many = operators.empty()
    now = many.rig.debitura:now()
    for i = 1, 130 do
      assert(many.rig.store:record_move(rows.change(("t%03d"):format(i), {
        rows.move("link", "", 0, { state = i % 2 == 0 and "linked" or "carried",
          undelivered_since = i == 7 and now or nil }),
        rows.move("case", "R1", 0, { state = "created" }),
      }), now - (i <= 30 and 9 * 86400 or 0)))
    end
    for _, tenant in ipairs { "a%b", "a_b", "axb", "t0", "é" } do
      assert(many.rig.store:record_move(rows.change(tenant, {
        rows.move("link", "", 0, { state = "closed" }),
      }), now))
    end
  end)

  --- The tenants of a page, and where the next one is.
  local function read(place)
    local body, found = many:get(place), {}
    local list = body:match("Found.-<tbody>(.-)</tbody>") or ""
    for tenant in list:gmatch('link%?tenant=([^"]*)"') do
      found[#found + 1] = encoding.from_percent(tenant)
    end
    local following = body:match('<a href="([^"]*)"><bdi>Next page')
      or body:match('<a href="([^"]*)"><bdi>Go on')
    return found, following and following:gsub("&amp;", "&"), body
  end

  local function read_all(place)
    local all, pages = {}, 0
    repeat
      local found, following = read(place)
      for _, tenant in ipairs(found) do all[#all + 1] = tenant end
      place, pages = following, pages + 1
    until not place
    return all, pages
  end

  it("go on from page to page, each row once, under the same filter", function()
    local all, pages = read_all("links?tenant=t")
    assert.same({ 131, 3, "t0", "t001", "t130" }, { #all, pages, all[1], all[2], all[131] })
    all, pages = read_all("links?tenant=t&state=linked")
    assert.same({ 65, 2, "t002", "t130" }, { #all, pages, all[1], all[65] })
    assert.equal(130, #read_all("cases"))
    assert.equal(10, #read_all("cases?tenant=t12"))
  end)

  it("find tenants by their beginning alone, whatever it is", function()
    for given, expected in pairs { ["a%25"] = { "a%b" }, ["a_"] = { "a_b" }, ["%25"] = {},
      ["_"] = {}, ["%C3%A9"] = { "é" }, ["axb"] = { "axb" },
      ["a"] = { "a%b", "a_b", "axb" }, ["T"] = {} } do
      assert.same(expected, (read("links?tenant=" .. given)), given)
    end
  end)

  it("filter by age and by what was not delivered", function()
    assert.equal(30, #read_all("links?older=7d"))
    assert.equal(0, #read_all("links?older=10d"))
    for _, place in ipairs { "links?older=rubbish", "links?expires=7%20weeks" } do
      local found, _, body = read(place)
      assert.same({}, found)
      assert.truthy(has(body, "A span of time such as 7d or 12h is expected, not "))
      assert.truthy(has(many:get("act?do=close&list=" .. place:gsub("%?", "&")), "0 match;"))
    end
    assert.same({ "t007" }, (read("links?undelivered=1")))
    assert.same({}, (read("links?undelivered=1&state=linked")))
    assert.same({}, (read("links?state=nonsense")))
    assert.same({}, (read("jobs?state=nonsense")))
    assert.same({}, (read("inbox?state=nonsense")))
  end)

  it("begin anew with a page's key that is another filter's, or none", function()
    local _, following = read("links?tenant=t")
    local key = following:match("after=(.*)$")
    for _, place in ipairs { "links?tenant=t0&after=" .. key, "links?after=" .. key,
      "cases?tenant=t&after=" .. key, "links?tenant=t&after=x",
      "links?tenant=t&after=" .. key:sub(3),
      "links?tenant=t&after=" .. key:match("^%x+") .. ".99:x%00", "jobs?after=" .. key,
      "inbox?after=" .. key } do
      local found, _, body = read(place)
      assert.truthy(has(body, "That page belongs to another search"), place)
      assert.same((read((place:gsub("after=.*", "")))), found, place)
    end
  end)

  it("look at so many rows at most, and go on from there", function()
    local asked, records = 0, many.rig.store.records
    many.rig.store.records = function(_, filter)
      asked = asked + 1
      local page = {}
      for i = 1, filter.limit do
        page[i] = { kind = "link", tenant = ("x%06d"):format(asked * 1000 + i), name = "",
          state = "linked", version = 1, generation = 1, updated_at = now }
      end
      return page
    end
    local found, following, body = read("links?older=1d")
    many.rig.store.records = records
    assert.same({ 0, 9 }, { #found, asked })
    assert.truthy(has(body, "Go on: 2,051 were looked at"))
    assert.truthy(has(body, "Found among 2,051 that were looked at"))
    assert.truthy(has(body, "There is none among these; there may be some further on."))
    assert.is_false(has(body, "There are none."))
    assert.truthy(following:find("x009250", 1, true), following)
  end)

  it("lead to no further page where nothing further on matches", function()
    local kept = many.rig.store
    for limit, more in pairs { [29] = true, [30] = false } do
      local page = assert(lists.read("links", kept, { older = "7d" }, { limit = limit, now = now }))
      assert.same({ limit, more }, { #page, page.after ~= nil })
    end
  end)

  it("say how many there are in all, where the store counts them", function()
    for place, said in pairs { ["links?state=linked"] = "Found: 65 in all<",
      ["links?undelivered=1"] = "Found: 1 in all<", ["cases?state=created"] = "Found: 130 in all<",
      ["links?state=nonsense"] = "Found: 0 in all<", ["links?state=linked&tenant=t"] = "Found<",
      ["jobs?state=dead"] = "Found: 0 in all<", ["inbox?state=dead"] = "Found: 0 in all<",
      ["inbox?state=last"] = "Found<", ["jobs?state=open"] = "Found<", links = "Found<" } do
      assert.truthy(has(many:get(place), said), place)
    end
  end)
end)

describe("the desk's ways in:", function()
  it("a store that does not answer is said to be out of order", function()
    local full = operators.empty()
    function full.rig.store.summary() return nil, "see https://hosted.example/secret" end
    function full.rig.store.records() return nil, "away" end
    for _, place in ipairs { "", "links" } do
      local body, code, headers = full:get(place)
      assert.same({ 503, "10" }, { code, headers["Retry-After"] })
      assert.is_false(has(body, "secret"))
    end
  end)

  it("a long history is gone through page by page", function()
    local full = operators.empty()
    for _, record in ipairs { { kind = "link", tenant = "t1", name = "" },
      { kind = "case", tenant = "t1", name = "R1" } } do
      assert(full.rig.store:record_move(rows.change("t1", {
        rows.move(record.kind, record.name, 0, { state = "closed" }, "begun"),
      }), rows.T0))
      for i = 1, 250 do
        assert(full.rig.store:record_note(record, { event = "noted-" .. i }, rows.T0 + i))
      end
    end
    for _, place in ipairs { "link?tenant=t1", "case?tenant=t1&name=R1" } do
      local body = full:get(place)
      assert.same({ true, false }, { has(body, ">noted-199<"), has(body, ">noted-200<") })
      local later = body:match('href="([^"]*)"><bdi>What happened later')
      body = full:get((later:gsub("&amp;", "&")))
      assert.same({ false, true, true, false }, { has(body, ">noted-199<"),
        has(body, ">noted-200<"), has(body, ">noted-250<"), has(body, "What happened later") })
      assert.equal(200, select(2, full:get(place .. "&history=rubbish")))
    end
  end)

  it("records that do not open are listed and shown all the same, and say so", function()
    local key = encoding.base64(("k"):rep(32))
    local place, remove = backends.sqlite.place { encryption_key = key }
    finally(remove)
    local sealed = assert(store.open(place.address, { encryption_key = key }))
    assert(sealed:record_move(rows.change("t1", {
      rows.move("link", "", 0, { state = "pending", payload = "{}", expires_at = rows.T0 }),
      rows.move("case", "R1", 0, { state = "failed", reason = "signing" }),
    }, { rows.job("a", rows.T0) }), rows.T0))
    assert(sealed:job_dead(sealed:jobs_claim({ now = rows.T0, lease = 9 })[1], rows.T0, "away"))
    sealed:close()
    local opened = assert(store.open(place.address, { encryption_keys = {
      encoding.base64(("l"):rep(32)) } }))
    local full = operators.empty():beside { actions = false, personal = true,
      status = status.new { store = opened, clock = function() return rows.T0 + 9 end } }
    for _, each in ipairs { "", "links", "cases", "jobs", "inbox", "case?tenant=t1&name=R1" } do
      assert.equal(200, select(2, full:get(each)), each)
    end
    local body = full:get("link?tenant=t1")
    assert.truthy(has(body, "Does not open"))
    assert.truthy(has(body, "is sealed with the key"), body)
    opened:close()
  end)

  it("the numbers of the overview are read once for all who look within a second", function()
    local full, count = operators.empty(), 0
    local counts = { { of = "record", kind = "link", state = "linked", count = 1234567 } }
    local summary = full.rig.store.summary
    function full.rig.store.summary(...)
      count = count + 1
      local found = summary(...)
      found.counts = counts
      return found
    end
    local body
    for _ = 1, 3 do body = full:get("") end
    assert.is_true(count < 3)
    assert.truthy(has(body, "<bdi>1,234,567</bdi>"))
  end)

  it("methods, HEAD among them", function()
    local full = operators.empty()
    local _, refused, told = full:get("", { method = "PUT" })
    assert.same({ 405, "GET, HEAD, POST" }, { refused, told.Allow })
    local body, code, headers = full:get("", { method = "HEAD" })
    assert.same({ "", 200 }, { body, code })
    assert.is_true(tonumber(headers["Content-Length"]) > 1000)
  end)

  it("WSAPI, from the environment of a request to code, headers and body", function()
    local full = operators.full()
    local run = wsapi.desk(full.desk)
    local function call(env)
      local code, headers, each = run(env)
      return code, each(), headers
    end
    local page = "do=close&tenant=undelivered-1"
    local code, body, headers = call { REQUEST_METHOD = "GET", PATH_INFO = "/desk/act",
      QUERY_STRING = page }
    assert.same({ 200, "text/html; charset=utf-8" }, { code, headers["Content-Type"] })
    local action, token = full:form(body)
    local form = "token=" .. encoding.percent(token)
    local sent = { REQUEST_METHOD = "POST", PATH_INFO = "/desk/act",
      QUERY_STRING = action:match("%?(.*)$"), CONTENT_LENGTH = tostring(#form),
      CONTENT_TYPE = "application/x-www-form-urlencoded" }
    sent.input = { read = function(_, count)
      local part = form:sub(1, count)
      form = form:sub(count + 1)
      return part
    end }
    assert.equal(403, (call(sent)))
    form, sent.HTTP_SEC_FETCH_SITE = "token=" .. encoding.percent(token), "same-origin"
    code, body, headers = call(sent)
    assert.same({ 303, "", "link?said=moved&tenant=undelivered-1" },
      { code, body, headers.Location })
    assert.equal("closed", full.rig.store:record("link", "undelivered-1", "").state)
    sent.CONTENT_LENGTH = tostring(desk.max_body + 1)
    assert.equal(413, (call(sent)))
  end)
end)
