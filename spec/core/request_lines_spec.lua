-- The request line and the kind of body of all 75 operations.

local operations = require "debitura.operations"
local request = require "debitura.client.request"

local unpack = table.unpack or unpack -- luacheck: std max

local ID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
local OTHER = "9b2d6c1e-0000-4000-8000-0123456789ab"
local THIRD = "00000000-0000-0000-0000-000000000003"
local FILE = { data = "a;b\n", filename = "list.csv" }

local CLIENT = {
  externalTenantId = "tenant-1",
  client = { name = "Sample ApS", country = "Denmark", supportEmail = "support@example.com" },
  users = { { name = "Ole Sample", email = "ole@example.com" } },
}
local CASE = {
  currencyCode = "EUR", amountToRecover = 1000.10,
  debtor = { type = "Person", name = "Erika Sample", countryAlpha2 = "DE" },
}
local PREVIEW = { amountToRecover = 500, currencyCode = "EUR",
  debtor = { type = "Private", countryAlpha2 = "PT" } }
local DIVISION = { companyName = "Sample Division", city = "Aarhus", countryCode = "DK" }
local HOOK = { url = "https://example.com/hook", events = { "case.created" } }

--- Builds from positional arguments, as a method does.
local function build(row, ...)
  return request.build(row, (request.arguments(row, ...)))
end

