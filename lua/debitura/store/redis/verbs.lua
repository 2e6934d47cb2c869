--- The verbs of the contract on Redis: what each sends to its script, and how the reply is read.
-- They are methods of what debitura.store.redis opens.
-- @module debitura.store.redis.verbs

local contract = require("debitura.store.contract")
local rows = require("debitura.store.redis.rows")
local settling = require("debitura.store.settling")

local unpack = table.unpack or unpack -- luacheck: ignore

local Store = {}

local JOB = {
  "key", "kind", "record", "name", "generation", "channel", "needs", "args", "due_at",
}

--- Begins a command with what its script takes first: EVALSHA, the script's digest, the number of
-- keys, the prefix.
local function command(...)
  return rows.append({ "EVALSHA", "", "1", "" }, ...)
end

local function read_page(columns, reply, err)
  if not reply then return nil, err end
  local page = {}
  for i, values in ipairs(reply) do page[i] = rows.read(columns, values) end
  return page
end

--- The only row, or false.
local function read_first(columns, ...)
  local page, err = read_page(columns, ...)
  if not page then return nil, err end
  return page[1] or false
end

--- What a word means.
local MEANINGS = {
  ok = { true }, yes = { true }, no = { false }, stale = { false, "stale" },
  lost = { false, "lost" }, duplicate = { false, "duplicate" },
}

local function read_word(reply, err)
  if not reply then return nil, err end
  return MEANINGS[reply][1], MEANINGS[reply][2]
end

-- Records -----------------------------------------------------------------------------------------

local RECORD = rows.columns.record
local LINE = { "seq", "at", "event", "event_id", "from_state", "to_state", "generation", "note" }

function Store:record(kind, tenant, name)
  return read_first(RECORD, self:run("record", command(kind, tenant, name)))
end

function Store:records_named(kind, tenant, names)
  local arguments = rows.append_array(command(kind, tenant), names)
  return read_page(RECORD, self:run("records_named", arguments))
end

function Store:records(filter)
  local after = filter.after or {}
  return read_page(RECORD, self:run("records", command(filter.kind, filter.state, filter.tenant,
    after.tenant, after.name, filter.limit or contract.page, filter.undelivered and 1 or nil)))
end

