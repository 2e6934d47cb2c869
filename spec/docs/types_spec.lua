-- The annotations in types/: that an editor finds what it is told, and is told of everything there
-- is.

local case = require "debitura.recipes.case"
local debitura = require "debitura"
local failure = require "debitura.base.failure"
local link = require "debitura.recipes.link"
local operations = require "debitura.operations"
local option_tables = require "scripts.option_tables"

-- Reading annotations -----------------------------------------------------------------------------

local function lines_of_all_files()
  local listing = assert(io.popen("find types -name '*.lua' | sort"))
  local paths = {}
  for path in listing:lines() do paths[#paths + 1] = path end
  listing:close()
  return coroutine.wrap(function()
    for _, path in ipairs(paths) do
      for line in io.lines(path) do coroutine.yield(line, path) end
    end
  end)
end

--- What follows a tag, without its comment and without literals, which may look like names.
local function type_text(line)
  local tag, rest = line:match("^%-%-%-@(%l+)%s*(.*)$")
  if not tag then tag, rest = line:match("^%-%-%-(|)%s*(.*)$") end
  return tag, rest and rest:gsub('"[^"]*"', '""'):gsub("%s#.*$", "")
end

--- Classes with their fields and methods, aliases with their members, references with the places
-- that make them.
local function read_annotations()
  local found = { classes = {}, aliases = {}, references = {}, duplicates = {}, functions = {} }
  local class, alias, class_of_local, documentation
  for line, path in lines_of_all_files() do
    local tag, rest = type_text(line)
    if tag == "meta" then class_of_local, documentation = {}, { params = {}, returns = 0 } end
    if tag == "class" then
      local name = rest:match("^[%w_.]+")
      class = found.classes[name] or { fields = {}, methods = {} }
      class.parent = class.parent or rest:match("^[%w_.]+:%s*([%w_.]+)")
      found.classes[name] = class
    elseif tag == "field" then
      local name = rest:match("^[%w_]+")
      if class.fields[name] then table.insert(found.duplicates, path .. ": " .. name) end
      class.fields[name] = true
    elseif tag == "alias" then
      alias = {}
      found.aliases[rest:match("^[%w_.]+")] = alias
    elseif tag == "|" then
      alias[#alias + 1] = line:match('"(.-)"')
    elseif tag == "param" then
      table.insert(documentation.params, rest:match("^[%w_]+"))
    elseif tag == "return" then
      documentation.returns = documentation.returns + 1
    end
    if tag then
      for name in rest:gmatch("debitura%.[%w_.]*[%w_]") do found.references[name] = path end
    end

    local owner = line:match("^local ([%w_]+) = {}$")
    if owner then class_of_local[owner], class = class, nil end
    local object, method, parameters = line:match("^function ([%w_]+)[.:]([%w_]+)%((.-)%) end$")
    if object then
      local entry = { documentation = documentation, parameters = parameters }
      found.functions[path .. " " .. object .. ":" .. method] = entry
      if class_of_local[object] then class_of_local[object].methods[method] = entry end
      documentation = { params = {}, returns = 0 }
    end
  end
  return found
end

local annotations = read_annotations()

--- Whether a class has a field, of its own or of those that it comes from.
local function has_field(class, name)
  if not class then return false end
  return class.fields[name] or has_field(annotations.classes[class.parent], name)
end

--- The names in a table that hold functions.
local function functions_in(holder)
  local names = {}
  for name, value in pairs(holder) do
    if type(value) == "function" and not name:find("^__") then names[#names + 1] = name end
  end
  assert(#names > 0)
  return names
end

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

-- Specs -------------------------------------------------------------------------------------------

describe("The annotations", function()
  it("name no class that they do not describe", function()
    for name, path in pairs(annotations.references) do
      local known = annotations.classes[name] or annotations.aliases[name] or read_file(path)
        :find("@meta " .. name, 1, true)
      assert.is_truthy(known, path .. " names " .. name)
    end
  end)

  it("give no field twice", function()
    assert.same({}, annotations.duplicates)
  end)

  it("document the parameters of every function, in order, and what it returns", function()
    for name, entry in pairs(annotations.functions) do
      assert.equal(entry.parameters, table.concat(entry.documentation.params, ", "), name)
      assert.is_true(entry.documentation.returns > 0, name .. " returns nothing")
    end
  end)

  local objects = {
    ["debitura.Partner"] = debitura.partner { api_key = "sample-key",
      base_url = "http://127.0.0.1:1" },
    ["debitura.Customer"] = debitura.customer { api_key = "sample-key",
      base_url = "http://127.0.0.1:1" },
  }

  for name, object in pairs(objects) do
    it("describe every method of " .. name, function()
      local own, common = annotations.classes[name], annotations.classes["debitura.Api"]
      for _, method in ipairs(functions_in(getmetatable(object).__index)) do
        assert.is_truthy(own.methods[method] or common.methods[method], method)
      end
    end)

    it("describe every group of " .. name .. " with its methods", function()
      for group, value in pairs(object) do
        local methods = type(value) == "table" and getmetatable(value)
          and value.session == object.session and getmetatable(value)
        if methods then
          assert.is_true(annotations.classes[name].fields[group], group)
          for _, method in ipairs(functions_in(methods)) do
            assert.is_truthy(annotations.classes[name .. "." .. group].methods[method],
              group .. "." .. method)
          end
        end
      end
    end)
  end

  for path, module in pairs {
    ["types/debitura.lua"] = debitura,
    ["types/debitura/channels.lua"] = require "debitura.channels",
    ["types/debitura/failure.lua"] = failure,
    ["types/debitura/limiter.lua"] = require "debitura.client.limiter",
    ["types/debitura/store.lua"] = debitura.store,
    ["types/debitura/waiter.lua"] = debitura.waiter,
    ["types/debitura/webhook.lua"] = debitura.webhook,
  } do
    it("describe every part of the module in " .. path, function()
      local text = read_file(path)
      local module_name = text:match("\nreturn ([%w_]+)\n$")
      for name in pairs(module) do
        local described = annotations.functions[("%s %s:%s"):format(path, module_name, name)]
          or text:find(("\n%s.%s = "):format(module_name, name), 1, true)
        assert.is_truthy(described, name)
      end
    end)
  end

  it("know every kind of failure, and no other", function()
    local kinds = {}
    for _, kind in ipairs(annotations.aliases["debitura.FailureKind"]) do kinds[kind] = true end
    for kind in pairs(failure.kinds) do assert.is_true(kinds[kind], kind) end
    for kind in pairs(kinds) do assert.is_table(failure.kinds[kind], kind) end
  end)

  it("know every event that can be subscribed to, and no other", function()
    local events = {}
    for _, api in ipairs { "partner", "customer" } do
      for _, field in ipairs(operations.shapes(api).CreateWebhookRequest.fields) do
        for _, event in ipairs(field.name == "events" and field.items.values or {}) do
          events[event] = true
        end
      end
    end
    local annotated = {}
    for _, event in ipairs(annotations.aliases["debitura.EventName"]) do annotated[event] = true end
    assert.same(events, annotated)
  end)

  for alias, machine in pairs { ["debitura.LinkState"] = link, ["debitura.CaseState"] = case } do
    it("know every state of " .. alias .. ", and no other", function()
      local annotated, states = {}, {}
      for _, state in ipairs(annotations.aliases[alias]) do annotated[state] = true end
      for state in pairs(machine.states) do states[state] = true end
      assert.same(states, annotated)
    end)
  end

  it("know every option", function()
    for _, entry in ipairs(option_tables) do
      for _, row in ipairs(entry.class and entry.defined.rows or {}) do
        assert.is_true(has_field(annotations.classes[entry.class], row.name),
          entry.class .. " lacks " .. row.name)
      end
    end
  end)
end)
