--- The last request and answer of each operation, for those who look why a call went as it did.
-- @module debitura.sandbox.model.calls

local core = require("debitura.core")
local time = require("debitura.base.time")

local calls = {}

local MAX_SHOWN = 16 * 1024 -- bytes of a body

--- Keeps a call in place of the operation's last one.
-- @tparam table call
-- @tparam table response
function calls.keep(call, response)
  local row, request, body = call.row, call.request, call.request.body
  call.state.calls[row.api .. " " .. row.name] = {
    api = row.api, operation = row.name, at = call.now, status = response.status,
    method = request.method, answer = response.body,
    target = request.path .. ((request.query or "") ~= "" and "?" .. request.query or ""),
    body = #body <= MAX_SHOWN and body or ("%d bytes"):format(#body),
  }
end

local function readable(text)
  return #text <= MAX_SHOWN and core.json.encode(text) and text or ("%d bytes"):format(#text)
end

--- The calls, the last one first.
-- @tparam table state
-- @treturn table array of `{api, operation, at, method, target, body, status, answer}`; bodies are
--   texts, and their size where they are long or no text
function calls.list(state)
  local list = core.json.array {}
  for _, call in pairs(state.calls) do
    local answer = call.answer
    if type(answer) == "table" then answer = core.json.encode(answer) or "" end
    list[#list + 1] = {
      api = call.api, operation = call.operation, method = call.method, target = call.target,
      at = time.format(call.at), body = readable(call.body), status = call.status,
      answer = readable(answer), moment = call.at,
    }
  end
  table.sort(list, function(one, other)
    if one.moment ~= other.moment then return one.moment > other.moment end
    return one.api .. one.operation < other.api .. other.operation
  end)
  for _, call in ipairs(list) do call.moment = nil end
  return list
end

return calls
