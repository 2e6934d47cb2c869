--- How a store stands, on one screen of 80 columns and 24 lines, the last of which is the prompt's.
-- @module debitura.cli.status_screen

local report = require("debitura.status.report")
local text = require("debitura.cli.text")
local time = require("debitura.base.time")
local version = require("debitura.base.version")

local screen = {}

local WIDTH, HEIGHT = 80, 23
local BAR = 20

--- At most so many lines of each block: the more is wrong, the fewer.
local MOST = {
  { links = 6, jobs = 4, processes = 3 }, { links = 3, jobs = 3, processes = 2 },
  { links = 1, jobs = 1, processes = 1 }, { links = 0, jobs = 0, processes = 0 },
}

--- A bar of so many tenths of its length.
local function bar(share)
  local filled = math.floor(BAR * math.max(0, math.min(1, share)) + 0.5)
  return ("#"):rep(filled) .. ("-"):rep(BAR - filled)
end

local function age(now, since)
  return time.describe(now - since)
end

--- The first rows of a block, and what stands for the others.
local function limited(rows, most, write, rest)
  local lines = {}
  for i, row in ipairs(rows) do
    if i > most then break end
    if most > 1 and i == most and #rows > most then
      lines[i] = rest(#rows - most + 1)
      break
    end
    lines[i] = write(row)
  end
  return lines
end

-- Blocks ------------------------------------------------------------------------------------------

local function title(seen, about)
  local left = ("debitura %s, %s"):format(version.number, about)
  return text.fit(left, WIDTH - 27) .. "  " .. text.moment(seen.at) .. ("%5s"):format(seen.level)
end

local function links(seen, most)
  local total = report.sum(seen.links)
  local lines = limited(report.by_count(seen.links), most.links, function(row)
    return ("  %-12s %9d  %s %3.0f %%"):format(row[1], row[2], bar(row[2] / total),
      100 * row[2] / total)
  end, function(others) return ("  and %d other states"):format(others) end)
  table.insert(lines, 1, ("links %d, %d expire within a day; undelivered URLs %d%s")
    :format(total, seen.expiring, seen.undelivered.count, seen.undelivered.since
      and ", the first for " .. age(seen.at, seen.undelivered.since) or ""))
  return lines
end

--- Counts in one line, such as "3 awaited, 1 failed".
local function in_words(counts)
  local parts = {}
  for i, row in ipairs(report.by_count(counts)) do parts[i] = ("%d %s"):format(row[2], row[1]) end
  return parts[1] and table.concat(parts, ", ") or "none"
end

local function records(seen)
  return {
    "cases " .. in_words(seen.cases),
    ("signings %s; identity checks %s"):format(in_words(seen.signings), in_words(seen.kyc)),
  }
end

local function jobs(seen, most)
  local rows, open, dead = {}, 0, 0
  for _, row in ipairs(seen.jobs) do
    open, dead = open + row.open, dead + row.dead
    if row.due_since then rows[#rows + 1] = row end
  end
  table.sort(rows, function(a, b) return a.due_since < b.due_since end)
  local lines = limited(rows, most.jobs, function(row)
    return ("  %-16s %5d  %s due for %s"):format(row.kind, row.open,
      bar(report.share_of(seen.at - row.due_since)), age(seen.at, row.due_since))
  end, function(others) return ("  and %d other kinds"):format(others) end)
  table.insert(lines, 1, ("jobs open %d, given up %d%s"):format(open, dead,
    rows[1] and "; due:" or "; nothing is due"))
  return lines
end

local function webhooks(seen)
  local events = seen.events
  local lines = { ("webhooks open %d, waiting %d, given up %d; last %s"):format(events.open,
    events.waiting, events.dead, events.last and age(seen.at, events.last) .. " ago" or "never") }
  if events.due_since then
    lines[2] = ("  %-22s  %s due for %s"):format("",
      bar(report.share_of(seen.at - events.due_since)), age(seen.at, events.due_since))
  end
  return lines
end

--- How a process stands, such as "alive, 4s ago".
local function standing(process, now)
  return ("%s %s ago"):format(process.state, age(now, process.ended_at or process.beat_at))
end

local function processes(seen, most)
  local alive = 0
  for _, process in ipairs(seen.processes) do
    if process.state == "alive" then alive = alive + 1 end
  end
  local lines = limited(seen.processes, most.processes, function(process)
    return ("  %s %s:%d, %s, %s"):format(process.role, process.host, process.pid,
      standing(process, seen.at), process.release)
  end, function(others) return ("  and %d others"):format(others) end)
  local needs = {}
  for _, row in ipairs(seen.needs) do
    needs[#needs + 1] = ("%s %d%s"):format(row.needs, row.open,
      row.served == "none" and " (no process has it)" or "")
  end
  table.insert(lines, 1, ("processes %d alive%s"):format(alive,
    needs[1] and "; jobs need " .. table.concat(needs, ", ") or ""))
  return lines
end

--- What is wrong and what to type, as many as there are lines for.
local function causes(seen, room)
  local lines, shown = {}, 0
  for _, cause in ipairs(seen.causes) do
    local is_last = shown + 1 == #seen.causes
    if #lines + 2 > room - (is_last and 0 or 1) then break end
    lines[#lines + 1] = ("%-4s  %s"):format(cause.level, cause.said)
    lines[#lines + 1] = "      " .. cause.type
    shown = shown + 1
  end
  if shown < #seen.causes then
    lines[#lines + 1] = ("and %d more: debitura status --json"):format(#seen.causes - shown)
  end
  return lines
end

-- The screen --------------------------------------------------------------------------------------

local BLOCKS = { links, records, jobs, webhooks, processes }

--- Writes the screen.
-- @tparam table seen what `status:read()` gives
-- @tparam string about the store, in a few words
-- @tparam boolean causes_last whether what is wrong stands at the end instead of first
-- @treturn table array of lines; each has a `level` where it is of a cause
function screen.lines(seen, about, causes_last)
  local numbers
  for _, most in ipairs(MOST) do
    numbers = {}
    for _, block in ipairs(BLOCKS) do
      for _, line in ipairs(block(seen, most)) do numbers[#numbers + 1] = { line } end
    end
    if 1 + #numbers + 2 * #seen.causes <= HEIGHT then break end
  end
  local wrong = {}
  for _, line in ipairs(causes(seen, HEIGHT - 1 - #numbers)) do
    wrong[#wrong + 1] = { line, level = line:match("^(%l+)  ") }
  end
  local lines = { { title(seen, about), level = seen.level } }
  for _, block in ipairs(causes_last and { numbers, wrong } or { wrong, numbers }) do
    for _, line in ipairs(block) do lines[#lines + 1] = line end
  end
  for _, line in ipairs(lines) do
    line[1] = text.fit(text.clean(line[1]), WIDTH):gsub("%s+$", "")
  end
  return lines
end

return screen
