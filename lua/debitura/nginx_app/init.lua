--- Starts and stops an nginx with its Lua module (or an OpenResty) in a directory of its own: what
-- the sandbox, the receiver, the specs and the benches run in. Knows nothing of Debitura.
-- @module debitura.nginx_app

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local options = require("debitura.base.options")

local nginx = {}

local PROGRAMS = {
  "openresty", "nginx", "/usr/local/openresty/nginx/sbin/nginx", "/usr/sbin/nginx",
}
local INSTALL_HINT =
  "install OpenResty, or on Debian: apt-get install nginx-light libnginx-mod-http-lua"
local BUILD_HINT = "Install LuaJIT's headers (Debian: apt-get install libluajit2-5.1-dev), then "
  .. "type: luarocks make"
local START_TRIES = 5 -- a port that was free when asked for may be taken a moment later
local START_TIMEOUT, PAUSE = 60, 0.01 -- seconds

--- The options of `start`, see docs/options.md.
nginx.options = options.define("debitura.nginx_app.start", {
  { "http", "text", required = true,
    "text inside the http block, where `$PORT` and `$DIRECTORY` are filled in" },
  { "main", "string", default = "", "text outside of it" },
  { "port", "count", "where it listens; else one that is free" },
  { "workers", "count", default = 1, "worker processes" },
  { "log_level", "text", default = "warn", "from which its error log says something" },
  { "directory", "text",
    "where its files are; else a temporary one that goes when it ends" },
  { "user", "text",
    "who its workers are, where root starts it; else root, as the files may be root's" },
  { "signal", "text", default = "TERM", expected = "TERM or QUIT",
    check = function(signal)
      return signal ~= "TERM" and signal ~= "QUIT" and "TERM or QUIT expected" or nil
    end,
    "what ends it: TERM at once, QUIT when the requests under way are answered" },
})

local quote = encoding.shell

--- Runs a shell command; returns its output, without the line ends behind it, and whether it
-- succeeded.
local function run(command)
  local pipe = assert(io.popen("{ " .. command .. "\n} 2>&1; echo $?"))
  local output = pipe:read("*a")
  pipe:close()
  local text, code = output:match("^(.-)%s*(%d+)\n$")
  return text, code == "0"
end

