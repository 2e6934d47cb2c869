--- Answers in the envelopes that the two APIs use. An answer is `{status, headers, body}`; a table
-- as body is JSON.
-- @module debitura.sandbox.api.reply

local json = require("debitura.core").json

local reply = {}

local JSON = "application/json; charset=utf-8"

--- @tparam number status
-- @tparam table body
-- @treturn table
function reply.json(status, body)
  return { status = status, headers = { ["content-type"] = JSON }, body = body }
end

--- @tparam number status
-- @treturn table an answer without a body
function reply.empty(status)
  return { status = status, headers = {}, body = "" }
end

--- ApiErrorResponseDto as it is written: the legacy pair and the canonical list side by side.
-- @tparam number status
-- @tparam string kind such as "NotFound"
-- @tparam string message
-- @treturn table
function reply.failure(status, kind, message)
  return reply.json(status,
    { error = kind, message = message,
      businessErrors = json.array { { type = kind, message = message } } })
end

--- 404 in the usual envelope.
-- @tparam string what was looked for
-- @treturn table
function reply.not_found(what)
  return reply.failure(404, "NotFound", what .. " was not found.")
end

--- 400 as a map of field to messages.
-- @tparam table fields path to array of messages
-- @treturn table
function reply.fields(fields)
  for _, messages in pairs(fields) do json.array(messages) end
  return reply.json(400, fields)
end

--- RFC 7807 problem details.
-- @tparam number status
-- @tparam string title
-- @tparam[opt] string detail
-- @treturn table
function reply.problem(status, title, detail)
  return {
    status = status, headers = { ["content-type"] = "application/problem+json; charset=utf-8" },
    body = { type = "https://tools.ietf.org/html/rfc7807", title = title, status = status,
      detail = detail },
  }
end

--- 400 as problem details.
-- @tparam ?string detail
-- @treturn table
function reply.invalid(detail)
  return reply.problem(400, "One or more validation errors occurred.", detail)
end

--- ConflictResponse, 409.
-- @tparam string kind
-- @tparam string message
-- @tparam[opt] table data
-- @treturn table
function reply.conflict(kind, message, data)
  return reply.json(409, { type = kind, message = message, data = data })
end

--- BusinessErrorResponseApiDTO, 422.
-- @tparam table errors array of `{type, message, solutionUrl}`
-- @tparam[opt] string signing_url the combined one
-- @treturn table
function reply.business(errors, signing_url)
  return reply.json(422, {
    businessErrors = json.array(errors),
    signingHandoff = signing_url and { combinedSigningUrl = signing_url } or nil,
  })
end

--- @tparam number status
-- @tparam string text a whole page
-- @treturn table
function reply.html(status, text)
  return { status = status, headers = { ["content-type"] = "text/html; charset=utf-8",
    ["cache-control"] = "no-store" }, body = text }
end

--- 303, so that reloading the page that follows repeats nothing.
-- @tparam string location
-- @treturn table
function reply.see_other(location)
  return { status = 303, headers = { location = location }, body = "" }
end

return reply
