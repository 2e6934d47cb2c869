-- What a published OpenAPI document changes, against the rows, and documents that cannot be read.

local compare = require "debitura.operations.compare"
local core = require "debitura.core"
local openapi = require "debitura.operations.openapi"
local published = require "spec.support.openapi"

local FILES = { partner = "referral-partner-api", customer = "customer-api" }

local function changes(document, api)
  local read = assert(openapi.read(assert(core.json.encode(document))))
  assert.equal(api or "partner", compare.api_of(read))
  local lines = {}
  for i, one in ipairs(compare.changes(api or "partner", read)) do
    lines[i] = ("%s %s %s: %s"):format(one.severity, one.change, one.where, one.message)
  end
  return lines
end

describe("The document that the rows are made of", function()
  for api, file in pairs(FILES) do
    it("has no change: " .. file, function()
      assert.same({}, changes(published.document(file), api))
    end)

    it("has none in the words of OpenAPI 3.1: " .. file, function()
      local document = published.document(file)
      document.openapi = "3.1.0"
      local function walk(schema)
        if schema.nullable and schema.type then
          schema.type, schema.nullable = { schema.type, "null" }, nil
        end
        if schema["$ref"] then
          schema.oneOf = { { type = "null" }, { ["$ref"] = schema["$ref"] } }
          schema["$ref"] = nil
        end
        for _, inner in pairs(schema.properties or {}) do walk(inner) end
        if schema.items then walk(schema.items) end
      end
      for _, schema in pairs(document.components.schemas) do walk(schema) end
      assert.same({}, changes(document, api))
    end)
  end
end)

