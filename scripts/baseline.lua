-- Makes lua/debitura/operations/baseline.lua: of each shape the fields that are always there in the
-- sandbox's answers, as its specs see them.
--
--     scripts/lua 5.4 scripts/baseline.lua

local core = require("debitura.core")
local differences = require("debitura.operations.differences")
local operations = require("debitura.operations")
local recorded = require("debitura.operations.recorded")
local sorted_keys = require("debitura.base.sorted_keys")

local SPECS = { "bad_input", "clients", "control", "facts", "link", "operations", "rehearsals",
  "webhooks" }
local PATH = "lua/debitura/operations/baseline.lua"

local HEADER = [==[
--- Of each shape the fields that are always there in answers, as the sandbox gives them.
-- Made by scripts/baseline.lua; not to be edited.
-- @module debitura.operations.baseline

return [[
]==]

--- Adds what one answer is built of to what is known of shapes.
local function add(line, shapes)
  local answer = assert(core.json.decode(line))
  local row, paths = operations.get(answer.api, answer.operation), {}
  differences.of(row, answer, function(path, kind)
    paths[path] = paths[path] or {}
    paths[path][kind] = true
  end)
  recorded.each(row, answer.status, paths, function(shape, field, _, kinds)
    shapes[shape] = shapes[shape] or {}
    local is_there = not kinds.absent and not kinds.null
    shapes[shape][field] = is_there and shapes[shape][field] ~= false
  end)
end

--- One entry, in lines of 100 columns; those after the first are indented.
local function entry(name, fields)
  local lines, line = {}, name
  for _, field in ipairs(fields) do
    if #line + #field > 98 then lines[#lines + 1], line = line, " " end
    line = line .. " " .. field
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n") .. "\n"
end

local function text_of(shapes)
  local parts = { HEADER }
  for _, shape in ipairs(sorted_keys(shapes)) do
    local fields = {}
    for _, field in ipairs(sorted_keys(shapes[shape])) do
      if shapes[shape][field] then fields[#fields + 1] = field end
    end
    if fields[1] then parts[#parts + 1] = entry(shape, fields) end
  end
  parts[#parts + 1] = "]]\n"
  return table.concat(parts)
end

local answers, shapes = os.tmpname(), {}
for _, name in ipairs(SPECS) do
  assert(os.execute(("DEBITURA_RECORD=%s scripts/busted 5.4 spec/sandbox/%s_spec.lua >&2"):format(
    answers, name)))
end
for line in io.lines(answers) do add(line, shapes) end
os.remove(answers)
local file = assert(io.open(PATH, "wb"))
assert(file:write(text_of(shapes)))
file:close()
