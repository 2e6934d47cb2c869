--- From what came back over the wire to the decoded answer of an operation, or to a failure.
-- @module debitura.client.response

local core = require("debitura.core")
local failure = require("debitura.base.failure")

local answer = {}

--- What the engine's own failures are called outside of it.
local KIND_OF_CODE = {
  timeout = "timeout", limit = "limit", argument = "validation",
  transport = "transport", cancelled = "transport", system = "transport", memory = "limit",
}

--- A failure of a request that got no answer.
-- @tparam string operation name of the row
-- @tparam table problem `{code, message, where, sent}` of the engine; without `sent` it was refused before it was sent
-- @treturn table failure; `sent` is false when certainly nothing reached the server
function answer.undelivered(operation, problem)
  return failure.new {
    kind = KIND_OF_CODE[problem.code] or "transport", message = problem.message, operation = operation, sent = problem.sent or false,
  }
end

local REASONS = {
  minute = "as many requests as a minute allows were sent", hour = "as many requests as an hour allows were sent",
  day = "as many requests as a day allows were sent", held = "the service asked for a pause",
}

--- The failure of a request that was not sent, since limits would have held it longer than its call may take.
-- @tparam string operation name of the row
-- @tparam number seconds until it could be sent
-- @tparam string reason see debitura.client.limiter
-- @treturn table failure of kind "rate_limited"
function answer.held_back(operation, seconds, reason)
  return failure.new {
    kind = "rate_limited", operation = operation, sent = false, retry_after = seconds,
    message = ("%s; the next can be sent in %.1f s, which is past this call's budget"):format(REASONS[reason], seconds),
  }
end

--- Reads an answer.
-- @tparam table row the operation
-- @tparam table response `{status, headers, body, request_id}`
-- @treturn[1] the decoded body, or true where there is none
-- @treturn[2] nil
-- @treturn[2] table failure
function answer.read(row, response)
  if response.status >= 200 and response.status < 300 then
    -- Nothing where a shape is promised is an answer cut short: compressed, it can end before its first byte.
    if response.body == "" and not row.success[response.status] then return true end
    local data, problem = core.json.decode(response.body)
    if not problem then return data end
  end
  local values = core.envelope.read(response.status, response.headers, response.body)
  values.operation, values.status = row.name, response.status
  values.body, values.request_id = response.body, response.request_id
  return nil, failure.new(values)
end

--- The failure of a call whose new token was refused like the one before.
-- @tparam table row the operation
-- @tparam table response the second 401
-- @treturn table failure of kind "link_invalid"
function answer.link_invalid(row, response)
  return failure.new {
    kind = "link_invalid", status = response.status, operation = row.name,
    body = response.body, request_id = response.request_id,
    message = "a token minted just now was refused as well: the client's link is not valid any more; ask partner.clients:get",
  }
end

return answer
