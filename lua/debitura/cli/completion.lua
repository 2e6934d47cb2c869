--- `debitura completion`: what makes a shell complete this command.
-- @module debitura.cli.completion

local status = require("debitura.cli.exit_status")

local command = {
  summary = "Prints what makes a shell complete this command.",
  details = "Clients, cases and webhooks are asked of the store, or of Debitura.\n\n"
    .. "bash: source <(debitura completion bash)\n\n"
    .. 'zsh: debitura completion zsh > "${fpath[1]}/_debitura"\n\n'
    .. "fish: debitura completion fish > ~/.config/fish/completions/debitura.fish",
}

local SHELLS = { "bash", "zsh", "fish" }

--- What asks the command itself (see debitura.cli.complete) where the cursor is not at an option.
local VALUES = {}

VALUES.bash = [==[
_debitura_with_values() {
    local value
    _debitura
    [[ "${COMP_WORDS[COMP_CWORD]}" = -* ]] && return
    while IFS= read -r value; do
        COMPREPLY+=("$(printf '%q' "$value")")
    done < <("${COMP_WORDS[0]}" complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}

complete -F _debitura_with_values -o bashdefault -o default debitura]==]

VALUES.zsh = [==[
_debitura_with_values() {
  local -a values
  if [[ ${words[CURRENT]} != -* ]]; then
    values=(${(f)"$(_call_program values ${(q)words[1]} complete ${(q)words[2,CURRENT]})"})
  fi
  if (( $#values )); then
    compadd -a values
  else
    _debitura "$@"
  fi
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _debitura_with_values "$@"
else
  compdef _debitura_with_values debitura
fi]==]

VALUES.fish = [==[
function __fish_debitura_values
    set -l typed (commandline -opc)
    debitura complete $typed[2..-1] (commandline -ct) 2>/dev/null
end
complete -c debitura -n 'not string match -q -- "-*" (commandline -ct)' \
    -a '(__fish_debitura_values)']==]

--- What a script ends with, in whose place that comes.
local ENDS = {
  bash = "complete %-F _debitura %-o bashdefault %-o default debitura%s*$",
  zsh = "_debitura%s*$", fish = "$",
}

function command.describe(parser)
  parser:argument("shell", "bash, zsh or fish."):argname("SHELL"):choices(SHELLS)
end

function command.run(arguments, session)
  local parser, shell = session.parser, arguments.shell
  local script = parser["get_" .. shell .. "_complete"](parser)
  session.out:line((script:gsub(ENDS[shell], function() return VALUES[shell] end, 1)))
  return status.done
end

return command
