--- The sandbox's own controls under /_sandbox: its clock, settings, faults and accounts, and what
-- `actions` does. JSON for programs; forms, answered with a way back to the page, for people.
-- @module debitura.sandbox.server.control

local core = require("debitura.core")
local actions = require("debitura.sandbox.server.actions")
local calls = require("debitura.sandbox.model.calls")
local clock = require("debitura.sandbox.model.clock")
local differences = require("debitura.sandbox.model.differences")
local encoding = require("debitura.base.encoding")
local faults = require("debitura.sandbox.server.faults")
local links = require("debitura.sandbox.model.links")
local overview = require("debitura.sandbox.pages.overview")
local reply = require("debitura.sandbox.api.reply")
local scenarios = require("debitura.sandbox.server.scenarios")
local seeds = require("debitura.sandbox.model.seeds")
local settings = require("debitura.sandbox.model.settings")
local time = require("debitura.base.time")

local pages = {}

local MAX_ADVANCE = 3660 * 86400
local MAX_RATE = 1000000

local function is_form(call)
  return (call.request.headers["content-type"] or ""):find("application/x-www-form-urlencoded", 1,
    true) ~= nil
end

-- Routes return what is shown, or nil and problems by field.
local routes = {}

local function clock_view(state, wall)
  local passing = state.clock
  local now = clock.at(passing, wall) + passing.pending
  return { now = time.format(now), unix = now, rate = passing.rate, frozen = passing.rate == 0 }
end

routes["GET clock"] = function(call) return clock_view(call.state, call.wall) end

--- {advance: "7d1h"} passes time, {freeze: true|false} stops it or lets it go on, {rate: 3600}
-- speeds it up.
routes["POST clock"] = function(call, body)
  local passing, seconds = call.state.clock, 0
  if body.advance ~= nil then
    seconds = time.duration(body.advance)
    if not seconds or seconds > MAX_ADVANCE then
      return nil,
        { advance = {
          "must be a duration such as 7d1h or 90m, not negative, of 10 years at most" } }
    end
  end
  local rate = tonumber(body.rate)
  if body.freeze ~= nil then rate = (body.freeze == true or body.freeze == "true") and 0 or 1 end
  if (body.rate ~= nil or rate) and (not rate or rate < 0 or rate > MAX_RATE) then
    return nil, { rate = { "must be from 0 to " .. MAX_RATE } }
  end
  if rate then clock.set_rate(passing, call.wall, rate) end
  passing.pending = passing.pending + seconds
  return clock_view(call.state, call.wall)
end

routes["GET settings"] = function(call) return settings.view(call.state.settings) end

routes["POST settings"] = function(call, body)
  local problems = settings.change(call.state.settings, body)
  if problems then return nil, problems end
  return settings.view(call.state.settings)
end

for name, module in pairs { faults = faults, differences = differences } do
  local function list(call) return core.json.array(call.state[name]) end

  routes["GET " .. name] = list

  routes["POST " .. name] = function(call, body)
    local problems = module.add(call.state, body)
    if problems then return nil, problems end
    return list(call)
  end

  routes["DELETE " .. name] = function(call)
    call.state[name] = {}
    return list(call)
  end
end

--- {name, email, country, users, kind, other_partner, signed, externalTenantId, attributed}: an
-- account that is there already, like those of the situations; with an externalTenantId it is
-- linked to the partner.
routes["POST accounts"] = function(call, body)
  local problems = seeds.problems(body)
  if not problems and links.of_tenant(call.state, body.externalTenantId) then
    problems = { externalTenantId = { "is linked already" } }
  end
  if problems then return nil, problems end
  return seeds.plant(call.state, { body }, call.now)
end

routes["GET calls"] = function(call) return calls.list(call.state) end

routes["GET deliveries"] = function(call) return overview.deliveries(call.state) end

routes["GET events"] = function(call) return overview.events(call.state, call.wall) end

-- The deliveries that come here are in the log.
routes["POST sink"] = function() return {} end

routes["GET scenarios"] = scenarios.list

--- {name} of one that comes with the sandbox, or a whole scenario. It is played when this request
-- has been handled: it makes requests of its own.
routes["POST scenarios"] = function(call, body)
  local read, problems = scenarios.wanted(body)
  if not read then return nil, problems end
  return { play = function(send)
    return scenarios.play(read, send, call.state.settings, is_form(call))
  end }
end

for name, action in pairs(actions) do
  routes["POST " .. name] = action
end

local function read_body(call)
  if is_form(call) then
    local body = {}
    for name, values in pairs(encoding.form_values(call.request.body)) do
      if not encoding.is_utf8(values[1]) then return nil end
      body[name] = values[1]
    end
    return body
  end
  if call.request.body == "" then return {} end
  local body = core.json.decode(call.request.body)
  return type(body) == "table" and getmetatable(body) ~= core.json.array_mt and body or nil
end

--- A page on another site must not steer the sandbox through the developer's browser.
local function foreign_origin(call)
  local origin, host = call.request.headers.origin, call.request.headers.host
  return origin ~= nil and host ~= nil and origin:match("^https?://(.+)$") ~= host
end

function pages._sandbox(call)
  local name = call.request.path:match("^/_sandbox/?(.-)/?$")
  if call.method == "GET" and name == "" then
    return reply.html(200, overview.page(call, scenarios.list()))
  end
  local route = routes[call.method .. " " .. name]
  if not route then return reply.failure(404, "NotFound", "The sandbox has no such control.") end
  if call.method ~= "GET" and foreign_origin(call) then
    return reply.failure(403, "Forbidden", "Another site's page asked for this.")
  end
  local body = read_body(call)
  if not body then
    return reply.failure(400, "ValidationError", "The body must be a JSON object or a form.")
  end
  local shown, problems = route(call, body)
  if not shown then return reply.fields(problems) end
  if shown.play then return shown end
  local response = is_form(call) and reply.see_other("/_sandbox") or reply.json(200, shown)
  -- The call that moves the clock is answered when all that falls into the time has been done.
  response.settles = call.method == "POST" and name == "clock"
  return response
end

return { pages = pages }
