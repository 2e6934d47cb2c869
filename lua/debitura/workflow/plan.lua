--- Works out what news does to records, as one change of the store. Reads, and writes nothing.
--
-- A machine may have a `parent`: `{ kind, name, event, standing }`. `standing(record)` is under
-- what word the parent counts a record, nil when it does not. When a child's standing changes, its
-- parent is moved in the same step by `event`, which is given `children`: an array of
-- `{ was, is }`.
-- @module debitura.workflow.plan

local jobs = require("debitura.workflow.jobs")
local records = require("debitura.workflow.records")

local plan = {}

--- How many records one change moves besides their parent.
plan.RECORDS_MAX = 100

local function place_of(kind, name)
  return kind .. "/" .. name
end

--- The records of one kind, by name.
local function read_kind(store, tenant, kind, names, found)
  if #names == 1 then
    local record, err = records.load(store, kind, tenant, names[1])
    if record == nil then return nil, err end
    found[place_of(kind, names[1])] = record or nil
    return true
  end
  local page, err = store:records_named(kind, tenant, names)
  if not page then return nil, err end
  for _, row in ipairs(page) do
    local record
    record, err = records.read(row)
    if not record then return nil, err end
    found[place_of(kind, record.name)] = record
  end
  return true
end

--- The records that news is about, by place.
local function read_all(store, news, known)
  local names, kinds, found = {}, {}, {}
  for _, target in ipairs(news.targets) do
    if known and known.kind == target.kind and known.name == target.name
      and known.tenant == news.tenant then
      found[place_of(known.kind, known.name)] = known
    else
      if not names[target.kind] then names[target.kind], kinds[#kinds + 1] = {}, target.kind end
      table.insert(names[target.kind], target.name)
    end
  end
  for _, kind in ipairs(kinds) do
    local read, err = read_kind(store, news.tenant, kind, names[kind], found)
    if not read then return nil, err end
  end
  return found
end

local Plan = {}
Plan.__index = Plan

--- Takes one record's step into the plan.
-- @tparam table record
-- @tparam table event
-- @tparam[opt] table otherwise the event that it is given when it changes nothing by that one
-- @treturn table|false the record as it will be, or as it is
function Plan:step(record, event, otherwise)
  local machine, terms = self.runner.kinds[record.kind], event.terms or record.terms
  terms = terms or self.runner.terms
  local step, why = machine:step(record, event, terms, self.now)
  if not step and otherwise then step = machine:step(record, otherwise, terms, self.now) end
  if not step then
    self.why = why
    return record.version > 0 and record
  end
  self.moves[#self.moves + 1] = records.move(record, step, {
    event = self.news.name, event_id = self.news.id, note = event.note,
  }, self.now)
  for _, job in ipairs(step.jobs) do self.jobs[#self.jobs + 1] = job end
  if (step.after.terms or self.runner.terms).on_change then
    self.jobs[#self.jobs + 1] = jobs.notify(record, step.after, self.news.name, self.now)
  end
  local parent = machine.parent
  if parent then self:tell_parent(parent, record, step.after, event.at) end
  return step.after
end

function Plan:tell_parent(parent, before, after, at)
  local was, is = parent.standing(before), parent.standing(after)
  if was == is then return end
  local place = place_of(parent.kind, parent.name)
  local told = self.parents[place]
    or { parent = parent, event = { name = parent.event, at = at, children = {} } }
  self.parents[place] = told
  table.insert(told.event.children, { was = was, is = is })
end

--- Parents that news is not about itself are moved along, where there are any.
function Plan:move_parents(targeted)
  for place, told in pairs(self.parents) do
    if not targeted[place] then
      local parent = told.parent
      local store, tenant = self.runner.store, self.news.tenant
      local record, err = records.load(store, parent.kind, tenant, parent.name)
      if record == nil then return nil, err end
      if record then
        self:step(record, told.event)
      end
    end
  end
  return true
end

--- What news does.
-- @tparam table runner with `store`, `kinds` and `terms`
-- @tparam table news see debitura.workflow.work
-- @tparam number now
-- @tparam[opt] table known a record that was read a moment ago
-- @treturn[1] table `moves` and `jobs` for the store; `records`: as they will be, in the order of
--   the targets, false where there is none; `found`: the last of them that there is; `why`: why one
--   of them does not move
-- @treturn[2] nil
-- @treturn[2] table failure
function plan.make(runner, news, now, known)
  local found, err = read_all(runner.store, news, known)
  if not found then return nil, err end
  local self = setmetatable({
    runner = runner, news = news, now = now, moves = {}, jobs = {}, records = {}, parents = {},
    found = false,
  }, Plan)
  local targeted = {}
  for i, target in ipairs(news.targets) do
    local place = place_of(target.kind, target.name)
    local record = found[place]
    local told = self.parents[place]
    target.event.children = told and told.event.children
    targeted[place] = true
    if not target.aside then self.found = record or self.found end
    -- A parent counts its children whether the news fits it or not.
    self.records[i] = self:step(record or records.blank(target.kind, news.tenant, target.name),
      target.event, told and told.event)
    found[place] = self.records[i] or found[place]
  end
  local moved
  moved, err = self:move_parents(targeted)
  if not moved then return nil, err end
  return self
end

return plan
