--- What several recipes do with cases: the idempotency key, putting them into the store with their
-- link or by themselves, finding those that are outstanding, letting parked ones go.
-- @module debitura.recipes.cases

local core = require("debitura.core")
local each_row = require("debitura.store.each_row")
local plan = require("debitura.workflow.plan")
local usage = require("debitura.base.usage")

local cases = {}

local PAGE = 100

--- Sees that a caller names a client.
-- @param tenant
-- @raise at the caller's line, when it is no text
function cases.check_tenant(tenant)
  if type(tenant) ~= "string" or tenant == "" then
    usage.error("the client's externalTenantId expected")
  end
end

--- The idempotency key of a case, without its generation: the same for the same tenant, reference
-- and body, whichever process derives it.
-- @tparam string tenant
-- @tparam string reference
-- @tparam string body the exact text that is sent
-- @treturn string
function cases.key(tenant, reference, body)
  return "debitura-" .. core.digest.sha256(("%d:%s%d:%s%s"):format(#tenant, tenant, #reference,
    reference, body))
end

--- The cases of a payload that are not in the store yet.
-- @tparam table store
-- @tparam string tenant
-- @tparam table payload CreateClientRequest
-- @tparam table references the creditor references of its cases
-- @treturn[1] table of cases
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function cases.further(store, tenant, payload, references)
  local known, further = {}, {}
  for first = 1, #references, PAGE do
    local names = {}
    for i = first, math.min(first + PAGE - 1, #references) do names[#names + 1] = references[i] end
    local page, err = store:records_named("case", tenant, names)
    if not page then return nil, err end
    for _, case in ipairs(page) do known[case.name] = case.state ~= "replaced" end
  end
  for i, reference in ipairs(references) do
    if not known[reference] then further[#further + 1] = payload.cases[i] end
  end
  return further
end

--- Applies an event to cases of a client.
-- @tparam table work see debitura.workflow.work
-- @tparam string tenant
-- @tparam string name of the event
-- @tparam table targets array of `name` (the case's reference) and `event` (the rest of it)
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function cases.tell(work, tenant, name, targets)
  if not targets[1] then return true end
  for _, target in ipairs(targets) do
    target.kind, target.event.name, target.event.at = "case", name, work:clock()
  end
  local applied, err = work:apply { tenant = tenant, name = name, targets = targets }
  return applied and true, err
end

--- Submits cases of a client that Debitura has, each under its own idempotency key.
-- @tparam table work see debitura.workflow.work
-- @tparam table link whose terms they get
-- @tparam table list CreateCollectionCaseRequests
-- @tparam[opt="submit"] string name of the event
-- @return as `tell`
function cases.submit(work, link, list, name)
  local targets = {}
  for i, case in ipairs(list) do
    local reference, body = case.creditorReference, assert(core.json.encode(case))
    targets[i] = { name = reference, event = {
      payload = body, terms = link.terms, key = cases.key(link.tenant, reference, body),
    } }
  end
  return cases.tell(work, link.tenant, name or "submit", targets)
end

--- What a link that begins is to the store: its event and, in the same step where they are few, the
-- cases that come with it.
-- @tparam string tenant
-- @tparam table event of the link; `in_steps`: the cases are left to the job `record_cases` in any
--   case
-- @tparam table references of the cases
-- @treturn table news, see `Work:apply`
function cases.with_link(tenant, event, references)
  event.in_steps = event.in_steps or #references > plan.RECORDS_MAX
  local targets = {}
  for i, reference in ipairs(event.in_steps and {} or references) do
    targets[i] = { kind = "case", name = reference, event = { name = "await", at = event.at } }
  end
  targets[#targets + 1] = { kind = "link", name = "", event = event }
  return { tenant = tenant, name = event.name, targets = targets }
end

--- The cases that came with a link and are outstanding: not there, and not on their way again.
-- @tparam table work see debitura.workflow.work
-- @tparam string tenant
-- @tparam[opt] table also set of further states, of cases that were submitted, too
-- @treturn[1] table rows of the store, by reference
-- @treturn[1] ?table failure of one that cannot be read; it holds up no other
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function cases.outstanding(work, tenant, also)
  local rows, unreadable = {}, nil
  local read, err = each_row(work.store, "records", { kind = "case", tenant = tenant },
    function(row)
      unreadable = unreadable or row.unreadable
      local is_outstanding = row.origin == "link"
        and (row.state == "awaited" or row.state == "failed")
      if (is_outstanding or also and also[row.state]) and not row.unreadable then
        rows[row.name] = row
      end
    end)
  if not read then return nil, err end
  return rows, unreadable
end

--- Lets all cases of a tenant go that are parked for one reason.
-- @tparam table work see debitura.workflow.work
-- @tparam string tenant
-- @tparam string reason "signing", "kyc" or "unlinked"
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function cases.release(work, tenant, reason)
  local targets = {}
  local read, err = each_row(work.store, "records",
    { kind = "case", tenant = tenant, state = "parked" }, function(case)
      if not case.unreadable then
        targets[#targets + 1] = { name = case.name, event = { reason = reason } }
      end
    end)
  if not read then return nil, err end
  return cases.tell(work, tenant, "released", targets)
end

return cases
