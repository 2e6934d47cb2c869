--- What may stand where the cursor is, as far as only the store or Debitura knows it: clients,
-- cases and webhooks. The scripts of `debitura completion` ask for it by `debitura complete WORDS`.
-- @module debitura.cli.complete

local operations = require("debitura.operations")
local subscription = require("debitura.webhook.subscription")

local complete = {}

local MOST = 200 -- candidates; more are of no use to one who reads them
local API_OPTIONS = { attempts = 1, timeout = 3 } -- seconds

local function begins_with(name, prefix)
  return type(name) == "string" and name:sub(1, #prefix) == prefix and not name:find("%c")
end

-- Where they come from ----------------------------------------------------------------------------

--- A column of rows. Where there are none because nothing could be asked, it raises.
local function column_of(rows, column)
  local names = {}
  for i, row in ipairs(rows) do names[i] = subscription.field(row, column) or false end
  return names
end

--- Clients that are followed, or where there is no store those that Debitura has.
local function tenants(session, prefix)
  if not session:platform().options.store then
    local listed = session:partner().clients:list({}, API_OPTIONS)
    return column_of(listed:all(MOST), "externalTenantId")
  end
  local store = session:store()
  local own = prefix ~= "" and store:record("link", prefix, "")
  local names = column_of(store:records { kind = "link", limit = MOST,
    after = prefix ~= "" and { tenant = prefix, name = "" } or nil }, "tenant")
  if own then table.insert(names, 1, prefix) end
  return names
end

local function references(session, _, words)
  return column_of(session:store():records {
    kind = "case", tenant = words[#words - 1], limit = MOST,
  }, "name")
end

local function events(state)
  return function(session)
    return column_of(session:store():inbox_list { state = state, limit = MOST }, "id")
  end
end

local function subscriptions(session)
  return column_of(session:partner().session:call(operations.get("partner", "webhooks.list"),
    { path = {} }, API_OPTIONS), "id")
end

--- By the name of an argument, or by that and its command.
local SOURCES = {
  TENANT = tenants, REFERENCE = references, ["inbox show ID"] = events(nil),
  ["inbox retry ID"] = events("dead"), ["webhooks rotate ID"] = subscriptions,
}

-- What is asked for -------------------------------------------------------------------------------

local function option_named(parser, word)
  for _, option in ipairs(parser._options) do
    for _, alias in ipairs(option._aliases) do
      if alias == word then return option end
    end
  end
end

local function command_named(parser, word)
  for _, command in ipairs(parser._commands) do
    if command._name == word then return command end
  end
end

--- The argument at a place, the last one for those that may be repeated.
local function argument_at(parser, place)
  local argument = parser._arguments[place]
  local last = parser._arguments[#parser._arguments]
  if not argument and last and last._maxargs == math.huge then argument = last end
  return argument
end

--- Which source the last of some words is one of.
-- @tparam table parser the whole command's
-- @tparam table words all that was typed, the one at the cursor included
-- @treturn ?function
local function source_of(parser, words)
  local path, place, takes = {}, 1, nil
  for i = 1, #words - 1 do
    local word = words[i]
    local option = not takes and word:sub(1, 1) == "-" and option_named(parser, word)
    local command = not takes and not option and command_named(parser, word)
    if takes then
      takes = nil
    elseif option then
      takes = option._maxargs > 0 and option or nil
    elseif command then
      parser, path[#path + 1] = command, word
    elseif word:sub(1, 1) ~= "-" then
      place = place + 1
    end
  end
  local element = takes or argument_at(parser, place)
  local name = element and element._argname
  if type(name) ~= "string" then return nil end
  return SOURCES[table.concat(path, " ") .. " " .. name] or SOURCES[name]
end

--- Prints the candidates, one in each line; nothing where nothing can be known.
-- @tparam table words all that was typed, the one at the cursor included
-- @tparam table session
function complete.run(words, session)
  local source = words[1] and source_of(session.parser, words)
  if not source then return end
  local prefix, seen = words[#words], {}
  local sound, names = pcall(source, session, prefix, words)
  for _, name in ipairs(sound and names or {}) do
    if begins_with(name, prefix) and not seen[name] then
      seen[name] = true
      session.out:line(name)
    end
  end
end

return complete
