--- The sandbox's clock for the command: what time has been moved to there is due here.
-- @module debitura.cli.clock

local core = require("debitura.core")

local clock = {}

local TIMEOUT, LOOK_EVERY = 5, 1 -- seconds
local WRONG = "DEBITURA_CLOCK=sandbox: "

--- Asks a sandbox for its time.
local function ask(engine, base_url)
  local transfer, err = engine:submit {
    method = "GET", url = base_url .. "/_sandbox/clock", timeout = TIMEOUT,
    connect_timeout = TIMEOUT,
  }
  if not transfer then return nil, err.message end
  while not transfer:done() do engine:wait(TIMEOUT) end
  local answer
  answer, err = transfer:result()
  if not answer then return nil, err.message end
  local shown = core.json.decode(answer.body)
  local now = answer.status == 200 and type(shown) == "table" and shown.unix
  if type(now) ~= "number" then return nil, "no sandbox answers at " .. base_url end
  return now
end

--- Makes a clock that goes with a sandbox's.
-- @tparam ?string base_url the sandbox's
-- @treturn[1] function gives Unix seconds
-- @treturn[2] nil
-- @treturn[2] string what is wrong
function clock.of_sandbox(base_url)
  if type(base_url) ~= "string" then
    return nil, WRONG .. "it goes with the base_url of a sandbox"
  end
  local engine = core.engine {}
  local now, err = ask(engine, base_url)
  if not now then return nil, WRONG .. err end
  local asked_at = core.system.monotonic()
  local ahead = now - core.system.now()
  return function()
    local moment = core.system.monotonic()
    if moment - asked_at >= LOOK_EVERY then
      asked_at = moment
      -- A sandbox that does not answer for once has not moved its clock.
      local later = ask(engine, base_url)
      ahead = later and later - core.system.now() or ahead
    end
    return core.system.now() + ahead
  end
end

return clock
