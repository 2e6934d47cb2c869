--- Looks for what is personal in the bytes that a database keeps or gives out.
--
--     personal_bytes.check(opened, function() return <all bytes of the database> end)

local assert = require("luassert")
local encoding = require("debitura.base.encoding")
local rows = require("spec.support.store_rows")

local personal_bytes = {}

local T0 = rows.T0
local SEALED = { "url", "payload", "reason", "result" }

--- Keeps of a tenant, in each place that holds what is personal, a text that stands nowhere else.
local function fill(opened, tenant)
  local function marker(place) return ("marker %s of %s"):format(place, tenant) end
  local moves = {}
  for i, kind in ipairs { "link", "case" } do
    local set = { state = "pending" }
    for _, column in ipairs(SEALED) do set[column] = marker(kind .. " " .. column) end
    moves[i] = rows.move(kind, kind == "case" and "R-1" or "", 0, set)
    moves[i].entry.note = marker(kind .. " note")
  end
  local jobs = {}
  for i, name in ipairs { "done", "open", "dead" } do
    jobs[i] = rows.job(tenant .. "/" .. name, T0)
  end
  jobs[2].args = marker("args")
  assert(opened:record_move(rows.change(tenant, moves, jobs), T0))
  local claimed = opened:jobs_claim { keys = { jobs[1].key, jobs[2].key, jobs[3].key }, now = T0,
    lease = 60 }
  for _, job in ipairs(claimed) do
    local verb = job.key:find("done$") and "job_done" or job.key:find("open$") and "job_retry"
      or "job_dead"
    assert(opened[verb](opened, job, T0 + 1, marker(job.key)))
  end
  for i, name in ipairs { "done", "dead", "open", "waiting", "owner" } do
    assert(rows.add(opened, tenant .. "-" .. name, name == "owner" and "case of " .. tenant
      or tenant, T0 + i, { body = marker("body " .. name) }))
  end
  for _ = 1, 2 do
    for _, item in ipairs(opened:inbox_claim { now = T0 + 9, lease = 60 }) do
      if item.id == tenant .. "-done" then assert(opened:inbox_done(item, T0 + 9)) end
      if item.id == tenant .. "-dead" then
        assert(opened:inbox_dead(item, T0 + 9, marker("result of a webhook")))
      end
    end
  end
  assert(opened:token_put("token of " .. tenant, marker("token"), T0 + 999, T0))
end

--- What stands in these places, as the backend keeps it.
local function kept(opened, tenant)
  local backend, found = opened.backend, {}
  local function add(row, ...)
    for _, column in ipairs { ... } do found[#found + 1] = row[column] end
  end
  for _, place in ipairs { { "link", "" }, { "case", "R-1" } } do
    add(backend:record(place[1], tenant, place[2]), "url", "payload", "reason", "result")
    add(backend:record_history({ kind = place[1], tenant = tenant, name = place[2] })[1], "note")
  end
  for _, job in ipairs(backend:jobs { tenant = tenant }) do add(job, "args", "result") end
  for _, name in ipairs { "done", "dead", "open", "waiting", "owner" } do
    add(backend:inbox_item(tenant .. "-" .. name), "body", "result")
  end
  found[#found + 1] = backend:token("token of " .. tenant, T0) or nil
  return found
end

--- How many of some texts stand in bytes, as they are or in hexadecimal.
local function count(bytes, texts)
  local found = 0
  for _, text in ipairs(texts) do
    if bytes:find(text, 1, true) or bytes:find(encoding.hex(text), 1, true) then
      found = found + 1
    end
  end
  return found
end

--- Fills a store with two tenants, forgets one, and looks for what was kept of both.
-- @tparam table opened
-- @tparam function dump gives all bytes of the database
function personal_bytes.check(opened, dump)
  fill(opened, "acme-1")
  fill(opened, "acme-2")
  local gone, stays = kept(opened, "acme-1"), kept(opened, "acme-2")
  assert.same({ 21, 21 }, { #gone, #stays })
  local bytes = dump()
  assert.same({ 21, 21 }, { count(bytes, gone), count(bytes, stays) })
  assert.equal(7, opened:forget {
    tenant = "acme-1", kinds = { "link", "case" }, owners = { "case of acme-1" },
    tokens = { "token of acme-1" }, now = T0 + 99,
  })
  bytes = dump()
  assert.same({ 0, 21 }, { count(bytes, gone), count(bytes, stays) })
end

return personal_bytes
