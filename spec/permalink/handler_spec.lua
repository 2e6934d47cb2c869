-- The permalink: stable URLs, the page behind them, and what its button does; over the sandbox's
-- own behaviour.

local contract = require("debitura.store.contract")
local core = require("debitura.core")
local debitura = require("debitura")
local encoding = require("debitura.base.encoding")
local failure = require("debitura.base.failure")
local recipes = require("debitura.recipes")
local rig = require("spec.support.rig")
local support = require("spec.support.desk")
local wsapi = require("debitura.permalink.wsapi")

local BASE = "https://platform.example/debitura/h/"

describe("the permalink", function()
  local bench, permalink, handler, calls

  before_each(function()
    bench = rig.new()
    permalink = debitura.permalink.new {
      url = BASE, store = bench.store, clock = bench.options.clock, language = "en",
      brand = { name = 'Sample & "Partner"' },
    }
    bench.options.permalink, bench.options.return_url = permalink,
      "https://platform.example/back?x=1"
    bench.recipes = recipes.new(bench.options)
    handler = bench.recipes:permalink_handler()
    calls = 0
    bench.debitura.interfere = function() calls = calls + 1 end
  end)

  local function path_of(message) return message.url:match("^https://platform%.example(/.*)$") end

  local function knock(path, method)
    local status, body, headers = handler:handle { method = method or "POST", path = path }
    return status, body, headers
  end

  --- From now on the store can only be read, and Debitura not be called.
  local function freeze()
    for _, verb in ipairs(contract.verbs) do
      if verb ~= "record" and verb ~= "token" then
        bench.store[verb] = function() error("the store was asked for " .. verb, 0) end
      end
    end
    bench.debitura.interfere = function() error("Debitura was called", 0) end
  end

  local function ask()
    assert(bench.recipes.approval:request(support.payload()))
    bench:work()
    calls = 0
    return path_of(bench.mail[1])
  end

  it("gives the channels a URL of the platform's own, the same for every generation and reminder",
    function()
    ask()
    assert.is_truthy(bench.mail[1].url:find("^https://platform%.example/debitura/h/%x+$"))
    assert.are.equal(#BASE + 36, #bench.mail[1].url)
    bench:advance("4d")
    bench:advance("4d")
    assert.are.equal(2, bench.store:record("link", "acme-1", "").generation)
    for _, message in ipairs(bench.mail) do assert.are.equal(bench.mail[1].url, message.url) end
    assert.is_true(#bench.mail >= 3)
  end)

  it("shows a page that says who asks, and does nothing on GET and HEAD", function()
    local path = ask()
    local status, body, headers = knock(path, "GET")
    assert.are.equal(200, status)
    assert.is_truthy(body:find('Sample &amp; &quot;Partner&quot; works with Debitura', 1, true))
    assert.is_truthy(body:find('<form method="post">', 1, true))
    assert.is_nil(body:find("<script", 1, true))
    assert.is_nil(body:find(bench.store:record("link", "acme-1", "").url, 1, true))
    assert.are.same({ "no-store", "no-referrer", "noindex", tostring(#body) },
      { headers["Cache-Control"], headers["Referrer-Policy"], headers["X-Robots-Tag"],
        headers["Content-Length"] })
    local head_status, head_body, head_headers = knock(path, "HEAD")
    assert.are.same({ 200, "", headers["Content-Length"] },
      { head_status, head_body, head_headers["Content-Length"] })
  end)

  describe("shows its page in the language", function()
    local function page_in(language, accept_language, texts)
      permalink = debitura.permalink.new {
        url = BASE, store = bench.store, brand = { name = "Sample" }, language = language,
        texts = texts,
      }
      bench.options.permalink = permalink
      bench.recipes = recipes.new(bench.options)
      handler = bench.recipes:permalink_handler()
      local _, body, headers = handler:handle {
        method = "GET", path = ask(), accept_language = accept_language,
      }
      assert.are.equal(headers["Content-Language"], body:match('<html lang="(%a+)"'))
      return headers["Content-Language"], body:match("<h1>(.-)</h1>")
    end

    it("of the option, a code or a function of the client's message", function()
      assert.are.equal("fr", page_in("fr", "en"))
      assert.are.equal("pl", page_in(function(message)
        return message.tenant == "acme-1" and "pl"
      end))
    end)

    it("of the client's country, else of the browser", function()
      assert.are.equal("da", page_in(nil, "en"))
      local function at_a_dead_end(accept_language)
        local status, _, headers = handler:handle {
          method = "GET", path = "/none", accept_language = accept_language,
        }
        assert.are.equal(404, status)
        return headers["Content-Language"]
      end
      assert.are.equal("nb", at_a_dead_end("nn-NO,xx;q=0.9"))
      assert.are.equal("de", at_a_dead_end("xx, de-AT;q=0.8"))
      assert.are.equal("en", at_a_dead_end("*"))
      assert.are.equal("en", at_a_dead_end(nil))
    end)

    it("with the platform's own texts", function()
      local _, title = page_in("en", nil,
        { en = { pages = { link = { title = "Meet {platform}" } } } })
      assert.are.equal("Meet Sample", title)
    end)
  end)

  it("calls and writes nothing for GET and HEAD, in whatever state", function()
    local path = ask()
    bench.debitura:advance("8d")
    freeze()
    assert.has_error(function() knock(path) end, "the store was asked for record_move")
    for _, method in ipairs { "GET", "HEAD" } do
      assert.are.equal(200, (knock(path, method)))
      assert.are.equal(404, (knock("/debitura/h/" .. ("0"):rep(36), method)))
    end
  end)

  it("lets browsers apply the page's own style and nothing else", function()
    local _, body, headers = knock(ask(), "GET")
    local digest = encoding.from_hex(core.digest.sha256(body:match("<style>(.*)</style>")))
    local policy = headers["Content-Security-Policy"]
    assert.is_truthy(policy:find("style-src 'sha256-" .. encoding.base64(digest) .. "'", 1, true))
    assert.is_truthy(policy:find("default-src 'none'", 1, true))
    -- Browsers would apply it to the redirect that answers the form.
    assert.is_nil(policy:find("form-action", 1, true))
  end)

  it("leads to Debitura's page, with the way back, while the window is open", function()
    local path = ask()
    local status, body, headers = knock(path)
    assert.are.same({ 303, "", 0 }, { status, body, calls })
    assert.are.equal(bench.store:record("link", "acme-1", "").url
      .. "?returnUrl=https%3A%2F%2Fplatform.example%2Fback%3Fx%3D1", headers.Location)
    assert.are.equal("no-store", headers["Cache-Control"])
  end)

  it("asks for a new page when the window has passed, mails nothing more, and leads there",
    function()
    local path = ask()
    bench.debitura:advance("7d")
    local old = bench.store:record("link", "acme-1", "").url
    local status, _, headers = knock(path)
    local link = bench.store:record("link", "acme-1", "")
    assert.are.same({ 303, "pending", 2 }, { status, link.state, link.generation })
    assert.are_not.equal(old, link.url)
    assert.are.equal(1, headers.Location:find(link.url, 1, true))
    bench:work()
    assert(bench.recipes:sweep())
    assert.are.same({ "approval" }, bench:variants())
    assert.is_true(bench.debitura:answer_link(link.url, "approve") < 400)
    bench:work()
    assert.are.equal("carried", bench.store:record("link", "acme-1", "").state)
    status = knock(path)
    assert.are.equal(200, status)
    assert.is_truthy(select(2, knock(path, "GET")):find("All done", 1, true))
  end)

  it("opens again for a customer who comes when recovery has given up", function()
    local path = ask()
    for _ = 1, 40 do bench:advance("1d") end
    assert.are.equal("exhausted", bench.store:record("link", "acme-1", "").state)
    local status = knock(path)
    assert.are.same({ 303, "pending", 4 },
      { status, bench.store:record("link", "acme-1", "").state,
        bench.store:record("link", "acme-1", "").generation })
  end)

  it("re-issues once however often the button is pressed", function()
    local path = ask()
    bench.debitura:advance("8d")
    for _ = 1, 3 do assert.are.equal(303, (knock(path))) end
    assert.are.equal(2, bench.store:record("link", "acme-1", "").generation)
  end)

  it("leads on a customer whose approval was not heard of, at the permalink and by the channels",
    function()
    local path = ask()
    bench.debitura:answer_link(bench.store:record("link", "acme-1", "").url, "approve")
    bench.debitura.inbox = {} -- the webhooks are lost
    bench.debitura:advance("8d")
    bench.debitura.inbox = {}
    local status, _, headers = knock(path)
    local link = bench.recipes.runner:record("link", "acme-1", "")
    assert.are.same({ 303, "linked", "onboarding" }, { status, link.state, link.data.variant })
    assert.are.equal(1, headers.Location:find(link.url, 1, true))
    assert.is_truthy(select(2, knock(path, "GET")):find("Continue to Debitura", 1, true))
    assert.are.equal(303, (knock(path)))
    bench:sign("acme-1")
    assert.is_truthy(select(2, knock(path)):find("All done", 1, true))
    assert.are.same({ "approval" }, bench:variants())
  end)

  it("takes over a request that the platform asked for in vain", function()
    local path = ask()
    bench.debitura:advance("8d")
    bench.debitura.interfere = function()
      return { code = "transport", message = "no route", sent = false }
    end
    assert.are.equal("moved", (bench.recipes.recovery:recover("acme-1")))
    bench.debitura.interfere = nil
    bench.debitura:advance("2m")
    assert.are.same({ 303, 2 },
      { (knock(path)), bench.store:record("link", "acme-1", "").generation })
  end)

  it("asks for patience when Debitura cannot be reached, and enqueues the request", function()
    local path = ask()
    bench.debitura:advance("8d")
    bench.debitura.interfere = function()
      return { code = "transport", message = "no route", sent = false }
    end
    local status, body, headers = knock(path)
    assert.are.same({ 503, "60" }, { status, headers["Retry-After"] })
    assert.is_truthy(body:find("Try again", 1, true))
    bench.debitura.interfere = nil
    assert.are.equal(503, (knock(path))) -- the next attempt is a minute away
    bench:advance("1h")
    assert.are.equal(303, (knock(path)))
    assert.are.same({ "approval" }, bench:variants())
  end)

  it("leads a new customer to the onboarding, and a client to what is to be signed", function()
    bench:client("acme")
    local status, _, headers = knock(path_of(bench.mail[1]))
    assert.are.equal(303, status)
    assert.is_truthy(headers.Location:find(bench.store:record("link", "acme", "").url, 1, true))
    assert(bench.recipes.submission:submit("acme", rig.case("INV-1")))
    assert.are.same({ "onboarding", "signing" }, bench:variants())
    assert.are_not.equal(bench.mail[1].url, bench.mail[2].url)
    local path = path_of(bench.mail[2])
    assert.is_truthy(select(2, knock(path, "GET")):find("Documents to sign", 1, true))
    status, _, headers = knock(path)
    assert.are.equal(303, status)
    assert.is_truthy(headers.Location:find(bench.store:record("signing", "acme", "").url, 1, true))
    bench:sign("acme")
    bench:advance("1h")
    bench:sign("acme")
    bench:advance("1h")
    assert.is_truthy(select(2, knock(path, "GET")):find("All done", 1, true))
  end)

  it("shows one and the same page for whatever does not lead anywhere", function()
    local path = ask()
    local expected = { knock("/debitura/h/" .. ("0"):rep(36), "GET") }
    assert.are.equal(404, expected[1])
    for _, wrong in ipairs { "/debitura/h/", "/debitura/h/x", path .. "0", path:upper(),
      path .. "/", ("a"):rep(10000) .. "/", "" } do
      assert.are.same(expected, { knock(wrong, "GET") })
      assert.are.same(expected, { knock(wrong, "POST") })
    end
    assert.are.equal("moved", bench.recipes.approval:close("acme-1"))
    assert.are.same(expected, { knock(path, "GET") })
    assert.are.same(expected, { knock(path, "POST") })
    assert.are.equal(0, calls)
  end)

  it("leads nowhere once it was revoked or has expired; the next message has another URL",
    function()
    local path = ask()
    assert.are.equal(1, permalink:revoke("acme-1"))
    assert.are.equal(404, (knock(path, "GET")))
    assert.are.equal(0, permalink:revoke("acme-1"))
    bench.recipes.approval:deliver("acme-1")
    local fresh = path_of(bench.mail[2])
    assert.are_not.equal(path, fresh)
    assert.are.equal(200, (knock(fresh, "GET")))
    bench.debitura:advance("90d")
    assert.are.equal(404, (knock(fresh, "GET")))
  end)

  it("has no other methods", function()
    local path = ask()
    local status, _, headers = knock(path, "DELETE")
    assert.are.same({ 405, "GET, HEAD, POST" }, { status, headers.Allow })
  end)

  it("asks for patience when the store is away", function()
    local path = ask()
    bench.store.record = function()
      return nil, failure.new { kind = "store", message = "gone" }
    end
    assert.are.equal(503, (knock(path, "GET")))
    assert.are.equal(503, (knock(path, "POST")))
    bench.store.record = nil
    bench.store.token = function() return nil, failure.new { kind = "store", message = "gone" } end
    assert.are.equal(503, (knock(path, "GET")))
  end)

  it("answers as a WSAPI application, too", function()
    local run = wsapi.new(handler)
    local status, headers, iterator = run { REQUEST_METHOD = "GET", PATH_INFO = ask() }
    assert.are.same({ 200, "text/html; charset=utf-8" }, { status, headers["Content-Type"] })
    assert.is_truthy(iterator():find("Continue to Debitura", 1, true))
    status, headers, iterator = run { REQUEST_METHOD = "POST", PATH_INFO = path_of(bench.mail[1]) }
    assert.are.same({ 303, "" }, { status, iterator() })
    assert.is_truthy(headers.Location)
  end)

  it("refuses to be made without what it needs", function()
    local function complaint(changes)
      local options = { url = BASE, store = bench.store, clock = os.time,
        brand = { name = "Sample" } }
      for name, value in pairs(changes) do options[name] = value end
      local _, message = pcall(debitura.permalink.new, options)
      return tostring(message)
    end
    assert.is_truthy(complaint({ url = "https://platform.example/h" }):find("ids are appended to",
      1, true))
    assert.is_truthy(complaint({ url = "http://platform.example/h/" }):find("ids are appended to",
      1, true))
    assert.is_truthy(complaint({ brand = { name = "" } }):find("brand: option 'name'", 1, true))
    for _, days in ipairs { 0, 0 / 0, math.huge, "90" } do
      assert.is_truthy(complaint({ days = days }):find("days", 1, true))
    end
    assert.is_truthy(complaint({ day = 30 }):find("unknown option 'day', did you mean 'days'", 1,
      true))
    assert.has_error(function() recipes.new(rig.new().options):permalink_handler() end,
      "the recipes were made without the option permalink")
    assert.is_nil(tostring(permalink):find(BASE, 1, true))
  end)
end)
