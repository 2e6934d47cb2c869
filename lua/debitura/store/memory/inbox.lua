--- The inbox in plain tables.
-- @module debitura.store.memory.inbox

local index = require("debitura.store.memory.index")
local rows = require("debitura.store.memory.rows")
local settling = require("debitura.store.settling")

local verbs = {}

function verbs:inbox_waiting(tenant)
  return index.of(self, "tenant", tenant, "open")[1] ~= nil
end

-- Of a tenant's events only one is open; its successors wait.
local function next_in_line(self, tenant)
  return tenant and self:inbox_waiting(tenant) and "waiting" or "open"
end

function verbs:inbox_add(event, received_at)
  if self.events[event.id] then return "duplicate" end
  self.arrivals = self.arrivals + 1
  self.events[event.id] = {
    seq = self.arrivals, id = event.id, tenant = event.tenant, event = event.event,
    body = event.body, received_at = received_at, replay = event.replay and 1 or 0,
    state = next_in_line(self, event.tenant), attempt = 0, claim = 0, due_at = received_at,
  }
  index.follow(self, "event", self.events[event.id])
  return "new"
end

function verbs:inbox_add_many(events, received_at)
  local words = {}
  for i, event in ipairs(events) do
    words[i] = self:inbox_add(event, event.received_at or received_at)
  end
  return words
end

function verbs:inbox_claim(options)
  local due = rows.select(self.events, options.limit, function(item)
    return item.state == "open" and item.due_at <= options.now
  end, rows.by("due_at", "seq"))
  return index.claim(self, "event", self.events, due, options)
end

--- Ends or postpones an event; once it has ended, the tenant's next one opens.
local function settle(self, item, values)
  local settled, lost = index.settle(self, "event", self.events, item, values)
  if not settled then return false, lost end
  if item.tenant and not self:inbox_waiting(item.tenant) then
    local following = index.of(self, "tenant", item.tenant, "waiting")[1]
    if following then
      following.row.state = "open"
      index.follow(self, "event", following.row)
    end
  end
  return true
end

function verbs:inbox_done(item, now, blank)
  local done, lost = settle(self, item, { state = "done", ended_at = now })
  if done and blank then self.events[item.id].body = nil end
  return done, lost
end

function verbs:inbox_done_many(items, now)
  local words = {}
  for i, item in ipairs(items) do words[i] = self:inbox_done(item, now) end
  return words
end

settling.add(verbs, "inbox", settle)

function verbs:inbox_list(filter)
  local after = filter.after or 0
  local page = rows.select(self.events, filter.limit, function(item)
    return item.seq > after and (not filter.state or item.state == filter.state)
      and (not filter.tenant or item.tenant == filter.tenant)
  end, rows.by("seq"))
  for _, item in ipairs(page) do item.body = nil end
  return page
end

function verbs:inbox_item(id)
  return self.events[id] and rows.copy(self.events[id]) or false
end

function verbs:inbox_last()
  local latest = index.of(self, "latest_event")[1]
  if not latest then return false end
  local last = rows.copy(latest.row)
  last.body = nil
  return last
end

function verbs:inbox_revive(item, now)
  local own = self.events[item.id]
  if not own or own.state ~= "dead" then return false end
  own.state, own.due_at, own.ended_at = next_in_line(self, own.tenant), now, nil
  index.follow(self, "event", own)
  return true
end

function verbs:inbox_forget(before, limit)
  local done = rows.select(self.events, limit, function(item)
    return item.state == "done" and item.ended_at < before
  end, rows.by("ended_at"))
  for _, item in ipairs(done) do
    index.follow(self, "event", self.events[item.id], true)
    self.events[item.id] = nil
  end
  return #done
end

return verbs
