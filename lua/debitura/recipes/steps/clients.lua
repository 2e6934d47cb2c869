--- Looks at clients, many at a time: one call for each client, or where many are due, the pages of
-- GET /clients.
-- @module debitura.recipes.steps.clients

local each_listed = require("debitura.recipes.each_listed")
local each_row = require("debitura.store.each_row")
local jobs = require("debitura.workflow.jobs")
local link_machine = require("debitura.recipes.link")
local look_up = require("debitura.recipes.steps.look_up")
local null = require("debitura.base.null")
local protected = require("debitura.async.protected")
local task = require("debitura.async.task")

local clients = {}

local DAY = 86400
local MANY = 100 -- looks that are due besides, from which on pages are read
local FRESH = 600 -- seconds for which what pages say is believed
local PAGE = 100
local POLL = 0.005 -- seconds between two looks whether the pages have been read meanwhile
local SCANNED = 1000 -- jobs that are gone through to count the looks
local LOOKS = { watch_client = true, watch_ended = true, watch_kyc = true, watch_signing = true,
  remind = true }

--- How long a look is repeated every day, before it is repeated every week.
local DAILY = 30 * DAY

--- How many looks are due besides the one that is under way, of those that can be told soon.
local function due_looks(work)
  local now, count, seen = work:clock(), 0, 0
  local needs = { "" }
  for _, each in ipairs(work.runner.can) do needs[#needs + 1] = each end
  for _, each in ipairs(needs) do
    local read, err = each_row(work.store, "jobs", { needs = each, due_by = now }, function(job)
      count, seen = count + (LOOKS[job.kind] and 1 or 0), seen + 1
      return seen < SCANNED
    end)
    if not read then return nil, err end
  end
  return count
end

--- How many links there are.
-- @tparam table work
-- @tparam[opt] table states as keys: in these only
-- @treturn[1] number
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function clients.count(work, states)
  local counts, err = work.store:counts()
  if not counts then return nil, err end
  local links = 0
  for _, row in ipairs(counts) do
    local is_link = row.of == "record" and row.kind == "link"
    if is_link and (not states or states[row.state]) then links = links + row.count end
  end
  return links
end

--- Whether pages tell what is due by fewer calls.
local function are_many(work)
  local count, err = due_looks(work)
  if not count then return nil, err end
  if count < MANY then return false end
  local had
  had, err = clients.count(work, link_machine.had)
  if not had then return nil, err end
  return math.ceil(had / PAGE) < count
end

--- All clients with an active link, by tenant.
local function read_pages(work)
  local found = {}
  local listing = work.context.partner.clients:list { PageSize = PAGE, Sort = "dateCreated:asc" }
  local read, err = each_listed(listing, function(row)
    local tenant = null.text(row, "externalTenantId")
    if tenant then found[tenant] = look_up.read_client(row) end
    return true
  end)
  return read and found, err
end

--- Reads the pages, where they are fewer calls.
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure
local function look_at_all(work)
  work.clients = nil
  local many, err = are_many(work)
  if many then work.clients, err = read_pages(work) end
  if err then return nil, err end
  work.looked_at = work:clock()
  return true
end

--- How a client stands; see `look_up.client`. Of many looks in one go the answer may be some
-- minutes old.
-- @tparam table work see debitura.workflow.work
-- @tparam string tenant
-- @treturn[1] table|false
-- @treturn[2] nil
-- @treturn[2] table failure of a call, or of the store
function clients.find(work, tenant)
  local waiter = task.waiter()
  while work.looking and waiter do waiter.sleep(POLL) end
  if not work.looked_at or work:clock() - work.looked_at >= FRESH then
    work.looking = true
    local ran, results = protected(function() return look_at_all(work) end)
    work.looking = nil
    if not ran then error(results[1], 0) end
    if not results[1] then return nil, results[2] end
  end
  if work.clients then return work.clients[tenant] or false end
  return look_up.client(work.context, tenant)
end

--- What says of a client that its link carries no call.
local DOUBTS = { not_found = true, link_invalid = true }

--- Where something says that Debitura does not have a client, that is to be confirmed.
-- @tparam table work
-- @tparam string tenant
-- @tparam[opt] table err failure of a call; without one the client was not found
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function clients.doubt(work, tenant, err)
  if err and not DOUBTS[err.kind] then return true end
  local told
  told, err = work:apply_to({ kind = "link", tenant = tenant, name = "" },
    { name = "client.doubted" })
  return told and true, err
end

--- Leaves a look for the next day, or after a month for the next week.
-- @tparam table work
-- @tparam table job
-- @tparam string problem
-- @tparam[opt] number pause seconds; default: as told
-- @treturn[1] string "waiting"
-- @treturn[1] table details
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function clients.wait(work, job, problem, pause)
  local now = work:clock()
  pause = pause or (now - job.created_at < DAILY and DAY or 7 * DAY)
  local released, err = work.store:job_release(job, now + pause, problem)
  if released == nil then return nil, err end
  return "waiting", { problem = problem }
end

--- Leaves a look for later whose call failed: nothing but an answer ends it. What no time seems to
-- mend is tried as seldom as what waits.
-- @tparam table work
-- @tparam table job
-- @tparam table err
-- @treturn[1] string
-- @treturn[1] table details
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function clients.look_again(work, job, err)
  if not jobs.LASTING[err.kind] or job.attempt < jobs.ATTEMPTS then
    return work:retry_later(job, err)
  end
  local word, details = clients.wait(work, job, tostring(err):sub(1, jobs.PROBLEM_MAX))
  return word and "failed", details
end

return clients
