--- The sandbox's behaviour: a request goes in, a response and effects come out. No clock is read
-- and nothing is sent from here; `wall` is the time of day in seconds, `state` plain data that
-- every call changes.
--
-- An effect is `{id, url, headers, body, timeout}`: POST it, then tell `dispatch.delivered`.
-- @module debitura.sandbox.server.dispatch

local operations = require("debitura.operations")
local calls = require("debitura.sandbox.model.calls")
local complete = require("debitura.sandbox.api.complete")
local clock = require("debitura.sandbox.model.clock")
local differences = require("debitura.sandbox.model.differences")
local faults = require("debitura.sandbox.server.faults")
local idempotency = require("debitura.sandbox.server.idempotency")
local limits = require("debitura.sandbox.model.limits")
local links = require("debitura.sandbox.model.links")
local jobs = require("debitura.sandbox.model.jobs")
local reply = require("debitura.sandbox.api.reply")
local seeds = require("debitura.sandbox.model.seeds")
local state_module = require("debitura.sandbox.model.state")
local tokens = require("debitura.sandbox.partner_api.tokens")
local validate = require("debitura.sandbox.api.validate")
local variants = require("debitura.sandbox.server.variants")
local webhooks = require("debitura.sandbox.model.webhooks")

local dispatch = {}

-- Modules that serve: an API by its `operations`, pages by their first path segment, jobs by kind.
local OPERATIONS = {
  partner = {
    "debitura.sandbox.api.subscriptions",
    "debitura.sandbox.partner_api.account",
    "debitura.sandbox.partner_api.cases",
    "debitura.sandbox.partner_api.clients",
    "debitura.sandbox.partner_api.coverage",
    "debitura.sandbox.partner_api.files",
    "debitura.sandbox.partner_api.kyc",
    "debitura.sandbox.partner_api.reporting",
    "debitura.sandbox.partner_api.testing",
    "debitura.sandbox.partner_api.tokens",
  },
  customer = {
    "debitura.sandbox.api.subscriptions",
    "debitura.sandbox.customer_api.account",
    "debitura.sandbox.customer_api.cases",
    "debitura.sandbox.customer_api.chats",
    "debitura.sandbox.customer_api.coverage",
    "debitura.sandbox.customer_api.divisions",
    "debitura.sandbox.customer_api.events",
    "debitura.sandbox.customer_api.files",
    "debitura.sandbox.customer_api.payments",
    "debitura.sandbox.customer_api.quotes",
    "debitura.sandbox.customer_api.tasks",
    "debitura.sandbox.customer_api.testing",
  },
}
local PAGES = {
  "debitura.sandbox.pages.files",
  "debitura.sandbox.pages.hosted",
  "debitura.sandbox.server.control",
}
local JOBS = {
  "debitura.sandbox.model.cases",
  "debitura.sandbox.model.kyc",
  "debitura.sandbox.model.links",
  "debitura.sandbox.model.webhooks",
}

--- One table of what modules have under a name.
local function gather(modules, field)
  local all = {}
  for _, name in ipairs(modules) do
    for key, handler in pairs(require(name)[field]) do all[key] = handler end
  end
  return all
end

local handlers = {
  partner = gather(OPERATIONS.partner, "operations"),
  customer = gather(OPERATIONS.customer, "operations"),
}
local pages, job_handlers = gather(PAGES, "pages"), gather(JOBS, "jobs")

-- Time --------------------------------------------------------------------------------------------

--- Runs what is due up to a moment, each job at its own time.
local function run_due(state, now, effects, wall)
  local job = jobs.take(state.jobs, now)
  while job do
    job_handlers[job.kind](state, job.arguments, job.due, effects, wall)
    job = jobs.take(state.jobs, now)
  end
end

--- Runs the jobs that have become due.
-- @tparam table state
-- @tparam number wall
-- @treturn table effects
function dispatch.tick(state, wall)
  local effects = {}
  run_due(state, clock.at(state.clock, wall), effects, wall)
  return effects
end

--- Walks on through time that was asked to pass at once, up to the next moment at which something
-- must be delivered. Call it, do the effects, tell their outcomes, and call it again until it
-- returns nil: so retries fall into the time that passes, in their order.
-- @tparam table state
-- @tparam number wall
-- @treturn table|nil effects; nil when all of the time has passed
function dispatch.step(state, wall)
  local effects, time = {}, state.clock
  while true do
    local now = clock.at(time, wall)
    run_due(state, now, effects, wall)
    if #effects > 0 then return effects end
    if time.pending <= 0 then return nil end
    local due = jobs.next_due(state.jobs) or math.huge
    local seconds = math.min(due - now, time.pending)
    clock.move(time, seconds)
    -- What is left after many fractions would otherwise never become zero.
    time.pending = due - now < time.pending and time.pending - seconds or 0
  end
end

--- Takes the outcome of a delivery.
-- @tparam table state
-- @tparam string id the effect's
-- @tparam table outcome `{status}` or `{error}`, with `seconds`
-- @tparam number wall
function dispatch.delivered(state, id, outcome, wall)
  webhooks.delivered(state, id, outcome, clock.at(state.clock, wall), wall)
end

-- Requests ----------------------------------------------------------------------------------------

local METHODS = { "GET", "POST", "PUT", "PATCH", "DELETE" }

