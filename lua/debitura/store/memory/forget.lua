--- Forgetting in plain tables.
-- @module debitura.store.memory.forget

local contract = require("debitura.store.contract")
local index = require("debitura.store.memory.index")
local rows = require("debitura.store.memory.rows")

local verbs = {}

local function blank(row, columns)
  for _, name in ipairs(contract.sealed(columns)) do row[name] = nil end
end

--- Ends a row; a claim that holds it has lost it then.
local function finish(self, kind, row, now)
  if row.state == "open" then row.claim = row.claim + 1 end
  row.state, row.ended_at = "done", row.ended_at or now
  blank(row, contract[kind])
  index.follow(self, kind, row)
end

local function forget_records(self, wanted, kinds)
  local count = 0
  for _, record in pairs(self.by_place) do
    if record.tenant == wanted.tenant and kinds[record.kind] then
      blank(record, contract.record)
      record.state, record.undelivered_since = contract.forgotten, nil
      record.version, record.updated_at = record.version + 1, wanted.now
      index.follow(self, "record", record)
      count = count + 1
    end
  end
  for _, lines in pairs(self.histories) do
    for _, line in ipairs(lines) do
      if line.tenant == wanted.tenant and kinds[line.kind] then blank(line, contract.history) end
    end
  end
  return count
end

function verbs:forget(wanted)
  local since, kinds = wanted.unchanged_since, rows.set(wanted.kinds)
  for _, record in pairs(since and self.by_place or {}) do
    if record.tenant == wanted.tenant and kinds[record.kind] and record.updated_at > since then
      return false
    end
  end
  local owners = rows.set(wanted.owners or {})
  owners[wanted.tenant] = true
  local count = forget_records(self, wanted, kinds)
  for _, job in pairs(self.jobs_by_key) do
    if job.tenant == wanted.tenant then
      finish(self, "job", job, wanted.now)
      job.args = nil
    end
  end
  for _, item in pairs(self.events) do
    if item.tenant and owners[item.tenant] then
      finish(self, "event", item, wanted.now)
      count = count + 1
    end
  end
  for _, key in ipairs(wanted.tokens or {}) do self.tokens[key] = nil end
  return count
end

return verbs
