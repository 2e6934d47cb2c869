--- Scenarios: a story with Debitura as a file of JSON, that the sandbox's page, the command and
-- specs play in the same way.
--
--     { "name": "declined", "about": "The customer says no.",
--       "steps": [
--         { "subscribe": ["client.link_declined"] },
--         { "request": { "operation": "clients.create", "body": { … } } },
--         { "expect": { "status": 409 } },
--         { "decline": "customer-{run}" },
--         { "expect": { "events": ["client.link_declined"] } } ] }
--
-- A step is an object with one field, the verb; docs/testing.md lists the verbs. `{run}` in any
-- text stands for a word that is another one in each run, so that a scenario can be played again
-- in the same sandbox.
-- @module debitura.sandbox.scenario

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local shipped = require("debitura.sandbox.scenario.shipped")
local sorted_keys = require("debitura.base.sorted_keys")
local spelling = require("debitura.base.spelling")
local verbs = require("debitura.sandbox.scenario.verbs")

local scenario = {}

local MAX_STEPS = 1000
local FIELDS = { name = "string", about = "string", steps = "table" }

--- The names of the scenarios that come with the sandbox, in the order of a story.
-- @treturn table
function scenario.names()
  return shipped.names
end

--- The text of a scenario that comes with the sandbox.
-- @tparam string name
-- @treturn ?string JSON
function scenario.shipped(name)
  return shipped.texts[name]
end

-- Reading -----------------------------------------------------------------------------------------

local function unknown(name, known)
  local names = sorted_keys(known)
  local near = type(name) == "string" and spelling.nearest(name, names)
  return ("'%s' is not known%s"):format(tostring(name),
    near and (", did you mean '%s'?"):format(near) or "; there are " .. table.concat(names, ", "))
end

--- What is wrong with a step, or nil.
local function step_problem(step)
  if type(step) ~= "table" or #step > 0 then return "an object with one verb is expected" end
  local verb, value = next(step)
  if verb == nil or next(step, verb) ~= nil then return "an object with one verb is expected" end
  local row = verbs.rows[verb]
  if not row then return unknown(verb, verbs.rows) end
  if type(value) == row.takes or type(value) == row.or_takes then
    return row.problem and row.problem(value)
  end
  return ("%s takes a %s"):format(verb, row.takes == "table" and "list or object" or row.takes)
end

local function problem_of(read)
  for name, value in pairs(read) do
    if not FIELDS[name] then return unknown(name, FIELDS) end
    if type(value) ~= FIELDS[name] then return ("%s must be a %s"):format(name, FIELDS[name]) end
  end
  if not read.name or not read.steps then return "name and steps are needed" end
  if #read.steps == 0 or #read.steps > MAX_STEPS then
    return ("steps must be a list of 1 to %d"):format(MAX_STEPS)
  end
  for index, step in ipairs(read.steps) do
    local problem = step_problem(step)
    if problem then return ("step %d: %s"):format(index, problem) end
  end
end

--- Reads a scenario.
-- @tparam string text JSON
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string what is wrong, with the number of the step
function scenario.read(text)
  local read, err = core.json.decode(text)
  if err then return nil, "no JSON: " .. err.message end
  if type(read) ~= "table" or #read > 0 then return nil, "a JSON object is expected" end
  local problem = problem_of(read)
  if problem then return nil, problem end
  return read
end

--- Whether a scenario has steps of a platform of its own, which a page of the sandbox has not.
-- @tparam table read
-- @treturn boolean
function scenario.needs_platform(read)
  for _, step in ipairs(read.steps) do
    local verb, value = next(step)
    if verbs.of_platform(verb, value) then return true end
  end
  return false
end

-- Playing -----------------------------------------------------------------------------------------

--- A copy in which `{run}` is filled in.
local function filled(value, run)
  if type(value) == "string" then return (value:gsub("{run}", run)) end
  if type(value) ~= "table" then return value end
  local copied = {}
  for name, inner in pairs(value) do copied[name] = filled(inner, run) end
  return setmetatable(copied, getmetatable(value))
end

--- Plays a scenario, up to the first step that does not go as it should.
-- @tparam table read of `scenario.read`
-- @tparam table player see debitura.sandbox.scenario.player
-- @treturn table `{name, passed, played, steps}`: whether all went as it should, how many steps
--   did, how many there are; and `step`, `verb` and `problem` of the one that did not
function scenario.run(read, player)
  local report = { name = read.name, passed = true, played = 0, steps = #read.steps }
  local run = encoding.random_hex(4)
  for index, step in ipairs(read.steps) do
    local verb, value = next(filled(step, run))
    local played, problem = pcall(verbs.rows[verb].play, player, value)
    if not played then
      report.passed, report.step, report.verb = false, index, verb
      report.problem = tostring(problem)
      return report
    end
    report.played = index
  end
  return report
end

return scenario
