local origin = require("spec.support.origin")

local ENGINE = os.getenv("DEBITURA_ENGINE"):gsub("^lua", "")

--- Stands in for a resolver that answers nothing.
local SILENCE = "int getaddrinfo(void) { extern int pause(void); return pause(); }"

local PROGRAM = [[
  local core = require("debitura.core")
  local engine = core.engine { portable = arg[1] == "portable", proxy = "" }
  local transfer = assert(engine:submit {
    method = "POST", url = "https://silent.example/", body = "x", connect_timeout = 0.1,
  })
  while not transfer:done() do engine:wait(1) end
  local _, failure = transfer:result()
  print(failure.code, failure.phase, failure.sent, failure.message)
]]

describe("a resolver that answers nothing", function()
  local directory, remove

  setup(function()
    directory, remove = origin.directory()
    origin.write(directory .. "/silence.c", SILENCE)
    origin.write(directory .. "/ask.lua", PROGRAM)
    local command = "${CC:-cc} -shared -fPIC -o '%s/silence.so' '%s/silence.c' 2>&1"
    assert.equal("", origin.output(command:format(directory, directory)))
  end)
  teardown(function() remove() end)

  for _, portable in ipairs { "with epoll", "portable" } do
    it("fails a call in time, as not sent, and lets the process end, " .. portable, function()
      local command = "LD_PRELOAD='%s/silence.so' scripts/lua %s '%s/ask.lua' '%s' 2>&1"
      local said = origin.output(command:format(directory, ENGINE, directory, portable))
      assert.equal("timeout\tdns\tfalse\tsilent.example: no connection within 0.1 s "
        .. "(connect_timeout)\n", said)
    end)
  end
end)
