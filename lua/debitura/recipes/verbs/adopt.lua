--- Adoption: takes over what exists at Debitura, such as what yesterday's code has linked, so that
-- it is followed like the rest.
--
-- GET /clients tells of clients with an active link and of those in the onboarding, GET /cases of
-- their cases; of links that wait for the customer only the platform can tell. No customer is
-- written to: no delivery is enqueued, no reminder for a time that has passed, and what is found to
-- be signed is recorded and not asked for. What is in the store already stays as it is, so that a
-- run that was stopped is run again.
-- @module debitura.recipes.verbs.adopt

local cases = require("debitura.recipes.cases")
local contract = require("debitura.store.contract")
local core = require("debitura.core")
local each_listed = require("debitura.recipes.each_listed")
local hosted_url = require("debitura.recipes.hosted_url")
local interpret = require("debitura.recipes.interpret")
local look_up = require("debitura.recipes.steps.look_up")
local merged = require("debitura.base.merged")
local name_problem = require("debitura.store.names").problem
local null = require("debitura.base.null")
local options = require("debitura.base.options")
local plan = require("debitura.workflow.plan")
local recipe_options = require("debitura.recipes.options")
local records = require("debitura.workflow.records")
local request_payload = require("debitura.recipes.payload")
local time = require("debitura.base.time")

local adopt = {}

local field, text = null.field, null.text

local DAY = 86400
local PAGE = 100

adopt.options = options.define("recipes:adopt", {
  { "pending", "table", default = {}, annotation = "debitura.PendingLink[]",
    "links that wait for their customers' approval: an array of `{ payload, url, "
      .. "requested_at, expires_at }`" },
  { "check", "boolean", default = true, "false leaves payloads to Debitura's own checks" },
  { "dry_run", "boolean", "true: tell what would be adopted and do nothing" },
  { "on_progress", "function",
    annotation = "fun(step: debitura.AdoptionStep): boolean?",
    "is called with each step, and ends the adoption by returning false" },
})

local Walk = {}
Walk.__index = Walk

--- Counts and reports what became of a client: whether to go on.
function Walk:tell(result, tenant, more)
  local step = merged({ result = result, tenant = tenant }, more)
  self.counts.total, self.counts[result] = self.counts.total + 1, self.counts[result] + 1
  self.stopped = self.on_progress ~= nil and self.on_progress(step) == false
  return not self.stopped
end

-- What the platform tells -------------------------------------------------------------------------

