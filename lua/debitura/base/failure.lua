--- The one failure object of all layers: what `nil, err` carries.
--
-- `err.kind` tells what to do, `tostring(err)` is one line a person can act on. Neither it nor any
-- log shows a body, a hosted URL or a credential; `err.body`, `err.approval_url` and
-- `err.signing_url` are there for the program.
--
-- Fields: `kind`, `status` (HTTP, or nil), `type` (Debitura's own name for the case), `message`,
-- `operation`, `business_errors` (array of `{type, message, solution_url}`), `signing_url`,
-- `approval_url`, `variant` ("approval" or "choice"), `fields` (path to array of messages),
-- `retryable`, `retry_after` (seconds), `attempts`, `request_id`, `sent` (false: certainly nothing
-- reached the server), `detail` (what the server says of it, not shown by `tostring` because it may
-- name persons), `final` (of a delivery by a channel, true: the same can never pass), `body` (the
-- raw body), `data` (the decoded one), `blockers` (array of texts: what keeps a client from being
-- deleted, where the command has asked).
-- @module debitura.base.failure

local usage = require("debitura.base.usage")

local failure = {}

--- Every kind there is, and whether repeating the same call later can help. `configuration`: this
-- process is not set up for what was asked of it; `unreadable`: kept in the store, but cannot be
-- opened; `store`: locked, full, gone, or of another layout.
failure.kinds = {}
for retryable, kinds in pairs {
  [true] = "transport timeout rate_limited server store",
  [false] = "validation unauthorized forbidden not_found conflict business too_large "
    .. "unsupported_media malformed limit link_invalid onboarding_incomplete configuration "
    .. "unreadable",
} do
  for kind in kinds:gmatch("%S+") do failure.kinds[kind] = { retryable = retryable } end
end

local Failure = {}
Failure.__index = Failure
Failure.__name = "debitura.failure"

local SHOWN_LENGTH = 200

--- What a server says may be long, and may try to look like another line of a log.
local function shown(text)
  return (text:gsub("%c", " "):sub(1, SHOWN_LENGTH))
end

--- The field problems in a stable order, as "path: message" texts.
local function field_lines(fields)
  local lines = {}
  for path, messages in pairs(fields) do
    for _, message in ipairs(messages) do lines[#lines + 1] = shown(path .. ": " .. message) end
  end
  table.sort(lines)
  return lines
end

local SHOWN_FIELDS = 20

function Failure:__tostring()
  local head = self.operation and self.operation .. ": " or ""
  local label = self.kind
  if self.status then label = label .. " " .. self.status end
  if self.type then label = label .. " " .. self.type end
  local line = head .. label .. ": " .. self.message
  if self.fields then
    local lines = field_lines(self.fields)
    local rest = #lines - SHOWN_FIELDS
    line = line .. " (" .. table.concat(lines, "; ", 1, math.min(#lines, SHOWN_FIELDS))
      .. (rest > 0 and ("; and %d more"):format(rest) or "") .. ")"
  end
  if self.attempts and self.attempts > 1 then
    line = line .. (" [after %d attempts]"):format(self.attempts)
  end
  if self.request_id then line = line .. " [request " .. shown(self.request_id) .. "]" end
  return line
end

--- Makes a failure.
-- @tparam table values the fields above; `kind` and `message` are required. The table itself
--   becomes the failure.
-- @tparam[opt] table more fields, in place of those
-- @treturn table the failure
function failure.new(values, more)
  for name, value in pairs(more or {}) do values[name] = value end
  local kind = failure.kinds[values.kind]
  usage.check(kind, "unknown kind of failure: " .. tostring(values.kind))
  usage.check(type(values.message) == "string", "a failure needs a message")
  if values.retryable == nil then values.retryable = kind.retryable end
  return setmetatable(values, Failure)
end

--- Whether a value is a failure of this library.
-- @param value anything
-- @treturn boolean
function failure.is(value)
  return getmetatable(value) == Failure
end

local function caught(sound, ...)
  if sound then return ... end
  if failure.is((...)) then return nil, (...) end
  error((...), 0)
end

--- Calls a function that raises failures, and does not wait.
-- @tparam function run
-- @param ... its arguments
-- @return[1] what it gives
-- @treturn[2] nil
-- @treturn[2] table the failure that it raised
-- @raise any other error
function failure.catch(run, ...)
  return caught(pcall(run, ...))
end

return failure
