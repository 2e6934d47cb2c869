--- What an operator does about links: `debitura links request` and the like.
-- @module debitura.cli.link_actions

local counted = require("debitura.base.text").counted
local link_view = require("debitura.cli.link_view")
local listing = require("debitura.cli.listing")
local must = require("debitura.cli.must")
local records = require("debitura.cli.records")
local selection = require("debitura.cli.selection")
local status = require("debitura.cli.exit_status")
local text = require("debitura.cli.text")

local ANEW, RENEW = "`links request FILE --again` starts anew.",
  "`links recover` asks for a new URL."

--- What leads on from a state in which nothing more comes by itself.
local WAYS_OUT = {
  declined = ANEW, rejected = ANEW, closed = ANEW, gone = ANEW,
  expired = RENEW, exhausted = RENEW, refused = "`links show` says why.",
}

-- Those that are there ----------------------------------------------------------------------------

--- Does it to one link.
local function act(command, session, recipes, tenant)
  local word, moved = command.act(recipes, tenant, session.arguments)
  if not word then return nil, moved end
  if word == "moved" then return link_view.tell(session, recipes, moved, moved.deliveries) end
  if not moved then return link_view.unknown(session, tenant) end
  return session:refuse(("%s is %s: %s %s"):format(text.clean(tenant), moved.state, command.stays,
    WAYS_OUT[moved.state] or command.else_way or ""):gsub(" $", ""), "conflict")
end

local function about_one(command, session, recipes, tenant)
  local link = must(session:store():record("link", tenant, ""))
  if not link then return link_view.unknown(session, tenant) end
  if session.arguments.dry_run then
    session:note(command.would:format(text.clean(tenant), link.state))
    return status.done
  end
  if command.asks then
    must(session:confirm(command.asks:format(text.clean(tenant)), tenant))
  end
  return act(command, session, recipes, tenant)
end

