local json = require("debitura.core").json
local null = require("debitura.core").null
local operations = require "debitura.operations"
local unpack = rawget(table, "unpack") or rawget(_G, "unpack")

local request = require "debitura.client.request"

local ID = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
local OTHER = "9b2d6c1e-0000-4000-8000-0123456789ab"
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

--- Builds from positional arguments, as a method does.
local function build(api, name, ...)
  local row = assert(operations.get(api, name), name)
  local arguments, options = request.arguments(row, ...)
  return request.build(row, arguments, options)
end

--- Builds from named arguments.
local function build_named(api, name, arguments, options)
  return request.build(operations.get(api, name), arguments, options)
end

local function problems(...)
  local built, err = build(...)
  assert.is_nil(built)
  assert.equal("validation", err.kind)
  return err.fields
end

describe("a path", function()
  it("carries any text in one segment", function()
    assert.equal("/clients/%C3%A5%2F%C3%A4%3F%23%25",
      build("partner", "clients.get", "å/ä?#%").path_and_query)
    assert.equal("/clients/a%20b%2Bc%26d%3D%22%3A%0D%0A",
      build("partner", "clients.get", "a b+c&d=\":\r\n").path_and_query)
    assert.equal("/clients/AZaz09-._~", build("partner", "clients.get",
      "AZaz09-._~").path_and_query)
    assert.equal("/clients/...", build("partner", "clients.get", "...").path_and_query)
    assert.equal("/clients/%252e%252e", build("partner", "clients.get", "%2e%2e").path_and_query)
  end)

  it("refuses what would lead elsewhere, checked or not", function()
    local refused = {
      [""] = "must not be empty", ["."] = "must not be . or ..", [".."] = "must not be . or ..",
      ["a\0b"] = "must not contain NUL",
    }
    for text, message in pairs(refused) do
      for _, checked in ipairs { true, false } do
        local built, err = build("partner", "clients.get", text, { check = checked })
        assert.is_nil(built)
        assert.equal("validation", err.kind)
        assert.equal("clients.get", err.operation)
        assert.same({ externalTenantId = { message } }, err.fields)
      end
    end
  end)

  it("has a short way for plain texts that leads to the same place", function()
    local row = operations.get("partner", "clients.get")
    local short = request.short(row)
    for _, text in ipairs { "tenant-1", "AZaz09-._~", "_", "~a", ".a", "..." } do
      assert.equal(build("partner", "clients.get", text).path_and_query, short(text))
    end
    for _, text in ipairs { "", ".", "..", "a/b", "a b", "å", "%2e", "a?b", "a\0b", "a\n" } do
      assert.is_nil(short(text))
    end
    assert.is_nil(short("a", {}))
    assert.is_nil(short("a", nil, 1))
    assert.is_nil(short(17))
    assert.is_nil(short(nil))
  end)

  it("has none where there is more to check", function()
    for _, name in ipairs { "cases.get", "cases.list", "clients.create", "clients.list" } do
      assert.is_nil(request.short(operations.get("partner", name)), name)
    end
  end)

  it("holds ids that are UUIDs, unless nothing is checked", function()
    assert.same({ id = { "must be a UUID" } }, problems("partner", "cases.get", "17"))
    assert.equal("/cases/17", build("partner", "cases.get", "17", { check = false }).path_and_query)
  end)

  it("is complete, checked or not", function()
    for _, checked in ipairs { true, false } do
      local built, err = build_named("partner", "cases.get", { path = {} }, { check = checked })
      assert.is_nil(built)
      assert.same({ id = { "required" } }, err.fields)
    end
  end)

  it("writes whole numbers without a point", function()
    assert.equal("/coverage/17", build("customer", "coverage.get", 17.0).path_and_query)
    assert.equal("/coverage/100000000", build("customer", "coverage.get", 1e8).path_and_query)
  end)
end)