-- Every operation, by the arguments of its method, with the request line it must make.
local PARTNER = {
  { "cases.list", "GET /cases" },
  { "cases.get", ID, "GET /cases/" .. ID },
  { "cases.upload_file", ID, FILE, "POST /cases/" .. ID .. "/files" },
  { "clients.create", CLIENT, "POST /clients" },
  { "clients.list", { Page = 2 }, "GET /clients?Page=2" },
  { "clients.get", "tenant-1", "GET /clients/tenant-1" },
  { "clients.delete", "tenant-1", "DELETE /clients/tenant-1" },
  { "clients.is_deletable", "tenant-1", "GET /clients/tenant-1/is-deletable" },
  { "clients.withdraw", "tenant-1", "POST /clients/tenant-1/withdraw" },
  { "clients.submit_kyc", "tenant-1",
    { directorFullName = "Ole Sample", directorHomeAddress = "1 Sample Street",
      directorDateOfBirth = "1970-01-31" },
    "POST /clients/tenant-1/kyc-verification" },
  { "coverage.list", "GET /coverage" },
  { "filter_options", "GET /referral-partner/filter-options" },
  { "tokens.create", { externalTenantId = "tenant-1" }, "POST /oauth/token" },
  { "cases.preview", PREVIEW, "POST /cases/preview" },
  { "me", "GET /me" },
  { "reporting.transactions", { RevenueStages = { 0, 6 } },
    "GET /reporting/transactions?RevenueStages=0&RevenueStages=6" },
  { "webhooks.list", "GET /v1/Webhooks" },
  { "webhooks.create", HOOK, "POST /v1/Webhooks" },
  { "webhooks.get", ID, "GET /v1/Webhooks/" .. ID },
  { "webhooks.update", ID, { isActive = true }, "PUT /v1/Webhooks/" .. ID },
  { "webhooks.delete", ID, "DELETE /v1/Webhooks/" .. ID },
  { "webhooks.test", { eventType = "case.created", caseId = ID }, "POST /v1/Webhooks/test" },
}
local CUSTOMER = {
  { "cases.create", CASE, "POST /cases" },
  { "cases.list", { Ids = { ID, OTHER } }, "GET /cases?Ids=" .. ID .. "&Ids=" .. OTHER },
  { "cases.preview", PREVIEW, "POST /cases/preview" },
  { "cases.get", ID, "GET /cases/" .. ID },
  { "cases.by_creditor_reference", "2026/17", "GET /cases/by-creditor-reference/2026%2F17" },
  { "cases.contract_status", ID, "GET /cases/" .. ID .. "/contract-status" },
  { "cases.by_reference", "Q8OAXF3W", "GET /cases/case-reference/Q8OAXF3W" },
  { "cases.timeline", ID, "GET /cases/" .. ID .. "/timeline" },
  { "cases.chats", ID, "GET /cases/" .. ID .. "/chats" },
  { "cases.send_chat", ID, { message = "Hello", userEmail = "ole@example.com" },
    "POST /cases/" .. ID .. "/chats" },
  { "cases.payments", ID, "GET /cases/" .. ID .. "/payments" },
  { "cases.upload_file", ID, FILE, "POST /cases/" .. ID .. "/files" },
  { "cases.files", ID, "GET /cases/" .. ID .. "/files" },
  { "cases.quote_requests", ID, "GET /cases/" .. ID .. "/quote-requests" },
  { "cases.quote_request", ID, OTHER, "GET /cases/" .. ID .. "/quote-requests/" .. OTHER },
  { "cases.quotes", ID, OTHER, "GET /cases/" .. ID .. "/quote-requests/" .. OTHER .. "/quotes" },
  { "cases.quote", ID, OTHER, THIRD, "GET /cases/" .. ID .. "/quote-requests/" .. OTHER
    .. "/quotes/" .. THIRD },
  { "cases.exclusive_period", ID, "GET /cases/" .. ID .. "/exclusive-period" },
  { "cases.validation", ID, "GET /cases/" .. ID .. "/validation" },
  { "cases.tasks", ID, { status = "Solved" }, "GET /cases/" .. ID .. "/tasks?status=Solved" },
  { "contracts.status", "GET /contracts/debt-collection/status" },
  { "coverage.list", "GET /coverage" },
  { "coverage.get", 17, "GET /coverage/17" },
  { "coverage.search", { q = "New York" }, "GET /coverage/search?q=New%20York" },
  { "coverage.search_colon", { q = "NY" }, "GET /coverage/:search?q=NY" },
  { "coverage.check_eligibility", { countryAlpha2 = "PT", debtorType = "Company", amount = 10,
    currencyCode = "EUR" },
    "POST /coverage/check-eligibility" },
  { "divisions.create", DIVISION, "POST /divisions" },
  { "divisions.list", { includeArchived = true }, "GET /divisions?includeArchived=true" },
  { "divisions.get", ID, "GET /divisions/" .. ID },
  { "divisions.update", ID, DIVISION, "PUT /divisions/" .. ID },
  { "divisions.delete", ID, "DELETE /divisions/" .. ID },
  { "divisions.archive", ID, "POST /divisions/" .. ID .. "/archive" },
  { "divisions.archive_colon", ID, "POST /divisions/" .. ID .. ":archive" },
  { "me", "GET /me" },
  { "payments.list", { Page = 1, PageSize = 100 }, "GET /Payments?Page=1&PageSize=100" },
  { "payments.get", ID, "GET /Payments/" .. ID },
  { "tasks.list", { type = { "ReplyToChat", "SignContract" } },
    "GET /tasks?type=ReplyToChat&type=SignContract" },
  { "test.advance", ID, { to = "Active" }, "POST /test/cases/" .. ID .. "/advance" },
  { "test.delete", ID, "DELETE /test/cases/" .. ID },
  { "test.delete_all", { tag = "nightly" }, "DELETE /test/cases?tag=nightly" },
  { "test.fire_webhook", { event = "chat.created", caseId = ID }, "POST /test/webhooks/fire" },
  { "users.list", "GET /users" },
  { "webhooks.events", { caseId = ID, since = "2026-01-02T03:04:05+01:00" },
    "GET /webhooks/events?caseId=" .. ID .. "&since=2026-01-02T03%3A04%3A05%2B01%3A00" },
  { "webhooks.replay", ID, "POST /webhooks/events/" .. ID .. "/replay" },
  { "webhooks.create", HOOK, "POST /webhooks" },
  { "webhooks.list", "GET /webhooks" },
  { "webhooks.get", ID, "GET /webhooks/" .. ID },
  { "webhooks.update", ID, { isActive = false }, "PATCH /webhooks/" .. ID },
  { "webhooks.delete", ID, "DELETE /webhooks/" .. ID },
  { "webhooks.test", ID, "POST /webhooks/" .. ID .. "/test" },
  { "webhooks.test_colon", ID, "POST /webhooks/" .. ID .. ":test" },
  { "webhooks.replay_since", ID, { sinceUtc = "2026-01-02" }, "POST /webhooks/" .. ID
    .. "/replay" },
  { "webhooks.replay_since_colon", ID, { sinceUtc = "2026-01-02" }, "POST /webhooks/" .. ID
    .. ":replay" },
}

describe("the request of an operation", function()
  for _, pair in ipairs { { "partner", PARTNER }, { "customer", CUSTOMER } } do
    local api, samples = pair[1], pair[2]

    it("is known for every operation of the " .. api .. " API", function()
      local expected, actual = {}, {}
      for _, row in operations.each(api) do
        if not row.variant_of then expected[#expected + 1] = row.name end
      end
      for index, sample in ipairs(samples) do actual[index] = sample[1] end
      assert.same(expected, actual)
    end)

    for _, sample in ipairs(samples) do
      local name, line = sample[1], sample[#sample]
      it(("%s %s is %s"):format(api, name, line), function()
        local row = operations.get(api, name)
        local built, err = build(row, unpack(sample, 2, #sample - 1))
        assert.is_nil(err)
        assert.equal(line, built.method .. " " .. built.path_and_query)
        assert.equal(row, built.operation)
        assert.equal("application/json", built.headers.Accept)
        assert.equal(row.body and "application/json", built.headers["Content-Type"])
        assert.equal(row.body ~= nil, built.body ~= nil)
        assert.equal(row.form ~= nil, built.form ~= nil)
      end)
    end
  end
end)
