--- Faults on demand: how the next calls of an operation go wrong, for a partner's own tests.
-- @module debitura.sandbox.server.faults

local example = require("debitura.webhook.example")
local operations = require("debitura.operations")
local reply = require("debitura.sandbox.api.reply")
local schema = require("debitura.sandbox.model.schema")

local faults = {}

local MAX_FAULTS = 100

local PROXY_PAGE = [[
<html><head><title>%d  Error</title></head>
<body><center><h1>%d  Error</h1></center><hr><center>sample proxy</center></body></html>
]]

local GARBAGE = '{"page": {"totalResults": 1, \255\254'

local SCHEMA = schema.new {
  Fault = [[
    api  string = partner | customer
    operation  string
    times  integer 1..
    status  integer 200..599
    delay  number 0..60
    cut, lost, garbage, html  boolean
    retry_after  number
    header, expired_token  boolean
    body  any?
  ]],
  LostEvent = "event! string = " .. table.concat(example.names(), " | ") .. "\ntimes integer 1..",
}

--- What is wrong with a fault that is asked for.
local function problems(state, fault)
  local found = SCHEMA:problems(fault.event ~= nil and "LostEvent" or "Fault", fault)
  if found then return found end
  local api = fault.api or "partner"
  if fault.operation and not operations.get(api, fault.operation) then
    return { operation = { "is no operation of the " .. api
      .. " API; names are such as clients.create" } }
  end
  if #state.faults >= MAX_FAULTS then return { times = { "there are 100 faults already" } } end
end

--- Adds a fault.
-- @tparam table state
-- @tparam table fault `operation` (default any), `api` ("partner"), `times` (1), and what goes
--   wrong: `status`, `body`, `html`, `delay` (seconds), `cut` (the connection ends in mid-body),
--   `lost` (it ends without an answer), `garbage`, `retry_after` (429 with it in the body, with
--   `header` in `Retry-After`, too), `expired_token`; or an `event`, which is lost
-- @treturn table|nil problems by field
function faults.add(state, fault)
  local found = problems(state, fault)
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
    local any = not fault.operation and not fault.event
      and (not fault.api or fault.api == row.api)
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
  if header then response.headers["retry-after"] = ("%.14g"):format(seconds) end
  return response
end

--- The answer that takes the operation's place, where the fault is one that does.
-- @tparam table fault
-- @treturn table|nil
function faults.answer(fault)
  local status, body = fault.status, fault.body
  if fault.expired_token then return reply.empty(401) end
  if fault.retry_after then return faults.rate_limited(fault.retry_after, fault.header) end
  if fault.garbage then return reply.json(status or 200, GARBAGE) end
  if fault.html then
    return reply.html(status or 502, PROXY_PAGE:format(status or 502, status or 502))
  end
  if type(body) == "table" then return reply.json(status or 200, body) end
  if type(body) == "string" then return { status = status or 200, headers = {}, body = body } end
  if status then return reply.failure(status, "SandboxFault", "A fault that was asked for.") end
end

--- Puts delay, cut and loss on an answer.
-- @tparam table fault
-- @tparam table response
-- @treturn table a copy
function faults.mar(fault, response)
  return { status = response.status, headers = response.headers, body = response.body,
    await = response.await,
    finish = response.finish, delay = fault.delay, cut = fault.cut,
    lost = fault.lost }
end

return faults
