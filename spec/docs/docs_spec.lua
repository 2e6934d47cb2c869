-- What the pages show is run here, against a sandbox of each page's own.
--
-- ```lua              the Lua snippets of a page are one program, in their order
-- ```lua alone        a program of its own
-- ```sh               commands, run by `sh -eu`
-- ```console          a dialogue: lines that begin with "$ " are run and must print the lines below
--                     them; "..." stands for anything; what was exported stays so on the page
-- ```lua no-run: why  is only compiled, ```sh no-run: why only parsed; the reason is required
--
-- Fences in other languages, or in none, are not looked at. A page fails when a program raises an
-- error, a command fails, or a call gets a failure that only a wrong program gets
-- (spec/support/page.lua lists them, and the globals that programs find). Commands find
-- DEBITURA_API_KEY, DEBITURA_URL and DEBITURA_CUSTOMER_URL in their environment, bin/ on their
-- PATH, and run in a directory that looks like the checkout. For them and for programs
-- http://127.0.0.1:8787 is the sandbox, and /var/lib/app the directory they run in.

local config = require "debitura.cli.config"
local sandbox = require "debitura.sandbox"
local snippets = require "spec.support.snippets"
local store = require "debitura.store"

local SECONDS = 60 -- for one program or dialogue; only what hangs is ended by it
local ENGINE = os.getenv("DEBITURA_ENGINE")
--- Commands run the Lua of their own first line, so that one engine's specs try them for all.
local RUNS_COMMANDS = ENGINE ~= "luajit"

-- Files and processes -----------------------------------------------------------------------------

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local function write_file(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  file:close()
end

local function run(command)
  local pipe = assert(io.popen("{ " .. command .. "\n} 2>&1 </dev/null; echo $?"))
  local output = pipe:read("*a")
  pipe:close()
  local text, status = output:match("^(.-)(%d+)\n$")
  return status == "0", text
end

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

-- Pages -------------------------------------------------------------------------------------------

local Page = {}
Page.__index = Page

--- Starts what a page's programs talk to.
local function open_page(path)
  local server = assert(sandbox.start())
  local _, directory = run("mktemp -d")
  directory = directory:gsub("%s+$", "")
  assert(run(("ln -s \"$PWD\"/* %s/"):format(quote(directory))))
  -- Of commands that make no store: an application has made it, and has left nothing to do.
  assert(store.open("sqlite://" .. directory .. "/sweep.db")):close()
  return setmetatable({ path = path, server = server, directory = directory }, Page)
end

function Page:close()
  self.server:stop()
  run("rm -rf " .. quote(self.directory))
end

--- Puts this run's places where the page has those of its readers.
function Page:localized(text)
  return (text:gsub("http://127%.0%.0%.1:8787", self.server.url)
    :gsub("/var/lib/app", self.directory))
end

--- What whoever runs the specs has configured must not reach them.
local UNCONFIGURED = "env -u DEBITURA_CONFIG"
for _, row in ipairs(config.variables) do UNCONFIGURED = UNCONFIGURED .. " -u " .. row[1] end

--- Runs a command line in the page's directory.
function Page:run(command)
  return run(("cd %s && %s DEBITURA_API_KEY=%s DEBITURA_URL=%s DEBITURA_CUSTOMER_URL=%s "
    .. "timeout %d %s"):format(quote(self.directory), UNCONFIGURED, quote(self.server.api_key),
    quote(self.server.url), quote(self.server.customer_url), SECONDS, command))
end

function Page:run_lua(chosen)
  local program = self.directory .. "/page.lua"
  write_file(program, self:localized(snippets.program(chosen)))
  local sound, output = self:run(("%s spec/support/page.lua %s %s"):format(ENGINE, quote(program),
    quote(self.path)))
  assert(sound, output)
end

--- Runs shell commands as a reader does, who knows nothing of this run's Lua.
function Page:run_sh(commands)
  return self:run(("env -u LUA_PATH -u LUA_CPATH PATH=\"$PWD/bin:$PATH\" sh -euc %s")
    :format(quote(self:localized(commands))))
end

--- Each command in a shell of its own, with what was exported before on the page.
function Page:run_console(snippet)
  local exports = self.exports or ""
  for _, step in ipairs(snippets.dialogue(snippet)) do
    local sound, output = self:run_sh(exports .. step.command)
    assert(sound, output)
    if step.command:find("^export ") then exports = exports .. step.command .. "\n" end
    self.exports = exports
    assert.is_true(snippets.fits(self:localized(step.output), output), step.command .. " printed\n"
      .. output)
  end
end

-- Specs -------------------------------------------------------------------------------------------

local function compiles(snippet, path)
  local compile = rawget(_G, "loadstring") or load
  return compile(snippets.program { snippet }, "@" .. path)
end

local function parses(snippet)
  return run("sh -n -c " .. quote(snippet.text))
end

local ONLY_READ = { lua = compiles, sh = parses }

--- Sorts the snippets of a page by what is to be done with them.
local function sorted(found)
  local plan = { program = {}, alone = {}, sh = {}, console = {}, only_read = {} }
  for _, snippet in ipairs(found) do
    local list
    if snippet.words:find("^no%-run") then
      list = ONLY_READ[snippet.language] and plan.only_read
    elseif snippet.language == "lua" then
      list = snippet.words == "alone" and plan.alone or plan.program
    else
      list = plan[snippet.language]
    end
    if list then list[#list + 1] = snippet end
  end
  return plan
end

local _, listing = run("ls README.md CONTRIBUTING.md docs/*.md docs/*/*.md")

for path in listing:gmatch("[^\n]+") do
  local plan = sorted(snippets.find(read_file(path)))

  describe(path, function()
    local page

    setup(function()
      if plan.program[1] or plan.alone[1] or RUNS_COMMANDS and (plan.sh[1] or plan.console[1]) then
        page = open_page(path)
      end
    end)

    teardown(function()
      if page then page:close() end
    end)

    it("says why, where a snippet is not run, and writes it well", function()
      for _, snippet in ipairs(plan.only_read) do
        assert.is_truthy(snippet.words:find("^no%-run: %S"), ("%s:%d: no reason")
          :format(path, snippet.line))
        assert(ONLY_READ[snippet.language](snippet, path))
      end
    end)

    if plan.program[1] then
      it("shows a program that runs", function() page:run_lua(plan.program) end)
    end

    for _, snippet in ipairs(plan.alone) do
      it("shows a program that runs, in line " .. snippet.line, function()
        page:run_lua { snippet }
      end)
    end

    for _, snippet in ipairs(RUNS_COMMANDS and plan.sh or {}) do
      it("shows commands that work, in line " .. snippet.line, function()
        assert(page:run_sh(snippet.text))
      end)
    end

    for _, snippet in ipairs(RUNS_COMMANDS and plan.console or {}) do
      it("shows what commands print, in line " .. snippet.line, function()
        page:run_console(snippet)
      end)
    end
  end)
end
