--- Redis: several hosts on one ledger, and OpenResty without blocking. Each verb is one script on the server; see
-- debitura.store.redis.scripts for what is kept where. In nginx the commands go through lua-resty-redis, elsewhere through
-- LuaSocket.
-- @module debitura.store.redis

local address_of = require("debitura.store.redis.address")
local columns = require("debitura.store.columns")
local failure = require("debitura.base.failure")
local scripts = require("debitura.store.redis.scripts")

local redis = {}

local VERSION = 2 -- of the keys' layout
local PREFIX = "debitura:"
local TIMEOUT = 10 -- seconds to wait for the server
local PAGE = 100

-- The verbs that must not be sent twice: all others find, or leave, everything as the first time left it.
local ONCE = { link_move = true, link_note = true, matter_move = true }

-- What a change may set; the rest is the store's own.
local SETTABLE = {
  link = { "state", "generation", "base", "variant", "url", "payload", "reason", "requested_at", "expires_at" },
  matter = { "state", "generation", "url", "payload", "key", "reason", "result" },
}
local EFFECT = { "key", "kind", "generation", "channel", "due_at", "matter", "name" }

local Store = {}
Store.__index = Store

local function problem(message, retryable)
  return failure.new { kind = "store", message = "Redis ledger: " .. message, retryable = retryable ~= false }
end

-- Talking -------------------------------------------------------------------------------------------------------------

--- A value as the scripts read it.
local function argument(value)
  if value == nil then return "" end
  if type(value) == "string" then return "=" .. value end
  if type(value) ~= "number" then error("the ledger cannot hold a " .. type(value)) end
  if value ~= value or value == math.huge or value == -math.huge then error("a number in the ledger must be finite") end
  return value % 1 == 0 and math.abs(value) < 2 ^ 53 and ("=%d"):format(value) or ("=%.17g"):format(value)
end

