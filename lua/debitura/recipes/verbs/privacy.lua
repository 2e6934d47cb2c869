--- What is kept of one client: all of it in one table, and none of it.
-- @module debitura.recipes.verbs.privacy

local check_tenant = require("debitura.recipes.cases").check_tenant
local contract = require("debitura.store.contract")
local core = require("debitura.core")
local each_row = require("debitura.store.each_row")
local failure = require("debitura.base.failure")
local inbound = require("debitura.webhook.event")
local kinds = require("debitura.recipes.kinds")
local name_problem = require("debitura.store.names").problem
local null = require("debitura.base.null")
local options = require("debitura.base.options")
local records = require("debitura.workflow.records")
local sorted_keys = require("debitura.base.sorted_keys")

local unpack = table.unpack or unpack -- luacheck: ignore

local privacy = {}

privacy.forget_options = options.define("recipes:forget", {
  { "now", "boolean", default = false, "true: also while a case or a request is under way" },
})

local KINDS = sorted_keys(kinds.machines)

--- Under which token a store finds the case of a client who was forgotten by Debitura's id, and for
-- how many seconds: a webhook may name nothing else, and come years later.
local CASE, CASE_KEPT = "forgotten_case/", 100 * 365 * 86400

--- The states in which something is still to come.
local UNDER_WAY = {
  link = { requesting = true, pending = true, expired = true, onboarding = true, onboarded = true,
    linked = true, incomplete = true },
  case = { awaited = true, submitting = true, parked = true },
  signing = { outstanding = true }, kyc = { outstanding = true, submitted = true },
}

--- What is noted of a record; that of one that does not open can be read all the same.
-- @tparam table record as a store gives it
-- @treturn table
function privacy.data_of(record)
  local data = record.data and core.json.decode(record.data)
  return type(data) == "table" and data or {}
end

--- Whether something about a record is still to come; a case that Debitura has, until it is closed.
-- @tparam table record as a store gives it
-- @treturn boolean
function privacy.is_under_way(record)
  if UNDER_WAY[record.kind][record.state] then return true end
  return record.kind == "case" and record.state == "created"
    and privacy.data_of(record).lifecycle ~= "Closed"
end

--- Gives each record of a client to a function: true, or nil and a failure.
function privacy.each_record(store, tenant, visit)
  for _, kind in ipairs(KINDS) do
    local done, err = each_row(store, "records", { kind = kind, tenant = tenant }, visit)
    if not done then return nil, err end
  end
  return true
end

