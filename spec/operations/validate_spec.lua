local check = require "debitura.operations.validate"
local notation = require "debitura.operations.notation"
local null = require("debitura.core").null
local operations = require "debitura.operations"

local function collect(field, value, path, options)
  local problems = {}
  check.value(field, value, path, {
    shapes = options.shapes,
    report = function(where, message)
      problems[where] = problems[where] and problems[where] .. "; " .. message or message
    end,
  })
  return problems
end

--- The problem of one value in a field written in the notation.
local function problem(line, value)
  return collect(notation.field("it " .. line), value, "it", {}).it
end

--- The problems of a body of an API, by path.
local function problems(api, shape, body)
  return collect({ type = "shape", shape = shape, required = true }, body, "",
    { shapes = operations.shapes(api) })
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

describe("checking a value", function()
  it("asks for what is required, null being no value", function()
    assert.equal("required", collect(notation.field("it! string"), nil, "it", {}).it)
    assert.equal("required", collect(notation.field("it! string?"), null, "it", {}).it)
    assert.is_nil(problem("string", nil))
  end)

  it("takes null only where the contract does", function()
    assert.is_nil(problem("string?", null))
    assert.equal("must not be null", problem("string", null))
    assert.equal("must not be null", problem("[string]", null))
  end)

  it("tells types apart", function()
    assert.is_nil(problem("string", "7"))
    assert.equal("must be a text", problem("string", 7))
    assert.is_nil(problem("number", 1000.10))
    assert.equal("must be a number", problem("number", "1000.10"))
    assert.equal("must be true or false", problem("boolean", "true"))
    assert.is_nil(problem("boolean", false))
    assert.equal("must be an array", problem("[string]", "a"))
    assert.equal("must be an array", problem("[string]", { a = "b" }))
    assert.equal("must be an object", problem("{string}", "a"))
    assert.is_nil(problem("any", {}))
  end)

  it("refuses numbers that JSON does not have", function()
    assert.equal("must be a finite number", problem("number", 0 / 0))
    assert.equal("must be a finite number", problem("number", 1 / 0))
    assert.equal("must be a finite number", problem("number", -1 / 0))
  end)

  it("keeps integers to 32 bits", function()
    assert.is_nil(problem("integer", 2147483647))
    assert.is_nil(problem("integer", -2147483648))
    assert.is_nil(problem("integer", 3.0))
    for _, value in ipairs { 2147483648, 1.5, 0 / 0, 1 / 0, "3" } do
      assert.equal("must be a whole number of 32 bits", problem("integer", value))
    end
  end)

  it("keeps ranges", function()
    assert.is_nil(problem("integer 1..100", 100))
    assert.equal("must be at most 100", problem("integer 1..100", 101))
    assert.equal("must be at least 1", problem("integer 1..100", 0))
    assert.equal("must be at least 0.01", problem("number 0.01..", 0.001))
    assert.equal("must not be empty", problem("string 1..", ""))
    assert.equal("must not be empty", problem("[string] 1..", {}))
    assert.equal("length must be at least 2", problem("string 2..2", "D"))
    assert.equal("length must be at most 2", problem("string 2..2", "DNK"))
  end)

  it("counts characters as .NET does, in UTF-16 units", function()
    assert.is_nil(problem("string ..3", "åäö"))
    assert.equal("length must be at most 3", problem("string ..3", "åäöæ"))
    assert.is_nil(problem("string ..2", "\240\159\152\128")) -- U+1F600, two units
    assert.equal("length must be at most 1", problem("string ..1", "\240\159\152\128"))
  end)

  it("knows a UUID", function()
    assert.is_nil(problem("uuid", "3F2504E0-4f89-11d3-9a0c-0305e82c3301"))
    for _, text in ipairs { "", "3f2504e04f8911d39a0c0305e82c3301",
      "3f2504e0-4f89-11d3-9a0c-0305e82c330g",
      "{3f2504e0-4f89-11d3-9a0c-0305e82c3301}" } do
      assert.equal("must be a UUID", problem("uuid", text))
    end
  end)

  it("knows a date", function()
    assert.is_nil(problem("date", "2024-02-29"))
    assert.is_nil(problem("date", "2000-02-29"))
    for _, text in ipairs { "2023-02-29", "1900-02-29", "2026-13-01", "2026-00-10", "2026-04-31",
      "2026-1-1", "20260101",
      "2026-01-01T00:00:00Z", "0000-01-01", "" } do
      assert.equal("must be a date such as 2026-01-31", problem("date", text))
    end
  end)

  it("knows a time, and takes a bare date for one as the documents do", function()
    for _, text in ipairs { "2026-01-31", "2026-01-31T23:59", "2026-01-31T23:59:59",
      "2026-01-31T23:59:59.1234567Z",
      "2026-01-31T23:59:59+02:00" } do
      assert.is_nil(problem("date-time", text))
    end
    for _, text in ipairs { "2026-01-32", "2026-01-31 12:00:00", "2026-01-31T24:00:00Z",
      "2026-01-31T12:60:00Z",
      "2026-01-31T12:00:60Z", "2026-01-31T12:00:00.Z", "2026-01-31T12:00:00+2", "2026-01-31T",
        "yesterday" } do
      assert.equal("must be a date and time such as 2026-01-31T12:00:00Z, or a date",
        problem("date-time", text))
    end
  end)

  it("knows an e-mail address when it sees one", function()
    assert.is_nil(problem("email", "ole.hansen+debt@example.co.uk"))
    for _, text in ipairs { "ole", "@example.com", "ole@", "a@b@c", "ole hansen@example.com",
      "ole@example.com\r\n" } do
      assert.equal("must be an e-mail address", problem("email", text))
    end
  end)

  it("knows an absolute URL", function()
    for _, text in ipairs { "https://example.com", "HTTP://example.com:8080/a?b=c#d" } do
      assert.is_nil(problem("url", text))
    end
    for _, text in ipairs { "example.com", "/back", "//example.com", "ftp://example.com",
      "javascript:alert(1)", "https://",
      "https:///path", "https://example.com/\r\nX: y", "https://example.com/a b" } do
      assert.equal("must be an absolute http or https URL", problem("url", text))
    end
  end)

  it("keeps closed lists and lets open ones grow", function()
    assert.is_nil(problem("string = Open | Solved", "Open"))
    assert.equal("must be one of Open, Solved", problem("string = Open | Solved", "open"))
    assert.is_nil(problem("string ~ Open | Solved", "Postponed"))
    assert.equal("must be one of 0, 1", problem("integer = 0 Unpaid | 1 Paid", 2))
  end)

  it("knows a sort order with its direction", function()
    assert.is_nil(problem("sort = name | amount", "name"))
    assert.is_nil(problem("sort = name | amount", "amount:desc"))
    for _, text in ipairs { "size", "name:up", "name:desc:asc:", "name desc" } do
      assert.equal("must be one of name, amount, with :asc or :desc",
        problem("sort = name | amount", text))
    end
  end)

  it("says where in an array or a map a problem is", function()
    assert.same({ ["it[2]"] = "must be a text", ["it[3]"] = "must not be null" },
      collect(notation.field("it [string]"), { "a", 2, null }, "it", {}))
    assert.same({ ["it.b"] = "must be an array" },
      collect(notation.field("it {[string]}"), { a = { "x" }, b = "y" }, "it", {}))
  end)

  it("checks against a shape that is an enumeration", function()
    local row = operations.get("partner", "reporting.transactions")
    local field
    for _, candidate in ipairs(row.query) do
      if candidate.name == "PlatformInvoicingStatuses" then field = candidate end
    end
    assert.same({ ["s[2]"] = "must be one of 0, 1, 2, 3" },
      collect(field, { 3, 4 }, "s", { shapes = row.shapes }))
  end)
end)

