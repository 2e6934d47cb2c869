--- Differences from the documents on demand: what every answer of an operation, or every event of a
-- name, has otherwise, for those who try whether one is noticed.
-- @module debitura.sandbox.model.differences

local example = require("debitura.webhook.example")
local merged = require("debitura.base.merged")
local operations = require("debitura.operations")
local schema = require("debitura.sandbox.model.schema")

local differences = {}

local MOST = 100

local SCHEMA = schema.new {
  Answer = [[
    api         string = partner | customer
    operation!  string
    status      integer 200..599
    answer      integer 200..599
    field       string 1..
    to          any?
  ]],
  Event = "event! string = " .. table.concat(example.names(), " | ")
    .. "\nfield! string 1..\nto any?",
}

--- Adds a difference.
-- @tparam table state
-- @tparam table difference `operation`, `api` ("partner") and `status` (any) say which answers, or
--   `event` which events; `answer` is the status that takes the place of theirs, `field` (such as
--   `data.onboardingLinks.url`, `cases[].lifecycle`) what is `to` be another value, or, without
--   `to`, is not there
-- @treturn ?table problems by field
function differences.add(state, difference)
  local found = SCHEMA:problems(difference.event ~= nil and "Event" or "Answer", difference)
  if found then return found end
  if difference.operation
    and not operations.get(difference.api or "partner", difference.operation) then
    return { operation = { "is no operation; names are such as clients.create" } }
  end
  if #state.differences >= MOST then return { field = { "there are 100 already" } } end
  table.insert(state.differences, difference)
end

--- A copy in which what a path leads to is another value.
local function changed(value, path, to)
  if path == "" then return to end
  if type(value) ~= "table" then return value end
  local copy = setmetatable(merged(value), getmetatable(value))
  local rest = path:match("^%[%]%.?(.*)$")
  if rest then
    for index, inner in ipairs(value) do copy[index] = changed(inner, rest, to) end
    return copy
  end
  local name
  name, rest = path:match("^([^.%[]+)%.?(.*)$")
  if not name then return value end
  copy[name] = changed(value[name], rest, to)
  return copy
end

--- An answer as it is told to be.
-- @tparam table state
-- @tparam table row the operation
-- @tparam table response
-- @treturn table the response, or another one
function differences.answer(state, row, response)
  local status = response.status
  for _, one in ipairs(state.differences) do
    if one.operation == (row.alias_of or row.name) and (one.api or "partner") == row.api
      and (not one.status or one.status == status) then
      response = {
        status = one.answer or response.status, headers = response.headers,
        body = one.field and changed(response.body, one.field, one.to) or response.body,
        await = response.await, finish = response.finish,
      }
    end
  end
  return response
end

--- An event's envelope as it is told to be.
-- @tparam table state
-- @tparam string event
-- @tparam table envelope
-- @treturn table
function differences.event(state, event, envelope)
  for _, one in ipairs(state.differences) do
    if one.event == event then envelope = changed(envelope, one.field, one.to) end
  end
  return envelope
end

return differences
