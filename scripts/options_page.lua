--- docs/options.md: the options of every constructor, made from their tables.

local option_tables = require("scripts.option_tables")
local options = require("debitura.base.options")

local INTRODUCTION = [[
# Options

Every constructor takes one table of options. Made by `scripts/generate.lua` from `lua/debitura`;
not to be edited.

An unknown name, a missing option or a wrong value is a mistake in the program. It raises an error
that names the option, at the line that called the library.

    debitura.partner { api_key = key, enviroment = "test" }
    --> app.lua:12: debitura.partner: unknown option 'enviroment', did you mean 'environment'?
]]

local HEAD = "| option | type | default | what it is |\n|---|---|---|---|"

local function cell(text)
  return (text:gsub("|", "\\|"))
end

local function line_of(row)
  local default = row.required and "**required**" or option_tables.default_of(row) or ""
  return ("| `%s` | `%s` | %s | %s |"):format(
    row.name, cell(options.annotation(row)), cell(default), cell(row.doc))
end

--- The page.
-- @treturn table path to text
local function files()
  local parts = { INTRODUCTION }
  for _, entry in ipairs(option_tables) do
    local lines = { ("## %s\n\n%s\n"):format(entry.title, entry.about), HEAD }
    for _, row in ipairs(entry.defined.rows) do lines[#lines + 1] = line_of(row) end
    parts[#parts + 1] = table.concat(lines, "\n") .. "\n"
  end
  return { ["docs/options.md"] = table.concat(parts, "\n") }
end

return { files = files }