-- Bodies -----------------------------------------------------------------------------------------

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

describe("checking a body", function()
  it("lists every problem at once, each by its path", function()
    local body = with(client, {
      client = { name = "", supportEmail = "nobody" },
      users = {},
      cases = { case, with(case, { creditorReference = "R-2", debtor = { type = "Dog",
        countryAlpha2 = "DEU" } }) },
    })
    assert.same({
      ["client.name"] = "must not be empty",
      ["client.country"] = "required",
      ["client.supportEmail"] = "must be an e-mail address",
      users = "must not be empty",
      ["cases[2].debtor.type"] = "must be one of Company, Person, Private",
      ["cases[2].debtor.name"] = "required",
      ["cases[2].debtor.countryAlpha2"] = "length must be at most 2",
    }, problems("partner", "CreateClientRequest", body))
  end)

  it("finds nothing wrong with a good one, unknown fields included", function()
    assert.same({}, problems("partner", "CreateClientRequest",
      with(client, { cases = { case }, newField = { 1 } })))
    assert.same({}, problems("partner", "CreateClientRequest", with(client, { cases = {} })))
  end)

  it("wants an object where the contract has one", function()
    assert.same({ client = "must be an object", ["users[1]"] = "must be an object" },
      problems("partner", "CreateClientRequest",
        with(client, { client = "Sample", users = { "Ole" } })))
    assert.same({ [""] = "must be an object" },
      problems("partner", "CreateClientRequest", { client }))
    assert.same({ [""] = "required" }, problems("partner", "CreateClientRequest", nil))
  end)

  it("comes to an end on a body that contains itself", function()
    local body = with(client, {})
    body.newField = body
    assert.same({}, problems("partner", "CreateClientRequest", body))
  end)
end)
