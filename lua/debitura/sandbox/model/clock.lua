--- The sandbox's own time: runs beside the wall clock, can be moved ahead, frozen or sped up, never
-- runs backwards. A clock is plain data. Times are seconds since 1970 in UTC; durations are
-- seconds.
-- @module debitura.sandbox.model.clock

local clock = {}

--- Makes a clock that shows the wall time.
-- @tparam number wall seconds
-- @treturn table `pending` seconds are still to be walked through by the model (see
--   `dispatch.step`)
function clock.new(wall)
  return { base = wall, wall = wall, rate = 1, pending = 0 }
end

--- The sandbox's time at a wall time.
-- @tparam table self a clock
-- @tparam number wall seconds; a wall clock that was set back counts as standing still
-- @treturn number seconds
function clock.at(self, wall)
  return self.base + math.max(0, wall - self.wall) * self.rate
end

--- Sets the speed: 0 freezes, 1 is real time, 3600 makes an hour of each second.
-- @tparam table self a clock
-- @tparam number wall seconds
-- @tparam number rate 0 or more
function clock.set_rate(self, wall, rate)
  self.base, self.wall, self.rate = clock.at(self, wall), wall, rate
end

--- Moves the clock ahead at once.
-- @tparam table self a clock
-- @tparam number seconds 0 or more
function clock.move(self, seconds)
  self.base = self.base + seconds
end

return clock
