--- Calls of nginx's requests that go together: while one batch is on its way, the next one gathers.
-- Each caller hears its own result when its batch has come back.
--
-- A timer sends the batches, since the coroutine of a request may be killed at any time.
-- @module debitura.store.lanes.lane

-- luacheck: read globals ngx

local semaphore = require("ngx.semaphore")

local lane = {}

local WAITING, WAITING_BYTES = 4096, 256 * 2 ^ 20 -- what may gather

--- Batches of one timer: what nginx allots in a timer it frees at its end.
local TURNS = 1000

--- Seconds after which a caller looks whether the timer has come: nginx drops one unheard, but for
-- a line in its log, when `lua_max_running_timers` is exceeded.
local LOOK = 1

local Lane = {}
Lane.__index = Lane

--- Takes the next batch from what has gathered.
-- @treturn table array of entries
-- @treturn table array of their calls
function Lane:take()
  local batch, calls, bytes = {}, {}, 0
  while self.first <= self.last and #batch < self.most do
    local entry = self.entries[self.first]
    if entry.call then -- a caller that waits no more has taken it back
      if #batch > 0 and bytes + entry.bytes > self.room then break end
      batch[#batch + 1], calls[#calls + 1] = entry, entry.call
      bytes, entry.call = bytes + entry.bytes, nil
      self.bytes = self.bytes - entry.bytes
    end
    self.entries[self.first] = nil
    self.first = self.first + 1
  end
  return batch, calls
end

local ask

--- Sends one batch, and tells each caller.
local function serve(self)
  local batch, calls = self:take()
  if #batch == 0 then return end
  if self.first <= self.last then ask(self) end -- for what had no room
  local sound, results, err = pcall(self.send, calls)
  if not sound then results, err = nil, tostring(results) end
  for i, entry in ipairs(batch) do
    entry.result, entry.err = results and results[i], err
    entry.done:post(1)
  end
end

local drive

--- Asks for a timer, unless one will come, or there are as many as may be.
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] string why there is none
function ask(self)
  if self.asked > 0 or self.running >= self.width then return true end
  local given, err = ngx.timer.at(0, drive, self)
  if given then self.asked = self.asked + 1 end
  return given, err
end

-- Also goes on when it is premature: the requests of a worker that exits are still answered.
function drive(_, self)
  self.asked = math.max(0, self.asked - 1)
  if self.running >= self.width then return end
  self.running = self.running + 1
  local turns = 0
  while self.first <= self.last and turns < TURNS do
    serve(self)
    turns = turns + 1
  end
  self.running = self.running - 1
  if self.first <= self.last then ask(self) end
end

local function take_back(self, entry)
  if not entry.call then return end
  entry.call, self.bytes = nil, self.bytes - entry.bytes
end

--- Waits for a call's result; asks again for a timer that did not come.
local function await(self, entry)
  local left = self.patience
  while left > 0 do
    if entry.done:wait(math.min(LOOK, left)) then return true end
    left = left - LOOK
    if entry.call and self.running == 0 then
      self.asked = 0
      ask(self)
    end
  end
  return false
end

--- Sends a call with the next batch and waits for its result.
-- @tparam table call
-- @tparam number bytes how much of it there is
-- @treturn[1] what `send` gave for it
-- @treturn[2] nil
-- @treturn[2] string why there is no result
function Lane:call(call, bytes)
  if self.last - self.first >= WAITING or self.bytes + bytes > WAITING_BYTES then
    return nil, "too many calls wait for it"
  end
  local entry = { call = call, bytes = bytes, done = semaphore.new() }
  self.last, self.bytes = self.last + 1, self.bytes + bytes
  self.entries[self.last] = entry
  local asked, err = ask(self)
  if not asked and self.running == 0 then
    take_back(self, entry)
    return nil, err
  end
  if await(self, entry) then return entry.result, entry.err end
  take_back(self, entry)
  return nil, ("no answer within %g seconds"):format(self.patience)
end

--- Makes one.
-- @tparam table given `send(calls)` gives an array of results, or nil and what is wrong with all;
--   `most` calls of a batch, and `room` for the bytes of more than one; `width` how many batches
--   may be on their way at once; `patience` seconds that a caller waits
-- @treturn table
function lane.new(given)
  return setmetatable({
    send = given.send, most = given.most, room = given.room, width = given.width,
    patience = given.patience,
    entries = {}, first = 1, last = 0, bytes = 0, running = 0, asked = 0,
  }, Lane)
end

return lane
