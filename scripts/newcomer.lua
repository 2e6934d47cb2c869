-- Prints what scripts/newcomer types: the commands of docs/start.md and README.md, for bash, with
-- what the pages show of their output.

local snippets = require("spec.support.snippets")

-- What follows is typed with what it needs and a newcomer knows to install.
local NEEDS = {
  { "^luarocks ", "apt-get install -y --no-install-recommends luarocks luajit2" },
}

--- Commands that are not typed: what takes an hour.
local LEFT_OUT = { ["make check-all"] = true, ["make soak"] = true }
if arg[1] ~= "--tests" then LEFT_OUT["make test"] = true end

print [==[
set -um
here=$(mktemp -d)
fail() { echo "newcomer: $1" >&2; exit 1; }
# Types a command, and looks whether it prints what is shown.
# Questions are answered by "y".
type_in() {
  echo "$ $1"
  eval "$1" <"$here/yes" >"$here/said" 2>&1 || { tail -n 30 "$here/said" >&2; fail "it failed"; }
  [ $# -eq 1 ] || [[ $(cat "$here/said") == $2 ]] ||
    { cat "$here/said"; fail "the page shows: $2"; }
}
# In another terminal, until Ctrl-C.
other() {
  echo "$ $1    (in another terminal)"
  bash -c "exec $1" >"$here/other" 2>&1 &
  other=$!
  timeout 60 sh -c 'until grep -q "Ctrl-C" "$0"; do sleep 0.2; done' "$here/other" ||
    { cat "$here/other" >&2; fail "it does not begin"; }
}
interrupt() {
  kill -INT -- "-$other" || fail "it has ended by itself: $(cat "$here/other")"
  wait "$other"
}
for _ in 1 2 3 4 5 6 7 8 9; do echo y; done >"$here/yes"]==]

local function quote(text) return "'" .. text:gsub("'", "'\\''") .. "'" end

--- A pattern of bash for what a page shows; "..." stands for anything.
local function pattern_of(shown)
  return (shown:gsub("\n+$", ""):gsub("[%[%]*?\\()|]", "\\%0"):gsub("%.%.%.", "*"))
end

local function type_in(command, shown)
  for _, row in ipairs(NEEDS) do
    if command:find(row[1]) then print("type_in " .. quote(row[2])) end
  end
  print("type_in " .. quote(command) .. (shown and shown ~= "" and " " .. quote(pattern_of(shown))
    or ""))
end

local has_other = false

--- Types the lines of a snippet that pages do not run, one by one.
local function type_lines(snippet)
  for _, line in ipairs(snippet.lines) do
    local command = line:gsub("%s+#.*$", "")
    if command:find("debitura sandbox$") then
      has_other = true
      print("other " .. quote(command))
    elseif not LEFT_OUT[command] then
      type_in(command)
    end
  end
end

local TYPES = {
  sh = function(snippet)
    if snippet.words:find("^no%-run") then return type_lines(snippet) end
    type_in(snippet.text)
  end,
  console = function(snippet)
    for _, step in ipairs(snippets.dialogue(snippet)) do type_in(step.command, step.output) end
  end,
}

for _, path in ipairs { "docs/start.md", "README.md" } do
  local file = assert(io.open(path))
  print("echo " .. quote(path))
  for _, snippet in ipairs(snippets.find(file:read("*a"))) do
    if TYPES[snippet.language] then TYPES[snippet.language](snippet) end
      -- What comes next on README.md is another trial.
    if has_other and path == "README.md" then
      print("interrupt")
      has_other = false
    end
  end
  file:close()
  if has_other then print("interrupt") end
end
-- docs/install.md, whose other lines need an init system.
type_in("luarocks install debitura-*.src.rock")
type_in("debitura version")
