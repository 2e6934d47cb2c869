--- What operators may do at the desk, as data, and the ways that lead to it;
-- debitura.status.desk.acting does it.
-- @module debitura.status.desk.actions

local address = require("debitura.status.desk.address")
local link_machine = require("debitura.recipes.link")
local lists = require("debitura.status.desk.lists")
local records = require("debitura.workflow.records")
local revival = require("debitura.store.revival")

local actions = {}

-- What they are about -----------------------------------------------------------------------------

local function link_place(tenant)
  return { kind = "link", tenant = tenant or "", name = "" }
end

--- Records of a kind: `key` is the parameter that names one; `find(store, params)` gives it as it
-- is, or false; `name_of(row)` what that parameter is; `place(row)` the record in whose history it
-- is noted; `mark(row)` what tells how it stands now; `back(row)` the page to return to;
-- `name(row)` how it is called.
local function about_record(kind)
  return {
    find = function(store, params)
      if not params.tenant or not lists.askable(params.tenant) then return false end
      return records.load(store, kind, params.tenant, "")
    end,
    place = function(row) return { kind = kind, tenant = row.tenant, name = "" } end,
    mark = function(row) return ("%d"):format(row.version) end,
    back = function(row) return { "link", { { "tenant", row.tenant } } } end,
    key = "tenant", name_of = function(row) return row.tenant end,
    name = function(row) return row.tenant end,
  }
end

local function about_given_up(kind, list, place, name)
  return {
    find = function(store, params)
      if not params.id or not lists.askable(params.id) then return false end
      return kind.find(store, { [kind.key] = params.id })
    end,
    place = place, name = name,
    mark = function(row) return ("%s/%d/%d"):format(row.state, row.attempt, row.claim) end,
    back = function(row)
      if row.tenant and row.tenant ~= "" then return { "link", { { "tenant", row.tenant } } } end
      return { list }
    end,
    key = "id", name_of = function(row) return row[kind.key] end,
  }
end

local LINK = about_record("link")
local JOB = about_given_up(revival.jobs, "jobs", function(job)
  return { kind = job.record, tenant = job.tenant, name = job.name }
end, function(job) return ("the job %s of %s"):format(job.kind, job.tenant) end)
local EVENT = about_given_up(revival.events, "inbox", function(event)
  return link_place(event.tenant)
end, function(event) return ("the webhook %s"):format(event.id) end)

-- The actions -------------------------------------------------------------------------------------

--- Whether the machine of links has a way for an event, as far as the record says.
local function takes(event)
  return function(link, now)
    local read = type(link.data) == "table" and link or records.read(link)
    return read and link_machine:row_for(read, { name = event, at = now }, {}) ~= nil
  end
end

local function is_dead(row) return row.state == "dead" end

local function revive(kind)
  return function(desk, row)
    local revived, err = kind.revive(desk.store, row, desk.clock())
    if revived == nil then return nil, err end
    return revived and "moved" or "recorded"
  end
end

local function deliver_signing(kind)
  return {
    label = "Deliver again", permission = "deliver", about = about_record(kind),
    says = "The URL is handed over once more, by all channels that were promised.",
    offered = function(row) return row.state == "outstanding" end,
    run = function(desk, row) return desk.recipes.signing:deliver(row.tenant, { kind = kind }) end,
  }
end

