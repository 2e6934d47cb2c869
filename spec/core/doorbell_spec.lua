local core = require("debitura.core")
local nginx = require("debitura.nginx_app")
local unix = require("socket.unix")

local LONG = 3600
local PATIENCE = 20

describe("a doorbell", function()
  local server, engine

  setup(function()
    server = assert(
      nginx.start { http = "server { listen 127.0.0.1:$PORT; location / { return 200 answer; } }" })
  end)
  teardown(function() server:stop() end)
  before_each(function() engine = assert(core.engine {}) end)
  after_each(function() engine:close() end)

  local function connected(beat)
    local bell = assert(core.doorbell(engine:fd(), beat))
    local loop = assert(unix.stream and unix.stream() or unix())
    loop:settimeout(PATIENCE)
    assert(loop:connect(bell:path()))
    assert(bell:open())
    return bell, loop
  end

  it("rings whenever an engine has something to do, until a transfer is done", function()
    local bell, loop = connected(LONG)
    local transfer = assert(engine:submit { method = "GET", url = server.url .. "/" })
    while not transfer:done() do
      assert.equal("r", loop:receive(1))
      engine:step()
      assert(bell:arm())
    end
    assert.equal("answer", transfer:result().body)
    bell:close()
    loop:close()
  end)

  it("tells of a whole beat of silence", function()
    local bell, loop = connected(0.001)
    assert.equal("i", loop:receive(1))
    bell:close()
    loop:close()
  end)

  it("ends the loop's socket when it is closed, by whichever way", function()
    local bell, loop = connected(LONG)
    bell:close()
    bell:close()
    local _, problem = loop:receive(1)
    assert.equal("closed", problem)
    loop:close()

    bell, loop = connected(LONG)
    assert.is_not_nil(bell)
    bell = nil -- luacheck: ignore 311
    collectgarbage()
    _, problem = loop:receive(1)
    assert.equal("closed", problem)
    loop:close()
  end)

  it("cannot be used once it is closed", function()
    local bell = assert(core.doorbell(engine:fd(), LONG))
    bell:close()
    for _, method in ipairs { "path", "open", "arm" } do
      assert.error_matches(function() bell[method](bell) end, "the doorbell is closed")
    end
  end)

  it("needs somebody to ring for", function()
    local bell = assert(core.doorbell(engine:fd(), LONG))
    local opened, problem = bell:open()
    assert.is_nil(opened)
    assert.equal("system", problem.code)
  end)

  it("needs a descriptor that can be waited for", function()
    local bell, problem = core.doorbell(999999, LONG)
    assert.is_nil(bell)
    assert.equal("system", problem.code)
  end)

  it("takes a descriptor and a beat, and nothing else", function()
    assert.has_error(function() core.doorbell() end)
    assert.has_error(function() core.doorbell("engine", 1) end)
    assert.has_error(function() core.doorbell(-1, 1) end)
    assert.has_error(function() core.doorbell(0, 0) end)
    assert.has_error(function() core.doorbell(0, 0 / 0) end)
    assert.has_error(function() core.doorbell(0, math.huge) end)
  end)
end)
