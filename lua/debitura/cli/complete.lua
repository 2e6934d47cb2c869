--- What may stand where the cursor is, as far as only the store or Debitura knows it: clients,
-- cases and webhooks. The scripts of `debitura completion` ask for it by `debitura complete WORDS`.
-- @module debitura.cli.complete

local null = require("debitura.base.null")
local operations = require("debitura.operations")
local subscription = require("debitura.webhook.subscription")

local complete = {}

local MOST = 200 -- candidates; more are of no use to one who reads them
local PATIENCE = 3 -- seconds for Debitura's answer

local function begins_with(name, prefix)
  return type(name) == "string" and name:sub(1, #prefix) == prefix and not name:find("%c")
end

local function api_options() return { attempts = 1, timeout = PATIENCE } end

-- Where they come from ----------------------------------------------------------------------------

--- Records of the store, in the order of tenants and names, from a prefix on.
local function records(session, filter, field, prefix, add)
  local store = session:store()
  local page = store and store:records(filter)
  for _, record in ipairs(page or {}) do
    if not begins_with(record[field], prefix) then return end
    add(record[field])
  end
end

--- Clients that are followed, or where there is no store those that Debitura has.
local function tenants(session, prefix, add)
  local platform = session:platform()
  if platform and platform.options.store then
    local store = session:store()
    if prefix ~= "" and store and store:record("link", prefix, "") then add(prefix) end
    return records(session, { kind = "link", limit = MOST,
      after = prefix ~= "" and { tenant = prefix, name = "" } or nil }, "tenant", prefix, add)
  end
  local partner = session:partner()
  local listed = partner and partner.clients:list({}, api_options())
  for _, client in ipairs(listed and listed:all(MOST) or {}) do
    local name = null.text(client, "externalTenantId")
    if begins_with(name, prefix) then add(name) end
  end
end

local function references(session, prefix, add, words)
  local store = session:store()
  for _, case in ipairs(store and store:records {
    kind = "case", tenant = words[#words - 1], limit = MOST,
  } or {}) do
    if begins_with(case.name, prefix) then add(case.name) end
  end
end

local function events(state)
  return function(session, prefix, add)
    local store = session:store()
    for _, item in ipairs(store and store:inbox_list { state = state, limit = MOST } or {}) do
      if begins_with(item.id, prefix) then add(item.id) end
    end
  end
end

local function subscriptions(session, prefix, add)
  local partner = session:partner()
  local listed = partner and partner.session:call(operations.get("partner", "webhooks.list"),
    { path = {} }, api_options())
  for _, dto in ipairs(listed or {}) do
    local id = subscription.field(dto, "id")
    if begins_with(id, prefix) then add(id) end
  end
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
  local seen = {}
  pcall(source, session, words[#words], function(name)
    if not seen[name] then session.out:line(name) end
    seen[name] = true
  end, words)
end

return complete