--- A failure in one line.
local function reason_of(err)
  local parts = {}
  for name, problems in pairs(err.fields or {}) do
    parts[#parts + 1] = name .. ": " .. table.concat(problems, "; ")
  end
  table.sort(parts)
  return parts[1] and table.concat(parts, ", ") or err.message
end

--- A time as the platform gives it: whether it is one or left out, and the seconds.
local function moment(value)
  value = null.given(value)
  local is_number = type(value) == "number" and math.abs(value) < math.huge
  if value == nil or is_number then return true, value end
  local seconds = time.parse(value)
  return seconds ~= nil, seconds
end

--- Reads a row of `pending`: what is known of the link, or nil and what is wrong.
function Walk:read(row)
  local payload = null.given(field(row, "payload"))
  if type(payload) ~= "table" then
    return nil, "payload: CreateClientRequest is missing"
  end
  local tenant, references = request_payload.identify(payload)
  if not tenant then return nil, reason_of(references) end
  local encoded, err = request_payload.encode(payload, self.check, self.now)
  if not encoded then return nil, reason_of(err) end
  local known = { tenant = tenant, references = references, payload = encoded }
  for _, name in ipairs { "requested_at", "expires_at" } do
    local is_one
    is_one, known[name] = moment(row[name])
    if not is_one then return nil, name .. ": a time is expected, as ISO 8601 or Unix seconds" end
  end
  local url = null.given(row.url)
  known.url = hosted_url.accept(url)
  if url ~= nil and not known.url then return nil, "url: an http or https URL is expected" end
  return known
end

--- Reads what the platform tells, by tenant and in its order. A client that it tells of wrongly is
-- not adopted without its payload: the next run would find it there.
function Walk:read_pending(rows)
  self.told, self.order, self.refused = {}, {}, {}
  for i, row in ipairs(rows) do
    local tenant = text(field(row, "payload"), "externalTenantId")
    local known, problem = self:read(row)
    if known and self.told[tenant] then known, problem = nil, "told of twice" end
    if known then
      self.told[tenant], self.order[#self.order + 1] = known, known
    else
      if tenant and not self.told[tenant] then self.refused[tenant] = true end
      if not self:tell("refused", tenant, { row = i, reason = problem }) then return end
    end
  end
end

-- Links -------------------------------------------------------------------------------------------

--- A payload made of what Debitura says of a client: it tells whom to write to.
local function payload_of(row)
  local client, users = field(row, "client"), core.json.array {}
  for i, user in ipairs(null.table(field(row, "users"))) do
    local name = ("%s %s"):format(text(user, "firstName") or "", text(user, "lastName") or "")
    users[i] = { name = name:match("^%s*(.-)%s*$"), email = text(user, "email") }
  end
  return assert(core.json.encode {
    externalTenantId = row.externalTenantId, users = users, cases = core.json.array {},
    client = { name = text(client, "companyName"), country = text(client, "country"),
      supportEmail = text(client, "officeEmail") },
  })
end

--- What is adopted of a client whom Debitura has. One whose attribution it does not tell is none of
-- the partner's own.
local function event_of_client(row, client, known)
  local is_own, event = client.attributed == "yes", {
    name = "adopt.linked", variant = "approval", attributed = client.attributed,
    signed = client.signed or nil, payload = known and known.payload or payload_of(row),
  }
  if is_own then
    event.name = client.signed and "adopt.onboarded" or "adopt.onboarding"
    event.variant, event.requested_at = "onboarding", time.parse(text(row, "dateLinked"))
    event.url = not client.signed and client.url or nil
  end
  return event
end

--- What is adopted of a link that waits for its customer. A window of which no end is known lasts
-- no longer than one that begins now.
function Walk:event_of_pending(known)
  local window, from = self.runner.terms.window_days * DAY, known.requested_at
  local ends = known.expires_at or (from or self.now) + window
  local over = ends <= self.now
  return {
    name = over and "adopt.exhausted" or "adopt.pending", variant = "approval",
    payload = known.payload, requested_at = from, expires_at = ends,
    url = not over and known.url or nil,
    url_digest = known.url and core.digest.sha256(known.url),
  }
end

--- Puts a link into the store, unless there is one.
-- @treturn[1] boolean whether to go on
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Walk:link(tenant, event, references)
  local state, err = records.state(self.runner.store, "link", tenant, "")
  if state == nil then return nil, err end
  if state then return self:tell("known", tenant, { state = state }) end
  event.at, event.terms, event.quiet = self.now, self.runner.terms, true
  local news, work = cases.with_link(tenant, event, references), self.runner:begin()
  local made
  if self.dry_run then
    made, err = plan.make(self.runner, news, self.now)
  else
    made, err = work:apply(news)
  end
  if not made then return nil, err end
  if self.dry_run then made.word, self.would[tenant] = "moved", true end
  if made.word == "moved" and event.in_steps and not self.dry_run then
    local done, failed = work:go_on()
    if not done then return nil, failed end
  end
  return self:tell(made.word == "moved" and "adopted" or "known", tenant,
    { state = made.records[#made.records].state })
end

--- A row of GET /clients.
function Walk:client(row)
  local tenant = text(row, "externalTenantId")
  local problem = request_payload.tenant_problem(tenant)
  if problem then
    return self:tell("refused", tenant, { reason = "externalTenantId: " .. problem })
  end
  local known = self.told[tenant]
  self.told[tenant] = nil
  if self.refused[tenant] then return true end
  return self:link(tenant, event_of_client(row, look_up.read_client(row), known),
    known and known.references or {})
end

--- Those of whom the platform tells, and Debitura does not.
function Walk:pending()
  for _, known in ipairs(self.order) do
    if self.told[known.tenant] then
      local on, err = self:link(known.tenant, self:event_of_pending(known), known.references)
      if not on then return on, err end
    end
  end
  return true
end

-- Cases -------------------------------------------------------------------------------------------

--- Whether cases of a tenant are followed.
function Walk:follows(tenant)
  if self.would[tenant] then return true end
  local state, err = records.state(self.runner.store, "link", tenant, "")
  if state == nil then return nil, err end
  return state ~= false and state ~= contract.forgotten
end

--- Puts cases of one tenant into the store that are not there.
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Walk:cases_of(tenant, events)
  local follows, err = self:follows(tenant)
  if not follows then return follows == false or nil, err end
  local names, targets = {}, {}
  for name in pairs(events) do names[#names + 1] = name end
  local page
  page, err = self.runner.store:records_named("case", tenant, names)
  if not page then return nil, err end
  for _, case in ipairs(page) do events[case.name] = nil end
  for name, event in pairs(events) do
    targets[#targets + 1] = { name = name, event = event }
  end
  self.counts.cases = self.counts.cases + #targets
  if self.dry_run then return true end
  return cases.tell(self.runner:begin(), tenant, "adopt", targets)
end

--- Puts a page of cases into the store, those of one tenant in one step.
function Walk:cases(page)
  for tenant, events in pairs(page) do
    local done, err = self:cases_of(tenant, events)
    if not done then return nil, err end
  end
  return true
end

--- Adds a row of GET /cases to a page. A case without a reference of the creditor's has no name by
-- which it could be followed.
function Walk:case(page, row)
  local tenant = text(field(row, "client"), "externalTenantId")
  local reference, event = text(row, "creditorReference"), interpret.case_of(row)
  if not tenant or request_payload.tenant_problem(tenant) then return end
  if not event.case_id or not reference or reference == "" or name_problem(tenant, reference) then
    self.counts.unnamed = self.counts.unnamed + 1
    return
  end
  page[tenant] = page[tenant] or {}
  page[tenant][reference] = event
end

function Walk:all_cases()
  local page, count = {}, 0
  local listing = self.runner.context.partner.cases:list { PageSize = PAGE,
    Sort = "DateCreated:asc" }
  local done, err = each_listed(listing, function(row)
    self:case(page, row)
    count = count + 1
    if count % PAGE ~= 0 then return true end
    local full = page
    page = {}
    return self:cases(full)
  end)
  if not done then return nil, err end
  return self:cases(page)
end

function Walk:clients()
  local listing = self.runner.context.partner.clients:list { PageSize = PAGE,
    Sort = "dateCreated:asc" }
  return each_listed(listing, function(row) return self:client(row) end)
end

--- Adopts; `Recipes:adopt` calls it.
-- @tparam table runner
-- @tparam[opt] table given see `adopt.options`
-- @return as Recipes:adopt
function adopt.run(runner, given)
  local read = adopt.options:read(given)
  local err = recipe_options.unreachable(runner.context, "recipes.adopt")
  if err then return nil, err end
  local walk = setmetatable({
    runner = runner, now = runner.clock(), check = read.check, dry_run = read.dry_run,
    on_progress = read.on_progress, would = {},
    counts = { total = 0, adopted = 0, known = 0, refused = 0, cases = 0, unnamed = 0 },
  }, Walk)
  walk:read_pending(read.pending)
  for _, step in ipairs { walk.clients, walk.pending, walk.all_cases } do
    if walk.stopped then break end
    local on
    on, err = step(walk)
    if on == nil then return nil, err, walk.counts end
  end
  return walk.counts
end

return adopt
