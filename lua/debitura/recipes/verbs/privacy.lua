--- What is kept of one client: all of it in one table, and none of it.
-- @module debitura.recipes.verbs.privacy

local core = require("debitura.core")
local failure = require("debitura.base.failure")
local kinds = require("debitura.recipes.kinds")
local options = require("debitura.base.options")
local usage = require("debitura.base.usage")

local privacy = {}

privacy.forget_options = options.define("recipes:forget", {
  { "now", "boolean", default = false, doc = "true: also while a case or a request is under way" },
})

local KINDS = {}
for kind in pairs(kinds.machines) do KINDS[#KINDS + 1] = kind end
table.sort(KINDS)

--- The states in which something is still to come.
local UNDER_WAY = {
  link = { requesting = true, pending = true, expired = true, onboarding = true, onboarded = true,
    linked = true, incomplete = true },
  case = { awaited = true, submitting = true, parked = true },
  signing = { outstanding = true }, kyc = { outstanding = true, submitted = true },
}

--- What is noted of a record; that of one that does not open can be read all the same.
local function data_of(record)
  local data = record.data and core.json.decode(record.data)
  return type(data) == "table" and data or {}
end

--- Whether something about a record is still to come; a case that Debitura has, until it is closed.
local function is_under_way(record)
  if UNDER_WAY[record.kind][record.state] then return true end
  return record.kind == "case" and record.state == "created"
    and data_of(record).lifecycle ~= "Closed"
end

--- Gives each row of a listing to a function, page by page: true, or nil and a failure. Pages of
-- history and of the inbox go on after a `seq`.
local function each(list, filter, visit)
  local by_number = filter.after == 0
  while true do
    local page, err = list(filter)
    if not page then return nil, err end
    for _, row in ipairs(page) do
      local going, problem = visit(row)
      if going == nil and problem then return nil, problem end
    end
    if #page == 0 then return true end
    filter.after = by_number and page[#page].seq or page[#page]
  end
end

local function each_record(store, tenant, visit)
  for _, kind in ipairs(KINDS) do
    local done, err = each(function(filter) return store:records(filter) end,
      { kind = kind, tenant = tenant }, visit)
    if not done then return nil, err end
  end
  return true
end

-- Forgetting --------------------------------------------------------------------------------------

--- What of a client's is under way, and under which names further events of it came.
local function look(runner, tenant)
  local found, owners = nil, {}
  local done, err = each_record(runner.store, tenant, function(record)
    if not found and is_under_way(record) then found = record end
    owners[#owners + 1] = data_of(record).case_id
  end)
  if not done then return nil, err end
  return { under_way = found, owners = owners }
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
-- @return as Recipes:forget
function privacy.forget(runner, tenant, given)
  usage.check(type(tenant) == "string" and tenant ~= "", "recipes:forget: a tenant expected")
  local wanted = privacy.forget_options:read(given)
  local seen, err = look(runner, tenant)
  if not seen then return nil, err end
  local tokens = runner.context.partner.client_tokens
  if seen.under_way and not wanted.now then return nil, refused(seen.under_way) end
  return runner.store:forget {
    tenant = tenant, kinds = KINDS, owners = seen.owners, now = runner.clock(),
    tokens = tokens and { tokens:key(tenant) },
  }
end

-- Retention ---------------------------------------------------------------------------------------

local PAGES, PAGE = 10, 100

--- Drops the webhooks that were done longer ago than they are to be kept, a thousand at most: the
-- next sweep goes on.
-- @tparam table runner
-- @treturn[1] number how many
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function privacy.retain(runner)
  local before, dropped = runner.clock() - runner.context.inbox_kept, 0
  for _ = 1, PAGES do
    local count, err = runner.store:inbox_forget(before, PAGE)
    if not count then return nil, err end
    dropped = dropped + count
    if count < PAGE then break end
  end
  return dropped
end

-- Export ------------------------------------------------------------------------------------------

--- Gathers the rows of a listing.
local function all(list, filter)
  local rows = {}
  local done, err = each(list, filter, function(row) rows[#rows + 1] = row end)
  if not done then return nil, err end
  return rows
end

local function with_history(store, record)
  local lines, err = all(function(filter) return store:record_history(filter) end,
    { kind = record.kind, tenant = record.tenant, name = record.name, after = 0 })
  if not lines then return nil, err end
  record.history = lines
  return record
end

local function events_of(store, owners)
  local events = {}
  for _, owner in ipairs(owners) do
    local done, err = each(function(filter)
      local page, failed = store:inbox_list(filter)
      for i, row in ipairs(page or {}) do
        local item
        item, failed = store:inbox_item(row.id)
        if item == nil then return nil, failed end
        page[i] = item or row
      end
      return page, failed
    end, { tenant = owner, after = 0 }, function(row) events[#events + 1] = row end)
    if not done then return nil, err end
  end
  return events
end

--- Gathers what is kept of a client; `Recipes:export` calls it.
-- @tparam table runner
-- @tparam string tenant
-- @return as Recipes:export
function privacy.export(runner, tenant)
  usage.check(type(tenant) == "string" and tenant ~= "", "recipes:export: a tenant expected")
  local store, records, owners = runner.store, {}, { tenant }
  local done, err = each_record(store, tenant, function(record)
    local complete, problem = with_history(store, record)
    if not complete then return nil, problem end
    records[#records + 1] = complete
    owners[#owners + 1] = data_of(record).case_id
  end)
  if not done then return nil, err end
  local jobs, events
  jobs, err = all(function(filter) return store:jobs(filter) end, { tenant = tenant })
  if not jobs then return nil, err end
  events, err = events_of(store, owners)
  if not events then return nil, err end
  if not records[1] and not jobs[1] and not events[1] then return false end
  return { tenant = tenant, records = records, jobs = jobs, events = events }
end

return privacy
