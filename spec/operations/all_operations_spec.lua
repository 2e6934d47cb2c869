-- What goes over the wire for each of the 75 operations, called as an application calls them, and
-- what comes back.

local core = require("debitura.core")
local debitura = require("debitura")
local operations = require("debitura.operations")
local upstream = require("spec.support.upstream")

local unpack = table.unpack or unpack -- luacheck: std max

local TENANT, TENANT_ENCODED = "å/ä?#% &+", "%C3%A5%2F%C3%A4%3F%23%25%20%26%2B"
local ID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
local OTHER = "9b2d6c1e-0000-4000-8000-0123456789ab"
local THIRD = "00000000-0000-0000-0000-000000000003"

local DEBTOR = { type = "Company", name = "Sample Debtor GmbH", contactPerson = "Erika Sämple",
  countryAlpha2 = "DE" }
local DEBTOR_JSON = '{"contactPerson":"Erika Sämple","countryAlpha2":"DE","name":"Sample Debtor '
  .. 'GmbH","type":"Company"}'
local CASE = { currencyCode = "EUR", amountToRecover = 1000.10, creditorReference = "R/1",
  debtor = DEBTOR, isTest = true }
local CASE_JSON = '{"amountToRecover":1000.1,"creditorReference":"R/1","currencyCode":"EUR",'
  .. '"debtor":' .. DEBTOR_JSON .. ',"isTest":true}'
local PREVIEW = { amountToRecover = 500, currencyCode = "EUR",
  debtor = { type = "Private", countryAlpha2 = "PT" } }
local PREVIEW_JSON = '{"amountToRecover":500,"currencyCode":"EUR","debtor":{"countryAlpha2":"PT",'
  .. '"type":"Private"}}'
local DIVISION = { companyName = "Sample \"Division\"", city = "Århus", countryCode = "DK",
  officeEmail = debitura.null }
local DIVISION_JSON = '{"city":"Århus","companyName":"Sample '
  .. '\\"Division\\"","countryCode":"DK","officeEmail":null}'
local HOOK = { url = "https://platform.example/hooks?a=1&b=2",
  events = { "case.created", "case.closed" } }
local HOOK_JSON = '{"events":["case.created","case.closed"],'
  .. '"url":"https://platform.example/hooks?a=1&b=2"}'

local CSV = { data = "reference;amount\r\n\0\255;1\r\n", filename = 'list "1".csv' }
local CSV_PART = 'Content-Disposition: form-data; name="%s"; filename="list '
  .. '%%221%%22.csv"\r\nContent-Type: text/csv\r\n\r\n'
  .. "reference;amount\r\n\0\255;1\r\n\r\n"

--- A form as RFC 7578 has it, its boundary written BOUNDARY.
local function form(...)
  local parts = {}
  for index, part in ipairs { ... } do parts[index] = "--BOUNDARY\r\n" .. part end
  return table.concat(parts) .. "--BOUNDARY--\r\n"
end

