-- Finds lines of more than 100 columns, but for tables of Markdown and lines that are one URL.

local WIDTH = 100

--- Where lines may be longer: declarations for editors, in which a union stands on one line, and
-- what Debitura has written.
local APART = { "^types/", "^spec/contract/" }

--- Rooms that are not wrapped yet.
local NOT_YET = {
  "^spec/core/", "^spec/support/",
}

local FILES = "'*.lua' '*.md' '*.c' '*.h' '*.conf' '*.rockspec' Makefile .luacheckrc bin scripts"

local function columns(line)
  local _, continued = line:gsub("[\128-\191]", "")
  return #line - continued
end

local function may_be_long(line, path)
  return path:find("%.md$") and line:find("^%s*|") or line:find("^%W*%a[%w+.-]*://%S+$")
end

local function long_lines(path)
  local found, number = {}, 0
  for line in io.lines(path) do
    number = number + 1
    if columns(line) > WIDTH and not may_be_long(line, path) then
      found[#found + 1] = ("%s:%d: %d columns"):format(path, number, columns(line))
    end
  end
  return found
end

local function listed(patterns, path)
  for _, pattern in ipairs(patterns) do
    if path:find(pattern) then return pattern end
  end
end

local good, still_long = true, {}
local listing = assert(io.popen("git ls-files " .. FILES))
for path in listing:lines() do
  local found = listed(APART, path) and {} or long_lines(path)
  local room = listed(NOT_YET, path)
  if room then
    still_long[room] = still_long[room] or #found > 0
  elseif found[1] then
    print(table.concat(found, "\n"))
    good = false
  end
end
listing:close()
for _, room in ipairs(NOT_YET) do
  if not still_long[room] then
    print(room .. " is wrapped: take it from the list in scripts/widths.lua")
  end
end
os.exit(good)
