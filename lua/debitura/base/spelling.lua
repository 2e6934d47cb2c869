--- Names that were meant to be others.
-- @module debitura.base.spelling

local spelling = {}

local LONG = 6 -- letters from which one may be wrong

--- How many letters differ between two short texts, by the usual table of edits.
local function distance(a, b)
  local row = {}
  for j = 0, #b do row[j] = j end
  for i = 1, #a do
    local corner = row[0]
    row[0] = i
    for j = 1, #b do
      local above = row[j]
      local replaced = corner + (a:byte(i) == b:byte(j) and 0 or 1)
      row[j], corner = math.min(above + 1, row[j - 1] + 1, replaced), above
    end
  end
  return row[#b]
end

local function plain(name)
  return (name:lower():gsub("[_%-]", ""))
end

local function nearest_within(name, known, limit)
  local best, best_distance = nil, limit + 1
  for _, candidate in ipairs(known) do
    local apart = plain(candidate) == plain(name) and 0 or distance(plain(name), plain(candidate))
    if apart < best_distance then best, best_distance = candidate, apart end
  end
  return best
end

--- The known name that is nearest to an unknown one: to be asked about.
-- @tparam string name
-- @tparam table known array of names
-- @treturn ?string nil when none is near
function spelling.nearest(name, known)
  return nearest_within(name, known, math.max(1, math.floor(#name / 4)))
end

--- The known name that was certainly meant: another spelling of it, or one letter wrong in a longer
-- one.
-- @tparam string name
-- @tparam table known array of names
-- @treturn ?string nil when it may well be a name of its own
function spelling.meant(name, known)
  return nearest_within(name, known, #plain(name) >= LONG and 1 or 0)
end

return spelling
