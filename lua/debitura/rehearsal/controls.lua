--- The controls of a sandbox, asked without the key: so it is also found out whether one is there.
-- @module debitura.rehearsal.controls

local core = require("debitura.core")

local controls = {}

local Controls = {}
Controls.__index = Controls

--- Asks a control.
-- @tparam string method
-- @tparam string name such as "clock"
-- @tparam[opt] table body
-- @treturn[1] table the decoded answer
-- @treturn[2] nil
-- @treturn[2] string what went wrong
function Controls:ask(method, name, body)
  local transfer, err = self.engine:submit {
    method = method, url = self.url .. "/_sandbox/" .. name, timeout = self.patience,
    connect_timeout = self.patience,
    headers = { ["Content-Type"] = "application/json", Accept = "application/json" },
    body = body and assert(core.json.encode(body)) or nil,
  }
  if not transfer then return nil, err.message end
  while not transfer:done() do self.engine:wait(1) end
  local answer
  answer, err = transfer:result()
  if not answer then return nil, err.message end
  local decoded = core.json.decode(answer.body)
  if answer.status ~= 200 or type(decoded) ~= "table" then
    return nil, ("the sandbox's control %s answers %d"):format(name, answer.status)
  end
  return decoded
end

--- Finds the sandbox at an address.
-- @tparam string url
-- @tparam number patience seconds for one answer
-- @treturn[1] table with `ask`
-- @treturn[2] nil
-- @treturn[2] string
function controls.find(url, patience)
  local self = setmetatable({ engine = core.engine {}, url = url, patience = patience }, Controls)
  local clock, err = self:ask("GET", "clock")
  if clock and type(clock.unix) == "number" and clock.frozen ~= nil then return self end
  return nil, ("no sandbox answers at %s%s; a rehearsal goes to one, or to Debitura's test "
    .. "environment itself"):format(url, err and " (" .. err .. ")" or "")
end

return controls
