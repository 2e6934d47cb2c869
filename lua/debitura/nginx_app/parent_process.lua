--- Ends an nginx together with the process that started it, however that one went.
-- @module debitura.nginx_app.parent_process

local owner = {}

--- nginx's signals: at once, or when the requests under way are answered.
local SIGNALS = { TERM = 15, QUIT = 3 }
local TICK = 0.5 -- seconds between looks

--- The id of this process, where the system tells it.
-- @treturn ?number
function owner.pid()
  local file = io.open("/proc/self/stat")
  local pid = file and file:read("*n")
  if file then file:close() end
  return pid
end

local function alive(pid)
  local file = io.open("/proc/" .. pid .. "/stat")
  local state = file and file:read("*a"):match(".*%) (%a)")
  if file then file:close() end
  -- A zombie has ended as well; only nobody has asked how.
  return state ~= nil and state ~= "Z"
end

--- Looks after the owner from now on: for init_worker_by_lua.
-- @tparam ?number pid of the owner
-- @tparam string signal that ends nginx, "TERM" or "QUIT"
function owner.follow(pid, signal)
  if not pid then return end
  local ffi = require("ffi")
  ffi.cdef("int getppid(void); int kill(int pid, int signal);")
  assert(ngx.timer.every(TICK, function(premature) -- luacheck: read globals ngx
    if not premature and not alive(pid) then ffi.C.kill(ffi.C.getppid(), SIGNALS[signal]) end
  end))
end

return owner