--- Appends values to a command.
local function with_values(arguments, ...)
  for i = 1, select("#", ...) do arguments[#arguments + 1] = argument((select(i, ...))) end
  return arguments
end

--- Begins a command with what its script takes first: EVALSHA, the script's digest, the number of keys, the prefix.
local function command(...)
  return with_values({ "EVALSHA", "", "1", "" }, ...)
end

--- Appends an array to a command, of each row what `names` says; nil when there is none.
local function with_rows(arguments, rows, names)
  arguments[#arguments + 1] = argument(rows and #rows)
  for _, row in ipairs(rows or {}) do
    for _, name in ipairs(names) do arguments[#arguments + 1] = argument(row[name]) end
  end
  return arguments
end

--- The same for an array of texts.
local function with_texts(arguments, texts)
  arguments[#arguments + 1] = argument(texts and #texts)
  for _, text in ipairs(texts or {}) do arguments[#arguments + 1] = argument(text) end
  return arguments
end

--- Runs a verb's script.
function Store:run(verb, arguments)
  if self.closed then error("the store is closed", 0) end
  local transport, digest = self.transport, self.digests[verb]
  local reply, reason, refused
  arguments[2], arguments[4] = digest, self.prefix
  if digest then reply, reason, refused = transport:call(arguments, not ONCE[verb]) end
  if not digest or refused and reason:find("^NOSCRIPT") then
    digest, reason, refused = transport:call({ "SCRIPT", "LOAD", scripts[verb] }, true)
    if not digest then return nil, self:failed(reason, refused) end
    self.digests[verb], arguments[2] = digest, digest
    reply, reason, refused = transport:call(arguments, not ONCE[verb])
  end
  if reply == nil then return nil, self:failed(reason, refused) end
  return reply
end

-- What another attempt will not help.
local HOPELESS = { "^WRONGPASS", "^NOAUTH", "^NOPERM", "invalid password", "without any password configured" }

function Store:failed(reason, refused)
  -- The address belongs to the message; what is secret in it does not.
  local message = refused and reason:gsub(" script: .*$", "")
    or ("%s:%d: %s"):format(self.place.host, self.place.port, tostring(reason))
  for _, sign in ipairs(HOPELESS) do
    if refused and reason:find(sign) then return problem(message, false) end
  end
  return problem(message)
end

local function read_row(flat)
  local row = {}
  for i = 1, #flat, 2 do
    local name = flat[i]
    row[name] = columns.numbers[name] and tonumber(flat[i + 1]) or flat[i + 1]
  end
  return row
end

local function read_rows(reply, reason)
  if not reply then return nil, reason end
  local rows = {}
  for i, flat in ipairs(reply) do rows[i] = read_row(flat) end
  return rows
end

--- The only row, or false.
local function read_first(reply, reason)
  if not reply then return nil, reason end
  return reply[1] and read_row(reply[1]) or false
end

--- What a word means.
local MEANINGS = { ok = { true }, yes = { true }, no = { false }, stale = { false, "stale" }, lost = { false, "lost" },
  duplicate = { false, "duplicate" } }

local function read_word(reply, reason)
  if not reply then return nil, reason end
  return MEANINGS[reply][1], MEANINGS[reply][2]
end

-- Verbs ---------------------------------------------------------------------------------------------------------------

function Store:link(tenant)
  return read_first(self:run("link", command(tenant)))
end

function Store:links(filter)
  return read_rows(self:run("links", command(filter.state, filter.after or "", filter.limit or PAGE)))
end

function Store:link_case(tenant, creditor_reference)
  return read_first(self:run("link_case", command(tenant, creditor_reference)))
end

function Store:link_cases(filter)
  return read_rows(self:run("link_cases", command(filter.tenant, filter.after or "", filter.limit or PAGE)))
end

function Store:link_history(tenant)
  return read_rows(self:run("link_history", command(tenant)))
end

function Store:link_note(tenant, entry, now)
  return read_word(self:run("link_note", command(tenant, now, entry.event, entry.event_id, entry.note)))
end

--- Appends what is the same in the changes of links and of matters.
local function with_change(arguments, settable, version, change, now)
  local set, done, entry = {}, change.done or {}, change.entry
  for _, column in ipairs(settable) do
    local value = (change.set or {})[column]
    if value ~= nil then set[#set + 1] = { column, value or nil } end
  end
  with_values(arguments, version, now, entry.event, entry.event_id, entry.note, done.key, done.attempt, change.result)
  with_rows(arguments, set, { 1, 2 })
  return with_rows(arguments, change.effects or {}, EFFECT)
end

--- The row as it has become, or why it has not.
local function read_moved(reply, reason)
  if type(reply) == "table" then return read_first(reply) end
  return read_word(reply, reason)
end

function Store:link_move(tenant, version, change, now)
  local arguments = with_change(command(tenant), SETTABLE.link, version, change, now)
  with_texts(arguments, change.awaited)
  with_rows(arguments, change.cases or {}, { "creditor_reference", "state", "case_id", "reference", "problem" })
  return read_moved(self:run("link_move", arguments))
end

function Store:matter(tenant, kind, name)
  return read_first(self:run("matter", command(tenant, kind, name)))
end

function Store:matters(filter)
  local after = filter.after or {}
  return read_rows(self:run("matters",
    command(filter.kind, filter.state, filter.tenant, after.tenant, after.name, filter.limit or PAGE)))
end

function Store:matter_move(tenant, kind, name, version, change, now)
  return read_moved(self:run("matter_move", with_change(command(tenant, kind, name), SETTABLE.matter, version, change, now)))
end

function Store:matter_history(tenant, kind, name)
  return read_rows(self:run("matter_history", command(tenant, kind, name)))
end

function Store:effects(filter)
  local after = filter.after or {}
  local arguments = command(filter.tenant, filter.due_by, after.due_at, after.key, filter.limit or PAGE)
  return read_rows(self:run("effects", with_texts(arguments, filter.kinds)))
end

function Store:effects_claim(options)
  local arguments = command(options.tenant, options.now, options.now + options.lease, options.limit or PAGE)
  return read_rows(self:run("effects_claim", with_texts(arguments, options.kinds)))
end

function Store:effect_done(effect, now, result)
  return read_word(self:run("effect_settle", command(effect.key, effect.attempt, "done", now, nil, result)))
end

function Store:effect_retry(effect, due_at, trouble)
  return read_word(self:run("effect_settle", command(effect.key, effect.attempt, "open", nil, due_at, trouble)))
end

function Store:effect_dead(effect, now, trouble)
  return read_word(self:run("effect_settle", command(effect.key, effect.attempt, "dead", now, nil, trouble)))
end

function Store:inbox_add(id, tenant, event, body, received_at, replay)
  return self:run("inbox_add", command(id, tenant, event, body, received_at, replay and 1 or 0))
end

function Store:inbox_claim(options)
  return read_rows(self:run("inbox_claim", command(options.now, options.now + options.lease, options.limit or PAGE)))
end

function Store:inbox_waiting(tenant)
  return read_word(self:run("inbox_waiting", command(tenant)))
end

function Store:inbox_done(item, now)
  return read_word(self:run("inbox_settle", command(item.id, item.attempt, "done", now)))
end

function Store:inbox_retry(item, due_at, trouble)
  return read_word(self:run("inbox_settle", command(item.id, item.attempt, "open", nil, due_at, trouble)))
end

function Store:inbox_dead(item, now, trouble)
  return read_word(self:run("inbox_settle", command(item.id, item.attempt, "dead", now, nil, trouble)))
end

function Store:inbox_list(filter)
  return read_rows(self:run("inbox_list", command(filter.state, filter.tenant, filter.after or 0, filter.limit or PAGE)))
end

function Store:inbox_item(id)
  return read_first(self:run("inbox_item", command(id)))
end

function Store:inbox_revive(item, now)
  return read_word(self:run("inbox_revive", command(item.id, now)))
end

function Store:inbox_forget(before, limit)
  return self:run("inbox_forget", command(before, limit or PAGE))
end

function Store:token(key, now)
  local reply, reason = self:run("token", command(key, now))
  if not reply then return nil, reason end
  return reply[1] or false
end

function Store:token_put(key, token, expires_at, now)
  return read_word(self:run("token_put", command(key, token, expires_at, now)))
end

function Store:counter_add(key, windows)
  local reply, reason = self:run("counter_add", with_rows(command(key), windows, { "name", "slot", "first", "limit" }))
  if not reply then return nil, reason end
  if #reply == 0 then return true end
  local full = {}
  for _, row in ipairs(reply) do
    local kept = { sum = 0, slots = {} }
    for i = 2, #row, 2 do
      local count = tonumber(row[i + 1])
      kept.sum, kept.slots[tonumber(row[i])] = kept.sum + count, count
    end
    full[row[1]] = kept
  end
  return false, full
end

function Store:lease(name, holder, seconds, now)
  return read_word(self:run("lease", command(name, holder, now + seconds, now)))
end

function Store:lease_release(name, holder)
  return read_word(self:run("lease_release", command(name, holder)))
end

--- Ends the connection; harmless when it has ended.
function Store:close()
  if self.closed then return end
  self.closed = true
  self.transport:close()
end

-- Opening -------------------------------------------------------------------------------------------------------------

--- Refuses a server that would forget what was acknowledged, unless that is wanted, and keys of a newer release.
function Store:check_server(volatile)
  local said, reason, refused = self.transport:call({ "INFO" }, true)
  if not said then return nil, self:failed(reason, refused) end
  local function info(name) return said:match("\r\n" .. name .. ":([^\r\n]*)") end
  if not volatile and info("aof_enabled") ~= "1" then
    return nil, problem("the server keeps no log of its writes, so that a restart would lose webhooks that were acknowledged; "
      .. "set appendonly to yes, or open the store with volatile = true", false)
  end
  local policy = info("maxmemory_policy") or ""
  if info("maxmemory") ~= "0" and policy:find("^allkeys") then
    return nil, problem(("the server drops any key when its memory is full (maxmemory-policy %s); set it to noeviction"):format(policy),
      false)
  end
  return true
end

--- Brings the keys to this release's version; those of a newer release are left alone.
function Store:check_version()
  local key = self.prefix .. "version"
  local _, reason, refused = self.transport:call({ "SETNX", key, tostring(VERSION) }, true)
  local found
  if not reason then found, reason, refused = self.transport:call({ "GET", key }, true) end
  if not found then return nil, self:failed(reason, refused) end
  if tonumber(found) > VERSION then
    return nil, problem(("its keys have version %s and this release knows up to %d; use the newer release of debitura")
      :format(found, VERSION), false)
  end
  if tonumber(found) == VERSION then return true end
  return read_word(self:run("migrate", command()))
end

local function greeting_of(place)
  local greeting = {}
  if place.password then
    greeting[1] = place.user and { "AUTH", place.user, place.password } or { "AUTH", place.password }
  end
  if place.database > 0 then greeting[#greeting + 1] = { "SELECT", tostring(place.database) } end
  return greeting
end

--- Opens a ledger; `store.open("redis://…")` calls it. In nginx: in a phase that can wait, such as the first request.
-- @tparam string rest `//[user][:password]@host[:port][/database]`
-- @tparam table options `prefix` of the keys, default "debitura:"; `timeout` seconds to wait for the server, default 10;
--   `volatile` (boolean) takes a server that keeps no append-only file
-- @tparam string scheme "redis", or "rediss" for TLS (in nginx)
-- @treturn[1] table the store
-- @treturn[2] nil
-- @treturn[2] table failure; the password is in no message
function redis.open(rest, options, scheme)
  local prefix, timeout = options.prefix or PREFIX, options.timeout or TIMEOUT
  if type(prefix) ~= "string" or prefix == "" then error("prefix: the text before each key", 3) end
  if type(timeout) ~= "number" or timeout <= 0 then error("timeout is a number of seconds", 3) end
  local place, reason = address_of.read(scheme, rest)
  if not place then return nil, problem(reason, false) end
  local transports = require(rawget(_G, "ngx") and "debitura.store.redis.nginx" or "debitura.store.redis.socket")
  local transport
  transport, reason = transports.new(place, greeting_of(place), timeout)
  if not transport then return nil, problem(reason, false) end
  local ledger = setmetatable({ transport = transport, place = place, prefix = prefix, digests = {} }, Store)
  local ready
  ready, reason = ledger:check_server(options.volatile)
  if ready then ready, reason = ledger:check_version() end
  if ready then return ledger end
  ledger:close()
  return nil, reason
end

return redis
