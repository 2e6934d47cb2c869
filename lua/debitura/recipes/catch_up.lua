--- Catching up: after an outage, or when Debitura had switched the subscription off, walks through
-- clients and cases and puts what the store has not heard of into the inbox, as the webhooks that
-- should have come.
--
-- What is put in goes through the same gate as a delivery: its id is made of what it tells, so that
-- it counts once however often this is run, and it is processed in its tenant's order. A real
-- webhook that comes later changes nothing any more. Declines and expiries leave no trace that
-- could be walked through; the window's end tells of them.
-- @module debitura.recipes.catch_up

local core = require("debitura.core")
local each_listed = require("debitura.recipes.each_listed")
local link_machine = require("debitura.recipes.link")
local name_problem = require("debitura.store.names").problem
local null = require("debitura.base.null")
local options = require("debitura.base.options")
local records = require("debitura.workflow.records")
local time = require("debitura.base.time")

local catch_up = {}

local field, text = null.field, null.text

local DAY = 86400
local PAGE = 100
local LONGEST = 30 * DAY -- an approval window; nothing older is waited for

catch_up.options = options.define("catch_up.run", {
  { "partner", "object", annotation = "debitura.Partner", required = true,
    "debitura.partner" },
  { "store", "object", annotation = "debitura.Store", required = true, "debitura.store" },
  { "clock", "function", annotation = "fun(): number", required = true,
    "a function that gives Unix seconds" },
  { "since", "seconds", shown_default = "an hour before the latest webhook, 30 days at most",
    "Unix seconds: cases that were created before are not looked at" },
  { "on_progress", "function", annotation = "fun(counts: table<string, integer>)",
    "is called with the counts after each client and case" },
})

local Walk = {}
Walk.__index = Walk

-- Puts an event into the inbox, unless it is there.
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Walk:put(name, key, tenant, happened_at, data)
  local id = ("seen:%s:%s"):format(name, core.digest.sha256(key))
  data.externalTenantId = tenant
  local body = core.json.encode { id = id, specVersion = "1.0", event = name,
    timestamp = happened_at, data = data }
  local added, err = self.store:inbox_add({ id = id, tenant = tenant, event = name, body = body,
    replay = true }, self.clock())
  if not added then return nil, err end
  if added == "new" then self.counts.events = self.counts.events + 1 end
  return true
end

-- Goes through a listing; `use(walk, row)` gives true, or nil and a failure.
function Walk:each(listing, name, use)
  return each_listed(listing, function(row)
    self.counts[name] = self.counts[name] + 1
    local used, err = use(self, row)
    if used and self.on_progress then self.on_progress(self.counts) end
    return used, err
  end)
end

-- A record of the store. One that cannot be read holds up no other: it is counted, and false.
function Walk:record(kind, tenant, name)
  local record, err = records.load(self.store, kind, tenant, name)
  if record ~= nil then return record end
  if err.kind ~= "unreadable" then return nil, err end
  self.counts.unreadable = self.counts.unreadable + 1
  return false
end

function Walk:client(client)
  local tenant = text(client, "externalTenantId")
  if not tenant or name_problem(tenant) then return true end
  local link, err = self:record("link", tenant, "")
  if not link then return link == false or nil, err end
  local linked_at = text(client, "dateLinked") or time.format(self.clock())
  local was_new = link_machine.is_closed_onboarding(link)
  if link_machine.unlinked[link.state] and not was_new then
    local put
    local first = link.data.first_generation or 0
    put, err = self:put("client.linked", ("%s %d"):format(tenant, first), tenant, linked_at,
      { creditor = { isAttributed = field(client, "isAttributedClient") } })
    if not put then return nil, err end
  end
  if (was_new or link.state == "onboarding") and client.onboardingDone == true then
    return self:put("client.onboarding.contract_signed", tenant, tenant, linked_at, {})
  end
  return true
end

-- Whether a case would be news.
function Walk:is_awaited(tenant, reference)
  local case, err = self:record("case", tenant, reference)
  if case == nil then return nil, err end
  return case and case.state ~= "created"
end

function Walk:case(case)
  local tenant = text(field(case, "client"), "externalTenantId")
  local id, reference = text(case, "id"), text(case, "creditorReference")
  if not tenant or not id or not reference or name_problem(tenant, reference) then return true end
  local awaited, err = self:is_awaited(tenant, reference)
  if awaited == nil then return nil, err end
  if not awaited then return true end
  return self:put("case.created", id, tenant, text(case, "dateCreated"), {
    caseId = id, reference = text(case, "reference"), creditorReference = reference,
    lifecycle = text(case, "lifecycle"), closeCode = text(case, "closeCode"),
  })
end

--- Catches up.
-- @tparam table given `partner`, `store`, `clock`, `since`, `on_progress(counts)`: see the page of
--   options
-- @treturn[1] table `clients` and `cases` (how many were looked at), `events` (how many were put
--   into the inbox), `unreadable` (how many records of the store could not be read), `since`
-- @treturn[2] nil
-- @treturn[2] table failure of a call or of the store; run again it goes on where it helps
-- @raise at the caller's line, when an option is unknown or wrong
function catch_up.run(given)
  local read = catch_up.options:read(given)
  local walk = setmetatable({
    store = read.store, clock = read.clock, on_progress = read.on_progress,
    counts = { clients = 0, cases = 0, events = 0, unreadable = 0 },
  }, Walk)
  local since = read.since
  if not since then
    local latest, err = read.store:inbox_last()
    if latest == nil then return nil, err end
    since = math.max(latest and latest.received_at - 3600 or 0, read.clock() - LONGEST)
  end
  walk.counts.since = since
  local done, err = walk:each(read.partner.clients:list { PageSize = PAGE }, "clients", walk.client)
  if not done then return nil, err end
  done, err = walk:each(read.partner.cases:list { FromDate = time.format(since), PageSize = PAGE },
    "cases", walk.case)
  if not done then return nil, err end
  return walk.counts
end

return catch_up
