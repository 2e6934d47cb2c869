--- Keeps what is personal or hosted from readers of the backend: every column that
-- debitura.store.contract marks as sealed is sealed on the way in, bound to its place, and opened
-- on the way out. Ids, states and times stay readable. Works over any backend.
--
-- What does not open holds up nothing else: a listing gives its row without it and with
-- `unreadable` (the failure), a claim of events gives the event back.
-- @module debitura.store.encrypted

local contract = require("debitura.store.contract")
local core = require("debitura.core")
local failure = require("debitura.base.failure")
local usage = require("debitura.base.usage")

local encrypted = {}

--- Seconds until an event whose body cannot be opened is claimed again.
encrypted.POSTPONED = 900

-- How often one claim of events goes on to the next ones when it can open none.
local CLAIMS = 10

local SETTABLE = {}
for _, column in ipairs(contract.settable) do SETTABLE[column] = true end

local Store = {}
Store.__index = Store

for _, verb in ipairs(contract.verbs) do
  Store[verb] = function(self, ...) return self.backend[verb](self.backend, ...) end
end

-- Places ----------------------------------------------------------------------------------------

--- What rows are sealed: `columns` by name, `place` (no two fields have the same, and a seal opens
-- nowhere else) and `label`, as a failure calls the row.
local function sealed_rows(columns, place, label)
  return { columns = contract.sealed(columns), place = place, label = label }
end

