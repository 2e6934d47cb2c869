--- Starts and stops an nginx with its Lua module (or an OpenResty) in a temporary directory of its own.
-- The sandbox, the receiver, the specs and the benches are carried by it. Knows nothing of Debitura.
-- @module debitura.nginx_app

local core = require("debitura.core")

local nginx = {}

local PROGRAMS = { "openresty", "nginx", "/usr/local/openresty/nginx/sbin/nginx", "/usr/sbin/nginx" }
local INSTALL_HINT = "install OpenResty, or on Debian: apt-get install nginx-light libnginx-mod-http-lua"
local START_TRIES = 5 -- a port that was free when asked for may be taken a moment later
local STOP_TRIES, STOP_PAUSE = 200, 0.05

local function quote(text)
  return "'" .. tostring(text):gsub("'", "'\\''") .. "'"
end

--- Runs a shell command; returns its whole output and whether it succeeded.
local function run(command)
  local pipe = assert(io.popen("{ " .. command .. "\n} 2>&1; echo $?"))
  local output = pipe:read("*a")
  pipe:close()
  local text, code = output:match("^(.-)(%d+)\n$")
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

local function find_program()
  local asked = os.getenv("DEBITURA_NGINX")
  for _, name in ipairs(asked and { asked } or PROGRAMS) do
    local path, found = run("command -v " .. quote(name))
    if found then return (path:gsub("%s+$", "")) end
  end
  return nil, "no nginx found; " .. INSTALL_HINT
end

--- The `load_module` lines a program needs; none where the Lua module is compiled in.
local function module_lines(program)
  local features = run(quote(program) .. " -V")
  if features:find("lua-nginx-module", 1, true) or features:find("ngx_lua", 1, true) then return "" end
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
  return run("pwd"):gsub("%s+$", "") .. "/" .. path
end

--- The line by which nginx resolves names as this machine does; it does not read /etc/hosts.
-- @treturn string empty where the machine has no name servers
function nginx.resolver()
  local servers = {}
  for server in ("\n" .. (read_file("/etc/resolv.conf") or "")):gmatch("\nnameserver%s+([%x.:]+)") do
    servers[#servers + 1] = server:find(":", 1, true) and "[" .. server .. "]" or server
  end
  return servers[1] and "resolver " .. table.concat(servers, " ") .. ";" or ""
end

--- Where nginx, whose Lua is LuaJIT, finds this module: where the one that is running looks.
local function lua_paths()
  local lua_root = nginx.absolute(debug.getinfo(1, "S").source:match("^@(.*)debitura/nginx%.lua$") or "./")
  local path, cpath = { lua_root .. "?.lua", lua_root .. "?/init.lua" }, {}
  for entry in package.path:gmatch("[^;]+") do
    path[#path + 1] = nginx.absolute(entry):gsub("/lua/5%.%d/", "/lua/5.1/")
  end
  for entry in package.cpath:gmatch("[^;]+") do
    cpath[#cpath + 1] = nginx.absolute(entry):gsub("/build/lua5%.%d/", "/build/luajit/"):gsub("/lua/5%.%d/", "/lua/5.1/")
  end
  return table.concat(path, ";") .. ";;", table.concat(cpath, ";") .. ";;"
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

local function render(options, values)
  local http = options.http:gsub("%$PORT", tostring(values.port)):gsub("%$DIRECTORY", (values.directory:gsub("%%", "%%%%")))
  local filled = {
    modules = values.modules, user = values.user, workers = tostring(options.workers or 1),
    log_level = options.log_level or "warn", main = options.main or "",
    lua_path = values.lua_path, lua_cpath = values.lua_cpath, http = http,
  }
  return (TEMPLATE:gsub("%$([%a_]+)", filled))
end

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
  -- nginx removes its pid file when it ends; as a zombie whom nobody asks for it could still be sent signals.
  if not read_file(self.directory .. "/nginx.pid") then return false end
  local _, alive = run(("kill -0 %d"):format(self.pid))
  return alive
end

--- Stops nginx and removes its directory. Harmless when it is stopped already.
function Server:stop()
  if self.stopped then return end
  self.stopped = true
  self:signal("TERM")
  for _ = 1, STOP_TRIES do
    if not self:running() then break end
    core.system.sleep(STOP_PAUSE)
  end
  if self:running() then self:signal("KILL") end
  if self.temporary then run("rm -rf " .. quote(self.directory)) end
end

--- Starts an nginx and returns when it accepts connections.
-- @tparam table options
--   `http` (string, required) text inside the http block, where `$PORT` and `$DIRECTORY` are filled in;
--   `main` (string) text outside of it; `port` (number) default: a free one; `workers` (number, 1);
--   `log_level` (string, "warn"); `directory` (string) default: a temporary one, removed by stop
-- @treturn[1] table with `port`, `url` ("http://127.0.0.1:port"), `directory`, `pid`, and the methods `stop`, `log`, `signal`, `running`
-- @treturn[2] nil
-- @treturn[2] string what is missing or what nginx said
function nginx.start(options)
  local program, reason = find_program()
  if not program then return nil, reason end
  local modules
  modules, reason = module_lines(program)
  if not modules then return nil, reason end

  local directory = options.directory
  if not directory then directory = run("mktemp -d"):gsub("%s+$", "") end
  -- Started by root, nginx would give its workers to another user, who may not enter the directory.
  local user = run("id -u"):match("^0\n") and "user root;" or ""
  local lua_path, lua_cpath = lua_paths()

  local said
  for _ = 1, options.port and 1 or START_TRIES do
    local port = options.port or core.system.free_port()
    write_file(directory .. "/nginx.conf", render(options, {
      modules = modules, user = user, port = port, directory = directory, lua_path = lua_path, lua_cpath = lua_cpath,
    }))
    local started
    said, started = run(("%s -p %s/ -c nginx.conf -e error.log"):format(quote(program), quote(directory)))
    if started then
      local pid
      for _ = 1, STOP_TRIES do
        pid = tonumber((read_file(directory .. "/nginx.pid") or ""):match("^%d+"))
        if pid then break end
        core.system.sleep(STOP_PAUSE)
      end
      return setmetatable({
        port = port, url = "http://127.0.0.1:" .. port, directory = directory, pid = pid,
        temporary = options.directory == nil,
      }, Server)
    end
    if not said:find("Address already in use", 1, true) then break end
  end
  if not options.directory then run("rm -rf " .. quote(directory)) end
  return nil, "nginx did not start: " .. said
end

return nginx
