local origin = require("spec.support.origin")

local ENGINE = os.getenv("DEBITURA_ENGINE"):gsub("^lua", "")

--- Takes every descriptor that is left, then asks for a connection.
local PROGRAM = [[
  local core = require("debitura.core")
  local engine = core.engine { portable = arg[2] == "portable" }
  local taken = {}
  repeat taken[#taken + 1] = io.open("/dev/null") until #taken > 200 or not io.open("/dev/null")
  local transfer = assert(engine:submit { method = "GET", url = arg[1], timeout = 20 })
  while not transfer:done() do engine:wait(1) end
  local _, failure = transfer:result()
  print(failure.code, failure.sent, failure.message)
]]

describe("a process without a descriptor left", function()
  local server, directory, remove

  setup(function()
    server = origin.start()
    directory, remove = origin.directory()
    origin.write(directory .. "/greedy.lua", PROGRAM)
  end)
  teardown(function()
    server:stop()
    remove()
  end)

  for _, portable in ipairs { "with epoll", "portable" } do
    for _, host in ipairs { "127.0.0.1", "localhost" } do
      it(("says so of %s, %s"):format(host, portable), function()
        local command = "ulimit -n 40; scripts/lua %s '%s/greedy.lua' http://%s:%d/hello '%s' 2>&1"
        local said = origin.output(command:format(ENGINE, directory, host, server.port, portable))
        local reason = "no descriptor left for a connection: Too many open files"
        assert.equal(("system\tfalse\t%s: %s\n"):format(host, reason), said)
      end)
    end
  end
end)