describe("A change", function()
  local document, schemas, paths

  before_each(function()
    document = published.document(FILES.partner)
    schemas, paths = document.components.schemas, document.paths
  end)

  it("is an operation that was added, which does no harm, or removed", function()
    paths["/clients/merge"] = { post = { responses = { ["200"] = { description = "" } } } }
    paths["/me"] = nil
    assert.same({ "fails removed GET /me: an operation",
      "noted added POST /clients/merge: an operation" }, changes(document))
  end)

  it("is no other name of a parameter in a path", function()
    paths["/clients/{id}"], paths["/clients/{externalTenantId}"] =
      paths["/clients/{externalTenantId}"], nil
    for _, operation in pairs(paths["/clients/{id}"]) do operation.parameters[1].name = "id" end
    assert.same({}, changes(document))
  end)

  it("is a parameter, which may be required", function()
    local list = paths["/coverage"].get
    list.parameters = { { name = "lang", ["in"] = "query", schema = { type = "string" } } }
    assert.same({ "noted added GET /coverage.lang: a field" }, changes(document))
    list.parameters[1].required = true
    assert.same({ "fails added GET /coverage.lang: a field that is required" }, changes(document))
    paths["/coverage"].parameters, list.parameters = list.parameters, nil
    assert.same({ "fails added GET /coverage.lang: a field that is required" }, changes(document))
  end)

  it("is an answer", function()
    local responses = paths["/me"].get.responses
    responses["429"] = { description = "" }
    responses["404"] = nil
    assert.same({ "noted removed GET /me 404: an answer", "noted added GET /me 429: an answer" },
      changes(document))
    responses["202"] = responses["200"]
    responses["200"] = { description = "" }
    responses["429"] = nil
    assert.same({ "fails changed GET /me 200: has no body now",
      "fails added GET /me 202: an answer", "noted removed GET /me 404: an answer" },
      changes(document))
  end)

  it("is a field: in an answer what was removed fails, in a request what is required", function()
    schemas.UserDto.properties.phone = { type = "string" }
    schemas.UserDto.properties.lastName = nil
    schemas.ClientUserDto.properties.phone = { type = "string" }
    schemas.ClientUserDto.properties.role = { type = "string" }
    schemas.ClientUserDto.required = { "name", "email", "role" }
    schemas.SubmitKycVerificationRequest.properties.directorFullName.maxLength = 100
    assert.same({
      "fails added ClientUserDto.role: a field that is required",
      "fails changed SubmitKycVerificationRequest.directorFullName: may be 100 at most now",
      "fails removed UserDto.lastName: a field",
      "noted added ClientUserDto.phone: a field",
      "noted added UserDto.phone: a field",
    }, changes(document))
  end)

  it("is a type", function()
    schemas.UserDto.properties.id = { type = "string", format = "uuid" }
    schemas.UserDto.properties.email = { type = "string", nullable = true, format = "email" }
    schemas.ClientCaseStats.properties.casesTotal.nullable = true
    schemas.ClientCaseStats.properties.casesClosed.deprecated = true
    schemas.GetClientsResponse.properties.clients = { type = "object",
      additionalProperties = { type = "string" } }
    assert.same({
      "fails changed GetClientsResponse.clients: is map now, was array",
      "fails changed UserDto.id: is text now, was whole number",
      "noted changed ClientCaseStats.casesClosed: is deprecated now",
      "noted changed ClientCaseStats.casesTotal: may be null now",
      "noted changed UserDto.email: has the form email now",
    }, changes(document))
  end)

  it("is a word of a list; one that this library decides by fails", function()
    schemas.CreditorKycVerificationStatus.enum = { "Processing", "Rejected" }
    schemas.InvoicingTriggerMode.enum = { "PayWhenPaid", "ConfirmedPipeline", "Never" }
    schemas.PlatformInvoicingStatus.enum = { 0, 1, 2 }
    assert.same({
      "fails added CreditorKycVerificationStatus: the word 'Rejected'",
      "fails removed PlatformInvoicingStatus: the word '3'",
      "noted added InvoicingTriggerMode: the word 'Never'",
    }, changes(document))
  end)

  it("is found behind references, and behind another name of a schema", function()
    schemas.Person = schemas.UserDto
    schemas.UserDto = nil
    schemas.Person.properties.lastName = nil
    schemas.ClientCreatedResponse.properties.users.items = {
      allOf = { { ["$ref"] = "#/components/schemas/Person" } } }
    local me = paths["/me"].get.responses["200"]
    document.components.responses = { Me = me }
    paths["/me"].get.responses["200"] = { ["$ref"] = "#/components/responses/Me" }
    assert.same({ "fails removed UserDto.lastName: a field" }, changes(document))
  end)

  it("does not loop where references do", function()
    document.components.responses = { Me = { ["$ref"] = "#/components/responses/Me" } }
    paths["/me"].get.responses["200"] = { ["$ref"] = "#/components/responses/Me" }
    assert.same({ "fails changed GET /me 200: has no body now" }, changes(document))
    schemas.UserDto.properties.self = { ["$ref"] = "#/components/schemas/UserDto" }
    assert.equal(2, #changes(document))
  end)
end)

describe("A document that cannot be read", function()
  it("says why, and what to do", function()
    local whole = assert(core.json.encode(published.document(FILES.partner)))
    for text, expected in pairs {
      ["openapi: 3.0.1\ninfo:\n  title: x\n"] = "it is YAML, and JSON is read: `yq %-o=json",
      ["# a comment\n---\n\"openapi\": 3.0.1\n"] = "it is YAML",
      ["<!DOCTYPE html><html>"] = "it is a page of HTML; the document itself is needed",
      [whole:sub(1, 5000)] = "it is cut: the JSON does not end, after 5000 bytes",
      ['{"openapi" 3}'] = "it is not JSON: ",
      ["Dear all: hello"] = "it is not JSON: unexpected text at byte 1",
      [""] = "it is cut: the JSON does not end, after 0 bytes",
      ['{"swagger":"2.0"}'] = "it is Swagger 2.0, and OpenAPI 3.0 and 3.1 are read: swagger2",
      ['{"openapi":"4.0.0"}'] = "it is OpenAPI 4.0.0, and 3.0 and 3.1 are read",
      ["[1]"] = "it is no OpenAPI document: it has no text 'openapi'",
      ['{"openapi":3}'] = "it is no OpenAPI document: it has no text 'openapi'",
    } do
      local read, err = openapi.read(text)
      assert.is_nil(read)
      assert.truthy(err:find("^" .. expected), err)
    end
  end)

  it("is one of 20 MB, before it is decoded", function()
    local read, err = openapi.read('{"openapi":"3.0.1","x":"' .. ("y"):rep(20 * 2 ^ 20) .. '"}')
    assert.is_nil(read)
    assert.truthy(err:find("^it is larger than what is read: more than 16777216 bytes"), err)
  end)

  it("may have anything where an object is expected", function()
    for _, text in ipairs {
      '{"openapi":"3.0.1"}', '{"openapi":"3.0.1","paths":[1]}', '{"openapi":"3.0.1","paths":null}',
      '{"openapi":"3.0.1","paths":{"/me":{"get":{"parameters":[1,{"name":1,"in":2}],'
        .. '"responses":{"200":null,"x":1,"201":{"content":{"application/json":5}}},'
        .. '"requestBody":7}}},"components":{"schemas":{"A":5,"B":{"enum":[{},null],"type":[]}}}}',
      '{"openapi":"3.0.1","paths":{"/me":{"get":{"responses":5}},"/x":7}}',
    } do
      local read = assert(openapi.read(text))
      assert.is_table(compare.changes("partner", read))
    end
    assert.is_nil(compare.api_of(assert(openapi.read '{"openapi":"3.0.1"}')))
  end)
end)
