--- What a channel is given to deliver.
-- @module debitura.recipes.message

local core = require("debitura.core")
local hosted_url = require("debitura.recipes.hosted_url")
local recipient = require("debitura.operations.recipient")

local message = {}

--- What a channel is given. `key` is the same whenever this delivery is tried again.
-- @tparam table runner
-- @tparam table subject the link or the matter whose URL it is
-- @tparam string key
-- @tparam table|false link
-- @tparam ?number reminder
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function message.of(runner, subject, key, link, reminder)
  local made = {
    key = key, tenant = subject.tenant, generation = subject.generation, variant = subject.variant or subject.kind,
    url = hosted_url.for_tenant(runner, subject), expires_at = subject.expires_at, reminder = reminder,
    recipient = recipient.of(link and link.payload and core.json.decode(link.payload)),
  }
  if runner.permalink then
    local url, err = runner.permalink:url(subject.tenant, made.variant)
    if not url then return nil, err end
    made.url = url
  end
  return made
end

return message