--- Each has `label`, `says` (what it does), `about` (see above), `offered(row, now)`,
-- `run(desk, row, params)` (a word, or nil and a failure) and `permission`, where that is not its
-- name; `list`: that of which it does many; `reason` and `typed`: what the form asks for besides.
actions.all = {
  deliver = {
    label = "Deliver again", about = LINK, list = "links", offered = takes("deliver"),
    says = "The URL is handed over once more, by all channels that were promised.",
    run = function(desk, link) return desk.recipes.approval:deliver(link.tenant) end,
  },
  remind = {
    label = "Remind", about = LINK, list = "links", offered = takes("deliver"),
    says = "The customer is reminded, unless Debitura says that the link is active by now.",
    run = function(desk, link)
      return desk.recipes.approval:deliver(link.tenant, { remind = true })
    end,
  },
  recover = {
    label = "Ask for a new URL", about = LINK, list = "links", offered = takes("reissue"),
    says = "Debitura is asked for a new URL, which is delivered.",
    run = function(desk, link) return desk.recipes.recovery:recover(link.tenant) end,
  },
  close = {
    label = "Close", about = LINK, list = "links", offered = takes("close"), reason = true,
    says = "Nothing more is sent for it. An approval that comes all the same counts.",
    run = function(desk, link, params)
      local reason = params.reason ~= "" and params.reason or nil
      return desk.recipes.approval:close(link.tenant, reason)
    end,
  },
  forget = {
    label = "Forget", about = LINK, typed = true,
    says = "What is personal is blanked in the store, for good: payloads, URLs, reasons, results, "
      .. "notes, webhooks. What is under way stands in its way.",
    offered = function(link) return link.state ~= "forgotten" end,
    run = function(desk, link, params)
      local count, err = desk.recipes:forget(link.tenant, { now = params.now == "1" })
      return count and (count > 0 and "moved" or "recorded"), err
    end,
  },
  deliver_signing = deliver_signing("signing"), deliver_kyc = deliver_signing("kyc"),
  revive_job = {
    label = "Try again", permission = "revive", about = JOB, list = "jobs", offered = is_dead,
    says = "It is due at once, and the next sweep takes it up.", run = revive(revival.jobs),
  },
  revive_event = {
    label = "Try again", permission = "revive", about = EVENT, list = "inbox", offered = is_dead,
    says = "It is to be processed again.", run = revive(revival.events),
  },
}

--- The order in which they are shown.
local ORDER = { "deliver", "remind", "recover", "close", "forget", "revive_job", "revive_event" }

--- What an operator needs for an action.
-- @tparam string name
-- @treturn string
function actions.permission_of(name)
  return actions.all[name].permission or name
end

--- What `authorize` may give in a list.
actions.permissions = {}
for name in pairs(actions.all) do actions.permissions[actions.permission_of(name)] = true end

-- Ways to them ------------------------------------------------------------------------------------

--- A cell that leads to the page of an action.
-- @tparam string name
-- @tparam string label
-- @tparam table query array of `{ name, value }`: what it is about
-- @treturn table
function actions.way(name, label, query)
  return address.link(label, "act", address.joined({ { "do", name } }, query))
end

--- A cell that leads to an action's page; nil where it cannot be done or not by this operator.
-- @tparam table view
-- @tparam string name
-- @tparam table query array of `{ name, value }`: what it is about
-- @tparam table row
-- @treturn ?table
function actions.link(view, name, query, row)
  local action = actions.all[name]
  if not view.may(actions.permission_of(name)) then return nil end
  if not action.offered(row, view.now) then return nil end
  return actions.way(name, action.label, query)
end

--- What can be done about a link.
-- @treturn table a block
function actions.of_link(view, link)
  local links = {}
  for _, name in ipairs(ORDER) do
    if actions.all[name].about == LINK then
      links[#links + 1] = actions.link(view, name, { { "tenant", link.tenant } }, link)
    end
  end
  return { kind = "links", label = "Actions", links = links }
end

--- What a form about many is about: a filter, and the key of the page from which on.
-- @tparam table view
-- @tparam string list
-- @treturn table array of `{ name, value }`
function actions.query_of(view, list)
  local query = lists.pairs(list, lists.filter(list, view.params))
  if view.params.after then query[#query + 1] = { "after", view.params.after } end
  return query
end

--- What can be done about all that a list's filter finds.
-- from this page on.
-- @treturn table a block
function actions.of_list(view, list)
  local links = {}
  local all = address.joined({ { "list", list } }, actions.query_of(view, list))
  -- Everything is no filter.
  local is_filtered = next(lists.filter(list, view.params)) ~= nil
  for _, name in ipairs(ORDER) do
    local action = actions.all[name]
    if action.list == list and view.may(actions.permission_of(name)) and is_filtered then
      links[#links + 1] = actions.way(name, action.label .. ": all of these", all)
    end
  end
  return { kind = "links", label = "Actions on all of these", links = links }
end

return actions
