--- What is kept no longer than the option `retention` says: webhooks that are done, payloads and
-- URLs of what has ended, and clients of whom all has ended.
--
-- A sweep goes on from where the last one came to, and looks at no more than some pages of records,
-- so that it costs the same whatever the store holds.
-- @module debitura.recipes.verbs.retention

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local privacy = require("debitura.recipes.verbs.privacy")
local records = require("debitura.workflow.records")

local retention = {}

-- Pages that the processes of a store look at in so many seconds, however often they sweep.
local PAGES, PAGE, EVERY = 20, 100, 60
local CURSOR, CURSOR_KEPT = "retention", 400 * 86400

--- The states in which a record has ended, in the order in which they are gone through. A case that
-- Debitura has does so when it is closed.
local ENDED = {
  { "link", "declined" }, { "link", "refused" }, { "link", "rejected" }, { "link", "exhausted" },
  { "link", "closed" }, { "link", "gone" },
  { "case", "created" }, { "case", "failed" }, { "case", "unsupported" }, { "case", "blocked" },
  { "case", "rejected" }, { "case", "withdrawn" }, { "case", "replaced" },
}

local LINK_ENDED = { forgotten = true }
for _, row in ipairs(ENDED) do
  if row[1] == "link" then LINK_ENDED[row[2]] = true end
end

--- When a record has ended: when it moved last, but for its payload's going.
local function end_of(record)
  local noted = privacy.data_of(record).ended
  return noted and noted.version == record.version and noted.at or record.updated_at
end

-- Payloads ----------------------------------------------------------------------------------------

--- Blanks what a record has no more use for.
local function blank(self, record)
  if not record.payload and not record.url then return true end
  local data = privacy.data_of(record)
  data.ended = { at = record.updated_at, version = record.version + 1 }
  local moved, err = self.runner.store:record_move({ tenant = record.tenant, moves = { {
    kind = record.kind, name = record.name, version = record.version,
    set = { payload = false, url = false, data = core.json.encode(data) },
    entry = { event = "retention" },
  } } }, self.now)
  return moved ~= nil, err
end

-- Clients -----------------------------------------------------------------------------------------

--- What has ended with a link that has: the cases that waited for it, and where Debitura does not
-- have the client any more, those that it had.
local function ended_along(record, state)
  return record.state == "awaited" or state == "gone" and record.state == "created"
end

--- Forgets a client of whom all has ended long enough ago.
local function forget(self, tenant)
  if self.tenant == tenant then return true end
  self.tenant = tenant
  local state, err = records.state(self.runner.store, "link", tenant, "")
  if state == nil then return nil, err end
  if state and not LINK_ENDED[state] then return true end
  local ended, changed = 0, 0
  local done
  done, err = privacy.each_record(self.runner.store, tenant, function(record)
    local open = privacy.is_under_way(record) and not ended_along(record, state)
    ended = math.max(ended, open and math.huge or end_of(record))
    changed = math.max(changed, record.updated_at)
  end)
  if not done then return nil, err end
  if ended > self.now - self.kept.ended then return true end
  local forgotten
  forgotten, err = privacy.forget(self.runner, tenant, { now = true }, changed)
  return forgotten ~= nil, err
end

-- Going through -----------------------------------------------------------------------------------

--- Does to a record what is due.
local function look_at(self, record)
  if record.state == "created" and privacy.is_under_way(record) then return true end
  local ended, kept, done, err = end_of(record), self.kept, true, nil
  if kept.payload and ended <= self.now - kept.payload then done, err = blank(self, record) end
  if done and kept.ended and ended <= self.now - kept.ended then
    done, err = forget(self, record.tenant)
  end
  return done, err
end

--- Where the last sweep came to.
local function read_cursor(self)
  local kept, err = self.runner.store:token(CURSOR, self.now)
  if kept == nil then return nil, err end
  local cursor = kept and core.json.decode(kept)
  if type(cursor) == "table" and ENDED[cursor.at] then return cursor end
  return { at = 1 }
end

--- Looks at a page, and moves the cursor behind it.
local function page(self, cursor)
  local kind, state = ENDED[cursor.at][1], ENDED[cursor.at][2]
  local rows, err = self.runner.store:records { kind = kind, state = state, limit = PAGE,
    after = cursor.tenant and { tenant = cursor.tenant, name = cursor.name } }
  if not rows then return nil, err end
  for _, record in ipairs(rows) do
    local done
    done, err = look_at(self, record)
    if not done then return nil, err end
  end
  local last = rows[PAGE]
  if last then return { at = cursor.at, tenant = last.tenant, name = last.name } end
  return { at = cursor.at % #ENDED + 1 }
end

local function walk(self)
  local turn, err = self.runner.store:lease(CURSOR, encoding.random_hex(8), EVERY, self.now)
  if not turn then return turn == false or nil, err end
  local cursor
  cursor, err = read_cursor(self)
  if not cursor then return nil, err end
  for _ = 1, PAGES do
    cursor, err = page(self, cursor)
    if not cursor then return nil, err end
    if cursor.at == 1 and not cursor.tenant then break end
  end
  return self.runner.store:token_put(CURSOR, core.json.encode(cursor), self.now + CURSOR_KEPT,
    self.now)
end

--- Drops webhooks, a thousand at most.
local function drop_events(self)
  for _ = 1, 10 do
    local count, err = self.runner.store:inbox_forget(self.now - self.kept.inbox, PAGE)
    if not count then return nil, err end
    if count < PAGE then break end
  end
  return true
end

--- Does what is due, some steps at a time: the next sweep goes on.
-- @tparam table runner
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function retention.run(runner)
  local self = { runner = runner, now = runner.clock(), kept = runner.context.retention }
  local done, err = drop_events(self)
  if not done then return nil, err end
  if not self.kept.payload and not self.kept.ended then return true end
  return walk(self)
end

return retention
