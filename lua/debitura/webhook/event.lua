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

local NAME_MAX = 255 -- bytes of an event's id and of its name; they are keys in the store
local NAMES = { "id", "event" }

local function malformed(message, fields)
  return nil, failure.new {
    kind = "malformed", message = message, operation = "webhook", fields = fields,
  }
end

--- Whether a text can be a key in a store.
-- @param text
-- @tparam number longest bytes
-- @treturn boolean
function event.is_key(text, longest)
  return type(text) == "string" and text ~= "" and #text <= longest and not text:find("%c")
end

--- The client that an event is about: its data say so, or `links.client`, the client's address.
-- @tparam table given the event
-- @treturn ?string externalTenantId
function event.tenant(given)
  local tenant = null.text(given.data, "externalTenantId")
  if tenant and tenant ~= "" then return tenant end
  local address = null.text(given.links, "client") or ""
  local segment = address:match("^[^?#]*/clients/([^/?#]+)/?$")
    or address:match("^[^?#]*/clients/([^/?#]+)/?[?#]")
  return segment and encoding.from_percent(segment)
end

--- Reads an event out of a verified body.
-- @tparam string body
-- @treturn[1] table the event, unknown fields included
-- @treturn[2] nil
-- @treturn[2] table failure of kind "malformed"
function event.read(body)
  local decoded, err = core.json.decode(body)
  if err then return malformed("the event is not JSON: " .. err.message) end
  local named = null.table(decoded)
  for i = 1, #NAMES do
    local field = NAMES[i]
    local text = named[field]
    if type(text) ~= "string" or text == "" then
      return malformed(("the event has no '%s'"):format(field), { [field] = { "required" } })
    end
  end
  return decoded
end

--- The same, for the inbox: its id and name can be keys, and of a body that is larger than handlers
-- are given, nothing is read.
-- @tparam string body
-- @tparam number most bytes
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] table failure of kind "malformed"
function event.read_up_to(body, most)
  if #body > most then
    return malformed(("it has %d bytes, and max_event is %d"):format(#body, most))
  end
  local given, err = event.read(body)
  if not given then return nil, err end
  for _, field in ipairs(NAMES) do
    if not event.is_key(given[field], NAME_MAX) then
      return malformed(("'%s' is longer than %d bytes or has control characters")
        :format(field, NAME_MAX))
    end
  end
  return given
end

--- What a body without an id is known by, so that it is kept once.
-- @tparam string body
-- @treturn string
function event.key_of(body)
  return "sha256:" .. core.digest.sha256(body)
end

return event
