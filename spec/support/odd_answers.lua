--- Answers of Debitura in other shapes than the documents': stands between the library and the
-- sandbox's model, see spec/support/model_partner.lua.

local core = require("debitura.core")
local operations = require("debitura.operations")

local odd_answers = {}

--- The operation that a request asks for, and the rest of its path.
local function operation_of(method, path_and_query)
  local path = path_and_query:match("^[^?]*")
  local customer = path:match("^/customer(/.*)$")
  local row = operations.find(customer and "customer" or "partner", method, customer or path)
  return row and (customer and "customer." or "partner.") .. row.name
end

--- Whose request it is: the tenant stands in it, or its token was given for one.
local function tenant_of(tokens, prepared)
  local bearer = prepared.headers.authorization
  if bearer then return tokens[bearer] end
  local body = prepared.body ~= "" and prepared.body and core.json.decode(prepared.body)
  if type(body) == "table" and body.externalTenantId then return body.externalTenantId end
  return prepared.path_and_query:match("[Tt]enantId=([^&]+)")
    or prepared.path_and_query:match("^/clients/([^/?]+)")
end

--- Changes what answers hold.
-- @tparam table partner spec.support.model_partner
-- @tparam function change of (operation such as "customer.cases.create", tenant, decoded body,
--   status), gives the body as text, or nil to leave it as it is
function odd_answers.interpose(partner, change)
  local send, tokens = partner.send, {}
  function partner:send(prepared)
    local response = send(self, prepared)
    local operation = operation_of(prepared.method, prepared.path_and_query)
    if not operation then return response end
    local body = response.body and core.json.decode(response.body)
    local tenant = tenant_of(tokens, prepared)
    if type(body) == "table" and body.accessToken then
      tokens["Bearer " .. body.accessToken] = tenant
    end
    response.body = tenant and change(operation, tenant, body, response.status) or response.body
    return response
  end
end

--- JSON values of every kind, and what is none.
odd_answers.VALUES = {
  "null", "true", "false", "0", "-1", "1.5", "1e300", '""', '"text"', '"javascript:alert(1)"',
  '"https://x.example/a\\r\\nSet-Cookie: e=1"', '"https://x.example/a b"', '"\\u0000"', "[]", "{}",
  "[1]", "[null]", "[false]", "[[]]", "[{}]", '{"a":1}', '{"id":null}', '{"id":{}}',
  '"' .. "https://x.example/" .. ("a"):rep(9000) .. '"',
}

--- What no answer is.
odd_answers.BODIES = {
  "", " ", "{", "<html>502</html>", '{"a":1', "\255\254", '{"a":1}{"b":2}', ("["):rep(200),
}
for _, value in ipairs(odd_answers.VALUES) do
  odd_answers.BODIES[#odd_answers.BODIES + 1] = value
end

--- A copy of a decoded value in which some are replaced by odd ones, or left out.
-- @param value
-- @tparam function random of n, gives a whole number from 1 to n
function odd_answers.mutated(value, random)
  if random(16) == 1 then
    return core.json.decode(odd_answers.VALUES[random(#odd_answers.VALUES)])
  end
  if type(value) ~= "table" then return value end
  local copy, names = {}, {}
  for name in pairs(value) do names[#names + 1] = name end
  table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
  for _, name in ipairs(names) do
    if random(25) > 1 then copy[name] = odd_answers.mutated(value[name], random) end
  end
  return copy
end

--- A copy of a decoded value in which each URL is another value.
-- @param value
-- @param url
function odd_answers.with_url(value, url)
  if type(value) == "string" and value:find("^https?://") then return url end
  if type(value) ~= "table" then return value end
  local copy = {}
  for name, each in pairs(value) do copy[name] = odd_answers.with_url(each, url) end
  return copy
end

return odd_answers
