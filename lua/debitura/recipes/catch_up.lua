--- Catching up: after an outage, or when Debitura had switched the subscription off, walks through clients and cases and puts what the
-- ledger has not heard of into the inbox, as the webhooks that should have come.
--
-- What is put in goes through the same gate as a delivery: its id is made of what it tells, so that it counts once however often this
-- is run, and it is worked off in its tenant's order. A real webhook that comes later changes nothing any more. Declines and expiries
-- leave no trace that could be walked through; the window's end tells of them.
-- @module debitura.recipes.catch_up

local core = require("debitura.core")
local timestamp = require("debitura.base.time")

local catch_up = {}

local DAY = 86400
local PAGE = 100
local LONGEST = 30 * DAY -- an approval window; nothing older is waited for

--- States in which a link has yet to hear that the customer approved.
local UNLINKED = {
  requesting = true, pending = true, expired = true, declined = true, refused = true, rejected = true, exhausted = true, closed = true,
}

local function given(value)
  if value == core.null then return nil end
  return value
end

local Walk = {}
Walk.__index = Walk

-- Puts an event into the inbox, unless it is there.
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Walk:put(name, key, tenant, happened_at, data)
  local id = ("seen:%s:%s"):format(name, core.digest.sha256(key))
  data.externalTenantId = tenant
  local body = core.json.encode { id = id, specVersion = "1.0", event = name, timestamp = happened_at, data = data }
  local added, err = self.store:inbox_add(id, tenant, name, body, self.clock(), true)
  if not added then return nil, err end
  if added == "new" then self.counts.events = self.counts.events + 1 end
  return true
end

-- Goes through a listing; `use(row)` gives true, or nil and a failure.
function Walk:each(listing, name, use)
  local row, err = listing:next()
  while row do
    self.counts[name] = self.counts[name] + 1
    local used
    used, err = use(row)
    if not used then return nil, err end
    if self.on_progress then self.on_progress(self.counts) end
    row, err = listing:next()
  end
  if err then return nil, err end
  return true
end

function Walk:client(client)
  local tenant = given(client.externalTenantId)
  if not tenant then return true end
  local link, err = self.store:link(tenant)
  if link == nil then return nil, err end
  if not link then return true end
  local linked_at = given(client.dateLinked) or timestamp.format(self.clock())
  if UNLINKED[link.state] then
    local put
    put, err = self:put("client.linked", ("%s %d"):format(tenant, link.base), tenant, linked_at, {})
    if not put then return nil, err end
  end
  if link.state == "onboarding" and client.onboardingDone == true then
    return self:put("client.onboarding.contract_signed", tenant, tenant, linked_at, {})
  end
  return true
end

-- Whether a case would be news: for its link, or for its submission.
function Walk:is_awaited(tenant, reference)
  local carried, err = self.store:link_case(tenant, reference)
  if carried == nil then return nil, err end
  if carried and carried.state ~= "created" then return true end
  local submitted
  submitted, err = self.store:matter(tenant, "case", reference)
  if submitted == nil then return nil, err end
  return submitted and submitted.state ~= "created"
end

function Walk:case(case)
  local client, reference = given(case.client), given(case.creditorReference)
  local tenant = client and given(client.externalTenantId)
  if not tenant or not reference then return true end
  local awaited, err = self:is_awaited(tenant, reference)
  if awaited == nil then return nil, err end
  if not awaited then return true end
  return self:put("case.created", case.id, tenant, case.dateCreated, {
    caseId = case.id, reference = case.reference, creditorReference = reference,
  })
end

--- When the latest webhook came in. The inbox is listed from its beginning, so its end is searched for in leaps.
-- @tparam table store
-- @treturn[1] number|false Unix seconds; false when none ever came
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function catch_up.last_heard(store)
  local last, leap = nil, 1
  while leap >= 1 do
    local page, err = store:inbox_list { after = (last and last.seq or 0) + leap - 1, limit = 1 }
    if not page then return nil, err end
    if page[1] then
      last, leap = page[1], leap * 2
    else
      leap = math.floor(leap / 2)
    end
  end
  return last and last.received_at or false
end

--- Catches up.
-- @tparam table options `partner`, `store`, `clock`; `since` (Unix seconds: cases created before are not looked at; default: an hour
--   before the latest webhook that came in, 30 days at most), `on_progress(counts)`
-- @treturn[1] table `clients` and `cases` (how many were looked at), `events` (how many were put into the inbox), `since`
-- @treturn[2] nil
-- @treturn[2] table failure of a call or of the store; run again it goes on where it helps
function catch_up.run(options)
  local walk = setmetatable({
    store = options.store, clock = options.clock, on_progress = options.on_progress, counts = { clients = 0, cases = 0, events = 0 },
  }, Walk)
  local since = options.since
  if not since then
    local heard, problem = catch_up.last_heard(options.store)
    if heard == nil then return nil, problem end
    since = math.max(heard and heard - 3600 or 0, options.clock() - LONGEST)
  end
  walk.counts.since = since
  local done, err = walk:each(options.partner.clients:list { PageSize = PAGE }, "clients", function(client) return walk:client(client) end)
  if not done then return nil, err end
  done, err = walk:each(options.partner.cases:list { FromDate = timestamp.format(since), PageSize = PAGE }, "cases",
    function(case) return walk:case(case) end)
  if not done then return nil, err end
  return walk.counts
end

return catch_up
