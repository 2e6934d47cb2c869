--- A bar with the rate and the time left, for work that takes a while.
-- @module debitura.cli.progress

local text = require("debitura.cli.text")

local progress = {}

local REDRAWN_EVERY = 0.1 -- seconds
local BAR = 20
local DEFAULT_SCREEN = 80

--- 3725 -> "1:02:05"
local function clock_text(seconds)
  seconds = math.ceil(seconds)
  local hours, rest = math.floor(seconds / 3600), seconds % 3600
  local minutes = math.floor(rest / 60)
  if hours > 0 then return ("%d:%02d:%02d"):format(hours, minutes, rest % 60) end
  return ("%d:%02d"):format(minutes, rest % 60)
end

--- The line for a state.
-- @tparam string what is counted, such as "links"
-- @tparam number done
-- @tparam ?number total nil where it is not known
-- @tparam number seconds since the beginning
-- @treturn string
function progress.line(what, done, total, seconds)
  local rate = seconds > 0 and done / seconds or 0
  local rate_text = (rate >= 10 and "%.0f" or "%.1f"):format(rate) .. "/s"
  if not total or total <= 0 then return ("%s  %d  %s"):format(what, done, rate_text) end
  local share = math.min(1, done / total)
  local filled = math.floor(BAR * share)
  local left = rate > 0 and ("  %s left"):format(clock_text(math.max(0, total - done) / rate)) or ""
  return ("%s  %d of %d  [%s%s]  %d%%  %s%s"):format(
    what, done, total, ("#"):rep(filled), ("-"):rep(BAR - filled), math.floor(100 * share),
    rate_text, left)
end

local Progress = {}
Progress.__index = Progress

--- Shows how far it is.
-- @tparam number done
-- @tparam[opt] number total where it became known, or another
function Progress:update(done, total)
  self.done, self.total = done, total or self.total
  if not self.screen then return end
  local now = self.clock()
  if self.drawn_at and now - self.drawn_at < REDRAWN_EVERY then return end
  self.drawn_at = now
  local line = progress.line(self.what, done, self.total, now - self.began)
  self.stream:write("\r", text.fit(line, self.screen - 1))
  self.stream:flush()
end

--- Clears the line, for what is printed next.
function Progress:finish()
  if not self.drawn_at then return end
  self.stream:write("\r", (" "):rep(self.screen - 1), "\r")
  self.stream:flush()
  self.drawn_at = nil
end

--- Makes one.
-- @tparam table options `stream`, `screen` (columns of the terminal; nil: shows nothing), `what` is
--   counted, `total` (may be missing), `clock` (monotonic seconds)
-- @treturn table with `update(done, total)` and `finish()`
function progress.new(options)
  local screen = options.screen
  if screen == 0 then screen = DEFAULT_SCREEN end
  return setmetatable({
    stream = options.stream, screen = screen, what = options.what, total = options.total,
    clock = options.clock, began = options.clock(), done = 0,
  }, Progress)
end

return progress
