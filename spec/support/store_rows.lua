--- Moves, jobs and events for the specs of the stores, and how their rows are named.

local rows = {}

rows.T0 = 1767225600 -- 2026-01-01T00:00:00Z

--- One move of a change.
function rows.move(kind, name, version, set, event, event_id)
  return {
    kind = kind, name = name, version = version, set = set,
    entry = { event = event or "e", event_id = event_id },
  }
end

function rows.change(tenant, moves, jobs)
  return { tenant = tenant, moves = moves, jobs = jobs }
end

--- A job that a link enqueues.
function rows.job(key, due_at, more)
  local job = {
    key = key, kind = "deliver", record = "link", name = "", generation = 1, needs = "",
    due_at = due_at or rows.T0,
  }
  for column, value in pairs(more or {}) do job[column] = value end
  return job
end

--- Enqueues jobs for a tenant.
function rows.enqueue(store, tenant, jobs)
  return assert(store:record_move(rows.change(tenant, {}, jobs), rows.T0))
end

--- Adds an event.
function rows.add(store, id, tenant, received_at, more)
  local event = { id = id, tenant = tenant, event = "client.linked", body = "{}" }
  for column, value in pairs(more or {}) do event[column] = value end
  return store:inbox_add(event, received_at or rows.T0)
end

local function joined(page, text_of)
  local texts = {}
  for i, row in ipairs(page) do texts[i] = text_of(row) end
  return table.concat(texts, " ")
end

--- The tenants and names of records, in one line.
function rows.names(page)
  return joined(page, function(record) return record.tenant .. "/" .. record.name end)
end

function rows.keys(page)
  return joined(page, function(job) return job.key end)
end

function rows.ids(page)
  return joined(page, function(item) return item.id end)
end

function rows.every_byte()
  local bytes = {}
  for byte = 0, 255 do bytes[#bytes + 1] = string.char(byte) end
  return table.concat(bytes)
end

--- So many bytes of hex that hardly compress.
function rows.incompressible(length)
  local parts, size, i = {}, 0, 1
  while size < length do
    parts[i] = ("%x"):format(i * i * i * 104729):sub(-4)
    size, i = size + #parts[i], i + 1
  end
  return table.concat(parts):sub(1, length)
end

return rows
