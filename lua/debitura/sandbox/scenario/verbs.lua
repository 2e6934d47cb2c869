--- What a step of a scenario can do. A row says what the verb `takes` (a type, or `or_takes`
-- another), perhaps what is a `problem` with a value, and how the step is `play`ed: what goes wrong
-- is raised.
-- @module debitura.sandbox.scenario.verbs

local match = require("debitura.sandbox.scenario.match")
local merged = require("debitura.base.merged")
local operations = require("debitura.operations")
local time = require("debitura.base.time")

local rows = {}

-- With the sandbox --------------------------------------------------------------------------------

--- A verb that is one of the sandbox's controls.
local function control(name, body_of)
  return function(player, value) player:control(name, body_of and body_of(value) or value) end
end

--- A verb about one customer: its externalTenantId, or an object that has it.
local function customer(name, action)
  return {
    takes = "string", or_takes = "table",
    play = control(name, function(value)
      if type(value) == "string" then value = { externalTenantId = value } end
      return merged({ action = action }, value)
    end),
  }
end

rows.account = { takes = "table", play = control("accounts") }
rows.set = { takes = "table", play = control("settings") }
rows.fail = { takes = "table", play = control("faults") }
rows.approve = customer("requests", "approve")
rows.decline = customer("requests", "decline")
rows.expire = customer("requests", "expire")
rows.sign = customer("clients", "sign")
rows.unlink = customer("clients", "unlink")
rows.block = customer("clients", "block")

rows.control = {
  takes = "table",
  problem = function(value)
    return type(value.name) ~= "string" and "control needs a name" or nil
  end,
  play = function(player, value) player:control(value.name, value.body or {}) end,
}

local function duration_problem(text)
  return not time.duration(text) and "a duration such as 7d1h is expected" or nil
end

rows.advance = {
  takes = "string", problem = duration_problem,
  play = control("clock", function(value) return { advance = value } end),
}

rows.subscribe = {
  takes = "table", play = function(player, events) player:subscribe(events) end,
}

rows.request = {
  takes = "table",
  problem = function(value)
    local api = value.api or value.tenant and "customer" or "partner"
    if api ~= "partner" and api ~= "customer" then return "api: partner or customer expected" end
    if type(value.operation) ~= "string" or not operations.get(api, value.operation) then
      return ("'%s' is no operation of the %s API"):format(tostring(value.operation), api)
    end
  end,
  play = function(player, value) player:request(value) end,
}

-- With a platform ---------------------------------------------------------------------------------

rows.ask = {
  takes = "table", platform = true, play = function(player, payload) player:ask(payload) end,
}

rows.sweep = {
  takes = "boolean", or_takes = "table", platform = true,
  problem = function(value)
    if type(value) ~= "table" then return nil end
    return duration_problem(value.every) or duration_problem(value["for"])
  end,
  play = function(player, value)
    if type(value) ~= "table" then return player:sweep() end
    local left = time.duration(value["for"])
    while left > 0 do
      player:control("clock", { advance = value.every })
      player:sweep()
      left = left - time.duration(value.every)
    end
  end,
}

local function up_or_down(value)
  return value ~= "up" and value ~= "down" and "up or down is expected" or nil
end

rows.mail = {
  takes = "string", platform = true, problem = up_or_down,
  play = function(player, value) player:set_mail(value == "up") end,
}

rows.endpoint = {
  takes = "string", platform = true, problem = up_or_down,
  play = function(player, value) player:set_endpoint(value == "up") end,
}

-- What came of it ---------------------------------------------------------------------------------

--- What can be expected: of the last answer, of the events since the last look, and of a platform
-- its letters since the last look, a link and cases.
local CAME = {
  status = function(player) return player.answer and player.answer.status end,
  body = function(player) return player.answer and player.answer.body end,
  events = function(player) return player:heard() end,
  letters = function(player) return player:letters() end,
  link = function(player, expected) return player:link(expected.external_tenant_id) end,
}
local OF_PLATFORM = { letters = true, link = true }
local ORDER = { "status", "body", "events", "letters", "link" }

rows.expect = {
  takes = "table",
  problem = function(value)
    for name in pairs(value) do
      if not CAME[name] then
        return ("expect: '%s' is not known; there are %s"):format(tostring(name),
          table.concat(ORDER, ", "))
      end
    end
  end,
  play = function(player, value)
    for _, name in ipairs(ORDER) do
      local expected = value[name]
      local problem = expected ~= nil
        and match.problem(expected, CAME[name](player, expected), name)
      if problem then error(problem, 0) end
    end
  end,
}

local verbs = { rows = rows }

--- Whether a step needs a platform.
-- @tparam string verb
-- @param value
-- @treturn boolean
function verbs.of_platform(verb, value)
  if rows[verb].platform then return true end
  if verb ~= "expect" then return false end
  for name in pairs(value) do
    if OF_PLATFORM[name] then return true end
  end
  return false
end

return verbs
