-- The reference that LDoc makes of the public modules (config.ld lists them).

local function run(command)
  local pipe = assert(io.popen(command .. " 2>&1; echo $?"))
  local output = pipe:read("*a")
  pipe:close()
  local text, status = output:match("^(.-)(%d+)\n$")
  return status, text
end

--- The source files that config.ld lists, directories included.
local function public_files()
  local config = {}
  local chunk
  if rawget(_G, "setfenv") then
    chunk = setfenv(assert(loadfile("config.ld")), config) -- luacheck: std lua51
  else
    chunk = assert(loadfile("config.ld", "t", config))
  end
  chunk()
  local _, listing = run("find " .. table.concat(config.file, " ") .. " -name '*.lua'")
  local paths = {}
  for path in listing:gmatch("[^\n]+") do paths[#paths + 1] = path end
  return paths
end

local function is_public(name, comment, module_name)
  if name:find("[.:]__%l+$") then return false end
  return comment:find("^%-%-%-") ~= nil or name:match("^[%w_]+") == module_name
end

--- The public functions of a module: all of the table that it returns, and of its objects those
-- whose comment begins with three dashes; with their comments, and whether they give a value.
local function functions_of(path)
  local file = assert(io.open(path, "rb"))
  local module_name = file:read("*a"):match("\nreturn ([%w_]+)\n$") or ""
  file:close()
  local functions, comment, current = {}, {}, nil
  for line in io.lines(path) do
    local name, parameters = line:match("^function ([%w_.:]+)%((.-)%)")
    if not name then name, parameters = module_name, line:match("^return function%((.-)%)") end
    if parameters then
      current = { name = name, parameters = parameters, comment = table.concat(comment, "\n") }
      if is_public(name, current.comment, module_name) then functions[#functions + 1] = current end
    end
    if line:find("^%-%-") then comment[#comment + 1] = line else comment = {} end
    local value = line:match("%f[%w]return%f[%W]%s*(.*)$")
    if current and value and value ~= "" and not value:find("^end") then
      current.gives_value = true
    end
    -- A whole function may stand on its first line.
    if line:find("^end") or parameters and line:find("%f[%w]end%s*$") then current = nil end
  end
  return functions
end

local function describes(comment, parameter)
  local last = parameter .. "%f[^%w_]"
  return comment:find("@tparam%S*%s+%S+%s+" .. last) or comment:find("@param%S*%s+" .. last)
end

describe("The reference", function()
  it("is written without a warning", function()
    local status, text = run("site=$(mktemp -d) && scripts/docs $site; code=$?; rm -rf $site; "
      .. "(exit $code)")
    assert.same({ status = "0", text = "" },
      { status = status, text = text:gsub("reading configuration[^\n]*\n", "") })
  end)

  for _, path in ipairs(public_files()) do
    it("describes each function, what it takes and what it gives: " .. path, function()
      for _, entry in ipairs(functions_of(path)) do
        local where = path .. ": " .. entry.name
        assert.is_truthy(entry.comment:find("^%-%-%- ?[%u@]"), where .. " has no description")
        for parameter in entry.parameters:gmatch("[%a][%w_]*") do
          if parameter ~= "self" then
            assert.is_truthy(describes(entry.comment, parameter), where .. " does not describe "
              .. parameter)
          end
        end
        if entry.gives_value then
          assert.is_truthy(entry.comment:find("@t?return"),
            where .. " does not say what it returns")
        end
      end
    end)
  end
end)