--- What a move sets: columns and their values, nil to clear one.
local function settings(set)
  local columns = {}
  for _, column in ipairs(contract.settable) do
    if set[column] ~= nil then columns[#columns + 1] = { column, set[column] or nil } end
  end
  return columns
end

function Store:record_move(change, now)
  local done = change.done or {}
  local arguments = command(change.tenant, now, done.key, done.claim, change.result, #change.moves)
  for _, move in ipairs(change.moves) do
    local entry = move.entry or {}
    rows.append(arguments, move.kind, move.name, move.version)
    rows.append(arguments, entry.event, entry.event_id, entry.note)
    rows.append_array(arguments, settings(move.set or {}), { 1, 2 })
  end
  rows.append_array(arguments, change.jobs or {}, JOB)
  return read_word(self:run("record_move", arguments))
end

function Store:record_note(record, entry, now)
  return read_word(self:run("record_note", command(record.kind, record.tenant, record.name, now,
    entry.event, entry.event_id, entry.note)))
end

function Store:record_history(filter)
  local kind, tenant, name = filter.kind, filter.tenant, filter.name
  local page, err = read_page(LINE, self:run("record_history",
    command(kind, tenant, name, filter.after or 0, filter.limit or contract.page)))
  for _, line in ipairs(page or {}) do line.kind, line.tenant, line.name = kind, tenant, name end
  return page, err
end

-- Jobs --------------------------------------------------------------------------------------------

function Store:jobs(filter)
  local by, after = contract.jobs_by(filter), filter.after or {}
  return read_page(rows.columns.job, self:run("jobs", command(by, filter[by], filter.due_by,
    after.due_at, after.key, filter.limit or contract.page)))
end

function Store:jobs_named(keys)
  return read_page(rows.columns.job,
    self:run("jobs_named", rows.append_array(command(), keys)))
end

function Store:jobs_claim(options)
  local lease_end, limit = options.now + options.lease, options.limit or contract.page
  local arguments = command(options.now, lease_end, limit)
  rows.append_array(arguments, options.can)
  rows.append_array(arguments, options.keys)
  return read_page(rows.columns.job, self:run("jobs_claim", arguments))
end

local function append_settlement(arguments, key, claim, values)
  return rows.append(arguments, key, claim, values.state, values.ended_at, values.due_at,
    values.result, values.attempt)
end

--- Ends or postpones what was claimed.
local function settle(self, verb, ...)
  return read_word(self:run(verb, append_settlement(command(), ...)))
end

function Store:job_done(job, now, result, delivered)
  local arguments = append_settlement(command(), job.key, job.claim,
    { state = "done", ended_at = now, result = result })
  return read_word(self:run("job_done", rows.append(arguments, delivered and 1 or nil)))
end

settling.add(Store, "job", function(self, job, values, verb)
  return settle(self, verb, job.key, job.claim, values)
end)

function Store:job_revive(job, now)
  return read_word(self:run("job_revive", command(job.key, now)))
end

-- Inbox -------------------------------------------------------------------------------------------

local function append_event(arguments, event, received_at)
  local replay = (event.replay == true or event.replay == 1) and 1 or 0
  return rows.append(arguments, event.id, event.tenant, event.event, event.body, replay,
    received_at)
end

function Store:inbox_add(event, received_at)
  return self:run("inbox_add", append_event(command(), event, received_at))
end

function Store:inbox_add_many(events, received_at)
  local arguments = command(#events)
  for _, event in ipairs(events) do
    append_event(arguments, event, event.received_at or received_at)
  end
  return self:run("inbox_add_many", arguments)
end

function Store:inbox_claim(options)
  return read_page(rows.columns.event, self:run("inbox_claim",
    command(options.now, options.now + options.lease, options.limit or contract.page)))
end

function Store:inbox_waiting(tenant)
  return read_word(self:run("inbox_waiting", command(tenant)))
end

function Store:inbox_done(item, now, blank)
  local arguments = append_settlement(command(blank and 1 or nil), item.id, item.claim,
    { state = "done", ended_at = now })
  return read_word(self:run("inbox_done", arguments))
end

function Store:inbox_done_many(items, now)
  local arguments = command(#items)
  for _, item in ipairs(items) do
    append_settlement(arguments, item.id, item.claim, { state = "done", ended_at = now })
  end
  local words, err = self:run("inbox_done_many", arguments)
  for i, word in ipairs(words or {}) do words[i] = MEANINGS[word][1] end
  return words, err
end

settling.add(Store, "inbox", function(self, item, values, verb)
  return settle(self, verb, item.id, item.claim, values)
end)

function Store:inbox_list(filter)
  return read_page(rows.columns.listed_event, self:run("inbox_list",
    command(filter.state, filter.tenant, filter.after or 0, filter.limit or contract.page)))
end

function Store:inbox_item(id)
  return read_first(rows.columns.event, self:run("inbox_item", command(id)))
end

function Store:inbox_last()
  return read_first(rows.columns.listed_event, self:run("inbox_last", command()))
end

function Store:inbox_revive(item, now)
  return read_word(self:run("inbox_revive", command(item.id, now)))
end

function Store:inbox_forget(before, limit)
  return self:run("inbox_forget", command(before, limit or contract.page))
end

-- What workers share ------------------------------------------------------------------------------

function Store:counts()
  local reply, err = self:run("counts", command())
  if not reply then return nil, err end
  return rows.read_counts(reply)
end

function Store:summary(now)
  local reply, err = self:run("summary", command(now))
  if not reply then return nil, err end
  local counts, jobs, needs, times, expiring, processes, marks = unpack(reply)
  local found = {
    counts = rows.read_counts(counts), jobs = rows.read_pairs(jobs, "kind", "due_at"),
    needs = rows.read_pairs(needs, "needs", "due_at"), oldest = {}, expiring = tonumber(expiring),
    processes = read_page(rows.columns.process, processes), marks = {},
  }
  for i = 1, #times, 2 do found.oldest[times[i]] = tonumber(times[i + 1]) end
  for i = 1, #marks, 2 do found.marks[marks[i]] = tonumber(marks[i + 1]) end
  found.last_event, found.oldest.last_event = found.oldest.last_event, nil
  return found
end

function Store:beat(process, now)
  local arguments, values = command(now, now - contract.process_kept), { beat_at = now }
  for _, column in ipairs(contract.process) do
    values[column[1]] = values[column[1]] or process[column[1]]
    rows.append(arguments, values[column[1]])
  end
  rows.append_array(arguments, process.marks or {})
  rows.append_array(arguments, process.totals or {}, { "of", "kind", "state", "count" })
  return read_word(self:run("beat", arguments))
end

function Store:totals()
  local reply, err = self:run("totals", command())
  if not reply then return nil, err end
  return rows.read_counts(reply)
end

--- A text that may not be there.
local function read_text(reply, err)
  if not reply then return nil, err end
  return reply[1] or false
end

function Store:forget(wanted)
  local owners = { wanted.tenant }
  for _, owner in ipairs(wanted.owners or {}) do owners[#owners + 1] = owner end
  local arguments = command(wanted.tenant, wanted.now, wanted.unchanged_since)
  for _, list in ipairs { wanted.kinds, owners, wanted.tokens or {} } do
    rows.append_array(arguments, list)
  end
  local reply, err = self:run("forget", arguments)
  if reply == "changed" then return false end
  return reply and tonumber(reply), err
end

function Store:token(key, now)
  return read_text(self:run("token", command(key, now)))
end

function Store:token_put(key, token, expires_at, now)
  return read_word(self:run("token_put", command(key, token, expires_at, now)))
end

function Store:token_add(key, token, expires_at, now)
  return read_text(self:run("token_add", command(key, token, expires_at, now)))
end

function Store:counter_add(key, windows)
  local reply, err = self:run("counter_add",
    rows.append_array(command(key), windows, { "name", "slot", "first", "limit" }))
  if not reply then return nil, err end
  if #reply == 0 then return true end
  local full = {}
  for _, row in ipairs(reply) do
    local kept = { sum = 0, slots = {} }
    for i = 2, #row, 2 do
      local count = tonumber(row[i + 1])
      kept.sum, kept.slots[tonumber(row[i])] = kept.sum + count, count
    end
    full[row[1]] = kept
  end
  return false, full
end

function Store:lease(name, holder, seconds, now)
  return read_word(self:run("lease", command(name, holder, now + seconds, now)))
end

function Store:lease_release(name, holder)
  return read_word(self:run("lease_release", command(name, holder)))
end

function Store:stamp(environment)
  return read_text(self:run("stamp", command(environment)))
end

function Store:restamp(environment)
  return read_word(self:run("restamp", command(environment)))
end

function Store:migrate()
  return self:run("migrate", command())
end

return Store
