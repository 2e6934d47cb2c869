--- Faults on demand: how the next calls of an operation go wrong, for a partner's own tests.
-- @module debitura.sandbox.server.faults

local core = require("debitura.core")
local operations = require("debitura.operations")
local reply = require("debitura.sandbox.api.reply")

local faults = {}

local MAX_DELAY = 60
local MAX_FAULTS = 100

local PROXY_PAGE = [[
<html><head><title>%d Error</title></head>
<body><center><h1>%d Error</h1></center><hr><center>sample proxy</center></body></html>
]]

local FIELDS = {
  api = "string", operation = "string", times = "number", status = "number", delay = "number",
  cut = "boolean", garbage = "boolean", html = "boolean", retry_after = "number",
  expired_token = "boolean", body = "any",
}

--- What is wrong with a fault that is asked for.
local function problems(fault)
  local found = {}
  for name, value in pairs(fault) do
    local kind = FIELDS[name]
    if not kind then
      found[name] = { "is not known" }
    elseif kind ~= "any" and type(value) ~= kind then
      found[name] = { "must be a " .. kind }
    end
  end
  if next(found) then return found end
  local api = fault.api or "partner"
  if fault.api and api ~= "partner" and api ~= "customer" then
    return { api = { "must be partner or customer" } }
  end
  if fault.operation and not operations.get(api, fault.operation) then
    return { operation = { "is no operation of the " .. api
      .. " API; names are such as clients.create" } }
  end
  local status = fault.status or 200
  if status < 200 or status > 599 or status % 1 ~= 0 then
    return { status = { "must be from 200 to 599" } }
  end
  if fault.delay and (fault.delay < 0 or fault.delay > MAX_DELAY) then
    return { delay = { "must be up to 60 seconds" } }
  end
  if fault.times and (fault.times < 1 or fault.times % 1 ~= 0) then
    return { times = { "must be 1 or more" } }
  end
end

--- Adds a fault.
-- @tparam table state
-- @tparam table fault `operation` (default any), `api` ("partner"), `times` (1), and what goes
--   wrong: `status`, `body`, `html`, `delay` (seconds), `cut` (the connection ends in mid-body),
--   `garbage`, `retry_after` (429 with it in the body), `expired_token`
-- @treturn table|nil problems by field
function faults.add(state, fault)
  local found = problems(fault)
  if not found and #state.faults >= MAX_FAULTS then
    found = { times = { "there are 100 faults already" } }
  end
  if found then return found end
  fault.left = fault.times or 1
  table.insert(state.faults, fault)
end

--- Takes the fault that a call is to meet.
-- @tparam table state
-- @tparam table row
-- @treturn table|nil
function faults.take(state, row)
  for index, fault in ipairs(state.faults) do
    local any = not fault.operation and (not fault.api or fault.api == row.api)
    if any or (fault.operation == (row.alias_of or row.name)
      and (fault.api or "partner") == row.api) then
      fault.left = fault.left - 1
      if fault.left == 0 then table.remove(state.faults, index) end
      return fault
    end
  end
end

--- 429 as the service writes it: how long to wait stands in the body.
-- @tparam number seconds
-- @tparam boolean header also as `Retry-After`
-- @treturn table
function faults.rate_limited(seconds, header)
  local response = reply.json(429, {
    error = "rate_limit_exceeded", message = "Too many requests. Please try again later.",
    retryAfter = seconds,
  })
  if header then response.headers["retry-after"] = ("%d"):format(seconds) end
  return response
end

--- The answer that takes the operation's place, where the fault is one that does.
-- @tparam table fault
-- @treturn table|nil
function faults.answer(fault)
  if fault.expired_token then return reply.empty(401) end
  if fault.retry_after then return faults.rate_limited(fault.retry_after, false) end
  if fault.garbage then
    local response = reply.json(fault.status or 200, {})
    response.body = '{"page": {"totalResults": 1, \255\254'
    return response
  end
  if fault.html then
    return reply.html(fault.status or 502, PROXY_PAGE:format(fault.status or 502, fault.status
      or 502))
  end
  if type(fault.body) == "table" then return reply.json(fault.status or 200, fault.body) end
  if type(fault.body) == "string" then
    return { status = fault.status or 200, headers = {}, body = fault.body }
  end
  if fault.status then
    return reply.failure(fault.status, "SandboxFault", "A fault that was asked for.")
  end
end

--- Puts delay and cut on an answer.
-- @tparam table fault
-- @tparam table response
-- @treturn table a copy
function faults.mar(fault, response)
  return { status = response.status, headers = response.headers, body = response.body,
    await = response.await,
    finish = response.finish, delay = fault.delay, cut = fault.cut }
end

--- @tparam table state
-- @treturn table what is waiting
function faults.list(state)
  return core.json.array(state.faults)
end

return faults
