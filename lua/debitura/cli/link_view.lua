--- A link as an operator is shown it, without its URL and payload, and what became of its URL.
-- @module debitura.cli.link_view

local customer = require("debitura.recipes.customer")
local records = require("debitura.cli.records")
local sorted_keys = require("debitura.base.sorted_keys")
local status = require("debitura.cli.exit_status")
local text = require("debitura.cli.text")

local link_view = {}

local NOT_DELIVERED = {
  waiting = "%s: %s has not reached %s yet, and tries again%s.",
  ["given up"] = "%s: %s has given up %s%s.",
}

local ATTRIBUTED = { yes = true, no = false }

--- A link as it is shown.
-- @tparam table link
-- @treturn table
function link_view.visible(link)
  local data = records.data(link)
  local name, address = customer.of(link)
  return {
    tenant = link.tenant, state = link.state, generation = link.generation, variant = data.variant,
    customer = name, address = address,
    reason = link.reason, detail = link.result, cases = data.cases or 0,
    awaited = data.awaited or 0, failed = data.failed or 0, unanswered = data.unanswered,
    terms = link.terms, requested_at = link.requested_at, expires_at = link.expires_at,
    created_at = link.created_at, updated_at = link.updated_at,
    undelivered_since = link.undelivered_since,
    is_attributed_client = ATTRIBUTED[data.attributed], has_url = link.url ~= nil,
    unreadable = link.unreadable and true or nil,
  }
end

--- Says that there is no such link.
-- @treturn number exit status
function link_view.unknown(session, tenant)
  return session:refuse(("There is no link of %s in the store."):format(text.clean(tenant)),
    "not_found")
end

--- How the deliveries of a link's URL stand, as a list by the channels' names; those that hand it
-- to a customer who waits in the browser owe nothing.
local function sent(recipes, link, deliveries)
  local _, masked, address = customer.of(link)
  local list = {}
  for _, name in ipairs(sorted_keys(deliveries or {})) do
    local channel, why = recipes.runner.context.channels[name], deliveries[name].why
    if why and address then
      why = why:gsub(address:gsub("%p", "%%%0"), (masked:gsub("%%", "%%%%")))
    end
    if not (channel and channel.inline) then
      list[#list + 1] = { channel = name, state = deliveries[name].state, why = why,
        address = masked }
    end
  end
  return list
end

--- The exit status that deliveries lead to: a customer has to have the URL.
local function judge(link, list)
  if not link.url or not list[1] then return status.done end
  local code = status.refused
  for _, one in ipairs(list) do
    if one.state == "delivered" then return status.done end
    if one.state == "waiting" then code = status.transport end
  end
  return code
end

--- Tells how a link stands after something was done about it, and where its URL went.
-- @tparam table session
-- @tparam table recipes
-- @tparam table link
-- @tparam ?table deliveries by channel, as the recipe gives them
-- @treturn number exit status: that of the deliveries, where a URL is owed
function link_view.tell(session, recipes, link, deliveries)
  local list = link.url and sent(recipes, link, deliveries) or {}
  local code = judge(link, list)
  if session.out.json then
    local shown = link_view.visible(link)
    for _, one in ipairs(list) do
      shown.deliveries = shown.deliveries or {}
      shown.deliveries[one.channel] = { state = one.state, why = one.why, address = one.address }
    end
    session.out:object(shown)
  else
    session:note(("%s is %s."):format(text.clean(link.tenant), link.state))
  end
  for _, one in ipairs(list) do
    local sentence = NOT_DELIVERED[one.state]
    if sentence then
      session:complain(text.clean(sentence:format(link.tenant, one.channel,
        one.address or "the customer", one.why and ": " .. one.why or "")), {
        kind = code == status.refused and "business" or "transport", channel = one.channel,
        address = one.address, retryable = one.state == "waiting",
      })
    elseif not session.out.json then
      session:note(("%s has brought its URL to %s."):format(text.clean(one.channel),
        text.clean(one.address or "the customer")))
    end
  end
  return code
end

return link_view
