--- The desk's lists: links, cases, the inbox, jobs.
-- @module debitura.status.desk.pages.lists

local actions = require("debitura.status.desk.actions")
local address = require("debitura.status.desk.address")
local case_machine = require("debitura.recipes.case")
local causes = require("debitura.status.desk.causes")
local customer = require("debitura.recipes.customer")
local link_machine = require("debitura.recipes.link")
local lists = require("debitura.status.desk.lists")
local records = require("debitura.workflow.records")
local sorted_keys = require("debitura.base.sorted_keys")

local pages = {}

--- Failed jobs and events that are grouped by their cause.
local GROUPED = 500

local function moment(at)
  return at and { at = at }
end

--- What a record holds besides its columns; nothing where it cannot be opened.
local function data_of(row)
  local read = records.read(row)
  return read and read.data or {}
end

--- The cases of a link in a few words.
-- @tparam table data of the link
-- @treturn string
function pages.cases_of(data)
  local parts = { ("%d"):format(data.cases or 0) }
  for _, standing in ipairs { "awaited", "failed" } do
    local count = data[standing] or 0
    if count > 0 then parts[#parts + 1] = ("%d %s"):format(count, standing) end
  end
  return table.concat(parts, ", ")
end

local function states_of(machine)
  local names = sorted_keys(machine.states)
  table.insert(names, 1, "")
  return names
end

-- What each shows ---------------------------------------------------------------------------------

--- Of each list `title`, `fields` of its search, `columns`, `personal` (further ones, where those
-- are shown), `row(row, view)`, and `groups` where failures are grouped: the column that says what
-- failed, and how that is called.
local SHOWN = {
  links = {
    title = "Links",
    fields = {
      { name = "tenant", label = "Tenant begins with" },
      { name = "state", label = "State", values = states_of(link_machine) },
      { name = "older", label = "Not moved for, such as 7d" },
      { name = "expires", label = "Expires within, such as 2d" },
      { name = "undelivered", label = "Undelivered", checkbox = true },
    },
    columns = { "Tenant", "State", "Generation", "Undelivered since", "Expires", "Cases", "Moved" },
    personal = { "Customer", "Address" },
    row = function(row, view)
      local data, name, written = data_of(row), nil, nil
      if view.desk.personal then name, written = customer.of(row) end
      return { address.tenant(row.tenant), row.state, ("%d"):format(row.generation),
        moment(row.undelivered_since), moment(row.url and row.expires_at),
        pages.cases_of(data), moment(row.updated_at), name, written }
    end,
  },
  cases = {
    title = "Cases",
    fields = {
      { name = "tenant", label = "Tenant begins with" },
      { name = "state", label = "State", values = states_of(case_machine) },
      { name = "older", label = "Not moved for, such as 7d" },
    },
    columns = { "Case", "Tenant", "State", "Origin", "Lifecycle", "Reason", "Reference", "Moved" },
    row = function(row, view)
      local data = data_of(row)
      return { address.link(row.name, "case", { { "tenant", row.tenant }, { "name", row.name } }),
        address.tenant(row.tenant), row.state, row.origin, data.lifecycle,
        causes.reason(row.reason, view.desk.personal), data.reference, moment(row.updated_at) }
    end,
  },
  inbox = {
    title = "Inbox", groups = { "event", "Event" },
    fields = {
      { name = "state", label = "State", values = { "", "dead", "waiting", "open", "done" } },
      { name = "tenant", label = "Tenant" }, { name = "event", label = "Event" },
    },
    columns = { "Event", "Tenant", "State", "Attempt", "Came", "Result", "Id", "Action" },
    row = function(row, view)
      return { row.event, address.tenant(row.tenant), row.state, ("%d"):format(row.attempt),
        moment(row.received_at), causes.shown(row.result, view.desk.personal), row.id,
        actions.link(view, "revive_event", { { "id", row.id } }, row) }
    end,
  },
  jobs = {
    title = "Jobs", groups = { "kind", "Kind" },
    fields = {
      { name = "state", label = "State", values = { "", "dead", "open" } },
      { name = "tenant", label = "Tenant" }, { name = "kind", label = "Kind" },
      { name = "needs", label = "Needs, such as channel:email" },
    },
    columns = { "Kind", "Tenant", "Of", "State", "Attempt", "Needs", "Due", "Ended", "Result",
      "Action" },
    row = function(row, view)
      return { row.kind, address.tenant(row.tenant),
        row.name ~= "" and row.record .. " " .. row.name or row.record, row.state,
        ("%d"):format(row.attempt), row.needs, moment(row.due_at), moment(row.ended_at),
        causes.shown(row.result, view.desk.personal),
        actions.link(view, "revive_job", { { "id", row.key } }, row) }
    end,
  },
}

--- What rows of a list show, for pages that show some of them.
pages.shown = SHOWN

-- Blocks ------------------------------------------------------------------------------------------

local function search(name, filter)
  local fields = {}
  for i, field in ipairs(SHOWN[name].fields) do
    fields[i] = { name = field.name, label = field.label, values = field.values,
      checkbox = field.checkbox, value = filter[field.name] }
  end
  return { kind = "search", action = name, fields = fields, button = "Search" }
end

--- What was given up, by its cause.
local function groups(name, filter, view)
  local shown = SHOWN[name].groups
  if not shown or filter.tenant or filter.needs then return nil end
  if filter.state and filter.state ~= "dead" then return nil end
  local dead = { state = "dead" }
  local rows, err = lists.read(name, view.store, dead, { limit = GROUPED, now = view.now })
  if not rows then return nil, err end
  local lines = {}
  for i, group in ipairs(causes.group(rows, shown[1], view.desk.personal)) do
    lines[i] = { address.link(group.of, name, { { "state", "dead" }, { shown[1], group.of },
      { "cause", group.id } }), group.cause, ("%d"):format(group.count), moment(group.first),
      moment(group.last) }
  end
  local seen
  seen, err = view.desk:numbers()
  if not seen then return nil, err end
  return { kind = "table", rows = lines, columns = { shown[2], "Cause", "Count", "First", "Last" },
    title = rows.after and ("What was given up: of the first %d of %s"):format(GROUPED,
      lists.number(lists.total(name, dead, seen))) or "What was given up" }
end

--- What jobs wait for that not every process has.
local function needs(name, filter, view)
  if name ~= "jobs" or next(filter) then return nil end
  local seen, err = view.desk:numbers()
  if not seen then return nil, err end
  local lines = {}
  for i, row in ipairs(seen.needs) do
    lines[i] = { address.link(row.needs, "jobs", { { "needs", row.needs } }),
      ("%d"):format(row.open), row.served == "none"
        and { level = "warn", text = "no process has it" } or nil, moment(row.due_since) }
  end
  return { kind = "table", title = "What waits for a channel or function", rows = lines,
    columns = { "Need", "Open jobs", "Served", "First due" } }
end

local function columns_of(shown, view)
  local columns = {}
  for _, names in ipairs { shown.columns, view.desk.personal and shown.personal or {} } do
    for _, name in ipairs(names) do columns[#columns + 1] = name end
  end
  return columns
end

--- What is found, and how much of it there is.
local function found(name, filter, rows, view)
  local seen, err = view.desk:numbers()
  if not seen then return nil, err end
  local lines, title = {}, view.params.after and "Found, further on" or "Found"
  for i, row in ipairs(rows) do lines[i] = SHOWN[name].row(row, view) end
  local total, looked = lists.total(name, filter, seen), rows.looked and lists.number(rows.looked)
  return { kind = "table", columns = columns_of(SHOWN[name], view), rows = lines,
    title = title .. (looked and (" among %s that were looked at"):format(looked)
      or total and (": %s in all"):format(lists.number(total)) or ""),
    empty = looked and "There is none among these; there may be some further on."
      or "There are none." }
end

--- A list's page.
-- @tparam string name
-- @treturn function
function pages.of(name)
  local shown = SHOWN[name]
  return function(view)
    local filter = lists.filter(name, view.params)
    local rows, err = lists.read(name, view.store, filter,
      { after = view.params.after, now = view.now, personal = view.desk.personal })
    if not rows then return nil, err end
    local page = { title = shown.title, notices = {}, blocks = { search(name, filter) } }
    if rows.foreign then
      page.notices[1] = { "warn", "That page belongs to another search: this is the first one." }
    end
    if rows.problem then table.insert(page.notices, { "warn", rows.problem }) end
    for _, block in ipairs { groups, needs } do
      page.blocks[#page.blocks + 1], err = block(name, filter, view)
      if err then return nil, err end
    end
    page.blocks[#page.blocks + 1], err = found(name, filter, rows, view)
    if err then return nil, err end
    local further = {}
    if rows.after then
      local label = rows.looked and ("Go on: %s were looked at"):format(lists.number(rows.looked))
        or "Next page"
      local following = lists.pairs(name, filter)
      following[#following + 1] = { "after", rows.after }
      further[1] = address.link(label, name, following)
    end
    table.insert(page.blocks, { kind = "links", label = "Further pages", links = further })
    table.insert(page.blocks, actions.of_list(view, name))
    return page
  end
end

return pages
