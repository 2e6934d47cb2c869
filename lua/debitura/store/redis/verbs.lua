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

--- Sends a verb to its script.
-- @tparam table self
-- @tparam string verb
-- @tparam table arguments see `command`
-- @tparam function read makes the results out of the reply
local function ask(self, verb, arguments, read)
  local reply, err = self:run(verb, arguments)
  if not reply then return nil, err end
  return read(reply)
end

--- What reads rows of some columns.
local function page_of(columns)
  return function(reply)
    local page = {}
    for i, values in ipairs(reply) do page[i] = rows.read(columns, values) end
    return page
  end
end

--- What reads the only row, or false.
local function first_of(read)
  return function(reply) return read(reply)[1] or false end
end

local RECORDS, JOBS = page_of(rows.columns.record), page_of(rows.columns.job)
local EVENTS, LISTED = page_of(rows.columns.event), page_of(rows.columns.listed_event)
local PROCESSES = page_of(rows.columns.process)
local LINES = page_of { "seq", "at", "event", "event_id", "from_state", "to_state", "generation",
  "note" }

--- What a word means.
local MEANINGS = {
  ok = { true }, yes = { true }, no = { false }, stale = { false, "stale" },
  lost = { false, "lost" }, duplicate = { false, "duplicate" },
}

local function read_word(reply)
  return MEANINGS[reply][1], MEANINGS[reply][2]
end

--- A text that may not be there.
local function read_text(reply)
  return reply[1] or false
end

--- The verbs whose scripts take the arguments as they come, and what reads their replies.
local PLAIN = {
  record = first_of(RECORDS), counts = rows.read_counts, totals = rows.read_counts,
  inbox_waiting = read_word, inbox_item = first_of(EVENTS), inbox_last = first_of(LISTED),
  token = read_text, token_put = read_word, token_add = read_text, lease_release = read_word,
  stamp = read_text, restamp = read_word,
}

for verb, read in pairs(PLAIN) do
  Store[verb] = function(self, ...) return ask(self, verb, command(...), read) end
end

-- Records -----------------------------------------------------------------------------------------

function Store:records_named(kind, tenant, names)
  return ask(self, "records_named", rows.append_array(command(kind, tenant), names), RECORDS)
end

function Store:records(filter)
  local after = filter.after or {}
  return ask(self, "records", command(filter.kind, filter.state, filter.tenant, after.tenant,
    after.name, filter.limit or contract.page, filter.undelivered and 1 or nil), RECORDS)
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
  return ask(self, "record_move", arguments, read_word)
end

function Store:record_note(record, entry, now)
  return ask(self, "record_note", command(record.kind, record.tenant, record.name, now,
    entry.event, entry.event_id, entry.note), read_word)
end

function Store:record_history(filter)
  local kind, tenant, name = filter.kind, filter.tenant, filter.name
  local page, err = ask(self, "record_history",
    command(kind, tenant, name, filter.after or 0, filter.limit or contract.page), LINES)
  for _, line in ipairs(page or {}) do line.kind, line.tenant, line.name = kind, tenant, name end
  return page, err
end

-- Jobs --------------------------------------------------------------------------------------------

function Store:jobs(filter)
  local by, after = contract.jobs_by(filter), filter.after or {}
  return ask(self, "jobs", command(by, filter[by], filter.due_by, after.due_at, after.key,
    filter.limit or contract.page), JOBS)
end

function Store:jobs_named(keys)
  return ask(self, "jobs_named", rows.append_array(command(), keys), JOBS)
end

function Store:jobs_claim(options)
  local lease_end, limit = options.now + options.lease, options.limit or contract.page
  local arguments = command(options.now, lease_end, limit)
  rows.append_array(arguments, options.can)
  rows.append_array(arguments, options.keys)
  return ask(self, "jobs_claim", arguments, JOBS)
end

local function append_settlement(arguments, key, claim, values)
  return rows.append(arguments, key, claim, values.state, values.ended_at, values.due_at,
    values.result, values.attempt)
end

--- Ends or postpones a claimed job.
local function settle_job(self, job, values, delivered)
  local arguments = append_settlement(command(), job.key, job.claim, values)
  return ask(self, "job_settle", rows.append(arguments, delivered and 1 or nil), read_word)
end

function Store:job_done(job, now, result, delivered)
  return settle_job(self, job, { state = "done", ended_at = now, result = result }, delivered)
end

settling.add(Store, "job", settle_job)

function Store:job_revive(job, now)
  return ask(self, "job_revive", command(job.key, now), read_word)
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
  return ask(self, "inbox_claim",
    command(options.now, options.now + options.lease, options.limit or contract.page), EVENTS)
end

--- Ends or postpones a claimed event.
local function settle_event(self, item, values, blank)
  local arguments = append_settlement(command(), item.id, item.claim, values)
  return ask(self, "inbox_settle", rows.append(arguments, blank and 1 or nil), read_word)
end

function Store:inbox_done(item, now, blank)
  return settle_event(self, item, { state = "done", ended_at = now }, blank)
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

settling.add(Store, "inbox", settle_event)

function Store:inbox_list(filter)
  return ask(self, "inbox_list",
    command(filter.state, filter.tenant, filter.after or 0, filter.limit or contract.page), LISTED)
end

function Store:inbox_revive(item, now)
  return ask(self, "inbox_revive", command(item.id, now), read_word)
end

function Store:inbox_forget(before, limit)
  return self:run("inbox_forget", command(before, limit or contract.page))
end

-- What workers share ------------------------------------------------------------------------------

local function read_summary(reply)
  local counts, jobs, needs, times, expiring, processes, marks = unpack(reply)
  local found = {
    counts = rows.read_counts(counts), jobs = rows.read_pairs(jobs, "kind", "due_at"),
    needs = rows.read_pairs(needs, "needs", "due_at"), oldest = {}, expiring = tonumber(expiring),
    processes = PROCESSES(processes), marks = {},
  }
  for i = 1, #times, 2 do found.oldest[times[i]] = tonumber(times[i + 1]) end
  for i = 1, #marks, 2 do found.marks[marks[i]] = tonumber(marks[i + 1]) end
  found.last_event, found.oldest.last_event = found.oldest.last_event, nil
  return found
end

function Store:summary(now)
  return ask(self, "summary", command(now), read_summary)
end

function Store:beat(process, now)
  local arguments, values = command(now, now - contract.process_kept), { beat_at = now }
  for _, column in ipairs(contract.process) do
    values[column[1]] = values[column[1]] or process[column[1]]
    rows.append(arguments, values[column[1]])
  end
  rows.append_array(arguments, process.marks or {})
  rows.append_array(arguments, process.totals or {}, { "of", "kind", "state", "count" })
  return ask(self, "beat", arguments, read_word)
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

--- The windows that are full, none when it was counted.
local function read_full(reply)
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

function Store:counter_add(key, windows)
  return ask(self, "counter_add",
    rows.append_array(command(key), windows, { "name", "slot", "first", "limit" }), read_full)
end

function Store:lease(name, holder, seconds, now)
  return ask(self, "lease", command(name, holder, now + seconds, now), read_word)
end

function Store:migrate()
  return self:run("migrate", command())
end

return Store
