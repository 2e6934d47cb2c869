--- The command line: finds the command and hands over. Each command is a module beside this one with `summary`,
-- `describe(parser)` and `run(arguments)`, which returns the exit status.
-- @module debitura.cli

local cli = {}

local COMMANDS = { "receive", "sandbox" }

--- Runs a command line.
-- @tparam table arguments the words after the program's name
-- @treturn number exit status
function cli.run(arguments)
  local found, argparse = pcall(require, "argparse")
  if not found then
    io.stderr:write("debitura: the Lua module argparse is missing; luarocks install argparse, or on Debian: apt-get install lua-argparse\n")
    return 1
  end
  local parser = argparse("debitura", "Debitura's partner APIs at the command line.")
  parser:command_target("command"):require_command(true)
  for _, name in ipairs(COMMANDS) do
    local command = require("debitura.cli." .. name)
    command.describe(parser:command(name, command.summary))
  end
  local parsed = parser:parse(arguments)
  return require("debitura.cli." .. parsed.command).run(parsed)
end

return cli
