-- What is done at the desk: by one operator, once, and written down.

local encoding = require("debitura.base.encoding")
local operators = require("spec.support.operators")
local rows = require("spec.support.store_rows")

local function has(body, text)
  return body:find(text, 1, true) ~= nil
end

describe("at the desk", function()
  local full, store

  before_each(function()
    full = operators.full()
    store = full.rig.store
  end)

  local function link(tenant) return store:record("link", tenant or "undelivered-1", "") end

  --- What operators did about a record, and who it was.
  local function written(tenant, kind, name)
    local found = {}
    for _, line in ipairs(store:record_history { kind = kind or "link", tenant = tenant,
      name = name or "" }) do
      if line.event:find("^desk%.") then
        found[#found + 1] = line.event .. " " .. tostring(line.note)
      end
    end
    return found
  end

  --- The second way to one's page, pressed: status, and what is said.
  local function press(one, place, fields)
    local body, code, headers = one:press(place, fields)
    return { code, headers.Location }, body
  end

  it("an action is asked about first, done by the form, shown, and written down", function()
    local place = "act?do=close&tenant=undelivered-1"
    local asked = full:get(place)
    assert.truthy(has(asked, "<bdi>undelivered-1</bdi> <bdi>is pending.</bdi>"))
    assert.truthy(has(asked, "Nothing more is sent for it."))
    assert.equal("pending", link().state)
    assert.same({ 303, "link?said=moved&tenant=undelivered-1" },
      press(full, place, { reason = "asked for on the telephone" }))
    assert.equal("closed", link().state)
    assert.same({ "desk.close nora@platform.example" }, written("undelivered-1"))
    local body = full:get("link?said=moved&tenant=undelivered-1")
    assert.truthy(has(body, "It was done"))
    assert.truthy(has(body, "by nora@platform.example"))
    assert.is_false(has(body, "telephone"))
    assert.truthy(has(full:beside { personal = true }:get("link?tenant=undelivered-1"),
      "asked for on the telephone"))
    local again, code = full:get(place)
    assert.equal(409, code)
    assert.truthy(has(again, "Nothing can be done: it is closed."))
  end)

  it("links are delivered, reminded, recovered", function()
    local before = #full.rig.mail
    press(full, "act?do=deliver&tenant=" .. encoding.percent(operators.HOSTILE))
    assert.same({ "desk.deliver nora@platform.example" }, written(operators.HOSTILE))
    local jobs = full.rig:jobs(operators.HOSTILE, "deliver")
    assert.same({ "done", "dead" }, { jobs[1].state, jobs[2].state }) -- the channel refuses all
    press(full, "act?do=remind&tenant=" .. encoding.percent(operators.UPWARDS))
    assert.equal(3, #full.rig:jobs(operators.UPWARDS, "remind"))
    assert.equal(before, #full.rig.mail)
    full.rig.debitura:advance("30d")
    press(full, "act?do=recover&tenant=undelivered-1")
    assert.same({ "pending", 2 }, { link().state, link().generation })
  end)

  it("what is to be signed is delivered again", function()
    assert(store:record_move(rows.change("undelivered-2", {
      rows.move("signing", "", 0, { state = "outstanding", url = "https://hosted.example/sign",
        terms = '{"channels":["mail"]}' }),
    }), full.rig.debitura:now()))
    local body = full:get("link?tenant=undelivered-2")
    local place = body:match('href="(act%?do=deliver_signing[^"]*)"'):gsub("&amp;", "&")
    assert.same({ 303, "link?said=moved&tenant=undelivered-2" }, press(full, place))
    assert.same({ "desk.deliver_signing nora@platform.example" },
      written("undelivered-2", "signing"))
  end)

  it("jobs and events that were given up are tried again", function()
    local job = full.rig:jobs("undelivered-1", "deliver")[1]
    assert.same({ 303, "link?said=moved&tenant=undelivered-1" },
      press(full, "act?do=revive_job&id=" .. encoding.percent(job.key)))
    assert.equal("open", store:jobs_named({ job.key })[1].state)
    assert.same({ 303, "link?said=moved&tenant=undelivered-1" },
      press(full, "act?do=revive_event&id=evt-3"))
    assert.equal("open", store:inbox_item("evt-3").state)
    assert.same({ "desk.revive_job nora@platform.example",
      "desk.revive_event nora@platform.example" }, written("undelivered-1"))
    for _, place in ipairs { "act?do=revive_job&id=none", "act?do=revive_event&id=none",
      "act?do=revive_event", "act?do=nothing&tenant=undelivered-1", "act",
      "act?do=forget&list=links&tenant=u", "act?do=revive_job&list=links&state=pending",
      "act?do=close&list=links" } do
      assert.equal(404, select(2, full:get(place)), place)
    end
  end)

  it("a client is forgotten once its name is typed and nothing is under way", function()
    local place = "act?do=forget&tenant=undelivered-1"
    local answer, body = press(full, place, { typed = "undelivered" })
    assert.same({ 409 }, answer)
    assert.truthy(has(body, "what was typed is something else"))
    answer, body = press(full, place, { typed = "undelivered-1" })
    assert.same({ 409 }, answer)
    assert.truthy(has(body, "nothing was forgotten: "))
    assert.equal("pending", link().state)
    press(full, "act?do=close&tenant=undelivered-1")
    assert.same({ 303, "link?said=moved&tenant=undelivered-1" },
      press(full, place, { typed = "undelivered-1", now = "1" }))
    assert.equal("forgotten", link().state)
    local lines = written("undelivered-1")
    assert.equal("desk.forget nora@platform.example", lines[#lines])
    assert.equal("desk.close nil", lines[#lines - 2])
  end)

  it("a client whose name no keyboard has is forgotten by another word", function()
    local place = "act?do=forget&tenant=" .. operators.LONG
    assert.truthy(has(full:get(place), "Type forget to confirm"))
    assert.equal(303, press(full, place, { typed = "forget" })[1])
    assert.equal("forgotten", link(operators.LONG).state)
  end)

  it("a client is acted on whatever it is called, and none that is called alike", function()
    local now, names = full.rig.debitura:now(), { operators.HOSTILE, operators.UPWARDS,
      operators.HEBREW, operators.LONG, "%", "_", "a%_b", "a&typed=1", "a\r\nLocation: x" }
    for _, tenant in ipairs(names) do
      for _, called in ipairs { tenant, tenant:sub(1, -2) .. "~" } do
        local known = store:record("link", called, "")
        assert(store:record_move(rows.change(called, { rows.move("link", "",
          known and known.version or 0, { state = "pending", payload = "{}",
            expires_at = now + 9 }) }), now))
      end
    end
    local function standing(tenant)
      local other = link(tenant:sub(1, -2) .. "~")
      return { link(tenant).state, other.state, other.version }
    end
    for _, tenant in ipairs(names) do
      local query = "tenant=" .. encoding.percent(tenant)
      local other = link(tenant:sub(1, -2) .. "~").version
      local answer = press(full, "act?do=close&" .. query)
      assert.same({ 303, "link?said=moved&" .. query }, answer)
      assert.same({ "closed", "pending", other }, standing(tenant))
      local place = "act?do=forget&" .. query
      assert.equal(409, press(full, place, { typed = "forgot" })[1])
      local sent = #tenant <= 100 and not tenant:find("[^!-~]") and tenant or "forget"
      assert.same({ 303, "link?said=moved&" .. query },
        press(full, place, { typed = sent, now = "1" }))
      assert.same({ "forgotten", "pending", other }, standing(tenant))
    end
  end)

  describe("a form", function()
    local action, token
    local place = "act?do=close&tenant=undelivered-1"

    before_each(function() action, token = full:form((full:get(place))) end)

    local function refused(said, code, body, answered)
      assert.equal(code, answered)
      assert.truthy(has(body, said), body:match("<main>.*"))
      assert.equal("pending", link().state)
      assert.same({}, written("undelivered-1"))
    end

    it("without a token, or with a forged one, does nothing", function()
      for _, wrong in ipairs { "", "x", token:sub(1, -2), token .. "0", token:gsub("^%d", "9"),
        token:gsub("%x$", { ["0"] = "1" }) ~= token and token:gsub("%x$", "1")
          or token:gsub("%x$", "0") } do
        if wrong ~= token then
          refused("This form was not made for you", 403, full:post(action, { token = wrong }))
        end
      end
      refused("This form was not made for you", 403, full:post(action, {}))
    end)

    it("of another operator, thing or action, or of an hour ago, does nothing", function()
      local otto = full:beside { authorize = function() return "act", "otto" end }
      for _, sent in ipairs {
        { otto, action }, { full, (action:gsub("undelivered%-1", "undelivered-2")) },
        { full, (action:gsub("do=close", "do=deliver")) },
        { full, (action:gsub("mark=%d+", "mark=1")) },
        { full, "act?do=close&list=links&state=pending" },
      } do
        refused("This form was not made for you", 403,
          sent[1]:post(sent[2], { token = token }))
      end
      local dead = full.rig:jobs("undelivered-1", "deliver")[1]
      local one, of_one = full:form((full:get("act?do=revive_job&id="
        .. encoding.percent(dead.key))))
      local other = full.rig:jobs("undelivered-2", "deliver")[1]
      refused("This form was not made for you", 403, full:post(one:gsub("id=[^&]*",
        "id=" .. encoding.percent(other.key):gsub("%%", "%%%%") .. "&tenant="
        .. encoding.percent(dead.key):gsub("%%", "%%%%")), { token = of_one }))
      full.rig.debitura:advance("61m")
      refused("This form was not made for you", 403, full:post(action, { token = token }))
    end)

    it("does its work once", function()
      assert.equal(303, select(2, full:post(action, { token = token })))
      local version = link().version
      local body, code = full:post(action, { token = token })
      assert.equal(409, code)
      assert.truthy(has(body, "It has moved on since this form was made"))
      assert.equal(version, link().version)
      assert.equal(1, #written("undelivered-1"))
    end)

    it("does its work once also where that moves nothing", function()
      local lists = "act?do=revive_job&list=jobs&state=dead&kind=deliver"
      local sent, of_list = full:form((full:get(lists)))
      assert.equal(200, select(2, full:post(sent, { token = of_list })))
      local body, code = full:post(sent, { token = of_list })
      assert.equal(409, code)
      assert.truthy(has(body, "This form was sent before"))
    end)

    it("from anywhere but the desk's own pages does nothing", function()
      for _, site in ipairs { false, "cross-site", "same-site", "none" } do
        refused("Sec-Fetch-Site: same-origin", 403,
          full:post(action, { token = token }, { ["sec-fetch-site"] = site }))
      end
      for _, kind in ipairs { false, "text/plain", "application/json" } do
        refused("Only a form is read", 403,
          full:post(action, { token = token }, { ["content-type"] = kind }))
      end
      refused("Nothing is sent here", 403, full:post("link?tenant=undelivered-1",
        { token = token }))
    end)
  end)

  it("of two operators at once on one link one acts, and the other is told to look again",
    function()
    local otto = full:beside { authorize = function() return "act", "otto" end }
    local place = "act?do=deliver&tenant=undelivered-1"
    local first, of_first = full:form((full:get(place)))
    local second, of_second = otto:form((otto:get(place)))
    local version = link().version
    -- While the first acts, the second's form comes in.
    local meanwhile
    local deliver = full.rig.recipes.approval.deliver
    full.rig.recipes.approval.deliver = function(...)
      meanwhile = meanwhile or { otto:post(second, { token = of_second }) }
      return deliver(...)
    end
    assert.equal(303, select(2, full:post(first, { token = of_first })))
    assert.equal(409, meanwhile[2])
    assert.truthy(has(meanwhile[1], "Another operator is at it at this moment"))
    local body, code = otto:post(second, { token = of_second })
    assert.equal(409, code)
    assert.truthy(has(body, "It has moved on since this form was made"))
    assert.same({ "desk.deliver nora@platform.example" }, written("undelivered-1"))
    assert.is_true(link().version > version)
  end)

  it("what failed is told, with no address of a hosted page", function()
    full.rig.recipes.approval.close = function()
      return nil, "store: https://hosted.example/secret is away"
    end
    local answer, body = press(full, "act?do=close&tenant=undelivered-1")
    assert.same({ 503 }, answer)
    assert.truthy(has(body, "It was not done: store: [redacted] is away"))
    full.rig.recipes.approval.close = function() return "recorded", link() end
    answer = press(full, "act?do=close&tenant=undelivered-1")
    assert.same({ 303, "link?said=recorded&tenant=undelivered-1" }, answer)
  end)

  it("nothing is done while the store does not answer, and that is said", function()
    local place = "act?do=close&tenant=undelivered-1"
    local action, token = full:form((full:get(place)))
    local backend = store
    local function failing(verb, run)
      local kept = backend[verb]
      backend[verb] = function() return nil, "away" end
      local body, code = run()
      backend[verb] = kept
      assert.equal(503, code, verb)
      assert.truthy(has(body, ": away"), body)
      assert.equal("pending", link().state)
    end
    local function ask() return full:get(place) end
    local function send() return full:post(action, { token = token }) end
    failing("record", ask)
    failing("token", ask)
    for _, verb in ipairs { "token", "lease", "record", "record_note" } do failing(verb, send) end
    local many = "act?do=close&list=links&state=pending"
    failing("records", function() return full:get(many) end)
    local list, of_list = full:form((full:get(many)))
    for _, verb in ipairs { "records", "record_note" } do
      failing(verb, function() return full:post(list, { token = of_list }) end)
    end
    -- The form has not been used up.
    assert.equal(303, select(2, send()))
  end)

  it("a secret that there is none of yet is made, once for all", function()
    store:token_put("desk/secret", "x", 0, 1) -- has expired
    local action, token = full:form((full:get("act?do=close&tenant=undelivered-1")))
    assert.equal(303, select(2, full:beside():post(action, { token = token })))
    function store.token() return false end
    function store.token_put() return nil, "away" end
    assert.equal(503, select(2, full:get("act?do=close&tenant=undelivered-2")))
  end)

  it("everything that a filter matches is acted on, and counted", function()
    local place = full:get("links?undelivered=1"):match('href="(act%?do=close[^"]*)"')
    place = place:gsub("&amp;", "&")
    assert.truthy(has(full:get(place), "2 match; it can be done about 2 of them."))
    local answer, body = press(full, place)
    assert.same({ 200 }, answer)
    assert.truthy(body:find("<bdi>2</bdi></td><td><bdi>were done</bdi>"))
    assert.equal("closed", link().state)
    assert.equal("closed", link("undelivered-2").state)
    assert.same({ "desk.close nora@platform.example" }, written("undelivered-2"))
    assert.same({ "desk.close nora@platform.example: links?undelivered=1" }, written("", "desk"))
    assert.is_false(has(full:get("links"), "all of these"))
  end)

  it("a hundred at most at once, of those of one cause, if that is the filter", function()
    local now, jobs = full.rig.debitura:now(), {}
    for i = 1, 120 do jobs[i] = rows.job("dead-" .. i, now, { kind = "look" }) end
    rows.enqueue(store, "t1", jobs)
    for _, job in ipairs(store:jobs_claim { limit = 500, now = now, lease = 60 }) do
      if job.kind == "look" then
        assert(store:job_dead(job, now, ("clients.get: server 50%d: away"):format(
          job.key == "dead-7" and 3 or 0)))
      end
    end
    local groups = full:get("jobs"):match("What was given up</h2>.-<tbody>(.-)</tbody>")
    local one = groups:match('href="([^"]*)"[^\n]*server 503'):gsub("&amp;", "&")
    assert.truthy(has(full:get(one), "id=dead-7"))
    local way = full:get(one):match('href="(act%?do=revive_job[^"]*list[^"]*)"')
    local _, body = press(full, (way:gsub("&amp;", "&")))
    assert.truthy(has(body, "1 match; it can be done about 1 of them."))
    assert.equal("open", store:jobs_named({ "dead-7" })[1].state)
    _, body = press(full, "act?do=revive_job&list=jobs&state=dead&kind=look")
    assert.truthy(has(body, "100 match, and there are more; it can be done about 100 of them."))
    assert.truthy(body:find("<bdi>100</bdi></td><td><bdi>were done</bdi>"))
    assert.equal(19, #store:jobs { state = "dead", limit = 500 } - 3)
    assert.truthy(body:find('<a href="jobs%?state=dead&amp;kind=look&amp;after=[^"]*"><bdi>Behind'))
  end)

  it("more than are looked at are counted by the store, and what was looked at is said", function()
    local now, jobs = full.rig.debitura:now(), {}
    for i = 1, 1200 do jobs[i] = rows.job("dead-" .. i, now - 9, { kind = "look" }) end
    rows.enqueue(store, "t1", jobs)
    for i, job in ipairs(store:jobs_claim { limit = 1200, now = now - 9, lease = 60 }) do
      assert(store:job_dead(job, now - 9 + i / 1000, "clients.get: server 500: away"))
    end
    local body = full:get("jobs?state=dead")
    assert.truthy(has(body, "What was given up: of the first 500 of 1,203<"))
    assert.truthy(has(body, "Found: 1,203 in all<"))
    assert.truthy(has(full:get("act?do=revive_job&list=jobs&state=dead"),
      "100 match, of 1,203 in all; it can be done about 100 of them."))
    for i = 1, 2200 do
      assert(store:record_move(rows.change(("q%04d"):format(i), {
        rows.move("link", "", 0, { state = "pending", expires_at = now + 9 }),
      }), now))
    end
    local many = "act?do=close&list=links&tenant=q&older=1d"
    local said = "0 match among 2,1%d%d that were looked at, and there may be more; it can be"
    assert.truthy(full:get(many):find(said))
    local page = full:get("links?tenant=q&older=1d")
    local further = page:match('href="(links[^"]*after=[^"]*)"'):gsub("&amp;", "&")
    assert.truthy(has(full:get(further), "There are none."))
  end)

  it("what a page shows and all behind it, from that page on", function()
    local now = full.rig.debitura:now()
    for i = 1, 60 do
      assert(store:record_move(rows.change(("p%02d"):format(i), {
        rows.move("link", "", 0, { state = "pending", expires_at = now + 9 }),
      }), now))
    end
    local following = full:get("links?tenant=p"):match('href="(links[^"]*after=[^"]*)"')
    local page = full:get((following:gsub("&amp;", "&")))
    local way = page:match('href="(act%?do=close[^"]*)"'):gsub("&amp;", "&")
    local _, body = press(full, way)
    assert.truthy(body:find("<bdi>10</bdi></td><td><bdi>were done</bdi>"))
    assert.same({ "pending", "closed", "closed" },
      { link("p50").state, link("p51").state, link("p60").state })
    -- A key of another filter would mean others than were seen.
    assert.equal(404, select(2, full:get((way:gsub("tenant=p", "tenant=q")))))
  end)

  it("of many each is done whatever becomes of the others", function()
    local close = full.rig.recipes.approval.close
    full.rig.recipes.approval.close = function(self, tenant, ...)
      if tenant == "undelivered-1" then return nil, "away" end
      return close(self, tenant, ...)
    end
    local _, body = press(full, "act?do=close&list=links&state=pending")
    assert.truthy(has(body, "The first failure: away"))
    assert.truthy(body:find("<bdi>1</bdi></td><td><bdi>failed</bdi>"))
    assert.truthy(body:find("<bdi>4</bdi></td><td><bdi>were done</bdi>"))
  end)
end)
