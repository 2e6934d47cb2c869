-- What the library adds to the bytes it moves: one call with an answer of 1.1 kB, limits counted
-- and answer decoded, against a bare GET of the same request by its engine, in CPU time and in
-- instructions (aim for these: 1.5), and the floor, that GET with its answer decoded; a thousand
-- calls, sixteen at once, against a C program with
-- curl multi, in wall time, from a server that takes 20 ms (aim: below 1.15) and from one that
-- answers at once; a line for a logger that throws it away (aim: 0.2 microseconds), against the
-- same line written; and what it takes to load, against what is aimed at (10 ms, 1.5 MB), there
-- being nothing to compare it with.

local core = require("debitura.core")
local debitura = require("debitura")
local gets = require("bench.support.gets")
local instructions = require("bench.support.instructions")
local nginx = require("debitura.nginx_app")
local rounds = require("bench.support.rounds")

local GETS, ROUNDS = 1000, 5
local CALLS, AT_ONCE = 1000, 16
local LINES = 20000
local AIMED_MS, AIMED_KB = 10, 1536

--- Counts like any other, and never waits.
local UNLIMITED = debitura.limiter { minute = 1e9, hour = 1e9, day = 1e9 }

--- A client as Debitura describes one.
local CLIENT = assert(core.json.encode {
  externalTenantId = "tenant-1", onboardingDone = false, isAttributedClient = true,
  dateLinked = "2026-01-02T03:04:05Z", caseResults = core.null, kycVerification = core.null,
  kycStatus = "not_required", caseStats = { casesTotal = 12, casesClosed = 7, earningsUsd = 310.5 },
  onboardingLinks = { url = "https://testreferral.example/onboarding/companydetails/"
    .. "7b141785-c9c8-43a4-92b6-1e8b89d1856d?returnUrl=https%3A%2F%2Fplatform.example%2Fdone" },
  client = {
    id = "88d7a0f9-3952-42f2-a024-14aa40f9d095", companyName = "Sample Trading and Sons Limited",
    companyRegistrationNumber = "12345678", country = "Denmark", city = "Copenhagen",
    address = "Sample Street 1, second floor, on the left", zipCode = "1000",
    officeEmail = "office@sample.example",
  },
  users = {
    { id = 6, email = "ann@sample.example", firstName = "Ann", lastName = "Example" },
    { id = 7, email = "bob@sample.example", firstName = "Bob", lastName = "Example" },
    { id = 8, email = "eve@sample.example", firstName = "Eve", lastName = "Example" },
    { id = 9, email = "zoe@sample.example", firstName = "Zoe", lastName = "Example" },
  },
})

--- Answers at once, under /slow after 20 ms.
local server = assert(nginx.start { http = ([[
  keepalive_requests 1000000;
  default_type application/json;
  server {
    listen 127.0.0.1:$PORT;
    location / { return 200 '$CLIENT'; }
    location /slow/ { content_by_lua_block { ngx.sleep(0.02) ngx.print('$CLIENT') } }
  }
]]):gsub("%$CLIENT", (CLIENT:gsub("%%", "%%%%"))) })

local function overhead()
  local engine = core.engine {}
  local call, same = gets.new("call", engine, server.url), gets.new("same", engine, server.url)
  same()
  rounds.compare("operations_overhead",
    function() return rounds.cpu(call, GETS) end, function() return rounds.cpu(same, GETS) end)
  engine:close()
  local baseline = gets.command("same", server.url)
  for line, way in pairs { overhead = "call", floor = "decoded" } do
    instructions.compare(("operations_%s_instructions"):format(line),
      gets.command(way, server.url), baseline)
  end
end

--- CPU seconds that a call's event costs with a logger set to a level.
local function logging(level)
  local logger = { level = level, debug = function() end, info = function() end }
  local session = debitura.partner({ api_key = "sample-key", environment = "test",
    logger = logger }).session
  local prepared = { operation = { name = "clients.get", method = "GET",
    path = "/clients/{externalTenantId}" } }
  return function()
    return rounds.cpu(function() session:notify("request", prepared, 1) end, LINES)
  end
end

local function parallel(name, path)
  local program = rounds.compile("multi_baseline", "libcurl")
  local function baseline()
    local pipe = assert(io.popen(("%s %s%s/clients/tenant-1 %d %d"):format(program, server.url,
      path, CALLS, AT_ONCE)))
    local seconds = assert(pipe:read("*n"), "the baseline failed")
    pipe:close()
    return seconds
  end
  local function ours()
    local started = core.system.monotonic()
    local partner = debitura.partner { api_key = "sample-key", base_url = server.url .. path,
      limiter = UNLIMITED }
    local jobs = {}
    for index = 1, CALLS do jobs[index] = function() return partner.clients:get("tenant-1") end end
    for _, outcome in ipairs(debitura.parallel({ limit = AT_ONCE }, jobs)) do
      assert(not debitura.is_failure(outcome))
    end
    return core.system.monotonic() - started
  end
  local seconds, ratio = rounds.in_turns(ours, baseline, ROUNDS)
  print(("%s %.0f ms %.2f"):format(name, seconds * 1000, ratio))
end

--- Prints the CPU milliseconds and the kilobytes that a piece of Lua takes in an interpreter of its
-- own.
local LOADING = [[
  collectgarbage() collectgarbage()
  local before, started = collectgarbage("count"), os.clock()
  local held = (function() %s end)()
  local seconds = os.clock() - started
  collectgarbage() collectgarbage()
  print(seconds * 1000, collectgarbage("count") - before, held)
]]

local function loading(name, code)
  local program = os.tmpname()
  local file = assert(io.open(program, "w"))
  file:write(LOADING:format(code))
  file:close()
  local milliseconds, kilobytes = {}, {}
  for round = 1, 3 * ROUNDS do
    local pipe = assert(io.popen(("%s %s"):format(arg[-1], program)))
    milliseconds[round], kilobytes[round] = pipe:read("*n", "*n")
    pipe:close()
  end
  os.remove(program)
  print(("%s_ms %.1f ms %.2f"):format(name, rounds.median(milliseconds),
    rounds.median(milliseconds) / AIMED_MS))
  print(("%s_kb %.0f kB %.2f"):format(name, rounds.median(kilobytes),
    rounds.median(kilobytes) / AIMED_KB))
end

overhead()
rounds.compare("log_line_discarded", logging("INFO"), logging("DEBUG"))
parallel("parallel_1000", "/slow")
parallel("parallel_1000_0ms", "")
loading("require", 'return require("debitura")')
-- What stands behind a name is loaded when it is used: with both APIs in use.
loading("both_apis",
  'local partner = require("debitura").partner { api_key = "sample-key", environment = "test" }'
  .. ' return partner:customer("tenant-1")')
server:stop()
