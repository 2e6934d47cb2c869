--- What a signed body says, and where it does not say it what it is kept under: a body that no
-- reader understands is acknowledged, kept byte for byte, and given up with the reason.
--
-- Envelope: `{id, event, timestamp, data}`, with `specVersion` and `links` in the newer form.
-- @module debitura.webhook.event

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local failure = require("debitura.base.failure")
local null = require("debitura.base.null")

local event = {}

--- By which the inbox names a body that cannot be read.
event.UNREADABLE = "unreadable"

local TENANT_MAX = 4 * 255 -- bytes; an externalTenantId has 255 characters at most
local NAME_MAX = 255 -- bytes of an event's id and of its name; they are keys in the store

local function malformed(message, fields)
  return nil, failure.new {
    kind = "malformed", message = message, operation = "webhook", fields = fields,
  }
end

local function is_key(text, longest, clean)
  return type(text) == "string" and text ~= "" and #text <= longest
    and (clean or not text:find("%c"))
end

--- Whether a text can be a tenant in a store.
-- @param text
-- @treturn boolean
function event.is_tenant(text)
  return is_key(text, TENANT_MAX)
end

-- The client that an event is about: its data say so, or `links.client`, the client's address.
local function client_of(tenant, address)
  if type(tenant) == "string" and tenant ~= "" then return tenant end
  if type(address) ~= "string" then return nil end
  local segment = address:match("^[^?#]*/clients/([^/?#]+)/?$")
    or address:match("^[^?#]*/clients/([^/?#]+)/?[?#]")
  return segment and encoding.from_percent(segment)
end

--- The client that an event is about.
-- @tparam table given the event
-- @treturn ?string externalTenantId
function event.tenant(given)
  return client_of(null.field(given.data, "externalTenantId"), null.field(given.links, "client"))
end

local function is_text(text)
  return type(text) == "string" and text ~= ""
end

-- What is wrong with the fields that name an event.
local function misnamed(given)
  for _, field in ipairs { "id", "event" } do
    if not is_text(given[field]) then
      return malformed(("the event has no '%s'"):format(field), { [field] = { "required" } })
    end
  end
  return malformed(("'%s' is longer than %d bytes or has control characters"):format(
    is_key(given.id, NAME_MAX) and "event" or "id", NAME_MAX))
end

-- The same event, if it can be kept under its names; `clean` says that they have no control
-- characters.
local function keyed(given, clean)
  local sound = is_key(given.id, NAME_MAX, clean) and is_key(given.event, NAME_MAX, clean)
  if sound then return given end
  return misnamed(given)
end

local function not_json(err)
  return malformed("the event is not JSON: " .. err.message)
end

local function too_long(body, most)
  return malformed(("it has %d bytes, and max_event is %d"):format(#body, most))
end

--- Reads an event out of a verified body.
-- @tparam string body
-- @treturn[1] table the event, unknown fields included
-- @treturn[2] nil
-- @treturn[2] table failure of kind "malformed"
function event.read(body)
  local decoded, err = core.json.decode(body)
  if err then return not_json(err) end
  local given = null.table(decoded)
  if is_text(given.id) and is_text(given.event) then return given end
  return misnamed(given)
end

--- The same, as it came out of the inbox: of a body that is larger than handlers are given, nothing
-- is read.
-- @tparam string body
-- @tparam number most bytes
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] table failure of kind "malformed"
function event.read_up_to(body, most)
  if #body > most then return too_long(body, most) end
  local given, err = event.read(body)
  if not given then return nil, err end
  return keyed(given)
end

--- Reads what the inbox has to know of a body; no tables are made for the rest of it.
-- @tparam string body
-- @tparam number most bytes
-- @treturn[1] table `id` and `event`, which can be keys, and the `tenant` whose events are
--   processed one after the other: the partner's, or where there is none the case
-- @treturn[2] nil
-- @treturn[2] table failure of kind "malformed"
function event.head(body, most)
  if #body > most then return too_long(body, most) end
  local decoded, id, name, tenant, case_id, client = core.json.pick(body,
    "id", "event", "data.externalTenantId", "data.caseId", "links.client")
  if not decoded then return not_json(id) end
  -- JSON has control characters in escapes only, but for DEL.
  local clean = not body:find("\\", 1, true) and not body:find("\127", 1, true)
  if not is_key(tenant, TENANT_MAX, clean) then
    tenant = client_of(tenant, client)
    if not event.is_tenant(tenant) then tenant = event.is_tenant(case_id) and case_id or nil end
  end
  return keyed({ id = id, event = name, tenant = tenant }, clean)
end

--- What a body without an id is known by, so that it is kept once.
-- @tparam string body
-- @treturn string
function event.key_of(body)
  return "sha256:" .. core.digest.sha256(body)
end

return event
