--- What a developer does to the sandbox and Debitura could not be asked for: moving its clock, above all.
-- @module debitura.sandbox.control

local core = require("debitura.core")
local clock = require("debitura.sandbox.clock")
local encoding = require("debitura.sandbox.encoding")
local reply = require("debitura.sandbox.reply")

local control = { pages = {} }

local routes = {}

local MAX_ADVANCE = 3660 * 86400
local MAX_RATE = 1000000

local function clock_view(state, wall)
  local time = state.clock
  return { now = clock.iso(clock.at(time, wall) + time.pending), rate = time.rate, frozen = time.rate == 0 }
end

routes["GET clock"] = function(call)
  return reply.json(200, clock_view(call.state, call.wall))
end

--- {advance: "7d1h"} passes time, {freeze: true|false} stops it or lets it go on, {rate: 3600} speeds it up.
routes["POST clock"] = function(call, body)
  local time = call.state.clock
  if body.advance ~= nil then
    local seconds = clock.duration(body.advance)
    if not seconds then return reply.fields { advance = { "must be a duration such as 7d1h or 90m, and not negative" } } end
    if seconds > MAX_ADVANCE then return reply.fields { advance = { "must be 10 years at most" } } end
    time.pending = time.pending + seconds
  end
  if body.freeze ~= nil then clock.set_rate(time, call.wall, body.freeze == true and 0 or 1) end
  if body.rate ~= nil then
    if type(body.rate) ~= "number" or body.rate < 0 or body.rate > MAX_RATE then
      return reply.fields { rate = { "must be from 0 to " .. MAX_RATE } }
    end
    clock.set_rate(time, call.wall, body.rate)
  end
  return reply.json(200, clock_view(call.state, call.wall))
end

local function read_body(call)
  local kind = call.request.headers["content-type"] or ""
  if kind:find("application/x-www-form-urlencoded", 1, true) then
    local body = {}
    for name, values in pairs(encoding.parameters(call.request.body)) do body[name] = values[1] end
    return body
  end
  if call.request.body == "" then return {} end
  local body = core.json.decode(call.request.body)
  return type(body) == "table" and body or nil
end

--- A page on another site must not steer the sandbox through the developer's browser.
local function foreign_origin(call)
  local origin, host = call.request.headers.origin, call.request.headers.host
  return origin ~= nil and host ~= nil and origin:match("^https?://(.+)$") ~= host
end

function control.pages._sandbox(call)
  local name = call.request.path:match("^/_sandbox/?(.-)/?$")
  local route = routes[call.method .. " " .. name]
  if not route then return reply.failure(404, "NotFound", "The sandbox has no such control.") end
  if call.method ~= "GET" and foreign_origin(call) then return reply.failure(403, "Forbidden", "Another site's page asked for this.") end
  local body = call.method ~= "GET" and read_body(call) or {}
  if not body then return reply.failure(400, "ValidationError", "The body must be a JSON object or a form.") end
  return route(call, body)
end

return control