--- Does it to many links, one after the other; a signal ends it between two of them.
local function about_many(command, session, recipes, tenants)
  local count = counted("%d link{|s}", #tenants):format(#tenants)
  if #tenants == 0 then
    if session:tells_of_nothing() then session:note("There are none.") end
    return status.done
  end
  local asks = command.many:format(count)
  if not session:proceeds(asks .. ", were this no dry run.", asks, nil, true) then
    return status.done
  end
  local bar, good, bad, worst = session:progress("links", #tenants), 0, 0, status.refused
  local ended = session:until_asked(function(stop)
    for i, tenant in ipairs(tenants) do
      if stop() then return end
      local code, err = act(command, session, recipes, tenant)
      if not code then code = session:fail(err) end
      if code == status.done then good = good + 1 else bad = bad + 1 end
      if code == status.transport then worst = code end
      bar:update(i)
    end
  end)
  bar:finish()
  if not ended then return status.interrupted end
  session:note(("%d of %s."):format(good, count))
  return bad > 0 and good == 0 and worst or status.of_many(good, bad)
end

--- The tenants that options choose.
local function chosen(session)
  local tenants = {}
  local filter, wanted = selection.filter("link", session.arguments, session:now())
  local read, err = listing.each(session:store(), "records", filter, function(link)
    if wanted(link) then tenants[#tenants + 1] = link.tenant end
  end)
  return read and tenants, err
end

local function run(command, arguments, session)
  local recipes = must(session:recipes())
  local tenants, by_options = arguments.tenant, selection.is_given(arguments)
  if by_options == (tenants[1] ~= nil) then
    return nil, by_options and "name the clients, or choose them by options, not both"
      or "which clients? Name them, or choose them by --state, --undelivered, --expiring, "
        .. "--older-than"
  end
  if tenants[1] and not tenants[2] then return about_one(command, session, recipes, tenants[1]) end
  if by_options then tenants = must(chosen(session)) end
  return about_many(command, session, recipes, tenants)
end

--- A command about links that are named or chosen: `act` is given the recipes, a tenant and the
-- arguments; `asks` is the question about one, if there is one; `many` that about many; `stays`
-- says why nothing has changed.
local function about_links(command)
  command.json, command.changes, command.destroys = true, true, true
  command.describe = function(parser)
    parser:argument("tenant", "The clients' externalTenantIds; or choose by the options.")
      :argname("TENANT"):args("*")
    selection.describe_links(parser)
    if command.more then command.more(parser) end
  end
  command.run = function(arguments, session) return run(command, arguments, session) end
  return command
end

local function channel_option(parser)
  parser:option("--channel", "By this one of the configured channels; default: all.")
    :argname("NAME")
end

--- Hands the URL over by a channel that there is.
local function deliver(remind)
  return function(recipes, tenant, arguments)
    return recipes.approval:deliver(tenant, { channel = arguments.channel, remind = remind })
  end
end

local deliver_again = about_links {
  name = "deliver", summary = "Hands a link's URL over once more.", more = channel_option,
  act = deliver(nil), would = "The URL of %s (%s) would be handed over once more.",
  many = "The URLs of %s are handed over once more", stays = "there is no URL to hand over.",
}

local remind = about_links {
  name = "remind", summary = "Reminds a customer now.", more = channel_option, act = deliver(true),
  details = "Debitura is asked first: who has approved by now is not reminded, and the link is "
    .. "seen as linked.",
  would = "%s (%s) would be reminded.", many = "The customers of %s are reminded",
  stays = "there is nothing to be reminded of.",
}

local recover = about_links {
  name = "recover", summary = "Asks for a new URL now, and delivers it.",
  details = "Also when recovery makes a pause, or has given up. While the window is open the URL "
    .. "is still good: `links deliver`.",
  act = function(recipes, tenant)
    local word, link = recipes.recovery:recover(tenant)
    if word ~= "moved" then return word, link end
    local outcome, err = recipes.approval:status(tenant)
    if not outcome then return nil, err end
    link.deliveries = outcome.deliveries
    return word, link
  end,
  would = "A new URL would be asked for, for %s (%s).", many = "New URLs are asked for, for %s",
  stays = "there is nothing to recover.", else_way = "`links deliver` hands over what is good.",
}

local close = about_links {
  name = "close", summary = "Closes a link that is not answered.",
  details = "Nothing more is sent for it. An approval that comes all the same counts.",
  more = function(parser) parser:option("--reason", "For the history."):argname("TEXT") end,
  act = function(recipes, tenant, arguments)
    return recipes.approval:close(tenant, arguments.reason)
  end,
  would = "%s (%s) would be closed.", asks = "The link of %s is closed", many = "%s are closed",
  stays = "there is nothing to close.",
}

local confirm_gone = {
  name = "confirm-gone", summary = "Says that Debitura no longer has some clients.", json = true,
  changes = true, destroys = true,
  details = "Where many clients are found gone at once, a sweep waits for this: a wrong key looks "
    .. "the same. `links request FILE --again` leads on from there.",
}

function confirm_gone.describe(parser)
  parser:argument("tenant", "The clients' externalTenantIds."):argname("TENANT"):args("+")
end

function confirm_gone.run(arguments, session)
  local recipes = must(session:recipes())
  local tenants = arguments.tenant
  if not session:proceeds(("%d clients would be gone."):format(#tenants),
    ("%d clients are taken for gone"):format(#tenants)) then
    return status.done
  end
  local refused = 0
  for _, tenant in ipairs(tenants) do
    local word, link = must(recipes.approval:gone(tenant, "confirmed by an operator"))
    if word == "moved" then
      link_view.tell(session, recipes, link)
    else
      session:refuse(("%s is %s: Debitura was not known to have it."):format(text.clean(tenant),
        link and link.state or "not in the store"), "conflict")
      refused = refused + 1
    end
  end
  return status.of_many(#tenants - refused, refused)
end

-- A new one ---------------------------------------------------------------------------------------

local request = {
  name = "request",
  summary = "Asks for a client, delivers what the customer needs, and follows the link.",
  json = true, changes = true, makes_store = true,
}

function request.describe(parser)
  parser:argument("file", "CreateClientRequest as JSON; - for standard input."):argname("FILE")
  parser:flag("--again", "Starts anew what has ended, or sends another payload for what has not.")
end

function request.run(arguments, session)
  local payload, recipes = records.prepare(arguments, session,
    "The request would be recorded and sent.", function(all, given)
      return all.approval:try(given)
    end)
  if not payload then return payload == false and status.done or nil, recipes end
  local outcome = must(recipes.approval:request(payload, { again = arguments.again }))
  if outcome.detail then session:note("Debitura says: " .. text.clean_lines(outcome.detail)) end
  if outcome.advice then session:note(outcome.advice) end
  local link = must(session:store():record("link", outcome.external_tenant_id, ""))
  local code = link_view.tell(session, recipes, link, outcome.deliveries)
  if outcome.failure then
    code = session:fail(outcome.failure)
    if outcome.state ~= "requesting" then return code end
    session:note("A sweep asks again.")
    return status.transport
  end
  local way_out = WAYS_OUT[outcome.state]
  if not way_out then return code end
  if not outcome.advice then session:note(way_out) end
  return status.refused
end

return { request, deliver_again, remind, recover, close, confirm_gone }
