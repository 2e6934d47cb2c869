--- Failures grouped by their cause: what differs from one to the next, such as whose they are, is
-- left out.
-- @module debitura.status.desk.causes

local advice = require("debitura.recipes.advice")
local core = require("debitura.core")
local failure = require("debitura.base.failure")
local hosted_url = require("debitura.recipes.hosted_url")

local causes = {}

--- What tells one failure of a cause from the next.
local VARYING = {
  { "[%w._%%+-]+@[%w.-]+", "…" }, -- addresses of mail
  { "%[request [^%]]*%]", "" }, { "%[after %d+ attempts%]", "" },
  { "%x%x%x%x%x%x%x%x[%x-]*", "…" }, { "%d%d%d%d+", "…" }, -- ids and times, not a status
  { "'[^']*'", "'…'" }, { '"[^"]*"', '"…"' },
}

--- The kind of a failure as it is written, with its status and Debitura's own type for it: the part
-- in which nothing of a customer's can be.
local function head_of(problem)
  for name in pairs(failure.kinds) do
    local at = (": " .. problem):find(": " .. name .. "[ :]")
    if at then
      local rest = problem:sub(at + #name)
      local status = rest:match("^ (%d%d%d)[ :]")
      local kind = rest:match("^ %d%d%d (%a+):") or rest:match("^ (%a+):")
      return name .. (status and " " .. status or "") .. (kind and " " .. kind or "")
    end
  end
  return "another failure"
end

--- The cause of a problem.
-- @tparam ?string problem what is kept of a job or an event
-- @tparam boolean personal whether what may be of customers may be shown
-- @treturn string
function causes.of(problem, personal)
  if not problem or problem == "" then return "nothing is kept of it" end
  if not personal then return head_of(problem) end
  local said = hosted_url.redacted(problem)
  for _, row in ipairs(VARYING) do said = said:gsub(row[1], row[2]) end
  return said
end

--- A problem as it is shown beside what it is of.
-- @tparam ?string problem
-- @tparam boolean personal
-- @treturn ?string
function causes.shown(problem, personal)
  if not problem or personal then return problem end
  return head_of(problem)
end

--- A reason that a record keeps: Debitura's word for it, or what a person wrote.
-- @tparam ?string reason
-- @tparam boolean personal
-- @treturn ?string
function causes.reason(reason, personal)
  if personal or reason == nil or advice.is_known(reason) then return reason end
  return "not shown here"
end

--- A short name of a cause, for a URL.
-- @tparam string cause
-- @treturn string
function causes.id(cause)
  return core.digest.sha256(cause):sub(1, 16)
end

--- Groups what was given up.
-- @tparam table rows jobs or events with `result` and `ended_at`
-- @tparam string of the column that belongs to the cause: what failed
-- @tparam boolean personal
-- @treturn table array of `{ of, cause, id, count, first, last }`, the most frequent first
function causes.group(rows, of, personal)
  local found, groups = {}, {}
  for _, row in ipairs(rows) do
    local cause = causes.of(row.result, personal)
    local place = row[of] .. "\0" .. cause
    local group, at = found[place], row.ended_at or row.due_at
    if not group then
      group = { of = row[of], cause = cause, id = causes.id(cause), count = 0, first = at,
        last = at }
      found[place], groups[#groups + 1] = group, group
    end
    group.count = group.count + 1
    group.first, group.last = math.min(group.first, at), math.max(group.last, at)
  end
  table.sort(groups, function(a, b)
    if a.count ~= b.count then return a.count > b.count end
    return a.of .. a.cause < b.of .. b.cause
  end)
  return groups
end

return causes
