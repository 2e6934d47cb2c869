-- Runs the suites below, one more side by side than there are processors, since specs wait for the
-- servers they start. Counts what each says of itself, and closes with the sum. A suite that ends
-- badly without having counted a failure counts as one, and so does a pending spec: a green line
-- must mean that everything was tried.
-- scripts/test [--all] [suite ...]

local function busted(text)
  local successes, failures, errors, pending =
    text:match("(%d+) success%a* / (%d+) failure%a* / (%d+) errors? / (%d+) pending")
  if not successes then return 0, 0 end
  return tonumber(successes), failures + errors + pending
end

local function counted(text)
  local passed, failed = 0, 0
  for some, others in text:gmatch("(%d+) passed, (%d+) failed") do
    passed, failed = passed + some, failed + others
  end
  return passed, failed
end

local function exit_status()
  return 0, 0
end

--- Seconds without output after which a suite hangs. What it takes in all depends on the machine.
local SILENCE = 600

local VALGRIND = "valgrind -q --error-exitcode=1 --leak-check=full"

-- The recipes with channels and functions of the platform that wait, which PUC Lua 5.1 cannot do
-- amid a bare pcall.
local WAITING = "SPEC_WAITS=1 scripts/busted %s $(grep -l spec.support.rig spec/recipes/*_spec.lua)"

-- The command, and what it alone does, run on the Lua of its first line, 5.4; so do most commands
-- of the docs. With LuaJIT they are tried by check-all.
local OF_COMMAND = "spec/cli spec/docs spec/rehearsal"
local BUT_COMMAND = "scripts/busted %s $(ls spec/*_spec.lua spec/*/*_spec.lua "
  .. "| grep -Ev '^spec/(cli|docs|rehearsal)/')"

--- What `make test` runs. The longest first, so that none of them is left over alone.
local EVERYDAY = {
  { "luajit", BUT_COMMAND:format("jit"), busted },
  { "lua5.4", BUT_COMMAND:format("5.4"), busted },
  { "command", "scripts/busted 5.4 " .. OF_COMMAND, busted },
  { "waiting-5.1", WAITING:format("5.1"), busted },
  { "waiting-5.4", WAITING:format("5.4"), busted },
  { "waiting-jit", WAITING:format("jit"), busted },
  { "fuzz", "scripts/fuzz 3", counted },
  { "rock", "scripts/rock-test", counted },
  { "binding", "scripts/binding-test", counted },
  { "binding-jit", "scripts/binding-test luajit", counted },
  { "core", "scripts/core-test", counted },
  { "luacheck", "scripts/luacheck", exit_status },
  { "exports", "scripts/exports", exit_status },
  { "format", "make -s format-check", exit_status },
  { "widths", "scripts/widths", exit_status },
  { "prose", "scripts/prose", exit_status },
}

--- What `make check-all` runs besides, before that.
local SLOW = {
  -- A million events and a hundred thousand links, with a word after each measure alone.
  { "scale", "BENCH=scale scripts/bench", exit_status, silence = 7200 },
  { "command-jit", "scripts/busted jit " .. OF_COMMAND, busted },
  { "lua5.1", "scripts/busted 5.1", busted },
  { "lua5.2", "scripts/busted 5.2", busted },
  { "lua5.3", "scripts/busted 5.3", busted },
  { "waiting-5.2", WAITING:format("5.2"), busted },
  { "waiting-5.3", WAITING:format("5.3"), busted },
  -- The application in OpenResty on the servers that it is for.
  { "examples", "SPEC_EXAMPLES=1 scripts/busted jit spec/docs/examples_spec.lua", busted },
  -- Each way in which a sandbox can differ, and an end in each step: minutes of waiting.
  { "rehearsals", "SPEC_REHEARSALS=1 scripts/busted 5.4 spec/rehearsal", busted },
  -- Needs Prometheus' own tool.
  { "promtool", "SPEC_PROMTOOL=1 scripts/busted 5.4 spec/status/metrics_spec.lua", busted },
  -- Needs Chromium, Node and axe-core: scripts/setup-pages.
  { "pages", "scripts/pages-test", counted },
  { "site", "scripts/site-test", counted },
  { "fuzz-long", "scripts/fuzz 60", counted },
  { "valgrind", ("CORE_TEST_RUN='%s' scripts/core-test"):format(VALGRIND), counted },
  { "lint", "scripts/lint", exit_status },
  { "portable", "make -s portable-check", exit_status },
  { "core-clang", "CC=clang scripts/core-test", counted },
}

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

