-- Runs the suites below, as many side by side as there are processors, counts what each says of itself, and closes with the sum.
-- A suite that ends badly without having counted a failure counts as one; a pending spec counts as failed,
-- because a green line must mean that everything was tried.

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

local PATIENCE = 900 -- seconds until a suite that hangs is ended and counted as failed

--- The longest first, so that none of them is left over alone.
local suites = {
  { "luajit", "scripts/busted jit", busted },
  { "lua5.4", "scripts/busted 5.4", busted },
  { "fuzz", "scripts/fuzz 3", counted },
  { "valgrind", "CORE_TEST_RUN='valgrind -q --error-exitcode=1 --leak-check=full' scripts/core-test", counted },
  { "rock", "scripts/rock-test", counted },
  { "core-clang", "CC=clang scripts/core-test", counted },
  { "binding", "scripts/binding-test", counted },
  { "binding-jit", "scripts/binding-test luajit", counted },
  { "core", "scripts/core-test", counted },
  { "luacheck", "scripts/luacheck", exit_status },
  { "exports", "scripts/exports", exit_status },
  { "format", "make -s format-check", exit_status },
}

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

local directory = os.getenv("TEST_DIRECTORY")
local LANES = tonumber(output_of("nproc")) or 1

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

--- Starts a suite in the background; its exit status comes into being with its end.
local function start(suite)
  local name, command = suite[1], suite[2]
  suite.started, suite.path = os.time(), directory .. "/" .. name
  local background = [[{ timeout PATIENCE sh -c 'COMMAND' >PATH 2>&1 </dev/null & echo $! >PATH.pid
    status=0; wait $! || status=$?; rm PATH.pid; echo $status >PATH.ending; mv PATH.ending PATH.status; } &]]
  os.execute((background:gsub("%u%u%u%u+", { PATIENCE = tostring(PATIENCE), COMMAND = command:gsub("'", "'\\''"), PATH = suite.path })))
end

--- Tells of a suite that has ended; how many passed and failed.
local function tell(suite)
  local text, ok = read(suite.path), read(suite.path .. ".status") == "0\n"
  local good, bad = suite[3](text)
  if not ok and bad == 0 then bad = 1 end
  if ok and good + bad == 0 then good = 1 end
  print(("%-12s %d passed, %d failed (%d s)"):format(suite[1], good, bad, os.time() - suite.started))
  if bad > 0 then io.write(text, "\n") end
  io.flush()
  return good, bad
end

local wanted = {}
for _, name in ipairs(arg) do wanted[name] = true end
local waiting, running = {}, {}
for _, suite in ipairs(suites) do
  if #arg == 0 or wanted[suite[1]] then waiting[#waiting + 1] = suite end
end

local passed, failed = 0, 0
while waiting[1] or running[1] do
  while waiting[1] and #running < LANES do
    running[#running + 1] = table.remove(waiting, 1)
    start(running[#running])
  end
  os.execute("sleep 0.2")
  for index = #running, 1, -1 do
    if read(running[index].path .. ".status") then
      local good, bad = tell(table.remove(running, index))
      passed, failed = passed + good, failed + bad
    end
  end
end
print(("%d passed, %d failed"):format(passed, failed))
os.exit(failed == 0 and passed > 0)
