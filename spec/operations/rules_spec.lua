local check = require "debitura.operations.validate"
local null = require("debitura.core").null
local operations = require "debitura.operations"

--- The problems of a body of an API, by path.
local function problems(api, shape, body, now)
  local found = {}
  check.value({ type = "shape", shape = shape, required = true }, body, "", {
    shapes = operations.shapes(api), now = now,
    report = function(where, message) found[where] = found[where] and found[where] .. "; "
      .. message or message end,
  })
  return found
end

--- A copy of a table with some keys changed; `null` in the changes removes a key.
local function with(original, changes)
  local copy = {}
  for key, value in pairs(original) do copy[key] = value end
  for key, value in pairs(changes) do
    if value == null then copy[key] = nil else copy[key] = value end
  end
  return copy
end

local debtor = { type = "Company", name = "Sample Debtor GmbH", contactPerson = "Erika Sample",
  countryAlpha2 = "DE" }
local case = {
  currencyCode = "EUR", amountToRecover = 1000.10, date = "2026-01-02", dueDate = "2026-02-01",
  creditorReference = "R-1",
  debtor = debtor,
}
local client = {
  externalTenantId = "tenant-1",
  client = { name = "Sample ApS", country = "Denmark", supportEmail = "support@example.com" },
  users = { { name = "Ole Sample", email = "ole@example.com" } },
}

describe("the users of a new client", function()
  local ole, ida = { name = "Ole", email = "ole@example.com" },
    { name = "Ida", email = "ida@example.com" }

  local function users_problem(users)
    return problems("partner", "CreateClientRequest", with(client, { users = users })).users
  end

  it("need no onboarding user when there is one user", function()
    assert.is_nil(users_problem { ole })
  end)

  it("have exactly one onboarding user when there are several", function()
    assert.is_nil(users_problem { with(ole, { isOnboardingUser = true }), ida })
    assert.equal("exactly one must have isOnboardingUser = true, 0 have",
      users_problem { ole, ida })
    assert.equal("exactly one must have isOnboardingUser = true, 2 have",
      users_problem { with(ole, { isOnboardingUser = true }),
        with(ida, { isOnboardingUser = true }) })
  end)
end)

describe("the cases of a request", function()
  it("do not share a creditorReference", function()
    local cases = { case, with(case, { creditorReference = "R-2" }), case }
    assert.same({ ["cases[3].creditorReference"] = "is the one of cases[1] again" },
      problems("partner", "CreateClientRequest", with(client, { cases = cases })))
  end)

  it("may all go without a creditorReference", function()
    local bare = with(case, { creditorReference = null })
    assert.same({}, problems("partner", "CreateClientRequest",
      with(client, { cases = { bare, bare } })))
  end)
end)