local function size_of(path)
  local file = io.open(path, "rb")
  if not file then return 0 end
  local size = file:seek("end")
  file:close()
  return size
end

local function processors()
  local pipe = assert(io.popen("nproc"))
  local count = pipe:read("*n")
  pipe:close()
  return count or 1
end

-- One suite ---------------------------------------------------------------------------------------

local directory = os.getenv("TEST_DIRECTORY")

--- Runs a command in a process group of its own; its exit status comes into being with its end.
local BACKGROUND = [[{
  setsid sh -c 'COMMAND' >PATH 2>&1 </dev/null & echo $! >PATH.pid
  status=0; wait $! || status=$?
  rm PATH.pid; echo $status >PATH.ending; mv PATH.ending PATH.status
} &]]

local function start(suite)
  suite.path, suite.started = directory .. "/" .. suite[1], os.time()
  suite.size, suite.grown_at = 0, suite.started
  os.execute((BACKGROUND:gsub("%u%u%u%u+",
    { COMMAND = suite[2]:gsub("'", "'\\''"), PATH = suite.path })))
end

--- Ends a suite that has printed nothing for too long.
local function watch(suite)
  local size, now = size_of(suite.path), os.time()
  if size ~= suite.size then suite.size, suite.grown_at = size, now end
  local silence = suite.silence or SILENCE
  if now - suite.grown_at < silence then return end
  local pid = read(suite.path .. ".pid")
  if not pid then return end
  suite.ended = ("ended: it had printed nothing for %g minutes"):format(silence / 60)
  suite.grown_at = now
  os.execute("kill -- -" .. pid)
end

--- Tells of a suite that has ended; how many passed and failed.
local function tell(suite)
  local text, ok = read(suite.path), read(suite.path .. ".status") == "0\n"
  local good, bad = suite[3](text)
  if (not ok or suite.ended) and bad == 0 then bad = 1 end
  if ok and good + bad == 0 then good = 1 end
  local seconds = os.time() - suite.started
  print(("%-12s %d passed, %d failed (%d s)"):format(suite[1], good, bad, seconds))
  if bad > 0 then io.write(text, suite.ended or "", "\n") end
  io.flush()
  return good, bad
end

-- All of them -------------------------------------------------------------------------------------

--- The suites that a command line means.
local function chosen(words)
  local all, names = {}, {}
  for _, word in ipairs(words) do names[word] = true end
  for _, suites in ipairs { SLOW, EVERYDAY } do
    for _, suite in ipairs(suites) do all[suite[1]], all[#all + 1] = suite, suite end
  end
  if names["--all"] then return all end
  if not words[1] then return EVERYDAY end
  local found = {}
  for _, word in ipairs(words) do
    found[#found + 1] = all[word] or error("there is no suite " .. word, 0)
  end
  return found
end

local waiting, running, lanes = {}, {}, processors() + 1
for i, suite in ipairs(chosen(arg)) do waiting[i] = suite end

local passed, failed = 0, 0
while waiting[1] or running[1] do
  while waiting[1] and #running < lanes do
    running[#running + 1] = table.remove(waiting, 1)
    start(running[#running])
  end
  os.execute("sleep 0.5")
  for index = #running, 1, -1 do
    if read(running[index].path .. ".status") then
      local good, bad = tell(table.remove(running, index))
      passed, failed = passed + good, failed + bad
    else
      watch(running[index])
    end
  end
end
print(("%d passed, %d failed"):format(passed, failed))
os.exit(failed == 0 and passed > 0)
