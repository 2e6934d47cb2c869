--- From what came back over the wire to the decoded body of a response, or to a failure.
-- @module debitura.client.response

local core = require("debitura.core")
local failure = require("debitura.base.failure")

local response = {}

--- What the engine's own failures are called outside of it.
local KIND_OF_CODE = {
  timeout = "timeout", limit = "limit", argument = "validation",
  transport = "transport", cancelled = "transport", system = "transport", memory = "limit",
}

--- A failure of a request that got no response.
-- @tparam string operation name of the row
-- @tparam table err `{code, message, where, sent}` of the engine; without `sent` it was refused
--   before it was sent
-- @treturn table failure; `sent` is false when certainly nothing reached the server
function response.undelivered(operation, err)
  return failure.new {
    kind = KIND_OF_CODE[err.code] or "transport", message = err.message, operation = operation,
    sent = err.sent or false,
  }
end

local REASONS = {
  minute = "as many requests as a minute allows were sent",
  hour = "as many requests as an hour allows were sent",
  day = "as many requests as a day allows were sent",
  held = "the service asked for a pause",
}

--- The failure of a request that was not sent, since limits would have held it longer than its call
-- may take.
-- @tparam string operation name of the row
-- @tparam number seconds until it could be sent
-- @tparam string window "minute", "hour", "day" or "held"
-- @treturn table failure of kind "rate_limited"
function response.held_back(operation, seconds, window)
  return failure.new {
    kind = "rate_limited", operation = operation, sent = false, retry_after = seconds,
    message = ("%s; the next can be sent in %.1f s, which is past this call's budget"):format(
      REASONS[window], seconds),
  }
end

--- Whether a text that is not JSON would perhaps be, with more behind it.
local function is_cut_short(err, body)
  return err.code == "syntax" and body ~= "" and err.where == "byte " .. #body + 1
end

--- A failure that a response tells of.
-- @tparam table row the operation
-- @tparam table received see `read`
-- @tparam table values of the failure; default: what its envelope says
-- @treturn table failure
function response.failure(row, received, values)
  values = values or core.envelope.read(received.status, received.headers, received.body)
  values.operation, values.status = row.name, received.status
  values.body, values.request_id = received.body, received.request_id
  return failure.new(values)
end

--- Reads a response.
-- @tparam table row the operation
-- @tparam table received `{status, headers, body, request_id}`
-- @treturn[1] the decoded body, or true where there is none
-- @treturn[2] nil
-- @treturn[2] table failure
function response.read(row, received)
  local status = received.status
  if status >= 200 and status < 300 then
    local body = received.body
    -- Nothing where a shape is promised is a response cut short: compressed, it can end before its
    -- first byte.
    if body == "" and not row.success[status] then return true end
    local data, err = core.json.decode(body)
    if type(data) == "table" or not err and row.success[status] == false then return data end
    if not err then -- JSON, but neither an object nor an array, as all documents are
      return nil, response.failure(row, received, {
        kind = "malformed", message = "the response is no object",
      })
    end
    if is_cut_short(err, body) then
      -- Without a length the end of the connection is that of the response, be it meant so or not.
      return nil, response.failure(row, received, {
        kind = "transport", sent = true,
        message = "the connection was closed in the middle of the answer",
      })
    end
  end
  return nil, response.failure(row, received)
end

--- The failure of a call whose new token was refused like the one before.
-- @tparam table row the operation
-- @tparam table received the second 401
-- @treturn table failure of kind "link_invalid"
function response.link_invalid(row, received)
  local err = response.failure(row, received)
  err.kind = "link_invalid"
  err.message = "a token minted just now was refused as well: the client's link is not valid "
    .. "any more; ask partner.clients:get"
  return err
end

return response