describe("a case", function()
  local function case_problems(changes)
    return problems("customer", "CreateCollectionCaseRequestApiViewModel", with(case, changes))
  end

  it("has a currency, a debtor and a principal", function()
    assert.same({ currencyCode = "required", debtor = "required", amountToRecover = "required" },
      problems("customer", "CreateCollectionCaseRequestApiViewModel", {}))
    assert.same({ currencyCode = "length must be at most 3" },
      case_problems { currencyCode = "EURO" })
    assert.same({ amountToRecover = "must be more than 0" }, case_problems { amountToRecover = 0 })
  end)

  it("keeps its texts to their lengths", function()
    assert.same({
      creditorReference = "length must be at most 50", comments = "length must be at most 4000",
      tag = "length must be at most 100", returnUrl = "length must be at most 2048",
    }, case_problems {
      creditorReference = ("r"):rep(51), comments = ("c"):rep(4001), tag = ("t"):rep(101),
      isTest = true,
      returnUrl = "https://example.com/" .. ("u"):rep(2029),
    })
  end)

  it("may have a tag, which without isTest the service ignores", function()
    assert.same({}, case_problems { tag = "nightly", isTest = true })
    assert.same({}, case_problems { tag = "nightly" })
  end)

  it("returns to an absolute URL", function()
    assert.same({}, case_problems { returnUrl = "https://app.example.com/back?x=1" })
    assert.same({ returnUrl = "must be an absolute http or https URL" },
      case_problems { returnUrl = "/back" })
  end)

  it("has cumulative age buckets", function()
    local function buckets(over_6, over_12, over_24)
      return case_problems {
        amountToRecoverOver6Months = over_6, amountToRecoverOver12Months = over_12,
        amountToRecoverOver24Months = over_24,
      }
    end
    assert.same({}, buckets(1000.10, 500, 500))
    assert.same({}, buckets(nil, 500, 0))
    assert.same({ amountToRecoverOver24Months = "required, as 12 and 24 months are given both or "
      .. "neither" },
      buckets(nil, 500, nil))
    assert.same({ amountToRecoverOver12Months = "required, as 12 and 24 months are given both or "
      .. "neither" },
      buckets(nil, nil, 100))
    assert.same({ amountToRecoverOver6Months = "is taken only beside those over 12 and 24 months" },
      buckets(100, nil, nil))
    assert.same({ amountToRecoverOver6Months = "must not be more than amountToRecover" },
      buckets(1000.11, 1, 1))
    assert.same(
      { amountToRecoverOver24Months = "must not be more than amountToRecoverOver12Months" },
      buckets(nil, 5, 6))
    assert.same({ amountToRecoverOver24Months = "must not be negative" }, buckets(nil, 5, -1))
  end)

  it("may have a due date beside its buckets", function()
    assert.same({}, case_problems { amountToRecoverOver12Months = 5,
      amountToRecoverOver24Months = 0 })
  end)
end)

describe("a debtor", function()
  local function debtor_problems(changes)
    return problems("customer", "DebtorDto", with(debtor, changes))
  end

  it("has a country", function()
    assert.same({ countryAlpha2 = "required" }, debtor_problems { countryAlpha2 = null })
  end)

  it("has a state in the US, in any of the documented spellings", function()
    assert.same({ stateAlpha2 = "required for US" }, debtor_problems { countryAlpha2 = "US" })
    assert.same({ stateAlpha2 = "required for US" },
      debtor_problems { countryAlpha2 = "us", stateAlpha2 = "" })
    for _, state in ipairs { "CA", "US-CA", "California" } do
      assert.same({}, debtor_problems { countryAlpha2 = "US", stateAlpha2 = state })
    end
  end)

  it("may be without a contact person, also as a company", function()
    assert.same({}, debtor_problems { contactPerson = null })
    assert.same({}, debtor_problems { type = "Person", contactPerson = null })
    assert.same({}, debtor_problems { type = "Private", contactPerson = null })
  end)
end)

describe("a preview", function()
  local preview = {
    amountToRecover = 500, currencyCode = "EUR",
    debtor = { type = "Private", countryAlpha2 = "PT" },
  }
  local NOON = 1767960000.25 -- 2026-01-09 12:00 UTC, and a clock that knows fractions

  local function preview_problems(changes, now)
    return problems("partner", "PreviewCaseRequestApiViewModel", with(preview, changes), now)
  end

  it("takes a due date or buckets, not both", function()
    assert.same({}, preview_problems {})
    assert.same({}, preview_problems { dueDate = "2024-01-15" })
    assert.same({}, preview_problems { amountToRecoverOver12Months = 5,
      amountToRecoverOver24Months = 0 })
    assert.same({ dueDate = "is not taken beside age buckets" }, preview_problems {
      dueDate = "2024-01-15", amountToRecoverOver12Months = 5, amountToRecoverOver24Months = 0,
    })
  end)

  it("has a due date that is nowhere in the future", function()
    assert.same({}, preview_problems({ dueDate = "2026-01-10" }, NOON))
    assert.same({ dueDate = "must not be in the future" },
      preview_problems({ dueDate = "2026-01-11" }, NOON))
    assert.same({}, preview_problems { dueDate = "2999-01-01" })
  end)

  it("has a debtor with a state in the US", function()
    assert.same({ ["debtor.stateAlpha2"] = "required for US" },
      preview_problems { debtor = { type = "Company", countryAlpha2 = "US" } })
    assert.same({ ["debtor.type"] = "must be one of Company, Private" },
      preview_problems { debtor = { type = "Person", countryAlpha2 = "PT" } })
  end)
end)

