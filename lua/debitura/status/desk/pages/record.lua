--- The desk's pages of one link and of one case: who, what, and all that happened.
-- @module debitura.status.desk.pages.record

local actions = require("debitura.status.desk.actions")
local address = require("debitura.status.desk.address")
local case_machine = require("debitura.recipes.case")
local causes = require("debitura.status.desk.causes")
local customer = require("debitura.recipes.customer")
local link_machine = require("debitura.recipes.link")
local list_pages = require("debitura.status.desk.pages.lists")
local lists = require("debitura.status.desk.lists")
local records = require("debitura.workflow.records")
local signing_machine = require("debitura.recipes.signing")

local pages = {}

--- Rows of each kind that one page shows.
local MOST = 200

local function moment(at)
  return at and { at = at }
end

--- The record of a place as it is, also where it does not open; false when there is none.
local function find(store, kind, tenant, name)
  if not (tenant and lists.askable(tenant) and lists.askable(name)) then return false end
  local page, err = store:records_named(kind, tenant, { name })
  if not page then return nil, err end
  return page[1] or false
end

local function facts_of(record, machine, view)
  local read = records.read(record)
  local data, personal = read and read.data or {}, view.desk.personal
  return data, {
    { "State", ("%s: %s"):format(record.state, machine.states[record.state] or "") },
    { "Reason", causes.reason(record.reason, personal) },
    { "Debitura says", personal and record.result or nil },
    { "Does not open", record.unreadable and { level = "fail",
      text = record.unreadable.message } or nil },
  }
end

