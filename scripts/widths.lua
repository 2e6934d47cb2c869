-- Finds lines of more than 100 columns, but for tables of Markdown and lines that are one URL.

local WIDTH = 100

--- Where lines may be longer: declarations for editors, in which a union stands on one line.
local APART = "^types/"

local FILES = "'*.lua' '*.md' '*.c' '*.h' '*.conf' '*.rockspec' Makefile .luacheckrc bin scripts"

local function columns(line)
  local _, continued = line:gsub("[\128-\191]", "")
  return #line - continued
end

local function may_be_long(line, path)
  return path:find("%.md$") and line:find("^%s*|") or line:find("^%W*%a[%w+.-]*://%S+$")
end

--- Tells of a file's long lines; how many there are.
local function check(path)
  local number, long = 0, 0
  for line in io.lines(path) do
    number = number + 1
    if columns(line) > WIDTH and not may_be_long(line, path) then
      print(("%s:%d: %d columns"):format(path, number, columns(line)))
      long = long + 1
    end
  end
  return long
end

local long = 0
local listing = assert(io.popen("git ls-files " .. FILES))
for path in listing:lines() do
  if not path:find(APART) then long = long + check(path) end
end
listing:close()
os.exit(long == 0)
