--- Keeps personal data and hosted links from whoever reads the backend: payloads, URLs, webhook bodies and tokens are
-- sealed on the way in and opened on the way out. Ids, states and times stay readable. Works over any backend.
-- @module debitura.store.encrypted

local core = require("debitura.core")
local failure = require("debitura.base.failure")

local sealed = {}

local Store = {}
Store.__index = Store

-- The fields of a link and of a matter that are sealed, and the verbs in which nothing is.
local FIELDS = { "payload", "url" }
local OPEN_VERBS = {
  "link_note", "link_history", "link_case", "link_cases", "matter_history",
  "effects", "effects_claim", "effect_done", "effect_retry", "effect_dead",
  "inbox_waiting", "inbox_done", "inbox_retry", "inbox_dead", "inbox_list", "inbox_revive", "inbox_forget",
  "counter_add", "lease", "lease_release", "close",
}

for _, verb in ipairs(OPEN_VERBS) do
  Store[verb] = function(self, ...) return self.backend[verb](self.backend, ...) end
end

local REASONS = {
  absent = "is not sealed; to read what was kept before there was an encryption key, open the store with accept_unsealed",
  malformed = "was changed after it had been sealed",
  broken = "was changed after it had been sealed, or comes from another record",
  unknown_key = "is sealed with the key %s; give it as encryption_key, or in encryption_keys if it has been replaced",
}

--- How a text that no key was given for begins; see src/core/crypto/seal.h.
local RECORD = "^s1%.(%x%x%x%x%x%x%x%x)%."

function Store:try(place, text)
  if self.sealer then return self.sealer:open(place, text) end
  local key_id = text:match(RECORD)
  if key_id then return nil, "unknown_key", key_id end
  return text
end

--- The text that is kept at a place.
-- @treturn[1] string
-- @treturn[2] nil
-- @treturn[2] table failure
-- @treturn[2] string the reason
function Store:unseal(place, text)
  local plain, reason, key_id = self:try(place, text)
  if plain then return plain end
  if reason == "absent" and self.accept_unsealed then return text end
  return nil, failure.new {
    kind = "store", retryable = false, message = place .. " " .. REASONS[reason]:format(key_id),
  }, reason
end

--- The text as it is kept.
function Store:seal(place, text)
  if not self.seals then return text end
  local record, reason = self.sealer:seal(place, text)
  if record then return record end
  return nil, failure.new { kind = "store", retryable = false, message = reason.message }
end

-- Where a field is kept, as the seal binds it to that place: no two have the same.
local function link_place(field, link)
  return "links/" .. field .. "/" .. link.tenant
end

local function matter_place(field, matter)
  return ("matters/%s/%d:%s/%d:%s/%s"):format(field, #matter.tenant, matter.tenant, #matter.kind, matter.kind, matter.name)
end

--- Opens a row, or gives the failure of the first field that cannot be opened; the fields that cannot are left out.
function Store:open_row(place_of, row)
  local failed
  for _, field in ipairs(FIELDS) do
    if row[field] then
      local reason
      row[field], reason = self:unseal(place_of(field, row), row[field])
      failed = failed or reason
    end
  end
  return failed
end

local function opened(self, place_of, row, reason)
  if not row then return row, reason end
  local failed = self:open_row(place_of, row)
  if failed then return nil, failed end
  return row
end

--- One record that somebody has tampered with must not hide the others: it is listed without what cannot be read.
local function opened_page(self, place_of, page, reason)
  for _, row in ipairs(page or {}) do row.unreadable = self:open_row(place_of, row) end
  return page, reason
end

--- A change whose fields are sealed for a row.
local function sealed_change(self, place_of, row, change)
  local kept, set = {}, {}
  for name, value in pairs(change) do kept[name] = value end
  for name, value in pairs(change.set or {}) do set[name] = value end
  for _, field in ipairs(FIELDS) do
    if set[field] then
      local reason
      set[field], reason = self:seal(place_of(field, row), set[field])
      if reason then return nil, reason end
    end
  end
  kept.set = set
  return kept
end

function Store:link(tenant)
  return opened(self, link_place, self.backend:link(tenant))
end

function Store:links(filter)
  return opened_page(self, link_place, self.backend:links(filter))
end

function Store:link_move(tenant, version, change, now)
  local kept, reason = sealed_change(self, link_place, { tenant = tenant }, change)
  if not kept then return nil, reason end
  return opened(self, link_place, self.backend:link_move(tenant, version, kept, now))
end

function Store:matter(tenant, kind, name)
  return opened(self, matter_place, self.backend:matter(tenant, kind, name))
end

function Store:matters(filter)
  return opened_page(self, matter_place, self.backend:matters(filter))
end

function Store:matter_move(tenant, kind, name, version, change, now)
  local kept, reason = sealed_change(self, matter_place, { tenant = tenant, kind = kind, name = name }, change)
  if not kept then return nil, reason end
  return opened(self, matter_place, self.backend:matter_move(tenant, kind, name, version, kept, now))
end

function Store:inbox_add(id, tenant, event, body, received_at, replay)
  local record, reason = self:seal("inbox/body/" .. id, body)
  if not record then return nil, reason end
  return self.backend:inbox_add(id, tenant, event, record, received_at, replay)
end

function Store:inbox_claim(options)
  local items, reason = self.backend:inbox_claim(options)
  if not items then return nil, reason end
  local readable = {}
  for _, item in ipairs(items) do
    local body, failed, why = self:unseal("inbox/body/" .. item.id, item.body)
    item.body = body
    if body then
      readable[#readable + 1] = item
    elseif why == "unknown_key" or why == "absent" then
      return nil, failed -- with the right options it can be read: it stays for the next claim
    else
      local ended
      ended, reason = self.backend:inbox_dead(item, options.now, failed.message)
      if ended == nil then return nil, reason end
    end
  end
  return readable
end

function Store:inbox_item(id)
  local item, reason = self.backend:inbox_item(id)
  if not item then return item, reason end
  item.body, reason = self:unseal("inbox/body/" .. id, item.body)
  if not item.body then return nil, reason end
  return item
end

function Store:token(key, now)
  local record, reason = self.backend:token(key, now)
  if not record then return record, reason end
  return self:unseal("tokens/" .. key, record)
end

function Store:token_put(key, token, expires_at, now)
  local record, reason = self:seal("tokens/" .. key, token)
  if not record then return nil, reason end
  return self.backend:token_put(key, record, expires_at, now)
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
function sealed.prepare(options)
  local keys, sealer = given_keys(options), nil
  if keys[1] then
    local reason
    sealer, reason = core.sealer { keys = keys }
    if not sealer then return nil, failure.new { kind = "store", retryable = false, message = reason.message } end
  end
  local seals = options.encryption_key ~= nil
  return function(backend)
    return setmetatable({
      backend = backend, sealer = sealer, seals = seals, accept_unsealed = options.accept_unsealed or not seals,
    }, Store)
  end
end

return sealed
