--- What a channel is given to deliver.
-- @module debitura.recipes.message

local core = require("debitura.core")
local hosted_url = require("debitura.recipes.hosted_url")
local recipient = require("debitura.operations.recipient")

local message = {}

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
    recipient = recipient.of(link and link.payload and core.json.decode(link.payload)),
    language = record.terms and record.terms.language,
  }
  if context.permalink then
    local url, err = context.permalink:url(record.tenant, made.variant)
    if not url then return nil, err end
    made.url = url
  end
  return made
end

return message
