-- The gate through which every hosted URL enters the store.

local core = require("debitura.core")
local desk_support = require("spec.support.desk")
local hosted_url = require("debitura.recipes.hosted_url")
local odd_answers = require("spec.support.odd_answers")
local odd_life = require("spec.support.odd_life")
local recipes = require("debitura.recipes")

describe("a hosted URL", function()
  local FINE = {
    "https://a.example", "http://a.example/b?c=d#e", "HTTPS://a.example/%20", "https://[::1]/a",
    "https://a.example/" .. ("a"):rep(8192 - 18),
  }
  local BAD = {
    "javascript:alert(1)", "data:text/html,x", "ftp://a.example/", "//a.example/", "/a", "a", "",
    "https://", "https:///a", "https://?a", "https://a.example/a b", " https://a.example/",
    "https://a.example/\n", "https://a.example/a\r\nSet-Cookie: e=1", "https://a.example/\0",
    "https://a.example/\127", "https://a.example/\t", "xhttps://a.example/",
    "https://a.example/" .. ("a"):rep(8192 - 17),
  }

  it("passes one gate, as it is, or not at all", function()
    for _, url in ipairs(FINE) do assert.are.equal(url, hosted_url.accept(url)) end
    for _, url in ipairs(BAD) do assert.is_nil(hosted_url.accept(url), url) end
    for _, other in ipairs { 1, true, false, { "https://a.example/" }, core.null } do
      assert.is_nil(hosted_url.accept(other))
    end
    assert.is_nil(hosted_url.accept(nil))
  end)

  local OTHERS = { 5, true, { "https://a.example/" }, { url = "https://a.example/" }, core.null }
  for i, bad in ipairs(BAD) do OTHERS[#OTHERS + 1] = i % 2 == 0 and bad or nil end

  for _, bad in ipairs(OTHERS) do
    it(("passes it from whatever answer it comes: %q"):format(tostring(bad):sub(1, 40)), function()
      local bench = odd_life.live(function(_, body)
        return core.json.encode((odd_answers.with_url(body, bad)))
      end)
      odd_life.check(bench)
      for _, message in ipairs(bench.mail) do assert.is_false(odd_life.is_odd(message.tenant)) end
      for _, tenant in ipairs(odd_life.TENANTS) do
        for _, kind in ipairs { "link", "case", "signing", "kyc" } do
          for _, record in ipairs(bench.store:records { kind = kind, tenant = tenant }) do
            assert.is_true(record.url == nil or not odd_life.is_odd(tenant))
          end
        end
      end
    end)
  end

  it("that a 409 lacks is asked for again, and given up after eight attempts", function()
    local desk = desk_support.new()
    for i = 1, 8 do desk.answers[i] = desk_support.needs_linking("javascript:alert(1)") end
    local all = recipes.new(desk:options())
    local outcome = assert(all.approval:request(desk_support.payload()))
    assert.are.same({ "requesting", "malformed" }, { outcome.state, outcome.failure.kind })
    for _ = 1, 10 do
      desk.now = desk.now + 3600
      assert(all:sweep())
    end
    local job = desk:jobs("request_link")[1]
    assert.are.same({ "dead", 8, 8, 0 },
      { job.state, job.attempt, #desk.sent, #desk.delivered })
  end)
end)