local function add(rows, more)
  for _, row in ipairs(more) do rows[#rows + 1] = row end
  return rows
end

-- The timeline ------------------------------------------------------------------------------------

--- A line of history; of what an operator did it is shown who that was.
local function line_of(line, view)
  local is_own = line.event:find("^desk%.") ~= nil
  local moved = line.from_state ~= line.to_state and line.to_state
    and ("%s → %s"):format(line.from_state or "none", line.to_state) or line.to_state
  local note = line.note
  if not is_own and not view.desk.personal then note = nil end
  return { at = line.at, { at = line.at }, line.event,
    line.name ~= "" and line.kind .. " " .. line.name or line.kind, moved,
    is_own and note and "by " .. note or note }
end

local function job_line(job, view)
  local at = job.ended_at or job.created_at
  local what = "job " .. job.kind .. (job.channel and " by " .. job.channel or "")
  return { at = at, { at = at }, what,
    job.name ~= "" and job.record .. " " .. job.name or job.record, job.state,
    -- What came of a job that is done is a word of the recipes.
    job.state == "done" and job.result or causes.shown(job.result, view.desk.personal) }
end

local function event_line(event, view)
  return { at = event.received_at, { at = event.received_at }, "webhook " .. event.event, event.id,
    event.state, causes.shown(event.result, view.desk.personal) }
end

--- What happened, in its order; how many lines at most of each kind.
local function timeline(lines, is_cut)
  for i, line in ipairs(lines) do line.order = i end
  table.sort(lines, function(a, b)
    if a.at ~= b.at then return a.at < b.at end
    return a.order < b.order
  end)
  return { kind = "table", title = is_cut and ("What happened: %d of each kind")
    :format(MOST) or "What happened", rows = lines, empty = "Nothing is kept.",
    columns = { "When", "What", "Of", "State", "Result" } }
end

local function history(store, kind, tenant, name, after)
  return store:record_history { kind = kind, tenant = tenant, name = name, limit = MOST,
    after = after }
end

--- From which line of its history on a record is shown.
local function first_line(view)
  local seq = view.params.history or ""
  return seq:find("^%d+$") and #seq < 16 and tonumber(seq) or nil
end

--- The way to the lines behind those of a page.
local function later(lines, page, query)
  if #lines < MOST then return { kind = "links", links = {} } end
  query[#query + 1] = { "history", ("%d"):format(lines[#lines].seq) }
  return { kind = "links", label = "History",
    links = { address.link("What happened later", page, query) } }
end

-- One link ----------------------------------------------------------------------------------------

--- What is listed beside a link, as it is had from the store.
local PARTS = {
  cases = function(store, tenant)
    return store:records { kind = "case", tenant = tenant, limit = MOST }
  end,
  jobs = function(store, tenant) return store:jobs { tenant = tenant, limit = MOST } end,
  events = function(store, tenant) return store:inbox_list { tenant = tenant, limit = MOST } end,
}
for _, kind in ipairs { "link", "signing", "kyc" } do
  PARTS[kind .. "_history"] = function(store, tenant, after)
    return history(store, kind, tenant, "", kind == "link" and after or nil)
  end
end

local function gather(store, tenant, after)
  local found, is_cut = {}, false
  for name, read in pairs(PARTS) do
    local page, err = read(store, tenant, after)
    if not page then return nil, err end
    found[name], is_cut = page, is_cut or #page == MOST
  end
  return found, is_cut
end

local function link_timeline(found, is_cut, view)
  local lines = {}
  for _, name in ipairs { "link_history", "signing_history", "kyc_history" } do
    for _, line in ipairs(found[name]) do lines[#lines + 1] = line_of(line, view) end
  end
  for _, event in ipairs(found.events) do lines[#lines + 1] = event_line(event, view) end
  for _, job in ipairs(found.jobs) do
    if job.state ~= "open" then lines[#lines + 1] = job_line(job, view) end
  end
  return timeline(lines, is_cut)
end

--- Rows as their list shows them, without whose they are.
local function table_of(name, title, rows, view)
  local columns, lines = {}, {}
  local function without_tenant(cells)
    local kept = {}
    for i, column in ipairs(list_pages.shown[name].columns) do
      if column ~= "Tenant" then
        columns[#kept + 1] = column
        kept[#kept + 1] = cells[i] or ""
      end
    end
    return kept
  end
  for i, row in ipairs(rows) do lines[i] = without_tenant(list_pages.shown[name].row(row, view)) end
  return { kind = "table", title = title, columns = columns, rows = lines,
    empty = "There are none." }
end

local function signings(view, tenant)
  local rows = {}
  for _, kind in ipairs { "signing", "kyc" } do
    local record, err = find(view.store, kind, tenant, "")
    if record == nil then return nil, err end
    if record then
      rows[#rows + 1] = { kind == "kyc" and "identity check" or kind, record.state,
        signing_machine.states[record.state], moment(record.undelivered_since),
        moment(record.updated_at),
        actions.link(view, "deliver_" .. kind, { { "tenant", tenant } }, record) }
    end
  end
  return { kind = "table", title = "Signings and identity checks", rows = rows,
    columns = { "Kind", "State", "Meaning", "Undelivered since", "Moved",
      "Action" } }
end

--- What a link is like, and what can be done about it.
local function about(link, view)
  local data, rows = facts_of(link, link_machine, view)
  local name, written
  if view.desk.personal then name, written = customer.of(link) end
  add(rows, {
    { "Customer", name }, { "Address", written },
    { "Generation", ("%d"):format(link.generation) }, { "Variant", data.variant },
    { "Attributed", data.attributed },
    { "URL", link.url and "there is one, which is not shown" or "none" },
    { "Requested", moment(link.requested_at) }, { "Expires", moment(link.expires_at) },
    { "Undelivered since", moment(link.undelivered_since) },
    { "Cases", list_pages.cases_of(data) },
    { "Created", moment(link.created_at) }, { "Moved", moment(link.updated_at) },
  })
  return { kind = "facts", rows = rows }, actions.of_link(view, link)
end

--- A title, which says when it is of some rows only.
local function titled(title, page)
  return #page == MOST and ("%s, among the first %d"):format(title, MOST) or title
end

local function all_of(tenant)
  local links = {}
  for i, list in ipairs { "cases", "jobs", "inbox" } do
    links[i] = address.link("All " .. (list == "inbox" and "webhooks" or list), list,
      { { "tenant", tenant } })
  end
  return links
end

--- Whether there is anything of a tenant that has no link, such as cases that were submitted.
local function is_known(found)
  for _, page in pairs(found) do
    if page[1] then return true end
  end
  return false
end

--- The page of a link, or of a tenant who has none.
function pages.link(view)
  local tenant = view.params.tenant
  if not (tenant and lists.askable(tenant)) then return false end
  local link, err = find(view.store, "link", tenant, "")
  if link == nil then return nil, err end
  local found, is_cut = gather(view.store, tenant, first_line(view))
  if not found then return nil, is_cut end
  if not link and not is_known(found) then return false end
  local facts, ways = { kind = "text", text = "There is no link of this tenant." }, nil
  if link then facts, ways = about(link, view) end
  local open = {}
  for _, job in ipairs(found.jobs) do
    if job.state ~= "done" then open[#open + 1] = job end
  end
  local signed
  signed, err = signings(view, tenant)
  if not signed then return nil, err end
  return { title = tenant, blocks = {
    facts, ways or { kind = "links", links = {} },
    table_of("jobs", titled("Open jobs, and those given up", found.jobs), open, view),
    table_of("cases", titled("Cases", found.cases), found.cases, view), signed,
    link_timeline(found, is_cut, view),
    later(found.link_history, "link", { { "tenant", tenant } }),
    { kind = "links", label = "All of this tenant's", links = all_of(tenant) },
  } }
end

--- The page of a case.
function pages.case(view)
  local tenant, name = view.params.tenant, view.params.name or ""
  local case, err = find(view.store, "case", tenant, name)
  if not case then return case, err end
  local data, rows = facts_of(case, case_machine, view)
  add(rows, {
    { "Tenant", address.tenant(tenant) }, { "Origin", case.origin },
    { "Lifecycle", data.lifecycle }, { "Close code", data.close_code },
    { "Case id", data.case_id }, { "Reference", data.reference },
    { "Attempts", ("%d"):format(case.generation) },
    { "Created", moment(case.created_at) }, { "Moved", moment(case.updated_at) },
  })
  local written
  written, err = history(view.store, "case", tenant, name, first_line(view))
  if not written then return nil, err end
  local lines = {}
  for i, line in ipairs(written) do lines[i] = line_of(line, view) end
  return { title = name, blocks = {
    { kind = "facts", rows = rows }, timeline(lines, #written == MOST),
    later(written, "case", { { "tenant", tenant }, { "name", name } }),
  } }
end

return pages
