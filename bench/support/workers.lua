--- CPU time of nginx's workers: what one could serve does not depend on how busy the machine is.
local workers = {}

--- CPU seconds that the one worker of a master has taken, from Linux's count in nanoseconds.
-- @tparam number master its process id
-- @treturn number
function workers.cpu(master)
  local pipe = assert(io.popen("cat /proc/$(pgrep -P " .. master .. ")/schedstat"))
  local nanoseconds = pipe:read("*n")
  pipe:close()
  return nanoseconds / 1e9
end

return workers
