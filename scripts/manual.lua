--- docs/debitura.1, the manual of the operator's command: what is written here, around what its
-- parser and its tables say. argparse makes no manuals; its parsers are read as they are (0.7).

local cli = require("debitura.cli")
local config = require("debitura.cli.config")
local platform = require("debitura.platform")
local status = require("debitura.cli.exit_status")
local version = require("debitura.base.version")

-- Text as troff has it ----------------------------------------------------------------------------

local function escaped(text)
  return (text:gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("^([.'])", "\\&%1")
    :gsub("\n([.'])", "\n\\&%1"))
end

--- `words` become bold.
local function prose(text)
  return (escaped(text):gsub("`([^`]+)`", "\\fB%1\\fR"))
end

local function item(label, text)
  return (".TP\n%s\n%s"):format(label, text)
end

-- Written by hand ---------------------------------------------------------------------------------

local DESCRIPTION = [[
`debitura` is for those who operate a platform that brings its customers to Debitura. It calls both
APIs, keeps webhook subscriptions, receives and processes webhooks, and finds out what is wrong
where something is. `debitura doctor` is the place to begin.

Results are printed on standard output: as a table on a terminal, as cells between tabs (without
headings) for other programs, and with `--json` as one JSON object in each line. What else there is
to say is printed on standard error, failures too, which with `--json` are an object with the field
error.

`--dry-run` only shows what would be done, once it has passed all checks. In production what cannot
be taken back is asked about on the terminal, and refused where there is none, unless `--yes` is
given. Every command and group of commands explains itself with `--help`.]]

local CONFIGURATION = [[
The command works with a platform, as the application does. It is what a Lua file returns that
`--app` or DEBITURA_CONFIG names: debitura.platform { ... }. Else it is made from a JSON file with
the same options, and from variables of the environment, which go before that file. Of the options
those are listed that JSON can hold; docs/options.md has all of them.

The JSON file must be readable for its owner only (chmod 600), a Lua file as soon as a key or secret
is written in it. An option that is none is refused. The key is never taken from the command line,
where every user of the machine could read it.]]

local CHANNELS = [[
In JSON each of channels is an object with a type, email, http or print, and the options of that
channel:]]

local CHANNELS_EXAMPLE = [=[
{"api_key": "...", "environment": "test", "store": "sqlite:///var/lib/app/store.db",
 "channels": [{"type": "email", "url": "smtps://mail.example", "from": "platform@sample.example",
               "brand": {"name": "Sample Partner"}}]}]=]

local STATUSES = {
  { "done", "Done." },
  { "refused", "Debitura or this program refused it; the same again would be refused again." },
  { "usage", "The command line or the configuration is wrong; nothing was sent." },
  { "transport",
    "Debitura or the store was not reached, did not answer in time, or could not; the same again "
      .. "may succeed." },
  { "partial", "Some of many failed." },
  { "broken", "A mistake in this program." },
  { "interrupted", "Ctrl-C." },
}

local ENVIRONMENT = {
  { "DEBITURA_CONFIG", "The configuration file, .json or .lua, instead of the usual one." },
  { "XDG_CONFIG_HOME", "Where the usual one is; default: ~/.config." },
  { "DEBITURA_NGINX", "The nginx that `sandbox` and `receive` start." },
}

local FILES = { { "~/.config/debitura/config.json", "The configuration." } }

local EXAMPLES = {
  { "Is all in place?", "debitura doctor" },
  { "The clients that have not signed yet, as a list of ids:",
    "debitura clients list --onboarded no | cut -f1" },
  { "Any operation; here one of the Customer API, for a client:",
    "debitura call GET /cases --as tenant-1 --query Statuses=Active --all" },
  { "Subscribe, with the secret in a file:",
    "debitura webhooks ensure --url https://platform.example/webhooks --secret-file secret" },
  { "A webhook to the receiver on this machine:",
    "debitura webhooks sign --event client.linked | sh" },
}

-- From the parser ---------------------------------------------------------------------------------

local function default_of(element)
  if not element._default or not element._show_default then return "" end
  return (" Default: %s."):format(element._default)
end

--- A label and its text for an argument or an option.
local function describe(element, label)
  return item(label, prose(element._description .. default_of(element)))
end

