--- How what no webhook has told is noticed: a look at once where another event says that a link
-- must be active, and looks again and again, for a signature or an identity check that is
-- outstanding, or an approval of what has ended here.
-- @module debitura.recipes.steps.watch

local clients = require("debitura.recipes.steps.clients")
local core = require("debitura.core")
local link_machine = require("debitura.recipes.link")
local look_up = require("debitura.recipes.steps.look_up")
local only = require("debitura.recipes.steps.only")

local steps = {}

local DAY = 86400
-- The longest window, and a day besides.
local LONGEST = (link_machine.window.max + 1) * DAY

--- What a client who is there says of a link that is not known to be active; a new customer who was
-- closed counts again from the signature on.
local function seen(link, client)
  if not link_machine.is_closed_onboarding(link) then return look_up.seen(client) end
  return client.signed and look_up.seen(client, "client.signed")
end

--- A look at once: an event told of what only the client of an active link can have.
function steps.look_up_client(work, job, link)
  if not link or link_machine.had[link.state] then return work:skip(job) end
  local client, err = look_up.client(work.context, job.tenant)
  if client == nil then return clients.look_again(work, job, err) end
  local event = client and seen(link, client)
  if event then return work:decide(job, event) end
  return work:finish(job, client and "not signed" or "not linked")
end

--- Looks for the page of the onboarding, which the answer has not named.
steps.look_up_url = only({ onboarding = true }, function(work, job, link)
  if link.url then return work:skip(job) end
  local client, err = look_up.client(work.context, job.tenant)
  if client == nil then return clients.look_again(work, job, err) end
  if client and client.url then
    return work:decide(job, { name = "onboarding.url", url = client.url })
  end
  return work:postpone(job, "Debitura names no page for the onboarding",
    { final = work:clock() >= job.created_at + LONGEST })
end)

--- Looks for an approval of what has ended here: the customer may have the URL still.
steps.watch_ended = only(link_machine.unlinked, function(work, job)
  local client, err = clients.find(work, job.tenant)
  if client == nil then return clients.look_again(work, job, err) end
  if client then return work:decide(job, look_up.seen(client)) end
  if work:clock() >= job.created_at + LONGEST then return work:finish(job, "not linked") end
  return clients.wait(work, job, "the customer has not approved", 7 * DAY)
end)

--- How a client stands whom Debitura had; where it has none, that is to be confirmed.
local function find_had(work, tenant)
  local client, err = clients.find(work, tenant)
  if client ~= false then return client, err end
  local told, failed = clients.doubt(work, tenant)
  if not told then return nil, failed end
  return false
end

--- Looks for a signature whose webhook was lost.
function steps.watch_client(work, job, link)
  local is_closed = link and link.state == "closed"
  if not link or not (is_closed or link_machine.had[link.state]) or link.data.signed
    or job.generation ~= link.generation then
    return work:skip(job)
  end
  local client, err = (is_closed and clients.find or find_had)(work, job.tenant)
  if client == nil then return clients.look_again(work, job, err) end
  if not client and is_closed then return work:finish(job, "not linked") end
  if not client or not client.signed then
    return clients.wait(work, job, "the client has not signed yet")
  end
  local applied
  applied, err = work:apply({ tenant = job.tenant, name = "client.signed", targets = {
    { kind = "signing", name = "", event = { name = "signed", at = work:clock() } },
    { kind = "link", name = "", event = look_up.seen(client, "client.signed", work:clock()) },
  } }, job)
  if not applied then return nil, err end
  return "client.signed"
end

--- Tells the record of the identity check.
local function tell_kyc(work, job, event)
  return work:apply_to({ kind = "kyc", tenant = job.tenant, name = "" }, event)
end

--- Looks until it is found out whether the director is to be identified, and where.
steps.look_up_kyc = only(link_machine.had, function(work, job, link)
  local found, err = look_up.kyc(work.context, job.tenant, core.json.decode(link.payload or "{}"))
  if not found then return clients.look_again(work, job, err) end
  local told = true
  if found.needed then
    told, err = tell_kyc(work, job, { name = job.args.quiet and "found" or "needed",
      url = found.url, terms = link.terms })
  elseif found.needed == false and found.complete then
    told, err = tell_kyc(work, job, { name = "done" })
  end
  if told and found.missing then told, err = clients.doubt(work, job.tenant) end
  if not told then return nil, err end
  if found.complete then return work:finish(job, found.needed and "needed" or "not needed") end
  return clients.wait(work, job, "the client has not signed yet, and has no token before")
end)

--- Looks whether the customer has signed all that was open. While the agreement is not signed,
-- nothing else has to be asked.
steps.watch_signing = only({ outstanding = true }, function(work, job)
  local client, err = find_had(work, job.tenant)
  if client == nil then return clients.look_again(work, job, err) end
  if client and client.signed then
    local url
    url, err = look_up.signing_url(work.context, job.tenant)
    if url == nil then return clients.look_again(work, job, err) end
    if not url then return work:decide(job, "done") end
  end
  return clients.wait(work, job, "something is open still")
end)

--- Looks whether the director has been identified.
steps.watch_kyc = only({ outstanding = true, submitted = true }, function(work, job)
  local client, err = find_had(work, job.tenant)
  if client == nil then return clients.look_again(work, job, err) end
  if not client or not look_up.is_identified(client) then
    return clients.wait(work, job, "the director has not been identified yet")
  end
  return work:decide(job, "done")
end)

return steps