--- name, arguments, request line, and by name: the body, the answer's status, whether a key is sent
-- along.
local PARTNER = {
  { "cases.list", { { FromDate = "2026-01-02T03:04:05+01:00", Statuses = { "Active",
    "More Info Required" }, CountryIds = { 45, 46 },
      ExternalTenantId = TENANT, Sort = "GrossAmount:desc", PageSize = 25 } },
    "GET /cases?FromDate=2026-01-02T03%3A04%3A05%2B01%3A00&ExternalTenantId=" .. TENANT_ENCODED
      .. "&Statuses=Active&Statuses=More%20Info%20Required&Page=2&PageSize=25&CountryIds=45"
        .. "&CountryIds=46&Sort=GrossAmount%3Adesc" },
  { "cases.get", { ID }, "GET /cases/" .. ID },
  { "cases.upload_file", { ID, CSV, { query = { sendChatNotification = false } } },
    "POST /cases/" .. ID .. "/files?sendChatNotification=false",
    form = form(CSV_PART:format("file")), keyed = true, empty = true },
  { "clients.create", { { externalTenantId = TENANT,
      client = { name = "Sample ApS", country = "Denmark", supportEmail = "ole@example.com" },
      users = { { name = "Ole Sample", email = "ole@example.com" } }, cases = { CASE },
      later = { 1, 2.5 } } },
    "POST /clients", status = 202, body = '{"cases":[' .. CASE_JSON
      .. '],"client":{"country":"Denmark","name":"Sample ApS","supportEmail":"ole@example.com"},'
      .. '"externalTenantId":"å/ä?#% &+","later":[1,2.5],"users":[{"email":"ole@example.com",'
        .. '"name":"Ole Sample"}]}' },
  { "clients.list", { { Query = "a&b=c", IsAttributedClient = false } },
    "GET /clients?Page=2&PageSize=100&Query=a%26b%3Dc&IsAttributedClient=false" },
  { "clients.get", { TENANT }, "GET /clients/" .. TENANT_ENCODED },
  { "clients.delete", { TENANT }, "DELETE /clients/" .. TENANT_ENCODED, status = 204 },
  { "clients.is_deletable", { TENANT }, "GET /clients/" .. TENANT_ENCODED .. "/is-deletable" },
  { "clients.withdraw", { TENANT }, "POST /clients/" .. TENANT_ENCODED .. "/withdraw",
    status = 204 },
  { "clients.submit_kyc", { TENANT, { directorFullName = "Ole Sample",
    directorHomeAddress = "1 Sample Street",
      directorDateOfBirth = "1970-01-31" }, { query = { sendChatNotification = true } } },
    "POST /clients/" .. TENANT_ENCODED .. "/kyc-verification?sendChatNotification=true",
    status = 201, keyed = true,
    body = '{"directorDateOfBirth":"1970-01-31","directorFullName":"Ole '
      .. 'Sample","directorHomeAddress":"1 Sample Street"}' },
  { "coverage.list", {}, "GET /coverage", array = true },
  { "filter_options", {}, "GET /referral-partner/filter-options" },
  { "tokens.create", { { externalTenantId = TENANT } }, "POST /oauth/token",
    body = '{"externalTenantId":"å/ä?#% &+"}' },
  { "cases.preview", { PREVIEW }, "POST /cases/preview", body = PREVIEW_JSON },
  { "me", {}, "GET /me" },
  { "reporting.transactions", { { RevenueStages = { 0, 6 }, HasRecognizedRevenue = true,
    CollectionPartnerIds = { ID, OTHER },
      Search = "Sæmple" } },
    "GET /reporting/transactions?HasRecognizedRevenue=true&RevenueStages=0&RevenueStages=6"
      .. "&Search=S%C3%A6mple&Page=2&PageSize=100"
      .. "&CollectionPartnerIds=" .. ID .. "&CollectionPartnerIds=" .. OTHER },
  { "webhooks.list", {}, "GET /v1/Webhooks", array = true },
  { "webhooks.create", { HOOK }, "POST /v1/Webhooks", body = HOOK_JSON },
  { "webhooks.get", { ID }, "GET /v1/Webhooks/" .. ID },
  { "webhooks.update", { ID, { isActive = true, events = {} } }, "PUT /v1/Webhooks/" .. ID,
    body = '{"events":[],"isActive":true}' },
  { "webhooks.delete", { ID }, "DELETE /v1/Webhooks/" .. ID, status = 204 },
  { "webhooks.test", { { eventType = "client.linked", externalTenantId = TENANT } },
    "POST /v1/Webhooks/test",
    body = '{"eventType":"client.linked","externalTenantId":"å/ä?#% &+"}' },
  { "webhooks.rotate_secret", { ID }, "PUT /v1/Webhooks/" .. ID,
    body = '{"regenerateSecret":true}' },
}

