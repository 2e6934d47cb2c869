--- A program that runs beside the specs: in a temporary directory of its own, as an unprivileged
-- user even when the specs run as root, stopped by its process id.

local core = require("debitura.core")

local server = {}

local TRIES, PAUSE = 1200, 0.05 -- a minute, on a machine that is busy with other things
local STARTS = 20

local function quote(text)
  return "'" .. tostring(text):gsub("'", "'\\''") .. "'"
end
server.quote = quote

--- Runs a shell command; returns its whole output and whether it succeeded.
function server.run(command)
  local pipe = assert(io.popen("{ " .. command .. "\n} 2>&1; echo $?"))
  local output = pipe:read("*a")
  pipe:close()
  local text, code = output:match("^(.-)(%d+)\n$")
  return text, code == "0"
end

--- Why a server cannot be run: text for the name of what is then pending, which `make test` counts
-- as failed.
function server.not_found(what, package)
  return (": no %s found; Debian and Ubuntu: apt-get install %s"):format(what, package)
end

--- The path of the first of some programs that is there; each may be a shell pattern.
function server.find(...)
  for _, name in ipairs { ... } do
    local path = server.run(("for f in %s; do command -v $f && break; done"):format(name))
      :match("^(/[^\n]+)")
    if path then return path end
  end
end

--- What runs a command as nobody when we are root.
local AS_NOBODY = "setpriv --reuid=nobody --regid=nogroup --clear-groups "

function server.unprivileged(command)
  return server.run("id -u") == "0\n" and AS_NOBODY .. command or command
end

--- What runs a command that cannot write files of more than so many KiB, which stands for a full
-- disk: writing fails, instead of ending the command by a signal.
-- @tparam string command
-- @tparam ?number limit nil for none
function server.limited(command, limit)
  if not limit then return command end
  -- in halves of a KiB
  return "sh -c " .. quote(("trap '' XFSZ; ulimit -f %d; exec %s"):format(limit * 2, command))
end

--- A directory that the unprivileged user owns.
function server.directory()
  local path = server.run(server.unprivileged("mktemp -d /tmp/debitura-XXXXXX")):gsub("%s+$", "")
  return path
end

function server.write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  file:close()
  server.run("chmod 644 " .. quote(path))
end

local Process = {}
Process.__index = Process

local function alive(pid)
  return select(2, server.run(("kill -0 %d"):format(pid)))
end

--- Waits until something is so, for as long as a test may wait.
function server.wait_until(condition)
  for _ = 1, TRIES do
    if condition() then return true end
    core.system.sleep(PAUSE)
  end
  return false
end

-- A shell stays with the program, so that it is gone as soon as it has ended and not when init
-- looks after it.
local BACKGROUND = "cd %s && rm -f pid && { sh -c %s >>log 2>&1 </dev/null & }; while [ ! -s pid "
  .. "]; do sleep 0.01; done; cat pid"

function Process:try()
  local text = server.run(BACKGROUND:format(quote(self.directory),
    quote(server.unprivileged(self.command) .. " & echo $! >pid.new; mv pid.new pid; wait")))
  self.pid = assert(tonumber(text:match("%d+")), text)
  local ready = server.wait_until(function()
    return not alive(self.pid) or self.ready()
  end)
  return ready and alive(self.pid)
end

--- Starts the program again after it was stopped.
function Process:start()
  -- What was killed may leave behind what goes away by itself, such as shared memory and its last
  -- processes.
  for _ = 1, STARTS do
    if self:try() then return end
    core.system.sleep(PAUSE)
  end
  error("the server did not start: " .. self:log())
end

function Process:log()
  return (server.run("tail -n 20 " .. quote(self.directory .. "/log")))
end

--- Ends the program and waits until it is gone.
-- @tparam[opt="TERM"] string signal without "SIG"
function Process:halt(signal)
  if not self.pid then return end
  server.run(("kill -%s %d"):format(signal or self.signal, self.pid))
  if not server.wait_until(function() return not alive(self.pid) end) then
    server.run("kill -KILL " .. self.pid)
  end
  self.pid = nil
end

--- Ends the program and removes its directory.
function Process:stop()
  self:halt()
  server.run("rm -rf " .. quote(self.directory))
end

--- Starts a program.
-- @tparam table options `command`, `ready` (a function: whether it can be used), `directory`,
--   `port`, `signal` that ends it ("TERM")
-- @treturn table with `start`, `halt`, `stop`, `log`
function server.start(options)
  local process = setmetatable({
    command = options.command, ready = options.ready, directory = options.directory,
    port = options.port,
    signal = options.signal or "TERM",
  }, Process)
  process:start()
  return process
end

return server
