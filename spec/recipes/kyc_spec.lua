-- The identity check that carried-through cases skip: it is noticed whenever the customer signs,
-- wherever Debitura's preview asks for it, and the page where it is done reaches the customer.

local core = require("debitura.core")
local coverage = require("debitura.sandbox.model.coverage")
local rig = require("spec.support.rig")
local support = require("spec.support.desk")

describe("the identity check of a customer with carried-through cases", function()
  local bench, requests

  local function ask(country, changes)
    local payload = support.payload(changes)
    payload.cases = core.json.array { rig.case("INV-1", country) }
    assert(bench.recipes.approval:request(payload))
    bench:work()
  end

  local function state() return (bench.store:record("kyc", "acme-1", "") or {}).state end

  local function kyc_mail()
    local list = {}
    for _, message in ipairs(bench.mail) do
      if message.variant == "kyc" then
        list[#list + 1] = message.url:match("^https?://[^/]+(/onboarding/sign/).*/kyc/")
          .. (message.reminder or "")
      end
    end
    return list
  end

  --- How often something was asked.
  local function count(pattern)
    local times = 0
    for _, request in ipairs(requests) do times = times + (request:find(pattern) and 1 or 0) end
    return times
  end

  before_each(function()
    bench, requests = rig.new(), {}
    bench.debitura.interfere = function(request)
      table.insert(requests, request.method .. " " .. request.url:gsub("^http://[^/]+", ""))
    end
  end)

  for _, spelling in ipairs { "snake", "pascal" } do
    it("is noticed when the agreement is signed a week after the approval, spelt in " .. spelling,
      function()
      bench:control("settings", { carried_kyc = "not_required", kyc_status = spelling })
      ask("GB")
      bench:approve("acme-1")
      for _ = 1, 7 do bench:advance("1d") end
      assert.is_nil(state())
      assert.are.equal(0, count("preview"))
      bench:sign("acme-1")
      bench:advance("1h")
      assert.are.equal("outstanding", state())
      assert.are.same({ "/onboarding/sign/" }, kyc_mail())
    end)

    it("is noticed before anything is signed where kycStatus tells, in " .. spelling, function()
      bench:control("settings", { kyc_status = spelling })
      ask("GB")
      bench:approve("acme-1")
      bench:advance("1h")
      assert.are.equal("outstanding", state())
      assert.are.same({}, kyc_mail())
      bench:sign("acme-1")
      bench:advance("1h")
      assert.are.same({ "/onboarding/sign/" }, kyc_mail())
      bench:advance("3d")
      assert.are.same({ "/onboarding/sign/", "/onboarding/sign/1" }, kyc_mail())
    end)
  end

  it("is noticed, a day late, when the webhook of the signature was lost", function()
    ask("GB")
    bench:control("settings", { carried_kyc = "not_required" })
    bench:approve("acme-1")
    bench:advance("1d")
    bench:control("clients", { externalTenantId = "acme-1", action = "sign" })
    bench.debitura.inbox = {}
    bench:advance("1d")
    bench:advance("1h")
    assert.are.same({ "outstanding", { "/onboarding/sign/" } }, { state(), kyc_mail() })
  end)

  it("is noticed in any country whose collection partner asks for it", function()
    local partner
    for _, each in pairs(coverage.partners) do
      if each == coverage.match(coverage.jurisdiction("SE"), { company = true, amount = 5000 }) then
        partner = each
      end
    end
    finally(function() partner.needs_kyc = nil end)
    partner.needs_kyc = true
    ask("SE")
    bench:control("settings", { carried_kyc = "not_required" })
    bench:approve("acme-1")
    bench:sign("acme-1")
    bench:advance("1h")
    assert.are.same({ "outstanding", { "/onboarding/sign/" } }, { state(), kyc_mail() })
  end)

  it("is asked for of a person as a debtor, too, who is spelled otherwise in a preview", function()
    local payload = support.payload()
    payload.cases = core.json.array { rig.case("INV-1", "GB") }
    payload.cases[1].debtor.type = "Person"
    assert(bench.recipes.approval:request(payload))
    bench:control("settings", { carried_kyc = "not_required" })
    bench:approve("acme-1")
    bench:sign("acme-1")
    bench:advance("1h")
    assert.are.equal("outstanding", state())
  end)

  it("is not asked for where no preview does", function()
    ask("DK")
    bench:approve("acme-1")
    bench:sign("acme-1")
    bench:advance("1h")
    assert.is_nil(state())
    requests = {}
    bench:advance("30d")
    assert.are.same({}, requests)
  end)

  it("stays owed until it was found out", function()
    ask("GB")
    bench:approve("acme-1")
    bench:sign("acme-1")
    bench.debitura.interfere = function(request)
      if request.url:find("preview") then
        return { code = "transport", message = "no route", sent = false }
      end
    end
    for _ = 1, 20 do bench:advance("6h") end
    assert.is_nil(state())
    bench.debitura.interfere = nil
    bench:advance("1h")
    assert.are.same({ "outstanding", { "/onboarding/sign/" } }, { state(), kyc_mail() })
  end)

  it("is asked for no more, and reminded of no more, once it was done", function()
    ask("GB")
    bench:approve("acme-1")
    bench:sign("acme-1")
    bench:advance("1h")
    assert.are.equal("outstanding", state())
    assert(bench.debitura.clients:submit_kyc("acme-1", { directorFullName = "Dana Director",
      directorHomeAddress = "1 Sample Street", directorDateOfBirth = "1980-01-01" }))
    bench:advance("1d")
    assert.are.equal("done", state())
    bench:advance("10d")
    assert.are.same({ "/onboarding/sign/" }, kyc_mail())
  end)

  it("goes to the customer where the platform knows no director, also when the page comes later",
    function()
    bench = rig.new { directors = function() return nil end }
    ask("GB")
    bench:approve("acme-1")
    bench:advance("1h")
    assert.are.same({ "outstanding", {} }, { state(), kyc_mail() })
    bench:sign("acme-1")
    bench:advance("1h")
    assert.are.same({ "/onboarding/sign/" }, kyc_mail())
  end)

  it("takes no page that is no address", function()
    ask("GB")
    bench:approve("acme-1")
    bench:sign("acme-1")
    bench.debitura.interfere_after = function(request, response)
      if request.url:find("preview") then
        response.body = response.body:gsub('"solutionUrl":"[^"]*"',
          '"solutionUrl":"javascript:alert(1)"')
      end
    end
    bench:advance("1h")
    assert.are.same({ "outstanding", {} }, { state(), kyc_mail() })
  end)
end)
