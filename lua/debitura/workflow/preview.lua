--- What is due, and what open jobs wait for, as a runner finds it; does none of it.
-- @module debitura.workflow.preview

local preview = {}

local PAGE = 100

--- What jobs that are due need and a process has not.
-- @tparam table runner see debitura.workflow.runner
-- @treturn[1] table array of `{ needs, count }`; `count` stops at 100
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function preview.missing(runner)
  local counts, err = runner.store:counts()
  if not counts then return nil, err end
  local has, missing = {}, {}
  for _, needs in ipairs(runner.can) do has[needs] = true end
  for _, row in ipairs(counts) do
    if row.of == "need" and not has[row.kind] then
      local due
      due, err = runner.store:jobs { needs = row.kind, due_by = runner.clock(), limit = PAGE }
      if not due then return nil, err end
      if due[1] then missing[#missing + 1] = { needs = row.kind, count = #due } end
    end
  end
  table.sort(missing, function(a, b) return a.needs < b.needs end)
  return missing
end

--- Reports everything that is due; what the process cannot do is reported as "waiting".
-- @tparam table runner
-- @tparam number limit how many jobs at most
-- @tparam function report called with each job and "due" or "waiting"; ends it by returning false
-- @treturn[1] table counts: `total`, `due`, `waiting`
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function preview.run(runner, limit, report)
  local due_by, counts = runner.clock(), { total = 0 }
  local missing, err = preview.missing(runner)
  if not missing then return nil, err end
  local turns = { { needs = "", word = "due" } }
  for _, needs in ipairs(runner.can) do turns[#turns + 1] = { needs = needs, word = "due" } end
  for _, row in ipairs(missing) do turns[#turns + 1] = { needs = row.needs, word = "waiting" } end
  for _, turn in ipairs(turns) do
    local page, last
    repeat
      page, err = runner.store:jobs { needs = turn.needs, due_by = due_by, after = last,
        limit = PAGE }
      if not page then return nil, err end
      for _, job in ipairs(page) do
        if counts.total >= limit then return counts end
        counts.total, counts[turn.word], last = counts.total + 1, (counts[turn.word] or 0) + 1, job
        if report(job, turn.word) == false then return counts end
      end
    until #page < PAGE
  end
  return counts
end

return preview