local function find_operation(api, method, path)
  local row, params = operations.find(api, method, path)
  if row then return row, params end
  for _, other in ipairs(METHODS) do
    if operations.find(api, other, path) then
      return nil, reply.problem(405, "Method Not Allowed", ("%s is not supported here.")
        :format(method))
    end
  end
  return nil, reply.problem(404, "Not Found", "No operation has this path.")
end

local function unauthorized(row)
  if row.errors[401] == "ProblemDetails" then return reply.problem(401, "Unauthorized") end
  return reply.empty(401)
end

--- Tells who calls: the partner by its key, a client by its bearer token or its own key.
local function authenticate(call)
  local headers = call.request.headers
  if call.row.api == "partner" then return headers.xapikey == call.state.settings.api_key end
  if headers.authorization or not headers.xapikey then
    call.creditor, call.link = tokens.creditor(call.state, headers.authorization, call.now)
    call.by_partner = true
  else
    call.creditor, call.link = links.of_key(call.state, headers.xapikey)
  end
  return call.creditor ~= nil
end

--- Reads what the operation takes into the call.
-- @treturn table|nil the refusal
local function read_arguments(call)
  local row, refusal = call.row
  if not validate.path(row, call.params) then
    return row.errors[404] and reply.not_found("What this path names") or reply.empty(404)
  end
  call.query, refusal = validate.query(row, call.request.query, call.now)
  if not refusal and row.body then call.body, refusal = validate.body(call) end
  return refusal
end

--- What a handler gives is an answer, or the body of one of 200.
local function answer(call)
  local refusal, row = read_arguments(call), call.row
  if refusal then return refusal end
  local given = handlers[row.api][row.alias_of or row.name](call)
  local is_answer = given.headers or given.await
  return complete.response(row, is_answer and given or reply.json(200, given))
end

local function serve_operation(call)
  if not authenticate(call) then return unauthorized(call.row) end
  local seconds = limits.count(call.state, call.now)
  if seconds then return faults.rate_limited(seconds, call.state.settings.rate_limits.header) end
  return idempotency.run(call, answer)
end

local function run_operation(api, call, path)
  local row, params = find_operation(api, call.method, path)
  if not row then return params end
  call.row, call.params = row, params
  local fault = faults.take(call.state, row)
  local response = fault and faults.answer(fault) or serve_operation(call)
  local is_literal = fault and fault.body ~= nil
  if not is_literal then response = variants.apply(call.state, row, response) end
  response = differences.answer(call.state, row, response)
  calls.keep(call, response)
  return fault and faults.mar(fault, response) or response
end

--- How an answer travels: as it is set, and the sandbox's own pages and controls always plainly.
-- @tparam table state
-- @tparam string path
-- @treturn string "plain", "chunked", "gzip" or "http10"
function dispatch.transfer(state, path)
  return path:find("^/_sandbox") and "plain" or variants.form(state, "transfer")
end

local MAX_BODY = 26 * 1024 * 1024 -- a file of 25 MB and its form

local function route(call)
  local path = call.request.path
  if #call.request.body > MAX_BODY then
    return reply.failure(413, "PayloadTooLarge", "The body is larger than 26 MB.")
  end
  local page = pages[path:match("^/([^/]*)")]
  if page then return page(call) end
  local customer_path = path:match("^/customer(/.*)$")
  if customer_path then return run_operation("customer", call, customer_path) end
  return run_operation("partner", call, path)
end

--- Serves one request.
--
-- An error in the sandbox itself is answered with 418, so that it is not taken for an answer of
-- Debitura's; what is to be logged of it is the response's `log`.
-- @tparam table state
-- @tparam table request `{method, path (still percent-encoded), query (raw, or nil), headers
--   (lower-case names), body}`
-- @tparam number wall
-- @treturn table response `{status, headers, body}`; a body that is a table is to be sent as JSON.
--   With `await`, an effect, the answer is what `finish(outcome)` makes of its outcome. `delay`
--   (seconds) and `cut` (end in mid-body) are faults asked for. With `settles`, the answer waits
--   until `dispatch.step` has no more to do. With `play`, the answer is what that function makes,
--   given a way to send requests.
-- @treturn table effects
function dispatch.handle(state, request, wall)
  local effects = dispatch.tick(state, wall)
  local now = clock.at(state.clock, wall)
  local call = { state = state, request = request, method = request.method, now = now, wall = wall,
    effects = effects }
  local done, response = xpcall(function() return route(call) end, debug.traceback)
  if not done then
    local text = ("%s %s: %s"):format(request.method, request.path, response)
    response = reply.failure(418, "SandboxError",
      "The sandbox itself failed; this is no answer of Debitura's. Its log says more.")
    response.log = text
  end
  run_due(state, now, effects, wall)
  return response, effects
end

--- Makes the memory of a new sandbox; see `debitura.sandbox.model.state`.
-- @tparam table options `settings`, `seed`, `situations` (names of seeds, default all), `accounts`
--   (more of them)
-- @tparam number wall
-- @treturn table state
function dispatch.new(options, wall)
  local state = state_module.new(options, wall)
  seeds.plant_all(state, options.situations, options.accounts, clock.at(state.clock, wall))
  return state
end

return dispatch
