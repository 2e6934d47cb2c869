-- Runs the suites below one after the other, counts what each says of itself, and closes with the sum.
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

local PATIENCE = 600 -- seconds until a suite that hangs is ended and counted as failed

local suites = {
  { "core", "scripts/core-test", counted },
  { "core-clang", "CC=clang scripts/core-test", counted },
  { "valgrind", "CORE_TEST_RUN='valgrind -q --error-exitcode=1 --leak-check=full' scripts/core-test", counted },
  { "binding", "scripts/binding-test", counted },
  { "binding-jit", "scripts/binding-test luajit", counted },
  { "fuzz", "scripts/fuzz 3", counted },
  { "exports", "scripts/exports", exit_status },
  { "format", "make -s format-check", exit_status },
  { "luacheck", "scripts/luacheck", exit_status },
  { "rock", "scripts/rock-test", counted },
  { "lua5.4", "scripts/busted 5.4", busted },
  { "luajit", "scripts/busted jit", busted },
}

local wanted = {}
for _, name in ipairs(arg) do wanted[name] = true end

local function run(command)
  local path = os.tmpname()
  local ok = os.execute(("timeout %d sh -c '%s' >%s 2>&1 </dev/null"):format(PATIENCE, command:gsub("'", "'\\''"), path))
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  os.remove(path)
  return text, ok == true
end

local passed, failed = 0, 0
for _, suite in ipairs(suites) do
  local name, command, count = suite[1], suite[2], suite[3]
  if #arg == 0 or wanted[name] then
    io.write(("%-12s "):format(name))
    io.flush()
    local started = os.time()
    local text, ok = run(command)
    local good, bad = count(text)
    if not ok and bad == 0 then bad = 1 end
    if ok and good + bad == 0 then good = 1 end
    passed, failed = passed + good, failed + bad
    print(("%d passed, %d failed (%d s)"):format(good, bad, os.time() - started))
    if bad > 0 then io.write(text, "\n") end
  end
end
print(("%d passed, %d failed"):format(passed, failed))
os.exit(failed == 0 and passed > 0)