describe("a webhook subscription", function()
  local subscription = { url = "https://example.com/hook", events = { "case.created" } }

  local function url_problem(url)
    return problems("partner", "CreateWebhookRequest", with(subscription, { url = url })).url
  end

  it("has an https URL, or one on this machine", function()
    for _, url in ipairs { "https://example.com/hook", "http://127.0.0.1:8080/hook",
      "http://localhost/hook",
      "http://[::1]:8080/hook", "http://127.255.0.1" } do
      assert.is_nil(url_problem(url))
    end
    for _, url in ipairs { "http://example.com/hook", "HTTP://example.com",
      "http://127.0.0.1.example.com/", "http://127.0.0.256/",
      "http://localhost.example.com/", "http://10.0.0.1/", "http://[::2]/" } do
      assert.equal("must be https", url_problem(url))
    end
    assert.equal("must be an absolute http or https URL", url_problem("example.com/hook"))
  end)

  it("names at least one event its API has", function()
    assert.same({ events = "must not be empty" },
      problems("partner", "CreateWebhookRequest", with(subscription, { events = {} })))
    assert.matches("^must be one of client.onboarding.poa_signed, ",
      problems("partner", "CreateWebhookRequest",
      with(subscription, { events = { "client.linked", "payment.created" } }))["events[2]"])
    assert.same({}, problems("customer", "CreateWebhookRequest",
      with(subscription, { events = { "payment.created" } })))
  end)

  it("keeps its events in the Customer API", function()
    assert.same({}, problems("partner", "UpdateWebhookRequest", { events = { "case.closed" } }))
    assert.same({ events = "are fixed at creation; delete the subscription and create another" },
      problems("customer", "UpdateWebhookRequest", { events = { "case.closed" } }))
    assert.same({}, problems("customer", "UpdateWebhookRequest", { isActive = true }))
  end)

  it("is tested with a case or a client, as the event needs", function()
    local id = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
    assert.same({ caseId = "required for case events" },
      problems("partner", "TriggerTestWebhookRequest", { eventType = "case.closed" }))
    assert.same({ externalTenantId = "required for client events" },
      problems("partner", "TriggerTestWebhookRequest",
        { eventType = "client.linked", caseId = id }))
    assert.same({}, problems("partner", "TriggerTestWebhookRequest",
      { eventType = "case.closed", caseId = id }))
  end)
end)

describe("the other bodies", function()
  it("send a chat in a user's name", function()
    assert.same({ userEmail = "required" }, problems("customer", "SendChatRequest",
      { message = "Hello" }))
    assert.same({}, problems("customer", "SendChatRequest",
      { message = "Hello", userEmail = "ole@example.com" }))
  end)

  it("pay a test case with an amount", function()
    assert.same({}, problems("customer", "AdvanceTestCaseRequest", { to = "Active" }))
    assert.same({ amount = "required for Closed:Paid" },
      problems("customer", "AdvanceTestCaseRequest", { to = "Closed:Paid" }))
    assert.same({ amount = "must be more than 0" },
      problems("customer", "AdvanceTestCaseRequest", { to = "Closed:Paid", amount = 0 }))
    assert.same({ to = "must be one of Active, Closed:Paid, Closed:NoPayment" },
      problems("customer", "AdvanceTestCaseRequest", { to = "Paused" }))
  end)

  it("ask for eligibility in the US with a state", function()
    local query = { countryAlpha2 = "US", debtorType = "Company", amount = 10,
      currencyCode = "USD" }
    assert.same({ stateAlpha2 = "required for US" },
      problems("customer", "CaseEligibilityRequestApiDTO", query))
  end)
end)
