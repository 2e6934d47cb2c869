--- CPU time of nginx's workers: what one could serve does not depend on how busy the machine is.
local workers = {}

--- CPU seconds that the one worker of a master has taken, from Linux's count in nanoseconds.
-- @tparam number master its process id
-- @treturn number
function workers.cpu(master)
  -- A master that listens may not have made its worker yet.
  local pipe = assert(io.popen(([[
    until worker=$(pgrep -P %d); do kill -0 %d && sleep 0.1 || exit; done
    cat /proc/$worker/schedstat
  ]]):format(master, master)))
  local nanoseconds = pipe:read("*n")
  pipe:close()
  return nanoseconds / 1e9
end

return workers
