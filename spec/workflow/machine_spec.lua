-- The state machines as tables: whole, documented, and read as debitura.recipes.machine says.

local machine = require("debitura.workflow.machine")

local function documented()
  local lines = {}
  for line in assert(io.open("docs/recipes.md")):lines() do lines[line] = true end
  return lines
end

for name, definition in pairs {
  link = require("debitura.recipes.link"), case = require("debitura.recipes.case"),
  handoff = require("debitura.recipes.signing"),
} do
  describe(("the machine of a %s"):format(name), function()
    it("names only what exists, and reaches every state", function()
      local reached = {}
      for _, row in ipairs(definition.transitions) do
        for _, state in ipairs(row.from) do
          assert.is_truthy(state == "none" or definition.states[state], state)
        end
        local destinations = definition.destinations or {}
        assert.is_truthy(row.to == nil or definition.states[row.to] or destinations[row.to], row.to)
        for word in (row.to or ""):gmatch("%l+") do
          if definition.states[word] then reached[word] = true end
        end
        assert.is_truthy(row.when == nil or definition.guards[row.when], row.when)
        assert.is_truthy(row.take == nil or definition.takes[row.take], row.take)
        for _, effect in ipairs(row.effects or {}) do
          assert.is_function(definition.effects[effect])
        end
      end
      for state in pairs(definition.states) do assert.is_true(reached[state], state) end
    end)

    it("is documented row by row", function()
      local lines = documented()
      for state, meaning in pairs(definition.states) do
        assert.is_true(lines[("| %s | %s |"):format(state, meaning)], state)
      end
      for _, row in ipairs(definition.transitions) do
        local line = ("| %s | %s | %s | %s | %s |"):format(
          row.on, row.from == definition.any and "any" or table.concat(row.from, ", "),
          (row.when or ""):gsub("_", " "), row.to or "stays",
          (table.concat(row.effects or {}, ", "):gsub("_", " ")))
        assert.is_true(lines[line], line)
      end
    end)
  end)
end

describe("the diagram of the link", function()
  it("shows transitions that there are", function()
    local link = require("debitura.recipes.link")
    local text, count = assert(io.open("docs/recipes.md")):read("*a"), 0
    for from, to, event in text:match("```mermaid\n(.-)```"):gmatch("(%S+) %-%-> (%S+): (%S+)") do
      local found = false
      for _, row in ipairs(link.transitions) do
        for _, state in ipairs(row.from) do
          local leads = row.to == to or link.destinations[row.to or ""]
            and row.to:find("%f[%w]" .. to .. "%f[%W]")
          found = found or row.on == event and (state == from or from == "[*]" and state == "none")
            and leads
        end
      end
      assert.is_truthy(found, from .. " -> " .. to .. ": " .. event)
      count = count + 1
    end
    assert.are.equal(17, count)
  end)
end)

describe("a machine", function()
  local lamp = machine.new {
    states = { off = "dark", on = "light", broken = "dark for good" },
    guards = { has_power = { function(_, event) return event.power end, "there is no power" } },
    takes = { count = function(self) return { set = { generation = self.generation + 1 } } end },
    effects = {
      log = function(self, _, policy, now)
        return { { key = policy.prefix .. self.generation .. self.state, due_at = now } }
      end,
    },
    transitions = {
      { on = "press", from = { "off" }, when = "has_power", to = "on", take = "count",
        effects = { "log" } },
      { on = "press", from = { "off" } },
      { on = "press", from = { "on" }, to = "off" },
      { on = "fall", from = { "off", "on" }, to = "broken" },
    },
  }

  it("takes the first row that fits, and owes what the record owes after the move", function()
    local change = lamp:step({ state = "off", generation = 1 }, { name = "press", power = true },
      { prefix = "log/" }, 5)
    assert.are.same({ set = { generation = 2, state = "on" },
      effects = { { key = "log/2on", due_at = 5 } } }, change)
    change = lamp:step({ state = "off", generation = 1 }, { name = "press" }, {}, 5)
    assert.are.same({ set = {}, effects = {} }, change)
  end)

  it("says why an event changes nothing", function()
    local change, why = lamp:step({ state = "broken" }, { name = "press" }, {}, 5)
    assert.are.same({ nil, "does not fit the state broken" }, { change, why })
    change, why = lamp:step({ state = "on" }, { name = "sing" }, {}, 5)
    assert.are.same({ nil, "does not fit the state on" }, { change, why })
  end)

  it("keeps apart what is owed for records whose names look alike", function()
    local keys, count = {}, 0
    local records = {
      { tenant = "a" }, { tenant = "a/b" }, { tenant = "a", kind = "case", name = "b" },
      { tenant = "a/case", kind = "case", name = "b" },
      { tenant = "a", kind = "case", name = "case/1:b" },
      { tenant = "", kind = "signing", name = "" }, { tenant = "1:a/case/1:b/" },
    }
    for _, record in ipairs(records) do
      for _, each in ipairs { false, "mail", "b" } do
        local key = machine.owe(each and "deliver" or "request", record, 0, 1, each or nil).key
        assert.is_nil(keys[key], key)
        keys[key], count = true, count + 1
      end
    end
    assert.are.equal(21, count)
  end)
end)