local CUSTOMER = {
  { "cases.create", { CASE }, "POST /cases", body = CASE_JSON, keyed = true },
  { "cases.list", { { Ids = { ID, OTHER }, Statuses = { "LeadsQuoteGiven" },
    Sort = "DueDate:asc,Remainder:desc" } },
    "GET /cases?Page=2&PageSize=100&Ids=" .. ID .. "&Ids=" .. OTHER
      .. "&Statuses=LeadsQuoteGiven&Sort=DueDate%3Aasc%2CRemainder%3Adesc" },
  { "cases.preview", { PREVIEW }, "POST /cases/preview", body = PREVIEW_JSON },
  { "cases.get", { ID }, "GET /cases/" .. ID },
  { "cases.by_creditor_reference", { "2026/17 ?#%" },
    "GET /cases/by-creditor-reference/2026%2F17%20%3F%23%25" },
  { "cases.contract_status", { ID }, "GET /cases/" .. ID .. "/contract-status" },
  { "cases.by_reference", { "Q8OAXF3W" }, "GET /cases/case-reference/Q8OAXF3W" },
  { "cases.timeline", { ID }, "GET /cases/" .. ID .. "/timeline" },
  { "cases.chats", { ID }, "GET /cases/" .. ID .. "/chats", array = true },
  { "cases.send_chat", { ID, { message = "Line one\nline two\t\"quoted\" \\ /",
    userEmail = "ole@example.com" } },
    "POST /cases/" .. ID .. "/chats",
    body = '{"message":"Line one\\nline two\\t\\"quoted\\" \\\\ /",'
      .. '"userEmail":"ole@example.com"}' },
  { "cases.payments", { ID }, "GET /cases/" .. ID .. "/payments", array = true },
  { "cases.upload_file", { ID, { File = CSV, Description = "Invoices, 2026: \"æ\"",
    DocumentType = "DemandLetter" } },
    "POST /cases/" .. ID .. "/files", form = form(
      'Content-Disposition: form-data; name="Description"\r\n\r\nInvoices, 2026: "æ"\r\n',
      'Content-Disposition: form-data; name="DocumentType"\r\n\r\nDemandLetter\r\n',
      CSV_PART:format("File")) },
  { "cases.files", { ID }, "GET /cases/" .. ID .. "/files", array = true },
  { "cases.quote_requests", { ID }, "GET /cases/" .. ID .. "/quote-requests" },
  { "cases.quote_request", { ID, OTHER }, "GET /cases/" .. ID .. "/quote-requests/" .. OTHER },
  { "cases.quotes", { ID, OTHER }, "GET /cases/" .. ID .. "/quote-requests/" .. OTHER
    .. "/quotes" },
  { "cases.quote", { ID, OTHER, THIRD }, "GET /cases/" .. ID .. "/quote-requests/" .. OTHER
    .. "/quotes/" .. THIRD },
  { "cases.exclusive_period", { ID }, "GET /cases/" .. ID .. "/exclusive-period" },
  { "cases.validation", { ID }, "GET /cases/" .. ID .. "/validation" },
  { "cases.tasks", { ID, { status = "Solved", type = { "A", "B" } } },
    "GET /cases/" .. ID .. "/tasks?status=Solved&type=A&type=B", array = true },
  { "contracts.status", {}, "GET /contracts/debt-collection/status" },
  { "coverage.list", {}, "GET /coverage", array = true },
  { "coverage.get", { 17 }, "GET /coverage/17" },
  { "coverage.search", { { q = "New York" } }, "GET /coverage/search?q=New%20York" },
  { "coverage.search_colon", { { q = "NY" } }, "GET /coverage/:search?q=NY" },
  { "coverage.check_eligibility",
    { { countryAlpha2 = "US", stateAlpha2 = "NY", debtorType = "Company", amount = 0.01,
      currencyCode = "USD" } },
    "POST /coverage/check-eligibility",
    body = '{"amount":0.01,"countryAlpha2":"US","currencyCode":"USD","debtorType":"Company",'
      .. '"stateAlpha2":"NY"}' },
  { "divisions.create", { DIVISION }, "POST /divisions", body = DIVISION_JSON, keyed = true,
    status = 201 },
  { "divisions.list", { { includeArchived = true } },
    "GET /divisions?page=2&pageSize=100&includeArchived=true" },
  { "divisions.get", { ID }, "GET /divisions/" .. ID },
  { "divisions.update", { ID, DIVISION }, "PUT /divisions/" .. ID, body = DIVISION_JSON },
  { "divisions.delete", { ID }, "DELETE /divisions/" .. ID, status = 204 },
  { "divisions.archive", { ID }, "POST /divisions/" .. ID .. "/archive" },
  { "divisions.archive_colon", { ID }, "POST /divisions/" .. ID .. ":archive" },
  { "me", {}, "GET /me" },
  { "payments.list", { { PageSize = 1 } }, "GET /Payments?Page=2&PageSize=1" },
  { "payments.get", { ID }, "GET /Payments/" .. ID },
  { "tasks.list", { { type = { "ReplyToChat", "SignContract" } } },
    "GET /tasks?type=ReplyToChat&type=SignContract&Page=2&PageSize=100" },
  { "test.advance", { ID, { to = "Closed:Paid", amount = 12.5 } },
    "POST /test/cases/" .. ID .. "/advance", body = '{"amount":12.5,"to":"Closed:Paid"}' },
  { "test.delete", { ID }, "DELETE /test/cases/" .. ID, status = 204 },
  { "test.delete_all", { { tag = "nightly run" } }, "DELETE /test/cases?tag=nightly%20run",
    status = 204 },
  { "test.fire_webhook", { { event = "chat.created", caseId = ID } }, "POST /test/webhooks/fire",
    body = '{"caseId":"' .. ID .. '","event":"chat.created"}' },
  { "users.list", {}, "GET /users?Page=2&PageSize=100" },
  { "webhooks.events", { { caseId = ID, since = "2026-01-02T03:04:05Z" } },
    "GET /webhooks/events?caseId=" .. ID .. "&since=2026-01-02T03%3A04%3A05Z", array = true },
  { "webhooks.replay", { ID }, "POST /webhooks/events/" .. ID .. "/replay" },
  { "webhooks.create", { HOOK }, "POST /webhooks", body = HOOK_JSON, status = 201 },
  { "webhooks.list", {}, "GET /webhooks", array = true },
  { "webhooks.get", { ID }, "GET /webhooks/" .. ID },
  { "webhooks.update", { ID, { isActive = false } }, "PATCH /webhooks/" .. ID,
    body = '{"isActive":false}' },
  { "webhooks.delete", { ID }, "DELETE /webhooks/" .. ID, status = 204 },
  { "webhooks.test", { ID }, "POST /webhooks/" .. ID .. "/test" },
  { "webhooks.test_colon", { ID }, "POST /webhooks/" .. ID .. ":test" },
  { "webhooks.replay_since", { ID, { sinceUtc = "2026-01-02" } }, "POST /webhooks/" .. ID
    .. "/replay",
    body = '{"sinceUtc":"2026-01-02"}' },
  { "webhooks.replay_since_colon", { ID, { sinceUtc = "2026-01-02" } }, "POST /webhooks/" .. ID
    .. ":replay",
    body = '{"sinceUtc":"2026-01-02"}' },
  { "webhooks.rotate_secret", { ID }, "PATCH /webhooks/" .. ID,
    body = '{"regenerateSecret":true}' },
}

