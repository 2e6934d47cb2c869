--- What the desk lists, as data: by which filters, in which order, and from where a page goes on.
--
-- A page reads so many rows at most, however many there are: what the store's own order does not
-- find is looked for among `LOOKED` rows, and the next page goes on behind them.
-- @module debitura.status.desk.lists

local causes = require("debitura.status.desk.causes")
local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local names = require("debitura.store.names")
local time = require("debitura.base.time")

local lists = {}

--- Rows on a page; rows that are looked at for it; rows that are read at once.
lists.SHOWN = 50
lists.LOOKED = 2000
local PAGE = 250

--- Whether a store may be asked for a text: there is nothing under any other.
-- @tparam string name
-- @treturn boolean
function lists.askable(name)
  return not names.problem(name) and encoding.is_utf8(name)
end

--- A count, its thousands apart.
-- @tparam number count
-- @treturn string
function lists.number(count)
  return (("%d"):format(count):reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", ""))
end

-- Records -----------------------------------------------------------------------------------------

--- Records whose tenants begin with a text, in the order of the store.
local function fetch_records(kind)
  return function(store, filter, position, limit)
    local start = filter.tenant or ""
    local wanted = { kind = kind, state = filter.state, undelivered = filter.undelivered ~= nil,
      after = position, limit = limit }
    local page = {}
    if start ~= "" and not position then
      -- A link has no name: it stands before all that come after it.
      wanted.tenant = start
      local own, failed = store:records(wanted)
      if not own then return nil, failed end
      page = own
      wanted.tenant, wanted.after = nil, page[#page] or { tenant = start, name = "" }
      wanted.limit = limit - #page
    end
    local rest, err = store:records(wanted)
    if not rest then return nil, err end
    for _, row in ipairs(rest) do
      if row.tenant:sub(1, #start) ~= start then return page end
      page[#page + 1] = row
    end
    return page, #page == limit and { tenant = page[limit].tenant, name = page[limit].name } or nil
  end
end

local function is_record_wanted(filter, now)
  local older, expires = time.duration(filter.older), time.duration(filter.expires)
  return function(row)
    if filter.state and row.state ~= filter.state then return false end
    if older and row.updated_at > now - older then return false end
    if not expires then return true end
    return row.url ~= nil and row.expires_at ~= nil and row.expires_at >= now
      and row.expires_at <= now + expires
  end
end

local RECORD_PLACE = {
  write = function(row) return ("%d:%s%s"):format(#row.tenant, row.tenant, row.name) end,
  read = function(written)
    local length, rest = written:match("^(%d+):(.*)$")
    if not length or not lists.askable(rest) then return nil end
    return { tenant = rest:sub(1, tonumber(length)), name = rest:sub(tonumber(length) + 1) }
  end,
}

-- Jobs and events ---------------------------------------------------------------------------------

local function fetch_jobs(store, filter, position, limit)
  local asked = { after = position, limit = limit }
  if filter.tenant then
    asked.tenant = filter.tenant
  elseif filter.needs then
    asked.needs = filter.needs
  else
    asked.state = filter.state == "open" and "open" or "dead"
  end
  local page, err = store:jobs(asked)
  if not page then return nil, err end
  return page, #page == limit and page[limit] or nil
end

local function is_queued_wanted(of)
  return function(filter, _, personal)
    return function(row)
      if filter.state and row.state ~= filter.state then return false end
      if filter[of] and row[of] ~= filter[of] then return false end
      return not filter.cause or causes.id(causes.of(row.result, personal)) == filter.cause
    end
  end
end

--- Events of each state in turn, those first that call for a person.
local EVENT_STATES = { "dead", "waiting", "open", "done" }

local function fetch_events(store, filter, position, limit)
  local at = position and position.at or 1
  local states = filter.state and { filter.state } or EVENT_STATES
  local page, err = store:inbox_list { state = states[at], tenant = filter.tenant,
    after = position and position.seq or 0, limit = limit }
  if not page then return nil, err end
  for _, row in ipairs(page) do row.at = at end
  if #page == limit then return page, page[limit] end
  return page, states[at + 1] and { at = at + 1, seq = 0 } or nil
end

local JOB_PLACE = {
  write = function(row) return ("%.17g:%s"):format(row.due_at, row.key) end,
  read = function(written)
    local due_at, key = written:match("^([%d.e+-]+):(.*)$")
    due_at = tonumber(due_at)
    return due_at and lists.askable(key) and { due_at = due_at, key = key } or nil
  end,
}
local EVENT_PLACE = {
  write = function(row) return ("%d:%d"):format(row.at, row.seq) end,
  read = function(written)
    local at, seq = written:match("^([1-4]):(%d+)$")
    return at and #seq < 16 and { at = tonumber(at), seq = tonumber(seq) } or nil
  end,
}

-- The lists ---------------------------------------------------------------------------------------

--- Each has `filters` (names of parameters), `fetch` (a page of the store's, and where the next one
-- begins), `wanted` (what is looked at here), `place` (how a position is written in a URL).
lists.all = {
  links = {
    filters = { "tenant", "state", "older", "expires", "undelivered" },
    fetch = fetch_records("link"), wanted = is_record_wanted, place = RECORD_PLACE,
  },
  cases = {
    filters = { "tenant", "state", "older" },
    fetch = fetch_records("case"), wanted = is_record_wanted, place = RECORD_PLACE,
  },
  inbox = {
    filters = { "state", "tenant", "event", "cause" }, fetch = fetch_events, place = EVENT_PLACE,
    wanted = is_queued_wanted("event"),
  },
  jobs = {
    filters = { "state", "tenant", "needs", "kind", "cause" }, fetch = fetch_jobs,
    place = JOB_PLACE, wanted = is_queued_wanted("kind"),
  },
}

--- Reads the filters of a list from the parameters of a request.
-- @tparam string name of the list
-- @tparam table params
-- @treturn table those that say something
function lists.filter(name, params)
  local filter = {}
  for _, each in ipairs(lists.all[name].filters) do
    if params[each] and params[each] ~= "" then filter[each] = params[each] end
  end
  return filter
end

--- A filter as the query of a URL.
-- @tparam string name of the list
-- @tparam table filter
-- @treturn table array of `{ name, value }`
function lists.pairs(name, filter)
  local found = {}
  for _, each in ipairs(lists.all[name].filters) do
    if filter[each] then found[#found + 1] = { each, filter[each] } end
  end
  return found
end

--- What a page's key begins with: that of one filter leads nowhere under another.
local function mark(name, filter)
  local parts = { name }
  for _, pair in ipairs(lists.pairs(name, filter)) do
    parts[#parts + 1] = ("%s=%d:%s"):format(pair[1], #pair[2], pair[2])
  end
  return core.digest.sha256(table.concat(parts, "&")):sub(1, 16)
end

--- Why a filter finds nothing, if it cannot find anything.
local function problem_of(filter)
  for _, name in ipairs { "tenant", "needs", "state" } do
    if filter[name] and not lists.askable(filter[name]) then
      return ("No store can have this: %s."):format(name)
    end
  end
  for _, name in ipairs { "older", "expires" } do
    if filter[name] and not time.duration(filter[name]) then
      return ("A span of time such as 7d or 12h is expected, not %s."):format(filter[name])
    end
  end
end

--- How many rows a filter finds in all, where a store counts them.
-- @tparam string name of the list
-- @tparam table filter see `lists.filter`
-- @tparam table numbers see debitura.status.report
-- @treturn ?number
function lists.total(name, filter, numbers)
  local by, state = next(filter)
  if by == "undelivered" and not next(filter, by) then return numbers.undelivered.of.link or 0 end
  if by ~= "state" or next(filter, by) then return nil end
  if name == "jobs" then return state == "dead" and numbers.dead_jobs.count or nil end
  if name == "inbox" then return state == "dead" and numbers.events.dead or nil end
  return numbers[name][state] or 0
end

--- Reads a page.
-- @tparam string name of the list
-- @tparam table store
-- @tparam table filter see `lists.filter`
-- @tparam table given `after` (the key of the page before), `limit`, `now`, `personal` (see
--   debitura.status.desk.causes)
-- @treturn[1] table rows; with `after`, the key of the next page, where there may be one; `looked`,
--   when so many were looked at and there may be more; `foreign`, when the key was not this
--   filter's: then it is the first page; `problem`, a sentence, when the filter can find nothing
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function lists.read(name, store, filter, given)
  local list, rows, looked = lists.all[name], {}, 0
  local own, limit = mark(name, filter), given.limit or lists.SHOWN
  local key, written = (given.after or ""):match("^(%x+)%.(.*)$")
  local position = key == own and list.place.read(written) or nil
  rows.foreign = given.after ~= nil and given.after ~= "" and not position
  rows.problem = problem_of(filter)
  if rows.problem then return rows end
  local wanted = list.wanted(filter, given.now, given.personal)
  -- What the store itself finds is a page, and whether there is another one.
  local size = limit + 1
  repeat
    local page, following = list.fetch(store, filter, position, size)
    if not page then return nil, following end
    for _, row in ipairs(page) do
      local is_wanted = wanted(row)
      if is_wanted and #rows == limit then
        rows.after = own .. "." .. list.place.write(position)
        return rows
      end
      position, looked = row, looked + 1
      if is_wanted then rows[#rows + 1] = row end
    end
    position, size = following, PAGE
  until not position or looked >= lists.LOOKED
  if position then
    rows.after, rows.looked = own .. "." .. list.place.write(position), looked
  end
  return rows
end

return lists