describe("a query", function()
  it("stands in the order of the documents and repeats the key of an array", function()
    local built = build("partner", "cases.list", {
      Sort = "GrossAmount:desc", PageSize = 100, Page = 3.0, CountryIds = { 45, 46 },
      ExternalTenantId = "å&b",
      Statuses = { "Active", "More Info Required" }, FromDate = "2026-01-01",
    })
    assert.equal("/cases?FromDate=2026-01-01&ExternalTenantId=%C3%A5%26b&Statuses=Active"
      .. "&Statuses=More%20Info%20Required"
      .. "&Page=3&PageSize=100&CountryIds=45&CountryIds=46&Sort=GrossAmount%3Adesc",
        built.path_and_query)
  end)

  it("writes booleans as true and false", function()
    assert.equal("/clients?IsAttributedClient=false&OnboardingDone=true",
      build("partner", "clients.list", { OnboardingDone = true,
        IsAttributedClient = false }).path_and_query)
  end)

  it("is absent when nothing is asked", function()
    assert.equal("/cases", build("partner", "cases.list").path_and_query)
    assert.equal("/cases", build("partner", "cases.list", {}).path_and_query)
    assert.equal("/cases", build("partner", "cases.list", { Statuses = {} }).path_and_query)
  end)

  it("comes in the options where the method has a body", function()
    assert.equal("/cases/" .. ID .. "/files?sendChatNotification=false",
      build("partner", "cases.upload_file", ID, FILE,
        { query = { sendChatNotification = false } }).path_and_query)
  end)

  it("refuses what the operation does not know, every problem at once", function()
    assert.same({
      Page = { "must be at least 1" }, PageSize = { "must be at most 100" }, Sort = {
        "must be one of DateCreated, GrossAmount, DueDate, with :asc or :desc",
      }, Statuses = { "must be an array" }, pagesize = { "unknown parameter" },
      CountryIds = { "must not be null" },
    }, problems("partner", "cases.list", {
      Page = 0, PageSize = 101, Sort = "Size", Statuses = "Active", pagesize = 5, CountryIds = null,
    }))
    assert.same({ PageSize = { "must be at least 1" } },
      problems("customer", "cases.list", { PageSize = 0 }))
    assert.same({ PageSize = { "must be at most 100" } },
      problems("partner", "clients.list", { PageSize = 101 }))
  end)

  it("sends what it is given when nothing is checked", function()
    assert.equal("/cases?PageSize=500&new=1&other=x%20y",
      build("partner", "cases.list", { PageSize = 500, other = "x y", new = 1 },
        { check = false }).path_and_query)
  end)

  it("asks for parameters that only the text requires", function()
    assert.same({ tag = { "required" } }, problems("customer", "test.delete_all"))
    assert.same({ tag = { "must not be empty" } },
      problems("customer", "test.delete_all", { tag = "" }))
    assert.same({ caseId = { "required" } }, problems("customer", "webhooks.events", {}))
  end)
end)