local function record_place(row)
  return ("%d:%s/%d:%s/%s"):format(#row.tenant, row.tenant, #row.kind, row.kind, row.name)
end

local function record_label(row)
  return row.kind .. (row.name ~= "" and " " .. row.name or "") .. " of " .. row.tenant
end

local RECORDS = sealed_rows(contract.record, function(field, row)
  return "records/" .. field .. "/" .. record_place(row)
end, record_label)

local HISTORY = sealed_rows(contract.history, function(field, row)
  return ("history/%s/%d:%s/%s"):format(field, #row.event, row.event, record_place(row))
end, function(row) return ("event %s of %s"):format(row.event, record_label(row)) end)

local JOBS = sealed_rows(contract.job, function(field, row)
  return "jobs/" .. field .. "/" .. row.key
end, function(row) return "job " .. row.key end)

local EVENTS = sealed_rows(contract.event, function(field, row)
  return "inbox/" .. field .. "/" .. row.id
end, function(row) return "event " .. row.id end)

local TOKENS = {
  place = function(_, row) return "tokens/" .. row.key end,
  label = function(row) return "token " .. row.key end,
}

-- Sealing and opening ---------------------------------------------------------------------------

local ADVICE = {
  absent = "is not sealed; to read what was kept before there was an encryption key, "
    .. "open the store with accept_unsealed",
  malformed = "was changed after it had been sealed; restore it from a backup",
  broken = "was changed after it had been sealed, or comes from another place; "
    .. "restore it from a backup",
  unknown_key = "is sealed with the key %s; give it as encryption_key, "
    .. "or in encryption_keys if it has been replaced",
}

local TOO_LONG = ("the tenant and the name of a record may have %d bytes together, not %%d")
  :format(contract.longest_place)

--- How a text that no key was given for begins; see src/core/crypto/seal.h.
local SEALED = "^s1%.(%x%x%x%x%x%x%x%x)%."

function Store:try(place, text)
  if self.sealer then return self.sealer:open(place, text) end
  local key_id = text:match(SEALED)
  if key_id then return nil, "unknown_key", key_id end
  return text
end

--- The text that is kept in a row's field, or nil and a failure.
function Store:opened(rows, field, row, text)
  local plain, reason, key_id = self:try(rows.place(field, row), text)
  if plain then return plain end
  if reason == "absent" and self.accept_unsealed then return text end
  return nil, failure.new {
    kind = "unreadable",
    message = ("the %s of %s %s"):format(field, rows.label(row), ADVICE[reason]:format(key_id)),
  }
end

--- The text as it is kept in a row's field.
-- @raise failure
function Store:sealed(rows, field, row, text)
  if not self.seals or not text then return text end
  local kept, err = self.sealer:seal(rows.place(field, row), text)
  return kept
    or error(failure.new { kind = "store", retryable = false, message = err.message })
end

--- Opens a row in place. What cannot be opened is left out, and the first failure noted as
-- `unreadable`.
function Store:open_row(rows, row)
  for _, field in ipairs(rows.columns) do
    if row[field] then
      local err
      row[field], err = self:opened(rows, field, row, row[field])
      row.unreadable = row.unreadable or err
    end
  end
  return row
end

function Store:open_page(rows, page, err)
  if not page then return page, err end
  for _, row in ipairs(page) do self:open_row(rows, row) end
  return page
end

for verb, rows in pairs {
  records = RECORDS, records_named = RECORDS, record_history = HISTORY, jobs = JOBS,
  jobs_named = JOBS, jobs_claim = JOBS, inbox_list = EVENTS,
} do
  Store[verb] = function(self, ...)
    return self:open_page(rows, self.backend[verb](self.backend, ...))
  end
end

--- A copy of values in which the fields of a row are sealed.
function Store:seal_fields(rows, row, values)
  local kept = {}
  for name, value in pairs(values) do kept[name] = value end
  for _, field in ipairs(rows.columns) do
    kept[field] = self:sealed(rows, field, row, kept[field])
  end
  return kept
end

local function forward(self, verb, first, ...)
  if first == nil then return nil, (...) end
  return self.backend[verb](self.backend, first, ...)
end

--- Makes a verb that seals before the backend has its turn.
-- @tparam string verb
-- @tparam function seal gives the verb's arguments as they are kept; raises failures
local function sealing(verb, seal)
  Store[verb] = function(self, ...) return forward(self, verb, failure.catch(seal, self, ...)) end
end

-- Records ---------------------------------------------------------------------------------------

function Store:record(kind, tenant, name)
  local record, err = self.backend:record(kind, tenant, name)
  if not record then return record, err end
  self:open_row(RECORDS, record)
  if record.unreadable then return nil, record.unreadable end
  return record
end

--- An entry of a record's history, its note sealed.
function Store:sealed_entry(kind, tenant, name, entry)
  local line = { kind = kind, tenant = tenant, name = name, event = entry.event }
  return self:seal_fields(HISTORY, line, entry)
end

function Store:sealed_move(tenant, move)
  local wanted = move.set or {}
  for column in pairs(wanted) do
    usage.check(SETTABLE[column], "record_move: a move cannot set " .. tostring(column))
  end
  usage.check(wanted.state or wanted.state == nil and move.version > 0,
    "record_move: a record has a state from its first move on")
  if #tenant + #move.name > contract.longest_place then
    error(failure.new { kind = "limit", message = TOO_LONG:format(#tenant + #move.name) })
  end
  local row = { kind = move.kind, tenant = tenant, name = move.name }
  return {
    kind = move.kind, name = move.name, version = move.version,
    set = self:seal_fields(RECORDS, row, wanted),
    entry = self:sealed_entry(move.kind, tenant, move.name, move.entry),
  }
end

sealing("record_move", function(self, change, now)
  local kept = { tenant = change.tenant, jobs = change.jobs, done = change.done, moves = {} }
  for i, move in ipairs(change.moves) do kept.moves[i] = self:sealed_move(change.tenant, move) end
  kept.result = change.done and self:sealed(JOBS, "result", change.done, change.result)
  return kept, now
end)

sealing("record_note", function(self, record, entry, now)
  return record, self:sealed_entry(record.kind, record.tenant, record.name, entry), now
end)

-- Jobs and events -------------------------------------------------------------------------------

for verb, rows in pairs {
  job_done = JOBS, job_retry = JOBS, job_release = JOBS, job_dead = JOBS,
  inbox_retry = EVENTS, inbox_release = EVENTS, inbox_dead = EVENTS,
} do
  sealing(verb, function(self, row, at, result, delivered)
    return row, at, self:sealed(rows, "result", row, result), delivered
  end)
end

sealing("inbox_add", function(self, event, received_at)
  return self:seal_fields(EVENTS, event, event), received_at
end)

sealing("inbox_add_many", function(self, events, received_at)
  local kept = {}
  for i, event in ipairs(events) do kept[i] = self:seal_fields(EVENTS, event, event) end
  return kept, received_at
end)

--- The events whose body can be opened; the others are given back.
function Store:readable(items, due_at)
  local readable = {}
  for _, item in ipairs(items) do
    self:open_row(EVENTS, item)
    if item.body then
      readable[#readable + 1] = item
    else
      local released, err = self:inbox_release(item, due_at, tostring(item.unreadable))
      if released == nil then return nil, err end
    end
  end
  return readable
end

function Store:inbox_claim(options)
  for _ = 1, CLAIMS do
    local items, err = self.backend:inbox_claim(options)
    if not items then return nil, err end
    local readable
    readable, err = self:readable(items, options.now + encrypted.POSTPONED)
    if not readable or #readable > 0 or #items == 0 then return readable, err end
  end
  return {}
end

function Store:inbox_item(id)
  local item, err = self.backend:inbox_item(id)
  if not item then return item, err end
  self:open_row(EVENTS, item)
  if item.unreadable and not item.body then return nil, item.unreadable end
  return item
end

function Store:inbox_last()
  local item, err = self.backend:inbox_last()
  return item and self:open_row(EVENTS, item), err
end

-- Tokens ----------------------------------------------------------------------------------------

--- A token that cannot be opened is none: the next one takes its place.
function Store:token(key, now)
  local kept, err = self.backend:token(key, now)
  if not kept then return kept, err end
  return self:opened(TOKENS, "token", { key = key }, kept) or false
end

local function sealed_token(self, key, token, expires_at, now)
  return key, self:sealed(TOKENS, "token", { key = key }, token), expires_at, now
end

sealing("token_put", sealed_token)
sealing("token_add", sealed_token)

local add_token = Store.token_add

function Store:token_add(key, token, expires_at, now)
  local kept, err = add_token(self, key, token, expires_at, now)
  if not kept then return nil, err end
  local opened = self:opened(TOKENS, "token", { key = key }, kept)
  if opened then return opened end
  kept, err = self:token_put(key, token, expires_at, now)
  return kept and token, err
end

--- The keys that options give, the one that seals first.
local function given_keys(options)
  local keys = { options.encryption_key }
  for _, key in ipairs(options.encryption_keys or {}) do keys[#keys + 1] = key end
  return keys
end

--- Makes the keys of `store.open`'s options ready.
-- @tparam table options `encryption_key`, `encryption_keys`, `accept_unsealed`
-- @treturn[1] function that puts the sealing in front of a backend
-- @treturn[2] nil
-- @treturn[2] table failure: a key is not 32 bytes in Base64
function encrypted.prepare(options)
  local keys, sealer = given_keys(options), nil
  if keys[1] then
    local err
    sealer, err = core.sealer { keys = keys }
    if not sealer then
      return nil, failure.new { kind = "store", retryable = false, message = err.message }
    end
  end
  local seals = options.encryption_key ~= nil
  return function(backend)
    return setmetatable({
      backend = backend, sealer = sealer, seals = seals,
      accept_unsealed = options.accept_unsealed or not seals,
    }, Store)
  end
end

return encrypted
