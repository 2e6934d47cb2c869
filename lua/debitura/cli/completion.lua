--- `debitura completion`: what makes a shell complete this command.
-- @module debitura.cli.completion

local status = require("debitura.cli.exit_status")

local command = {
  summary = "Prints what makes a shell complete this command.",
  details = "bash: source <(debitura completion bash)\n\n"
    .. 'zsh: debitura completion zsh > "${fpath[1]}/_debitura"\n\n'
    .. "fish: debitura completion fish > ~/.config/fish/completions/debitura.fish",
}

local SHELLS = { "bash", "zsh", "fish" }

function command.describe(parser)
  parser:argument("shell", "bash, zsh or fish."):argname("SHELL"):choices(SHELLS)
end

function command.run(arguments, session)
  local parser = session.parser
  session.out:line((parser["get_" .. arguments.shell .. "_complete"](parser)))
  return status.done
end

return command
