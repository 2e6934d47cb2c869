--- Idempotency-Key: the same key and body gets the stored answer again; another body under it is
-- refused.
-- @module debitura.sandbox.server.idempotency

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local forms = require("debitura.sandbox.api.forms")
local records = require("debitura.sandbox.model.records")
local reply = require("debitura.sandbox.api.reply")

local idempotency = {}

local MAX_KEY = 255
local MAX_KEPT = 10000 -- how long the service keeps a key is not documented

--- What stands for a body. The boundary of a form changes with each try, its parts do not.
local function fingerprint(call)
  local text = call.request.body
  local parts = forms.multipart(call.request.headers["content-type"], text)
  if parts then
    local pieces = {}
    for _, part in ipairs(parts) do
      pieces[#pieces + 1] = ("%s:%s:%d:%s"):format(part.name, part.filename or "", #part.content,
        part.content)
    end
    text = table.concat(pieces, "\n")
  end
  return encoding.base64(core.signature.hmac("idempotency", call.request.path .. "\n" .. text))
end

--- Runs a handler under the key that the request carries, if it carries one. Successes and business
-- errors are stored; what is refused for its form can be mended and sent under the same key.
-- @tparam table call
-- @tparam function handler
-- @treturn table response
function idempotency.run(call, handler)
  local key = call.request.headers["idempotency-key"]
  if not call.row.idempotency_key or not key then return handler(call) end
  if #key < 1 or #key > MAX_KEY then
    return reply.failure(400, "ValidationError", "Idempotency-Key must have 1 to 255 characters.")
  end
  local id = table.concat({ call.creditor and call.creditor.id or "partner", call.row.name, key },
    " ")
  local mark = fingerprint(call)
  local stored = call.state.idempotency.by_id[id]
  if stored and stored.mark ~= mark then
    local message = "The Idempotency-Key was used with another body."
    if call.row.errors[422] ~= "BusinessErrorResponseApiDTO" then
      return reply.failure(422, "IdempotencyConflict", message)
    end
    return reply.business { { type = "IdempotencyConflict", message = message,
      solutionUrl = core.null } }
  elseif stored then
    return stored.response
  end
  local response = handler(call)
  if response.status < 300 or response.status == 422 then
    records.add(call.state.idempotency, { id = id, mark = mark, response = response })
    records.trim(call.state.idempotency, MAX_KEPT)
  end
  return response
end

return idempotency