--- The ids under which Debitura has and had a case.
local function ids_of(record)
  local data, ids = privacy.data_of(record), {}
  for _, id in ipairs { data.case_id or false, unpack(null.table(data.earlier)) } do
    if inbound.is_tenant(id) then ids[#ids + 1] = id end
  end
  return ids
end

-- Forgetting --------------------------------------------------------------------------------------

--- What of a client's is under way, and under which names further events of it came, with the
-- cases of these ids; `any` is one of its records.
local function look(runner, tenant)
  local found, owners, cases, last = nil, {}, {}, nil
  local done, err = privacy.each_record(runner.store, tenant, function(record)
    if record.kind == "link" or not last then last = record end
    if not found and privacy.is_under_way(record) then found = record end
    for _, id in ipairs(ids_of(record)) do
      owners[#owners + 1], cases[#cases + 1] = id, record.name
    end
  end)
  if not done then return nil, err end
  return { under_way = found, owners = owners, cases = cases, any = last }
end

--- Writes down whose the cases are of a client that is about to be forgotten. The records say
-- whether that came about.
local function note_cases(runner, tenant, seen)
  local now = runner.clock()
  for i, id in ipairs(seen.owners) do
    local place = core.json.encode { tenant = tenant, name = seen.cases[i] }
    local kept, err = runner.store:token_put(CASE .. id, place, now + CASE_KEPT, now)
    if not kept then return nil, err end
  end
  return true
end

local function refused(record)
  local name = record.name ~= "" and record.kind .. " " .. record.name or "the " .. record.kind
  return failure.new {
    kind = "conflict", type = "UnderWay", operation = "recipes.forget",
    message = ("nothing was forgotten: %s is %s; withdraw or close it first, or forget it now")
      :format(name, record.state),
  }
end

--- Forgets a client; `Recipes:forget` calls it.
-- @tparam table runner
-- @tparam string tenant
-- @tparam[opt] table given see `privacy.forget_options`
-- @tparam[opt] number unchanged_since only where no record was changed after then, else false
-- @return as Recipes:forget
function privacy.forget(runner, tenant, given, unchanged_since)
  check_tenant(tenant)
  local wanted = privacy.forget_options:read(given)
  if name_problem(tenant) then return 0 end
  local seen, err = look(runner, tenant)
  if not seen then return nil, err end
  local tokens = runner.context.partner.client_tokens
  if seen.under_way and not wanted.now then return nil, refused(seen.under_way) end
  -- That it was asked for is kept, from before anything is blanked.
  local noted = true
  if seen.any then
    noted, err = runner.store:record_note({ kind = seen.any.kind, tenant = tenant,
      name = seen.any.name }, { event = "forget" }, runner.clock())
  end
  if noted ~= nil then noted, err = note_cases(runner, tenant, seen) end
  if noted == nil then return nil, err end
  return runner.store:forget {
    tenant = tenant, kinds = KINDS, owners = seen.owners, now = runner.clock(),
    unchanged_since = unchanged_since, tokens = tokens and { tokens:key(tenant) },
  }
end

--- Whether a case was a client's who was forgotten; not one that the client has begun anew with.
local function is_forgotten_case(runner, id)
  if not inbound.is_tenant(id) then return false end
  local kept, err = runner.store:token(CASE .. id, runner.clock())
  if not kept then return kept, err end
  local place = core.json.decode(kept)
  local cases
  cases, err = runner.store:records_named("case", place.tenant, { place.name })
  if not cases then return nil, err end
  if not cases[1] or cases[1].state == contract.forgotten then return true end
  for _, own in ipairs(ids_of(cases[1])) do
    if own == id then return false end
  end
  return true
end

--- Whether an event is about a client that was forgotten.
-- @tparam table runner
-- @tparam table event
-- @tparam table found the records that it is about, by their kind
-- @treturn[1] boolean
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function privacy.is_forgotten(runner, event, found)
  local _, record = next(found)
  if record then return record.state == contract.forgotten end
  local tenant = inbound.tenant(event)
  if not tenant then return is_forgotten_case(runner, null.field(event.data, "caseId")) end
  if name_problem(tenant) then return false end
  local state, err = records.state(runner.store, "link", tenant, "")
  if state == nil then return nil, err end
  return state == contract.forgotten
end

-- Export ------------------------------------------------------------------------------------------

--- Gathers the rows of a listing.
local function all(store, verb, filter)
  local rows = {}
  local done, err = each_row(store, verb, filter, function(row) rows[#rows + 1] = row end)
  if not done then return nil, err end
  return rows
end

local function with_history(store, record)
  local lines, err = all(store, "record_history",
    { kind = record.kind, tenant = record.tenant, name = record.name })
  if not lines then return nil, err end
  record.history = lines
  return record
end

local function events_of(store, owners)
  local events = {}
  for _, owner in ipairs(owners) do
    local done, err = each_row(store, "inbox_list", { tenant = owner }, function(row)
      local item, failed = store:inbox_item(row.id)
      if item == nil then return nil, failed end
      events[#events + 1] = item or row
    end)
    if not done then return nil, err end
  end
  return events
end

--- Gathers what is kept of a client; `Recipes:export` calls it.
-- @tparam table runner
-- @tparam string tenant
-- @return as Recipes:export
function privacy.export(runner, tenant)
  check_tenant(tenant)
  if name_problem(tenant) then return false end
  local store, kept, owners = runner.store, {}, { tenant }
  local done, err = privacy.each_record(store, tenant, function(record)
    local complete, problem = with_history(store, record)
    if not complete then return nil, problem end
    kept[#kept + 1] = complete
    for _, id in ipairs(ids_of(record)) do owners[#owners + 1] = id end
  end)
  if not done then return nil, err end
  local jobs, events
  jobs, err = all(store, "jobs", { tenant = tenant })
  if not jobs then return nil, err end
  events, err = events_of(store, owners)
  if not events then return nil, err end
  if not kept[1] and not jobs[1] and not events[1] then return false end
  return { tenant = tenant, records = kept, jobs = jobs, events = events }
end

return privacy
