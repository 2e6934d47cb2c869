-- The rows and shapes against the contract (spec/contract holds what both OpenAPI documents state
-- as data), field by field.

local json = require("debitura.core").json
local null = require("debitura.core").null
local operations = require "debitura.operations"
local prose = require "spec.contract.prose"
local rules = require "debitura.operations.rules"
local shape_names = require("debitura.operations.shapes").names

local APIS = { { "partner", "referral-partner-api.json" }, { "customer", "customer-api.json" } }

local function read_contract(name)
  local file = assert(io.open("spec/contract/" .. name, "rb"))
  local text = file:read("*a")
  file:close()
  return assert(json.decode(text))
end

-- The contract in the words of the rows ----------------------------------------------------------

local TYPES = { int32 = "integer", double = "number", binary = "binary" }
local FORMATS = { uri = "url", uuid = "uuid", date = "date", ["date-time"] = "date-time",
  email = "email" }
-- "No bound" as the schemas write it.
local UNBOUNDED = { [2147483647] = true, [1.7976931348623157e+308] = true }

local function merge(base, over)
  for key, value in pairs(over or {}) do
    if type(value) == "table" and type(base[key]) == "table" and not value[1] then
      merge(base[key], value)
    else
      base[key] = value
    end
  end
  return base
end

local function expected_field(contract)
  local field = {
    type = contract.ref and "shape" or contract.map_of and "map" or TYPES[contract.format]
      or contract.type or "any",
    format = FORMATS[contract.format], shape = contract.ref, required = contract.required or nil,
    nullable = contract.nullable or nil, deprecated = contract.deprecated or nil,
    read_only = contract.readOnly or nil,
    default = contract.default, values = contract.values,
    min = contract.minLength or contract.minItems or contract.minimum,
    max = contract.maxLength or contract.maximum,
  }
  if field.min == 0 then field.min = nil end
  if UNBOUNDED[field.max] then field.max = nil end
  local items = contract.items or contract.map_of
  if items then
    field.items = expected_field(items)
    -- Named enumerations keep their values themselves.
    field.items.values = not items.ref and (items.values or contract.values) or nil
    field.values = nil
  end
  return field
end

local function expected_fields(contract, required, additions)
  local fields = {}
  for name, field in pairs(contract) do fields[name] = expected_field(field) end
  for _, name in ipairs(required or {}) do fields[name].required = true end
  return merge(fields, additions)
end

local function expected_params(operation, place, additions)
  local fields = {}
  for _, param in ipairs(operation.params or {}) do
    if param["in"] == place then fields[param.name] = expected_field(param) end
  end
  return merge(fields, additions)
end

local function expected_responses(operation)
  local success, errors = {}, {}
  for status, shape in pairs(operation.responses) do
    local target = tonumber(status) < 300 and success or errors
    target[tonumber(status)] = shape ~= null and shape:gsub("^(.*)%[%]$", "[%1]")
  end
  return success, errors
end

local function expected_operation(api, operation)
  local key = operation.method .. " " .. operation.path
  local success, errors = expected_responses(operation)
  local body = operation.body or {}
  return {
    path_params = expected_params(operation, "path"),
    query = expected_params(operation, "query", prose[api].query[key]),
    header = expected_params(operation, "header"),
    body = body.schema,
    form = body.fields and expected_fields(body.fields, body.required, prose[api].form[key]),
    success = success, errors = errors, deprecated = operation.deprecated,
  }
end

local function expected_enumeration(api, name, contract)
  local expected = { type = contract.type, values = contract.enum }
  if contract.type == "integer" then
    expected.value_names = {}
    for index, text in ipairs(contract.values or {}) do
      local value_name, value = text:match("^(%a+) = (%d+)$")
      expected.value_names[tonumber(value) or index - 1] = value_name or text
    end
  end
  return merge(expected, prose[api].enumerations[name])
end

-- The rows without what only people and this library read ----------------------------------------

local function actual_field(field)
  local actual = {}
  for key, value in pairs(field) do actual[key] = value end
  actual.name, actual.note, actual.open, actual.value_names = nil, nil, nil, nil
  if field.items then actual.items = actual_field(field.items) end
  return actual
end

local function actual_fields(fields)
  local actual = {}
  for _, field in ipairs(fields) do
    assert.is_nil(actual[field.name], field.name .. " stands twice")
    actual[field.name] = actual_field(field)
  end
  return actual
end

local IDEMPOTENCY_KEY = { ["Idempotency-Key"] = { type = "string", max = 255 } }

local function actual_operation(row)
  return {
    path_params = actual_fields(row.path_params), query = actual_fields(row.query),
    header = row.idempotency_key and IDEMPOTENCY_KEY or {}, body = row.body, form = row.form
      and actual_fields(row.form),
    success = row.success, errors = row.errors, deprecated = row.deprecated,
  }
end

