-- The state machines as tables: whole, and read as debitura.workflow.machine says.
-- docs/machines.md is made from them.

local jobs = require("debitura.workflow.jobs")
local machine = require("debitura.workflow.machine")

--- What a row names, by where the definition has it.
local function names_of(row)
  local names = { guards = { row.when }, takes = { row.take }, jobs = {} }
  for job in machine.each(row.jobs) do table.insert(names.jobs, job) end
  names.destinations = row.to and row.to:find(" ") and { row.to } or {}
  return names
end

for name, definition in pairs {
  link = require("debitura.recipes.link"), case = require("debitura.recipes.case"),
  signing = require("debitura.recipes.signing"),
} do
  describe(("the machine of a %s"):format(name), function()
    it("names what exists, all that exists, and reaches every state", function()
      -- A store forgets without being asked by a machine.
      local reached = { forgotten = true }
      local used = { guards = {}, takes = {}, jobs = {}, destinations = {} }
      for _, row in ipairs(definition.transitions) do
        for state in machine.each(row.from) do
          assert.is_truthy(state == "none" or definition.states[state], state)
        end
        for place, names in pairs(names_of(row)) do
          for _, each in ipairs(names) do
            assert.is_truthy(definition[place][each], each)
            used[place][each] = true
          end
        end
        local chosen = names_of(row).destinations[1]
        assert.is_truthy(row.to == nil or definition.states[row.to] or chosen, row.to)
        for word in (row.to or ""):gmatch("%l+") do
          if definition.states[word] then reached[word] = true end
        end
      end
      for state in pairs(definition.states) do assert.is_true(reached[state], state) end
      for place, names in pairs(used) do
        for each in pairs(definition[place] or {}) do assert.is_true(names[each], each) end
      end
    end)
  end)
end

describe("a machine", function()
  local lamp = machine.new {
    states = { off = "dark", on = "light", broken = "dark for good" },
    guards = { has_power = { function(_, event) return event.power end, "there is no power" } },
    takes = {
      count = function(self)
        return { set = { generation = self.generation + 1 }, data = { pressed = true } }
      end,
    },
    jobs = {
      log = function(self, _, terms, now)
        return { { key = terms.prefix .. self.generation .. self.state, due_at = now } }
      end,
    },
    transitions = {
      { on = "press", from = "off", when = "has_power", to = "on", take = "count",
        jobs = "log" },
      { on = "press", from = "off" },
      { on = "press", from = "on", to = "off" },
      { on = "swing", from = "on", when = "has_power" },
      { on = "fall", from = "off, on", to = "broken" },
    },
  }

  local function lamp_in(state)
    return { state = state, generation = 1, data = { bulbs = 2 } }
  end

  it("takes the first row that fits, and enqueues the jobs of the state after the move", function()
    local change = lamp:step(lamp_in("off"), { name = "press", power = true },
      { prefix = "log/" }, 5)
    assert.are.same({
      after = { state = "on", generation = 2, data = { bulbs = 2, pressed = true } },
      set = { generation = 2, state = "on" }, jobs = { { key = "log/2on", due_at = 5 } },
    }, change)
    change = lamp:step(lamp_in("off"), { name = "press" }, {}, 5)
    assert.are.same({ after = lamp_in("off"), set = { state = "off" }, jobs = {} }, change)
  end)

  it("leaves the record as it was", function()
    local record = lamp_in("off")
    lamp:step(record, { name = "press", power = true }, { prefix = "" }, 5)
    assert.are.same(lamp_in("off"), record)
  end)

  it("says why an event changes nothing", function()
    local change, why = lamp:step(lamp_in("broken"), { name = "press" }, {}, 5)
    assert.are.same({ nil, "changes nothing in the state broken" }, { change, why })
    change, why = lamp:step(lamp_in("on"), { name = "sing" }, {}, 5)
    assert.are.same({ nil, "changes nothing in the state on" }, { change, why })
    change, why = lamp:step(lamp_in("on"), { name = "swing" }, {}, 5)
    assert.are.same({ nil, "there is no power" }, { change, why })
  end)

  it("keeps apart the jobs of records whose names look alike", function()
    local keys, count = {}, 0
    local records = {
      { "a", "link", "" }, { "a/b", "link", "" }, { "a", "case", "b" }, { "a/case", "case", "b" },
      { "a", "case", "case/1:b" }, { "", "signing", "" }, { "1:a/case/1:b/", "link", "" },
      { "a", "case", ("b"):rep(1500) }, { "a", "case", ("b"):rep(1501) },
    }
    for _, record in ipairs(records) do
      local tenant, kind, name = record[1], record[2], record[3]
      for _, each in ipairs { false, "mail", "b" } do
        local key = jobs.new(each and "deliver" or "request_link",
          { tenant = tenant, kind = kind, name = name, generation = 0 }, 1,
          { each = each or nil }).key
        assert.is_nil(keys[key], key)
        assert.is_true(#key <= 1000)
        keys[key], count = true, count + 1
      end
    end
    assert.are.equal(27, count)
  end)
end)
