--- A partner's platform for the spec that kills it: an endpoint in nginx, and processes that work
-- off its inbox.
--
-- What a handler does is written to a file of its own, so that it is there whatever happens to the
-- store: for each event one effect, which is done once however often it is tried, and each attempt.

local core = require("debitura.core")

local platform = {}

platform.SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0"
platform.LEASE = 1 -- second

local TABLES = {
  "create table if not exists effects (seq integer primary key, id text unique, tenant text)",
  "create table if not exists attempts (id text, attempt integer, primary key (id, attempt))",
}

--- The file of effects.
-- @treturn table `run(statement)` gives a number or rows; `close`
function platform.effects(path)
  local environment = require("luasql.sqlite3").sqlite3()
  local connection = assert(environment:connect(path))
  local effects = {}
  function effects.run(statement)
    local answer = assert(connection:execute(statement))
    if type(answer) == "number" then return answer end
    local rows, row = {}, answer:fetch({}, "a")
    while row do
      rows[#rows + 1], row = row, answer:fetch({}, "a")
    end
    return rows
  end
  function effects.close()
    connection:close()
    environment:close()
  end
  -- A process that is killed loses nothing of what it has committed; the disk is not what is tried
  -- here.
  for _, statement in ipairs { "pragma busy_timeout = 10000", "pragma journal_mode = wal",
    "pragma synchronous = off" } do
    effects.run(statement)
  end
  for _, statement in ipairs(TABLES) do effects.run(statement) end
  return effects
end

--- Does what is to be done for an event, once.
function platform.note(effects, event)
  effects.run(("insert or ignore into effects (id, tenant) values ('%s', '%s')")
    :format(event.id, event.data.externalTenantId))
end

--- Dies in the middle of every so many events, before or after their effect.
local function accident(event, context, every, place)
  local number = tonumber(event.id:match("%d+$"))
  if context.attempt == 1 and number % every == place then os.execute("kill -KILL $PPID") end
end

--- @tparam table options `address`, `options` of the store, `effects` (path), `deadly` (of so many
--   events two kill their worker)
function platform.receiver(options)
  local debitura = require("debitura")
  local effects = options.effects and platform.effects(options.effects)
  return debitura.webhook.receiver {
    secret = platform.SECRET, store = assert(debitura.store.open(options.address, options.options)),
    logger = function() end,
    on = { ["*"] = function(event, context)
      effects.run(("insert into attempts (id, attempt) values ('%s', %d)")
        :format(event.id, context.attempt))
      accident(event, context, options.deadly, 7)
      platform.note(effects, event)
      accident(event, context, options.deadly, 17)
    end },
  }
end

local endpoint

--- For content_by_lua.
-- @tparam string text JSON of `receiver`'s options
function platform.serve(text)
  endpoint = endpoint or platform.receiver(assert(core.json.decode(text)))
  require("debitura.webhook.openresty").serve(endpoint)
end

--- Works until it is killed, or the spec has removed its files: scripts/lua ENGINE
-- spec/support/platform_worker.lua JSON
function platform.work(text)
  local options = assert(core.json.decode(text))
  local function stop()
    local file = io.open(options.effects)
    return file == nil or not file:close()
  end
  platform.receiver(options):work { lease = platform.LEASE, idle = 0.05, attempts = 1000,
    stop = stop }
end

return platform
