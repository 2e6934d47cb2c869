--- Runs `debitura` as its users do: a process with its own environment, in a directory of its own,
-- with or without a terminal.

local config = require("debitura.cli.config")
local core = require("debitura.core")
local origin = require("spec.support.origin")
local server = require("spec.support.server")

local command = {}

local quote = server.quote

local function engine_name()
  local name = os.getenv("DEBITURA_ENGINE")
  return name == "luajit" and "jit" or name:match("%d.*")
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local Desk = {}
Desk.__index = Desk

--- The path of a file in the directory, written when there is a text for it.
function Desk:file(name, text)
  local path = self.directory .. "/" .. name
  if text then origin.write(path, text) end
  return path
end

function Desk.read(_, path)
  return read(path)
end

--- A shell command for a command line.
function Desk:shell(line, environment)
  local variables = {}
  for _, chosen in ipairs { self.environment, environment or {} } do
    for name, value in pairs(chosen) do variables[name] = value end
  end
  -- What whoever runs the specs has configured must not reach them.
  local words = { "env", "-u", "DEBITURA_CONFIG", "-u", "XDG_CONFIG_HOME" }
  for _, row in ipairs(config.variables) do words[#words + 1] = "-u " .. row[1] end
  words[#words + 1] = "HOME=" .. quote(self.directory)
  for name, value in pairs(variables) do words[#words + 1] = name .. "=" .. quote(value) end
  return ("%s scripts/lua %s bin/debitura %s"):format(table.concat(words, " "), engine_name(), line)
end

--- Runs a command line.
-- @tparam string line the arguments, quoted for a shell
-- @tparam[opt] table options `environment` (variables by name), `input` (text of standard input),
--   `terminal` (true: all three streams are one, and `input` is typed), `columns` of it (100)
-- @treturn table `status`, `out`, `err`; on a terminal both are in `out`
function Desk:run(line, options)
  options = options or {}
  local shell, stdin = self:shell(line, options.environment),
    self:file("stdin", options.input or "")
  if options.terminal then
    -- The width is set from within; what is typed is echoed as well.
    shell = ("script -qec %s /dev/null"):format(quote(("stty cols %d; %s"):format(
      options.columns or 100, shell)))
  end
  local text = server.run(("%s <%s >%s 2>%s; echo $?"):format(shell, quote(stdin),
    quote(self:file("said")), quote(self:file("noted"))))
  return { status = tonumber(text:match("(%d+)\n")), out = read(self:file("said"))
    :gsub("\r\n", "\n"), err = read(self:file("noted")) }
end

--- Starts a command that runs until Ctrl-C, and returns when it has said what was waited for.
-- @tparam string line
-- @tparam string|function said on its standard output, or a function that says whether it has begun
-- @tparam[opt] number limit the largest file in KiB that it may write
-- @treturn function that sends it a signal ("INT" unless another is named), calls a function if one
--   is given, waits for its end and gives `status`, `out` and `err`
function Desk:start(line, said, limit)
  local out, err, id, code = self:file("out", ""), self:file("err", ""), self:file("id", ""),
    self:file("code", "")
  server.run(("{ %s >%s 2>%s & echo $! >%s; wait $!; echo $? >%s; } </dev/null >/dev/null 2>&1 &")
    :format(
    -- Who runs the specs may have ignored HUP, and what is ignored stays so.
    server.limited("env --default-signal=HUP " .. self:shell(line), limit), quote(out), quote(err),
    quote(id), quote(code)))
  local ready = server.wait_until(function()
    return read(code) ~= "" or type(said) == "function" and said()
      or type(said) == "string" and read(out):find(said, 1, true)
  end)
  self.started[id] = code
  assert(ready and read(code) == "", read(err))
  return function(signal, signalled)
    server.run(("kill -%s %s"):format(signal or "INT", read(id)))
    if signalled then signalled() end
    assert(server.wait_until(function() return read(code):find("\n") end))
    return { status = tonumber(read(code)), out = read(out), err = read(err) }
  end
end

--- The lines of a text as decoded JSON, each of which must be an object.
function Desk.objects(_, text)
  local objects = {}
  for line in text:gmatch("([^\n]*)\n") do
    local object, problem = core.json.decode(line)
    assert(type(object) == "table", ("no JSON object: %s (%s)")
      :format(line, problem and problem.message or ""))
    objects[#objects + 1] = object
  end
  return objects
end

--- Ends what a spec that failed has left running, and removes the directory.
function Desk:close()
  for id, code in pairs(self.started) do
    if read(code) == "" then
      server.run("kill " .. read(id))
      server.wait_until(function() return read(code) ~= "" end)
    end
  end
  self.remove()
end

--- Makes a place to run commands from.
-- @tparam[opt] table sandbox what the commands talk to
-- @treturn table
function command.desk(sandbox)
  local directory, remove = origin.directory()
  local environment = {}
  if sandbox then
    environment = { DEBITURA_API_KEY = sandbox.api_key, DEBITURA_BASE_URL = sandbox.url }
  end
  return setmetatable({
    directory = directory, remove = remove, environment = environment, started = {},
  }, Desk)
end

return command
