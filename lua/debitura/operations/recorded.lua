--- What recorded answers are built of, against what answers are always built of: the baseline that
-- comes with each release.
-- @module debitura.operations.recorded

local baseline = require("debitura.operations.baseline")

local recorded = {}

local function descend(shapes, name, prefix, paths, visit)
  for _, field in ipairs(shapes[name].fields or {}) do
    local path, inner, list = prefix .. field.name, field, ""
    local counted = paths[path]
    if counted then
      visit(name, field.name, path, counted)
      if field.type == "array" then inner, list = field.items, "[]" end
      if inner.type == "shape" then
        descend(shapes, inner.shape, path .. list .. ".", paths, visit)
      end
    end
  end
end

--- Goes through the recorded fields that the documents have.
-- @tparam table row the operation
-- @tparam number status
-- @tparam table paths path to what was recorded of it
-- @tparam function visit is called with the shape, the field, the path and what was recorded
function recorded.each(row, status, paths, visit)
  local name = row.success[status]
  if not name then return end
  local item = name:match("^%[(.+)%]$")
  descend(row.shapes, item or name, item and "[]." or "", paths, visit)
end

local always

local function always_there(shape, field)
  if not always then
    always = {}
    for line in baseline:gsub("\n  ", " "):gmatch("[^\n]+") do
      local name, fields = line:match("^(%S+) (.+)$")
      always[name] = {}
      for each in fields:gmatch("%S+") do always[name][each] = true end
    end
  end
  return always[shape] ~= nil and always[shape][field] == true
end

--- The fields that are always there in the baseline and were not in recorded answers.
-- @tparam table row the operation
-- @tparam number status
-- @tparam table paths path to `{ kinds }`: how often "string", "absent" and so on were seen
-- @treturn table array of `{ path, absent, seen }`, how often
function recorded.absent(row, status, paths)
  local found = {}
  recorded.each(row, status, paths, function(shape, field, path, counted)
    local seen, absent = 0, counted.kinds.absent or 0
    for _, count in pairs(counted.kinds) do seen = seen + count end
    if absent > 0 and always_there(shape, field) then
      found[#found + 1] = { path = path, absent = absent, seen = seen - absent }
    end
  end)
  return found
end

return recorded
