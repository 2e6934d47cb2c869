--- What a channel is given to deliver.
-- @module debitura.recipes.message

local core = require("debitura.core")
local hosted_url = require("debitura.recipes.hosted_url")

local message = {}

--- Who is to be reached, as far as the payload says: the first user, else the client's own address.
local function recipient_of(link)
  local payload = link and link.payload and core.json.decode(link.payload)
  if type(payload) ~= "table" then return nil end
  local client, users = payload.client, payload.users
  local user = type(users) == "table" and type(users[1]) == "table" and users[1]
  if user and type(user.email) == "string" then
    return { name = type(user.name) == "string" and user.name or nil, email = user.email }
  end
  if type(client) == "table" and type(client.supportEmail) == "string" then
    return { name = type(client.name) == "string" and client.name or nil,
      email = client.supportEmail }
  end
end

--- What a channel is given. `key` is the same whenever this delivery is tried again.
-- @tparam table context what debitura.recipes.options reads
-- @tparam table record whose URL it is
-- @tparam string key
-- @tparam table|false link
-- @tparam ?number reminder
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function message.of(context, record, key, link, reminder)
  local made = {
    key = key, tenant = record.tenant, generation = record.generation,
    variant = record.data.variant or record.kind,
    url = hosted_url.for_tenant(context, record), expires_at = record.expires_at,
    reminder = reminder,
    recipient = recipient_of(link),
  }
  if context.permalink then
    local url, err = context.permalink:url(record.tenant, made.variant)
    if not url then return nil, err end
    made.url = url
  end
  return made
end

return message