describe("a body", function()
  it("tells of names that it does not know, once each, whatever the case that they stand "
    .. "in", function()
    local cases = {}
    for index = 1, 3 do
      cases[index] = { colour = "red" }
      for name, value in pairs(CASE) do cases[index][name] = value end
    end
    local body = { newFlag = true, cases = cases }
    for name, value in pairs(CLIENT) do body[name] = value end
    local built = request.build(operations.get("partner", "clients.create"), { body = body })
    table.sort(built.unknown_fields)
    assert.same({ "cases[].colour", "cases[].colour", "cases[].colour", "newFlag" },
      built.unknown_fields)
  end)

  it("refuses a name that was certainly meant to be another, unless nothing is checked", function()
    local row = operations.get("partner", "clients.create")
    local body = {
      external_tenant_id = "tenant-1",
      client = { name = "Sample ApS", country = "Denmark", suportEmail = "support@example.com" },
      users = { { name = "Ole Sample", email = "ole@example.com", Email = "ole@example.com" } },
    }
    local _, err = request.build(row, { body = body })
    assert.same({
      external_tenant_id = { "unknown, did you mean 'externalTenantId'?" },
      externalTenantId = { "required" },
      ["client.suportEmail"] = { "unknown, did you mean 'supportEmail'?" },
      ["client.supportEmail"] = { "required" },
      ["users[1].Email"] = { "unknown, did you mean 'email'?" },
    }, err.fields)
    local built = assert(request.build(row, { body = body }, { check = false }))
    assert.truthy(built.body:find('"external_tenant_id":"tenant-1"', 1, true))
    assert.same({}, built.unknown_fields)
  end)

  it("is the payload as it was given, unknown fields included", function()
    local built = build("partner", "tokens.create",
      { externalTenantId = "tenant-1", newField = { a = 1 } })
    assert.equal('{"externalTenantId":"tenant-1","newField":{"a":1}}', built.body)
  end)

  it("has [] for an empty array that the contract knows", function()
    local body = { externalTenantId = "t", client = CLIENT.client, users = CLIENT.users, cases = {},
      other = {} }
    assert.equal('{"cases":[],"client":{"country":"Denmark","name":"Sample '
      .. 'ApS","supportEmail":"support@example.com"},'
      .. '"externalTenantId":"t","other":{},"users":[{"email":"ole@example.com","name":"Ole '
        .. 'Sample"}]}',
      build("partner", "clients.create", body).body)
  end)

  it("leaves the caller's tables as they were", function()
    local body = { events = {}, isActive = true }
    assert.equal('{"events":[],"isActive":true}',
      build("partner", "webhooks.update", ID, body).body)
    assert.is_nil(getmetatable(body.events))
    assert.same({ events = {}, isActive = true }, body)
  end)

  it("keeps an array marked by hand, and null", function()
    assert.equal('{"events":["case.created"],"url":null}',
      build("partner", "webhooks.update", ID,
        { events = json.array { "case.created" }, url = null }).body)
  end)

  it("is refused before sending when fields are missing, each named", function()
    local built, err = build("partner", "clients.create", {})
    assert.is_nil(built)
    assert.equal("validation", err.kind)
    assert.equal("clients.create", err.operation)
    assert.is_false(err.retryable)
    assert.same({ externalTenantId = { "required" }, client = { "required" },
      users = { "required" } }, err.fields)
    assert.equal("clients.create: validation: the arguments are wrong, nothing was sent "
      .. "(client: required; externalTenantId: required; users: required)", tostring(err))
  end)

  it("is sent as it is when nothing is checked", function()
    assert.equal("{}", build("partner", "clients.create", {}, { check = false }).body)
    assert.equal('{"cases":[]}', build("partner", "clients.create", { cases = {} },
      { check = false }).body)
  end)

  it("is refused where it cannot be JSON, checked or not, by its path", function()
    local function with_case(fields)
      local case = {}
      for key, value in pairs(CASE) do case[key] = value end
      for key, value in pairs(fields) do case[key] = value end
      return { externalTenantId = "t", client = CLIENT.client, users = CLIENT.users,
        cases = { CASE, case } }
    end
    local loop = {}
    loop.loop = loop
    for _, checked in ipairs { true, false } do
      local function paths(body)
        local built, err = build("partner", "clients.create", body, { check = checked })
        assert.is_nil(built)
        assert.equal("validation", err.kind)
        local found = {}
        for path in pairs(err.fields) do found[#found + 1] = path end
        return found
      end
      assert.same({ "cases[2].amountToRecover" }, paths(with_case { amountToRecover = 0 / 0 }))
      assert.same({ "cases[2].extra" }, paths(with_case { extra = 1 / 0 }))
      assert.same({ "cases[2].extra" }, paths(with_case { extra = print }))
      assert.same({ "cases[2].extra.loop" }, paths(with_case { extra = loop }))
      assert.equal(1, #paths(with_case { extra = { 1, nil, nil, 4 } }))
      assert.equal(1, #paths(with_case { extra = { 1, a = 2 } }))
    end
  end)

  it("does not go with an operation that takes none", function()
    local built, err = build_named("partner", "clients.get",
      { path = { externalTenantId = "t" }, body = {} })
    assert.is_nil(built)
    assert.same({ body = { "is not taken by this operation" } }, err.fields)
  end)

  it("has its fixed part for a variant of an operation", function()
    local built = build("partner", "webhooks.rotate_secret", ID)
    assert.equal("PUT /v1/Webhooks/" .. ID, built.method .. " " .. built.path_and_query)
    assert.equal('{"regenerateSecret":true}', built.body)
  end)
end)

describe("a form", function()
  it("takes a file alone, as a path or with more about it", function()
    local expected = { { name = "file", data = "a;b\n", filename = "list.csv",
      content_type = "text/csv" } }
    assert.same(expected, build("partner", "cases.upload_file", ID, FILE).form)
    assert.same(expected, build_named("partner", "cases.upload_file",
      { path = { caseId = ID }, form = FILE }).form)
    assert.same({ { name = "file", path = "README.txt", filename = "README.txt",
      content_type = "text/plain" } },
      build("partner", "cases.upload_file", ID, "README.txt", { check = false }).form)
  end)

  it("takes the API's own parts", function()
    local built = build("customer", "cases.upload_file", ID, {
      File = FILE, Description = "Invoices, 2026", DocumentType = "DemandLetter",
    })
    assert.same({
      { name = "Description", data = "Invoices, 2026" },
      { name = "DocumentType", data = "DemandLetter" },
      { name = "File", data = "a;b\n", filename = "list.csv", content_type = "text/csv" },
    }, built.form)
    assert.is_nil(built.body)
    assert.is_nil(built.headers["Content-Type"])
  end)

  it("names what is wrong by its part", function()
    assert.same({
      File = { "must be a path, or a table with path or data" }, Comment = { "unknown part" },
      DocumentType = {
        "must be one of OriginalInvoice, DebtorDocuments, CreditorDocuments, PartnerDocuments, "
          .. "DemandLetter, Miscellaneous",
      },
    }, problems("customer", "cases.upload_file", ID, { Comment = "x", DocumentType = "Letter" }))
    assert.same({ file = { "cannot be read: No such file or directory" } },
      problems("partner", "cases.upload_file", ID, "/none/such.pdf"))
  end)
end)

describe("an idempotency key", function()
  it("goes where it is taken", function()
    assert.equal("k-1", build("customer", "cases.create", CASE,
      { idempotency_key = "k-1" }).headers["Idempotency-Key"])
    assert.is_nil(build("customer", "cases.create", CASE).headers["Idempotency-Key"])
  end)

  it("is refused where it would protect nothing", function()
    assert.same({ ["Idempotency-Key"] = { "is not taken by this operation" } },
      problems("customer", "cases.send_chat", ID, { message = "Hi", userEmail = "ole@example.com" },
        { idempotency_key = "k" }))
  end)

  it("is 1 to 255 visible characters, checked or not", function()
    assert.is_table(build("customer", "cases.create", CASE, { idempotency_key = ("k"):rep(255) }))
    for _, key in ipairs { "", ("k"):rep(256), "a b", "a\r\nX: y", "å", 7 } do
      local built, err = build("customer", "cases.create", CASE,
        { idempotency_key = key, check = false })
      assert.is_nil(built)
      assert.same({ ["Idempotency-Key"] = { "must be 1 to 255 visible ASCII characters" } },
        err.fields)
    end
  end)
end)

describe("an operation of the test environment", function()
  it("is refused in production, saying so", function()
    for _, call in ipairs { { "partner", "clients.delete", "t" },
      { "customer", "test.delete", ID } } do
      local built, err = build(call[1], call[2], call[3],
        { environment = "production", check = false })
      assert.is_nil(built)
      assert.equal("forbidden", err.kind)
      assert.equal(call[2] .. ": forbidden: exists in the test environment only, and was not sent",
        tostring(err))
    end
  end)

  it("is built everywhere else", function()
    assert.is_table(build("partner", "clients.delete", "t", { environment = "test" }))
    assert.is_table(build("partner", "clients.delete", "t"))
  end)
end)

describe("the arguments of a method", function()
  local function refused(message, ...)
    local api, name, given, count = select(1, ...), select(2, ...), { select(3, ...) },
      select("#", ...) - 2
    local row = operations.get(api, name)
    local ok, err = pcall(request.arguments, row, unpack(given, 1, count))
    assert.is_false(ok)
    assert.equal(message, (err:gsub("^[^ ]+:%d+: ", "")))
  end

  it("are path parameters, then body, query or file, then options", function()
    local row = operations.get("customer", "cases.quote_request")
    local arguments, options = request.arguments(row, ID, OTHER, { timeout = 3 })
    assert.same({ path = { id = ID, quoteRequestId = OTHER } }, arguments)
    assert.same({ timeout = 3 }, options)
    arguments, options = request.arguments(operations.get("partner", "clients.create"), CLIENT)
    assert.same({ path = {}, body = CLIENT }, arguments)
    assert.is_nil(options)
    arguments, options = request.arguments(operations.get("partner", "cases.list"), nil,
      { timeout = 3 })
    assert.same({ path = {} }, arguments)
    assert.same({ timeout = 3 }, options)
  end)

  it("raise an error that names operation and argument", function()
    refused("clients.get: argument 1 (externalTenantId) must be a string, got nil", "partner",
      "clients.get")
    refused("clients.get: argument 1 (externalTenantId) must be a string, got number", "partner",
      "clients.get", 7)
    refused("coverage.get: argument 1 (id) must be a number, got string", "customer",
      "coverage.get", "7")
    refused("clients.create: argument 1 (body) must be a table, got nil", "partner",
      "clients.create")
    refused("webhooks.update: argument 2 (body) must be a table, got string", "partner",
      "webhooks.update", ID, "{}")
    refused("cases.list: argument 1 (query) must be a table, got string", "partner", "cases.list",
      "Active")
    refused("cases.upload_file: argument 2 (form) must be a string or table, got nil", "partner",
      "cases.upload_file", ID)
    refused("me: argument 1 (options) must be a table, got boolean", "partner", "me", true)
    refused("clients.get: takes 2 arguments at most, got 3", "partner", "clients.get", "t", {}, nil)
  end)

end)

describe("an operation that the documents do not know", function()
  it("is built with whatever it is given", function()
    local row = operations.unlisted("customer", "POST", "/cases/{id}/escalate")
    local built = request.build(row, { path = { id = "a/b" }, query = { fast = true },
      body = { why = "new" } })
    assert.equal("POST /cases/a%2Fb/escalate?fast=true", built.method .. " "
      .. built.path_and_query)
    assert.equal('{"why":"new"}', built.body)
  end)

  it("still keeps its path safe", function()
    local row = operations.unlisted("customer", "GET", "/cases/{id}/history")
    local built, err = request.build(row, { path = { id = ".." } })
    assert.is_nil(built)
    assert.same({ id = { "must not be . or .." } }, err.fields)
  end)
end)
