--- Scenarios on the sandbox's own page: played in this sandbox, as a program would from outside.
-- @module debitura.sandbox.server.scenarios

local core = require("debitura.core")
local html = require("debitura.sandbox.pages.html")
local player = require("debitura.sandbox.scenario.player")
local reply = require("debitura.sandbox.api.reply")
local scenario = require("debitura.sandbox.scenario")

local scenarios = {}

--- Those that a page can play, all others and why not.
-- @treturn table array of `{name, about, playable}`
function scenarios.list()
  local shown = core.json.array {}
  for index, name in ipairs(scenario.names()) do
    local read = assert(scenario.read(scenario.shipped(name)))
    shown[index] = { name = name, about = read.about,
      playable = not scenario.needs_platform(read) }
  end
  return shown
end

--- The scenario that a request asks for, by its name or as it is.
-- @tparam table body
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] table problems by field
function scenarios.wanted(body)
  local text = scenario.shipped(body.name) or core.json.encode(body)
  local read, err = scenario.read(text)
  if not read then return nil, { scenario = { err } } end
  if scenario.needs_platform(read) then
    return nil, { scenario = { "it needs a platform: debitura scenario run " .. read.name } }
  end
  return read
end

local RESULT = [[
<section><h1>{name}: {verdict}</h1><p>{text}</p><p><a href="/_sandbox">Back</a></p></section>]]

local function page(report)
  return html.page("Scenario", html.fill(RESULT, {
    name = report.name, verdict = report.passed and "passed" or "failed",
    text = report.passed and ("All %d steps went as they should."):format(report.steps)
      or ("Step %d of %d, %s: %s"):format(report.step, report.steps, report.verb, report.problem),
  }))
end

--- Plays one.
-- @tparam table read
-- @tparam function send see debitura.sandbox.scenario.player
-- @tparam table settings the sandbox's
-- @tparam boolean as_page whether a person has asked
-- @treturn table response
function scenarios.play(read, send, settings, as_page)
  local report = scenario.run(read, player.new {
    send = send, api_key = settings.api_key, base_url = settings.base_url,
  })
  return as_page and reply.html(200, page(report)) or reply.json(200, report)
end

return scenarios
