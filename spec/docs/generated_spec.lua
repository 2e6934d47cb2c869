-- What scripts/generate.lua writes is committed, and says what the rows and the command say.

local makers = {
  (require "scripts.types"), (require "scripts.operations_page"),
  (require "scripts.options_page"), (require "scripts.failures_page"),
  (require "scripts.machines_page"), (require "scripts.manual"),
  (require "scripts.rockspec"),
}

local function read_file(path)
  local file = io.open(path, "rb")
  if not file then return "(missing)" end
  local text = file:read("*a")
  file:close()
  return text
end

describe("A generated file", function()
  local made = {}
  for _, maker in ipairs(makers) do
    for path, text in pairs(maker.files()) do made[path] = text end
  end

  for path, text in pairs(made) do
    it("is up to date, else run scripts/generate.lua: " .. path, function()
      assert.is_true(read_file(path) == text)
    end)
  end

  it("is still made by the generator", function()
    local listing = assert(io.popen("grep -rl 'Made by scripts/generate.lua' types"))
    for path in listing:lines() do assert.is_string(made[path], path) end
    listing:close()
  end)
end)
