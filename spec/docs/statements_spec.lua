-- What docs/statements.md names is there: files, specs by their names, scenarios.

local scenario = require "debitura.sandbox.scenario"

local function read_file(path)
  local file = assert(io.open(path, "rb"), path)
  local text = file:read("*a")
  file:close()
  return text
end

--- A spec's source in which texts that are put together are one.
local function source_of(path)
  return (read_file(path):gsub('"%s*%.%.%s*"', ""))
end

describe("The page of statements", function()
  local rows = {}
  for line in read_file("docs/statements.md"):gmatch("[^\n]+") do
    local said, where = line:match("^| ([^|]+) | ([^|]+) |$")
    if said and said ~= "what it says" then rows[#rows + 1] = { said = said, where = where } end
  end

  it("has a spec or a scenario for each of them, and nothing else", function()
    assert.is_true(#rows >= 50, #rows .. " rows")
    for _, row in ipairs(rows) do
      local rest = row.where:gsub('`spec/[%w_/]+%.lua` "[^"]+"', ""):gsub("scenario `[%w-]+`", "")
      assert.equal("", (rest:gsub("; ", "")), row.said)
      assert.not_equal("", row.where, row.said)
    end
  end)

  it("names specs that there are", function()
    local sources = {}
    for _, row in ipairs(rows) do
      for path, name in row.where:gmatch('`(spec/[%w_/]+%.lua)` "([^"]+)"') do
        sources[path] = sources[path] or source_of(path)
        assert.truthy(sources[path]:find('"' .. name .. '"', 1, true), path .. ": " .. name)
      end
    end
  end)

  it("names scenarios that come with the sandbox, and all of them", function()
    local text, named = read_file("docs/statements.md"), {}
    for name in text:gmatch("scenario `([%w-]+)`") do
      assert.is_string(scenario.shipped(name), name)
      named[name] = true
    end
    for _, name in ipairs(scenario.names()) do assert.is_true(named[name], name) end
  end)
end)
