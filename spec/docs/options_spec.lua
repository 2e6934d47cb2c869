-- Every table of options is on the page of options and in the annotations.

local option_tables = require "scripts.option_tables"

describe("The list of tables of options", function()
  it("has every table that is defined anywhere", function()
    local listed = {}
    for _, entry in ipairs(option_tables) do listed[entry.defined.owner] = true end
    local sources = assert(io.popen(
      [[grep -rhoE '\w+\.\w+ = options\.define\("[^"]+"' lua/debitura]]))
    local count = 0
    for line in sources:lines() do
      local owner = line:match('"([^"]+)"')
      assert.is_true(listed[owner], owner .. " is missing in scripts/option_tables.lua")
      count = count + 1
    end
    sources:close()
    assert.is_true(count >= 15)
  end)

  it("says what each option is for", function()
    for _, entry in ipairs(option_tables) do
      for _, row in ipairs(entry.defined.rows) do
        assert.is_string(row.doc, entry.title .. " " .. row.name)
      end
    end
  end)
end)