local function usage_of(option)
  local words = { "\\fB" .. escaped(table.concat(option._public_aliases, ", ")) .. "\\fR" }
  for _, name in ipairs(option:_get_argument_list()) do
    words[#words + 1] = "\\fI" .. escaped(name:gsub("[<>]", "")) .. "\\fR"
  end
  return table.concat(words, " ")
end

--- The words of a command line, up to its options.
local function synopsis(command, path)
  local words = { "\\fBdebitura " .. path .. "\\fR" }
  for _, argument in ipairs(command._arguments) do
    for _, name in ipairs(argument:_get_argument_list()) do
      words[#words + 1] = "\\fI" .. escaped(name:gsub("[<>]", "")) .. "\\fR"
    end
  end
  return table.concat(words, " ")
end

local function paragraphs(text)
  local parts = {}
  for paragraph in (text .. "\n\n"):gmatch("(.-)\n\n") do parts[#parts + 1] = prose(paragraph) end
  return table.concat(parts, "\n.PP\n")
end

--- Adds the sections of a command, or of those of a group.
local function add_commands(parts, command, path)
  if #command._commands > 0 then
    for _, inner in ipairs(command._commands) do
      add_commands(parts, inner, path .. " " .. inner._name)
    end
    return
  end
  parts[#parts + 1] = ".SS " .. synopsis(command, path)
  parts[#parts + 1] = paragraphs(command._description)
  for _, argument in ipairs(command._arguments) do
    parts[#parts + 1] = describe(argument,
      "\\fI" .. escaped(argument:_get_argument_list()[1]:gsub("[%[<>%]]", "")) .. "\\fR")
  end
  for _, option in ipairs(command._options) do
    if option._name ~= "-h" then parts[#parts + 1] = describe(option, usage_of(option)) end
  end
end

local function commands()
  local parts = {}
  for _, command in ipairs(assert(cli.parser())._commands) do
    add_commands(parts, command, command._name)
  end
  return table.concat(parts, "\n")
end

-- The page ----------------------------------------------------------------------------------------

local function items(list)
  local parts = {}
  for _, entry in ipairs(list) do
    parts[#parts + 1] = item("\\fB" .. escaped(entry[1]) .. "\\fR", prose(entry[2]))
  end
  return table.concat(parts, "\n")
end

--- The variable of the environment that holds an option.
local function variable_of(name, part)
  for _, row in ipairs(config.variables) do
    if row[2] == name and row.part == part then return ", " .. row[1] end
  end
  return ""
end

--- The types of options that JSON can hold.
local IN_JSON = {
  string = true, text = true, number = true, seconds = true, positive = true, count = true,
  whole = true, boolean = true, secret = true, table = true,
}

--- Options that are tables of Lua.
local IN_LUA = { limiter = true, on = true, waiter = true }

local function can_be_json(row)
  if IN_LUA[row.name] then return false end
  for written in row[2]:gmatch("[^|]+") do
    if IN_JSON[written] then return true end
  end
  return false
end

--- Adds a platform's options, those of a part behind the one that holds them.
local function add_options(list, rows, part)
  for _, row in ipairs(rows) do
    local name = row.name
    if can_be_json(row) then
      local label = (part and part .. "." .. name or name) .. variable_of(name, part)
      list[#list + 1] = { label, row.doc:gsub("^%l", string.upper) .. "." }
    end
    local inner = not part and platform.parts[name]
    if inner then add_options(list, inner.rows, name) end
  end
end

local function configuration()
  local list = {}
  add_options(list, platform.options.rows)
  return table.concat({
    paragraphs(CONFIGURATION), items(list), ".PP", prose(CHANNELS), ".PP", ".EX",
    escaped(CHANNELS_EXAMPLE), ".EE",
  }, "\n")
end

local function statuses()
  local list = {}
  for _, entry in ipairs(STATUSES) do list[#list + 1] = { tostring(status[entry[1]]), entry[2] } end
  return items(list)
end

local function examples()
  local parts = {}
  for _, example in ipairs(EXAMPLES) do
    parts[#parts + 1] = (".PP\n%s\n.PP\n.RS 4\n.EX\n%s\n.EE\n.RE")
      :format(prose(example[1]), escaped(example[2]))
  end
  return table.concat(parts, "\n")
end

--- The page.
-- @treturn table path to text
local function files()
  local sections = {
    '.\\" Made by scripts/generate.lua from the parser of the command; not to be edited.',
    -- Commands and names are not to be broken.
    ('.TH DEBITURA 1 "" "debitura %s" "User Commands"\n.nh'):format(version.number),
    ".SH NAME\ndebitura \\- Debitura's partner APIs at the command line",
    ".SH SYNOPSIS\n\\fBdebitura\\fR \\fIcommand\\fR [\\fIargument\\fR ...] [\\fIoption\\fR ...]",
    ".SH DESCRIPTION\n" .. paragraphs(DESCRIPTION), ".SH COMMANDS\n" .. commands(),
    ".SH CONFIGURATION\n" .. configuration(), ".SH EXIT STATUS\n" .. statuses(),
    ".SH ENVIRONMENT\nBeside the variables of the configuration:\n" .. items(ENVIRONMENT),
    ".SH FILES\n" .. items(FILES), ".SH EXAMPLES\n" .. examples(),
  }
  return { ["docs/debitura.1"] = table.concat(sections, "\n") .. "\n" }
end

return { files = files }