local function read_file(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

local function write_file(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  file:close()
end

-- What to run -------------------------------------------------------------------------------------

local function find_program()
  local asked = os.getenv("DEBITURA_NGINX")
  for _, name in ipairs(asked and { asked } or PROGRAMS) do
    local path, found = run("command -v " .. quote(name))
    if found then return path end
  end
  return nil, "no nginx found; " .. INSTALL_HINT
    .. (asked and "; DEBITURA_NGINX names " .. asked or "")
end

--- The `load_module` lines a program needs; none where the Lua module is compiled in.
local function module_lines(program)
  local features = run(quote(program) .. " -V")
  if features:find("lua-nginx-module", 1, true) or features:find("ngx_lua", 1, true) then
    return ""
  end
  local directory = features:match("%-%-modules%-path=(%S+)") or "/usr/lib/nginx/modules"
  local lines = {}
  for _, name in ipairs { "ndk_http_module.so", "ngx_http_lua_module.so" } do
    local path = directory .. "/" .. name
    local file = io.open(path, "rb")
    if not file then return nil, path .. " is missing; " .. INSTALL_HINT end
    file:close()
    lines[#lines + 1] = "load_module " .. path .. ";"
  end
  return table.concat(lines, "\n")
end

--- A path for nginx, which looks for files from a directory of its own.
-- @tparam string path
-- @treturn string
function nginx.absolute(path)
  if path:sub(1, 1) == "/" then return path end
  return run("pwd") .. "/" .. path
end

--- The line by which nginx resolves names as this machine does; it does not read /etc/hosts.
-- @treturn string empty where the machine has no name servers
function nginx.resolver()
  local servers = {}
  local text = "\n" .. (read_file("/etc/resolv.conf") or "")
  for server in text:gmatch("\nnameserver%s+([%x.:]+)") do
    servers[#servers + 1] = server:find(":", 1, true) and "[" .. server .. "]" or server
  end
  return servers[1] and "resolver " .. table.concat(servers, " ") .. ";" or ""
end

--- The line that gives each worker threads of its own.
-- @tparam string name of the pool
-- @tparam number count
-- @treturn string empty where nginx was built without threads, and would not start
function nginx.thread_pool(name, count)
  local program = find_program()
  local features = program and run(quote(program) .. " -V") or ""
  return features:find("--with-threads", 1, true)
    and ("thread_pool %s threads=%d;"):format(name, count) or ""
end

--- Where nginx, whose Lua is LuaJIT, finds this module: where the one that is running looks. The
-- rock of another Lua keeps LuaJIT's core below its own.
local function lua_paths()
  local source = debug.getinfo(1, "S").source
  local lua_root = nginx.absolute(source:match("^@(.*)debitura/nginx_app/init%.lua$") or "./")
  local path, cpath = { lua_root .. "?.lua", lua_root .. "?/init.lua" }, {}
  for entry in package.path:gmatch("[^;]+") do
    path[#path + 1] = nginx.absolute(entry):gsub("/lua/5%.%d/", "/lua/5.1/")
  end
  for entry in package.cpath:gmatch("[^;]+") do
    -- What a directory named after another Lua holds does not load here, and would be found first.
    if not entry:find("/lua5%.%d/") then
      entry = nginx.absolute(entry)
      cpath[#cpath + 1] = entry:gsub("%?", "debitura/luajit/?")
      cpath[#cpath + 1] = entry:gsub("/lua/5%.%d/", "/lua/5.1/")
    end
  end
  return table.concat(path, ";") .. ";;", table.concat(cpath, ";") .. ";;"
end

--- Why this module would not load there.
-- @treturn ?string what is missing, and what to type
local function core_missing()
  local _, cpath = lua_paths()
  for entry in cpath:gmatch("[^;]+") do
    local file = io.open((entry:gsub("%?", "debitura/core")), "rb")
    if file then
      file:close()
      return nil
    end
  end
  return ("nginx's Lua is LuaJIT, and debitura was built for %s only. %s"):format(
    rawget(_G, "jit") and "another" or _VERSION, BUILD_HINT)
end

local TEMPLATE = [[
$modules
$user
daemon on;
master_process on;
worker_processes $workers;
pid nginx.pid;
error_log error.log $log_level;
$main
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  lua_package_path "$lua_path";
  lua_package_cpath "$lua_cpath";
  $http
}
]]

local function literally(text)
  return function() return text end
end

--- The text of nginx.conf.
local function render(given, plan, port)
  local lua_path, lua_cpath = lua_paths()
  local filled = {
    modules = plan.modules, user = plan.user, workers = tostring(given.workers),
    log_level = given.log_level, main = given.main, lua_path = lua_path, lua_cpath = lua_cpath,
    http = given.http:gsub("%$PORT", tostring(port)):gsub("%$DIRECTORY", literally(plan.directory)),
  }
  return (TEMPLATE:gsub("%$([%a_]+)", filled))
end

--- The line that says who the workers are. nginx by itself would give them to a user who may not
-- enter the directory.
-- @treturn[1] string
-- @treturn[1] ?string the group that has to be able to enter
-- @treturn[2] nil
-- @treturn[2] string why not
local function user_line(user)
  local is_root = run("id -u") == "0"
  if not user then return is_root and "user root;" or "" end
  if not is_root then return nil, "only root can start nginx for another user" end
  local group, found = run("id -gn " .. quote(user))
  if not found then return nil, "there is no user " .. user end
  return ("user %s %s;"):format(user, group), group
end

-- Running -----------------------------------------------------------------------------------------

-- A shell starts nginx and stays until the pipe to it is closed, by `stop` or by the end of this
-- process, however that one goes; then it ends nginx, which overhears a signal that comes while it
-- starts. Keys typed at the terminal do not reach it. nginx is where this process is, since what a
-- platform's configuration names may be named from there.
local KEEPER = [[
exec >/dev/null 2>&1
trap '' HUP INT QUIT TERM
here=$(pwd)
cd $directory || exit
(cd "$here"; exec $program -p $directory/ -c nginx.conf -e error.log) </dev/null >starting 2>&1
code=$?
n=0
until [ $code -ne 0 ] || [ -s nginx.pid ] || [ $n -eq 200 ]; do sleep 0.05; n=$((n + 1)); done
echo $code >>starting
mv starting started
[ $code -eq 0 ] || exit
read -r _
pid=$(cat nginx.pid)
n=0
while [ -e nginx.pid ] && kill -s $signal $pid && [ $n -lt 200 ]; do sleep 0.05; n=$((n + 1)); done
[ -e nginx.pid ] && kill -s KILL -- -$pid
$remove
]]

-- The pipes by server: one that was forgotten must not end its nginx when garbage is collected.
local pipes = {}

local Server = {}
Server.__index = Server

--- Reads nginx's error log.
-- @treturn string
function Server:log()
  return read_file(self.directory .. "/error.log") or ""
end

--- Sends a signal to the master process: "HUP" reloads, "QUIT" ends gracefully.
-- @tparam string name without "SIG"
function Server:signal(name)
  run(("kill -%s %d"):format(name, self.pid))
end

--- Whether the master process is alive.
-- @treturn boolean
function Server:running()
  -- nginx removes its pid file when it ends. A zombie could still be sent signals.
  if not read_file(self.directory .. "/nginx.pid") then return false end
  local _, alive = run(("kill -0 %d"):format(self.pid))
  return alive
end

--- Stops nginx and removes a temporary directory. Harmless when it is stopped already.
function Server:stop()
  local pipe = pipes[self]
  if not pipe then return end
  pipes[self] = nil
  pipe:close() -- waits for the shell, which waits for nginx
end

--- What nginx said, and whether it is running.
local function wait_for_start(directory)
  local deadline = core.system.monotonic() + START_TIMEOUT
  repeat
    local text = read_file(directory .. "/started")
    if text then
      local said, code = text:match("^(.-)(%d+)\n$")
      return said, code == "0"
    end
    core.system.sleep(PAUSE)
  until core.system.monotonic() > deadline
  return ("it took longer than %d seconds"):format(START_TIMEOUT), false
end

--- Tries to start it on a port.
local function try(given, plan, port)
  local directory = plan.directory
  write_file(directory .. "/nginx.conf", render(given, plan, port))
  os.remove(directory .. "/started")
  local script = KEEPER:gsub("%$(%l+)", {
    directory = quote(directory), program = quote(plan.program), signal = given.signal,
    remove = given.directory and "" or "cd / && rm -rf " .. quote(directory),
  })
  core.system.close_on_exec() -- nginx inherits nothing
  local pipe = assert(io.popen(script, "w"))
  core.system.close_on_exec() -- and nothing else that is started inherits the pipe
  local said, started = wait_for_start(directory)
  if not started then
    pipe:close()
    return nil, said
  end
  local server = setmetatable({
    port = port, url = "http://127.0.0.1:" .. port, directory = directory,
    pid = tonumber((read_file(directory .. "/nginx.pid"):match("^%d+"))),
  }, Server)
  pipes[server] = pipe
  return server
end

--- What has to be found out before nginx can be started.
local function new_plan(given)
  local plan, err = {}
  plan.program, err = find_program()
  if not plan.program then return nil, err end
  plan.modules, err = module_lines(plan.program)
  if not plan.modules then return nil, err end
  err = core_missing()
  if err then return nil, err end
  local group
  plan.user, group = user_line(given.user)
  if not plan.user then return nil, group end
  plan.directory = given.directory and nginx.absolute(given.directory) or run("mktemp -d")
  if group then
    run(("chgrp %s %s && chmod g+x %s"):format(quote(group), quote(plan.directory),
      quote(plan.directory)))
  end
  return plan
end

--- Starts an nginx and returns when it accepts connections. It ends by `stop`, and with this
-- process. From then on no program that this process starts inherits a descriptor that is open now.
-- @tparam table given
--   `http` (string, required) text inside the http block, where `$PORT` and `$DIRECTORY` are filled
--   in; `main` (string) text outside of it; `port` (number) default: a free one; `workers` (number,
--   1); `log_level` (string, "warn"); `directory` (string) default: a temporary one, which goes
--   when nginx ends; `user` (string) who its workers are, where root starts it; `signal` (string)
--   what ends it: "TERM", the default, at once, "QUIT" when the requests under way are answered
-- @treturn[1] table with `port`, `url` ("http://127.0.0.1:port"), `directory`, `pid`, and the
--   methods `stop`, `log`, `signal`, `running`
-- @treturn[2] nil
-- @treturn[2] string what is missing or what nginx said
function nginx.start(given)
  given = nginx.options:read(given)
  local plan, err = new_plan(given)
  if not plan then return nil, err end
  local server, said
  for _ = 1, given.port and 1 or START_TRIES do
    server, said = try(given, plan, given.port or core.system.free_port())
    if server then return server end
    if not said:find("Address already in use", 1, true) then break end
  end
  if not given.directory then run("rm -rf " .. quote(plan.directory)) end
  return nil, "nginx did not start: " .. said
end

return nginx