--- Fields that no document knows, beside everything that is easily lost.
local ANSWER = '{"amount":1000.1,"empty":{},"large":9007199254740991,"list":[],'
  .. '"nested":[{"note":null}],"newField":"å \\" \\\\","zero":0}'

--- Calls an operation by its name, as `api.group:method(...)` does. Of a listing, its second page.
local function call(api, name, arguments)
  local group, method = name:match("^(.-)%.(.+)$")
  local object = group and api[group] or api
  local result, err, answer = object[method or name](object, unpack(arguments))
  if type(result) == "table" and result.page and not answer then return result:page(2) end
  return result, err, answer
end

--- The headers that the library is to send; the rest is libcurl's and the connection's.
local function own_headers(seen)
  local own = {}
  for name, value in pairs(seen.headers) do
    if name ~= "host" and name ~= "accept-encoding" and name ~= "content-length"
      and name ~= "user-agent" then
      own[name] = value
    end
  end
  return own
end

local function check_form(expected, seen)
  local boundary = assert(seen.headers["content-type"]:match("^multipart/form%-data; "
    .. "boundary=(.+)$"))
  local position, body = 1, ""
  repeat
    local first, last = seen.body:find(boundary, position, true)
    body = body .. seen.body:sub(position, (first or 0) - 1) .. (first and "BOUNDARY" or "")
    position = (last or #seen.body) + 1
  until not first
  -- libcurl's boundary begins with hyphens of its own.
  assert.equal(expected, body)
end

local function check_wire(sample, seen, credential)
  assert.equal(sample[3], seen.method .. " " .. seen.target)
  local headers = own_headers(seen)
  if sample.form then
    check_form(sample.form, seen)
    headers["content-type"] = nil
  else
    assert.equal(sample.body or "", seen.body)
  end
  if sample.keyed then
    assert.matches("^%x+$", headers["idempotency-key"])
    assert.equal(32, #headers["idempotency-key"])
    headers["idempotency-key"] = nil
  end
  local expected = { accept = "application/json", ["content-type"] = sample.body
    and "application/json" or nil }
  for name, value in pairs(credential) do expected[name] = value end
  assert.same(expected, headers)
end

local server

setup(function() server = upstream.start() end)
teardown(function() server:stop() end)

local function describe_api(name, samples, connect, credential)
  describe("over the wire, the " .. name .. " API's", function()
    local object

    setup(function() object = connect() end)

    it("operations are all here", function()
      local expected, actual = {}, {}
      for _, row in operations.each(name) do expected[#expected + 1] = row.name end
      for index, sample in ipairs(samples) do actual[index] = sample[1] end
      assert.same(expected, actual)
    end)

    for _, sample in ipairs(samples) do
      it(("%s is %s"):format(sample[1], sample[3]), function()
        local row = operations.get(name, sample[1])
        local status = sample.status or 200
        local text = (status == 204 or sample.empty) and "" or sample.array and "[" .. ANSWER
          .. ",null,[]]" or ANSWER
        if row.pages then text = '{"' .. row.pages .. '":[' .. ANSWER .. "]}" end
        server:answers { { status = status, body = text } }

        local result, err, answer = call(object, sample[1], sample[2])
        assert.is_nil(err)
        assert.equal(status, answer.status)
        if text == "" then
          assert.is_true(result)
        else
          assert.equal(text, core.json.encode(result))
        end
        local seen = server:requests()
        assert.equal(1, #seen)
        check_wire(sample, seen[1], credential)
      end)
    end
  end)
end

describe_api("partner", PARTNER, function()
  return debitura.partner { api_key = "sample-key", base_url = server.url }
end, { xapikey = "sample-key" })

describe_api("customer", CUSTOMER, function()
  local partner = debitura.partner { api_key = "sample-key", base_url = server.url,
    customer_base_url = server.url }
  server:answers { { status = 200, body = '{"accessToken":"sample-token","expiresIn":1800}' },
    { status = 200, body = "{}" } }
  local customer = partner:customer(TENANT)
  assert(customer:me())
  return customer
end, { authorization = "Bearer sample-token" })

describe("over the wire, a creditor that acts for itself", function()
  it("shows its own key", function()
    server:answers { { status = 200, body = "{}" } }
    debitura.customer({ api_key = "creditor-key", base_url = server.url }):me()
    assert.same({ accept = "application/json", xapikey = "creditor-key" },
      own_headers(server:requests()[1]))
  end)
end)

describe("over the wire, a file", function()
  it("is the same from disk as from memory", function()
    local path = os.tmpname()
    local file = assert(io.open(path, "wb"))
    file:write(CSV.data)
    file:close()
    finally(function() os.remove(path) end)
    server:answers { { status = 200 } }
    debitura.partner({ api_key = "sample-key", base_url = server.url }).cases:upload_file(ID,
      { path = path, filename = CSV.filename })
    check_form(form(CSV_PART:format("file")), server:requests()[1])
  end)
end)

describe("nothing goes over the wire", function()
  local partner

  --- What makes a call impossible, by its field.
  local function refused(call_it)
    server:answers { { status = 200, body = "{}" } }
    local result, err = call_it()
    assert.is_nil(result)
    assert.equal("validation", err.kind)
    assert.same({}, server:requests())
    return err.operation, err.fields
  end

  setup(function() partner = debitura.partner { api_key = "sample-key", base_url = server.url } end)

  it("for a path parameter that would lead elsewhere", function()
    for _, tenant in ipairs { "", ".", "..", "a\0b" } do
      local operation, fields = refused(function() return partner:get_client(tenant) end)
      assert.equal("clients.get", operation)
      assert.is_table(fields.externalTenantId)
    end
  end)

  it("for a parameter that is unknown, or a value that is not in its list", function()
    local operation, fields = refused(function()
      return partner.cases:list({ Sort = "Size", Colour = "red" }):page(1)
    end)
    assert.equal("cases.list", operation)
    assert.same({
      Sort = { "must be one of DateCreated, GrossAmount, DueDate, with :asc or :desc" },
      Colour = { "unknown parameter" },
    }, fields)
  end)

  it("for values of a wrong type", function()
    local operation, fields = refused(function()
      return partner.cases:preview { amountToRecover = "500", currencyCode = 978, debtor = "Erika" }
    end)
    assert.equal("cases.preview", operation)
    assert.same({ amountToRecover = { "must be a number" }, currencyCode = { "must be a text" },
      debtor = { "must be an object" } }, fields)
  end)

  it("for a file that cannot be sent", function()
    local path = os.tmpname()
    finally(function() os.remove(path) end)
    local file = assert(io.open(path, "wb"))
    file:seek("set", 25 * 1024 * 1024)
    file:write("x")
    file:close()
    local problems = {
      [{ path = path, filename = "a.pdf" }] = "is larger than 25 MB (26214401 bytes)",
      [{ data = "", filename = "a.pdf" }] = "is empty",
      [{ data = "MZ",
        filename = "a.exe" }] = "must be a pdf, xls, xlsx, csv, txt, jpg, jpeg, png or gif file",
      [{ path = "/", filename = "a.pdf" }] = "cannot be read: Is a directory",
      [{ path = "/none/such.pdf" }] = "cannot be read: No such file or directory",
      [{ path = "/proc/self/mem", filename = "a.pdf" }] = "cannot be read: Input/output error",
    }
    for given, message in pairs(problems) do
      local operation, fields = refused(function() return partner.cases:upload_file(ID, given) end)
      assert.equal("cases.upload_file", operation)
      assert.same({ file = { message } }, fields)
    end
  end)

  it("for a method that no operation has: that is a mistake, and raised", function()
    assert.has_error(function() partner.clients:remove("t") end)
    assert.is_nil(partner.clients.remove)
  end)
end)