local function documented(api)
  local rows = {}
  for _, row in operations.each(api) do
    if not row.variant_of then rows[#rows + 1] = row end
  end
  return rows
end

-- Specs ------------------------------------------------------------------------------------------

for _, pair in ipairs(APIS) do
  local api, contract = pair[1], read_contract(pair[2])

  describe("the " .. api .. " API", function()
    it("has the operations of the contract in its order, and no other", function()
      local expected, actual = {}, {}
      for index, operation in ipairs(contract.operations) do
        expected[index] = operation.method .. " " .. operation.path
      end
      for index, row in ipairs(documented(api)) do actual[index] = row.method .. " " .. row.path end
      assert.same(expected, actual)
    end)

    for index, operation in ipairs(contract.operations) do
      it("describes " .. operation.method .. " " .. operation.path .. " as the contract does",
        function()
        assert.same(expected_operation(api, operation), actual_operation(documented(api)[index]))
      end)
    end

    it("has the shapes of the contract, and no other", function()
      local expected = {}
      for name in pairs(contract.schemas) do expected[#expected + 1] = name end
      table.sort(expected)
      assert.same(expected, shape_names(api))
    end)

    for name, schema in pairs(contract.schemas) do
      it("describes " .. name .. " as the contract does", function()
        local shape = operations.shapes(api)[name]
        assert.equal(name, shape.name)
        if schema.fields then
          assert.equal("object", shape.type)
          assert.same(expected_fields(schema.fields, schema.required, prose[api].shapes[name]),
            actual_fields(shape.fields))
        else
          assert.same(expected_enumeration(api, name, schema),
            { type = shape.type, values = shape.values, value_names = shape.value_names })
        end
      end)
    end

    it("lists the path's parameters in the order of the path", function()
      for _, row in ipairs(documented(api)) do
        local expected, actual = {}, {}
        for name in row.path:gmatch("{(.-)}") do expected[#expected + 1] = name end
        for index, field in ipairs(row.path_params) do actual[index] = field.name end
        assert.same(expected, actual)
      end
    end)

    it("names only shapes that exist", function()
      local shapes = operations.shapes(api)
      local function exists(name, where)
        assert.is_table(shapes[name], ("%s, in %s"):format(tostring(name), where))
      end
      local function check_fields(fields, where)
        for _, field in ipairs(fields) do
          local inner = field.items or field
          if inner.shape then exists(inner.shape, where) end
        end
      end
      for _, name in ipairs(shape_names(api)) do check_fields(shapes[name].fields or {}, name) end
      for _, row in operations.each(api) do
        check_fields(row.query, row.name)
        if row.body then exists(row.body, row.name) end
        for _, answers in ipairs { row.success, row.errors } do
          for _, shape in pairs(answers) do
            if shape then exists(shape:match("^%[(.+)%]$") or shape, row.name) end
          end
        end
      end
    end)

    it("has no rule without a shape", function()
      for name in pairs(rules[api]) do
        assert.is_function(operations.shapes(api)[name].rule, name)
      end
      for name in pairs(rules.shared) do
        assert.is_function(operations.shapes(api)[name].rule, name)
      end
    end)

    it("names the rows of each page by an array of the answer, and its page parameters", function()
      for _, row in operations.each(api) do
        if row.page_param or row.pages then
          local fields = actual_fields(operations.shapes(api)[row.success[200]].fields)
          assert.equal("array", fields[row.pages].type, row.name)
          assert.equal("PageData", fields.page.shape, row.name)
          assert.equal("page", row.page_param:lower())
          assert.equal("pagesize", row.page_size_param:lower())
        end
      end
    end)

    it("gives every operation one name and one sentence", function()
      local seen = {}
      for _, row in operations.each(api) do
        assert.is_nil(seen[row.name], row.name)
        seen[row.name] = true
        assert.matches("^%u.*%.$", row.doc)
      end
    end)
  end)
end

describe("what the contract does not say", function()
  local function names_where(api, wanted)
    local names = {}
    for _, row in ipairs(documented(api)) do
      if wanted(row) then names[#names + 1] = row.name end
    end
    table.sort(names)
    return names
  end

  it("lets only reads be safe, and the three calls that compute", function()
    for _, api in ipairs { "partner", "customer" } do
      for _, row in ipairs(documented(api)) do
        if row.method == "GET" then assert.equal("safe", row.retry, row.name) end
      end
    end
    local function safe_post(row) return row.method == "POST" and row.retry == "safe" end
    assert.same({ "cases.preview" }, names_where("partner", safe_post))
    assert.same({ "cases.preview", "coverage.check_eligibility" },
      names_where("customer", safe_post))
  end)

  it("repeats with a key what takes one", function()
    local function keyed(row) return row.retry == "keyed" end
    assert.same({ "cases.upload_file", "clients.submit_kyc" }, names_where("partner", keyed))
    assert.same({ "cases.create", "divisions.create" }, names_where("customer", keyed))
  end)

  it("never repeats what would happen twice", function()
    local function never(row) return row.retry == "never" end
    assert.same({ "webhooks.create", "webhooks.test" }, names_where("partner", never))
    assert.same({
      "cases.send_chat", "cases.upload_file", "divisions.archive", "divisions.archive_colon",
      "test.fire_webhook",
      "webhooks.create", "webhooks.replay", "webhooks.replay_since", "webhooks.replay_since_colon",
      "webhooks.test",
      "webhooks.test_colon",
    }, names_where("customer", never))
  end)

  it("keeps test helpers out of production", function()
    local function test_only(row) return row.test_only == true end
    assert.same({ "clients.delete", "clients.is_deletable", "webhooks.test" },
      names_where("partner", test_only))
    assert.same({ "test.advance", "test.delete", "test.delete_all", "test.fire_webhook" },
      names_where("customer", test_only))
  end)

  it("tells the four colon spellings from the operations they repeat", function()
    local function alias(row) return row.alias_of ~= nil end
    assert.same({}, names_where("partner", alias))
    local aliases = { "coverage.search_colon", "divisions.archive_colon",
      "webhooks.replay_since_colon", "webhooks.test_colon" }
    assert.same(aliases, names_where("customer", alias))
    for _, name in ipairs(aliases) do
      local row = operations.get("customer", name)
      local original = operations.get("customer", row.alias_of)
      assert.equal(original.path, (row.path:gsub("/?:", "/")))
      assert.same(actual_operation(original), actual_operation(row))
    end
  end)

  it("authorises the partner by key and the customer by token", function()
    assert.equal("api_key", operations.get("partner", "clients.create").credential)
    assert.equal("bearer", operations.get("customer", "cases.create").credential)
  end)

  it("has secret rotation as an update with part of its body set", function()
    for _, api in ipairs { "partner", "customer" } do
      local row, update = operations.get(api, "webhooks.rotate_secret"),
        operations.get(api, "webhooks.update")
      assert.same({ regenerateSecret = true }, row.preset)
      assert.equal(update.path, row.path)
      assert.equal(update.method, row.method)
      assert.equal(update.retry, row.retry)
      assert.is_nil(update.preset)
    end
  end)
end)

it("operations say what they destroy, where that cannot be taken back", function()
  local destructive = { partner = {}, customer = {} }
  for api, names in pairs(destructive) do
    for _, row in operations.each(api) do
      if row.destroys then names[#names + 1] = row.name end
    end
  end
  assert.same({
    partner = {
      "clients.delete", "clients.withdraw", "webhooks.delete", "webhooks.rotate_secret",
    },
    customer = {
      "divisions.delete", "divisions.archive", "divisions.archive_colon", "webhooks.delete",
      "webhooks.rotate_secret",
    },
  }, destructive)
end)

describe("finding an operation", function()
  local function found(api, method, path)
    local row, parameters = operations.find(api, method, path)
    return row and row.name, parameters
  end

  it("finds it by name", function()
    assert.equal("/clients", operations.get("partner", "clients.create").path)
    assert.is_nil(operations.get("partner", "clients.destroy"))
    assert.has_error(function() operations.get("creditor", "me") end, "unknown API: creditor")
  end)

  it("finds it by template", function()
    assert.equal("clients.get", found("partner", "GET", "/clients/{externalTenantId}"))
    assert.equal("clients.create", found("partner", "POST", "/clients"))
  end)

  it("finds it by the path of a request, with the parameters decoded", function()
    local name, parameters = found("partner", "GET", "/clients/%C3%A5%2F%3F")
    assert.equal("clients.get", name)
    assert.same({ externalTenantId = "å/?" }, parameters)
    name, parameters = found("customer", "GET", "/cases/1/quote-requests/2/quotes/3")
    assert.equal("cases.quote", name)
    assert.same({ id = "1", quoteRequestId = "2", quoteId = "3" }, parameters)
  end)

  it("prefers a path's own words to a parameter", function()
    assert.equal("webhooks.test", found("partner", "POST", "/v1/Webhooks/test"))
    assert.equal("coverage.search", found("customer", "GET", "/coverage/search"))
    assert.equal("coverage.search_colon", found("customer", "GET", "/coverage/:search"))
    assert.equal("webhooks.events", found("customer", "GET", "/webhooks/events"))
    assert.equal("divisions.archive_colon", found("customer", "POST", "/divisions/7:archive"))
  end)

  it("finds nothing for a path that is none", function()
    assert.is_nil(found("partner", "GET", "/clients/"))
    assert.is_nil(found("partner", "PATCH", "/clients"))
    assert.is_nil(found("partner", "GET", "/clients/a/b"))
    assert.is_nil(found("partner", "GET", "/Clients"))
  end)

  it("describes an operation that the documents do not know", function()
    local row = operations.unlisted("customer", "POST", "/cases/{id}/escalate")
    assert.equal("POST /cases/{id}/escalate", row.name)
    assert.equal("never", row.retry)
    assert.equal("bearer", row.credential)
    assert.equal("id", row.path_params[1].name)
    assert.is_true(row.unlisted)
    assert.equal("safe", operations.unlisted("customer", "GET", "/new").retry)
  end)
end)
