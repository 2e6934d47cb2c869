--- How `submission` takes cases out of a file: each is recorded and submitted in turn, wrong ones
-- are told with their lines, and where it stopped it goes on.
-- @module debitura.recipes.verbs.import

local core = require("debitura.core")
local failure = require("debitura.base.failure")
local import = require("debitura.import")

local case_import = {}

local CHECKPOINT_EVERY = 100 -- records
local CHECKPOINT_KEPT = 30 * 86400 -- seconds
local UNREACHABLE = 3 -- failures in a row, after which the rest is recorded only

local function unusable(path, problems)
  return failure.new {
    kind = "validation", operation = "case_import",
    message = ("%s cannot be imported, nothing was sent"):format(path),
    fields = { file = problems },
  }
end

--- The line up to which an earlier run has come.
local function resume(runner, key)
  local text, err = runner.store:token(key, runner.clock())
  if text == nil then return nil, err end
  local place = text and core.json.decode(text)
  return place and place.line or 0
end

local function keep_place(runner, key, source, ended)
  local now = runner.clock()
  local expires_at = ended and now or now + CHECKPOINT_KEPT
  return runner.store:token_put(key, core.json.encode(source:position()), expires_at, now)
end

local function wrong(record)
  return failure.new { kind = "validation", operation = "case_import",
    message = "the record is wrong", fields = record.fields }
end

-- A run: the submission, its options, what has been counted, and how often in a row Debitura could
-- not be reached.
local Run = {}
Run.__index = Run

--- Takes one record in.
-- @treturn[1] string what became of it
-- @treturn[1] ?table failure, for the report
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Run:take(record)
  local tenant = self.options.external_tenant_id or record.tenant
  if record.fields then
    -- A survey has told of it.
    return "wrong", not self.options.on_summary and wrong(record) or nil
  end
  local given = { again = self.options.again, check = self.options.check }
  if self.options.dry_run then
    local word, err = self.submission:try(tenant, record.case, given)
    if word then return word == "known" and word or "right" end
    if err.kind == "store" then return nil, err end
    return "wrong", err
  end
  local deferred = self.options.record_only or self.unreachable >= UNREACHABLE
  local verb = deferred and self.submission.record or self.submission.submit
  local outcome, err = verb(self.submission, tenant, record.case, given)
  if not outcome then
    if err.kind == "store" then return nil, err end
    return err.status and "rejected" or "wrong", err
  end
  if deferred then return outcome == "known" and "known" or "recorded" end
  self.unreachable = outcome.failure and self.unreachable + 1 or 0
  return outcome.state, outcome.failure
end

--- Takes records in until the file ends, `on_progress` stops it, or the store fails.
-- @treturn[1] boolean whether the file has ended
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Run:take_all(source, checkpoint)
  local options, counts = self.options, self.counts
  for record in function() return source:next() end do
    local word, err = self:take(record)
    if not word then return nil, err end
    counts.total, counts[word] = counts.total + 1, (counts[word] or 0) + 1
    if err and options.on_error then options.on_error(record.line, err) end
    if counts.total % CHECKPOINT_EVERY == 0 then
      local kept
      kept, err = checkpoint()
      if not kept then return nil, err end
    end
    local step = { line = record.line, bytes = source:position().offset, size = source.size,
      counts = counts }
    if options.on_progress and options.on_progress(step) == false then return false end
  end
  return source.ended == true
end

--- Reads the file to its end before anything is sent, and shows what it holds.
-- @treturn boolean whether it is to be sent
function Run:survey(source, line)
  local on_summary, on_error = self.options.on_summary, self.options.on_error
  if not on_summary then return true end
  local summary = source:survey(on_error and function(record)
    on_error(record.line, wrong(record))
  end)
  if on_summary(summary) == false then return false end
  source:rewind(line)
  return true
end

function Run:import(source)
  local runner, key = self.submission.runner, "import/" .. source.id
  if not self.options.restart then
    local line, err = resume(runner, key)
    if not line then return nil, err end
    self.counts.skipped = line
    if line > 0 then source:rewind(line) end
  end
  if not self:survey(source, self.counts.skipped) then return true end
  if self.options.dry_run then return self:take_all(source, function() return true end) end
  local ended, err = self:take_all(source, function() return keep_place(runner, key, source) end)
  if ended == nil then return nil, err end
  return keep_place(runner, key, source, ended)
end

--- Imports a file; `submission:import` calls it.
-- @tparam table submission
-- @tparam string path
-- @tparam table options
-- @treturn[1] table counts
-- @treturn[2] nil
-- @treturn[2] table failure
-- @treturn[2] ?table counts so far
function case_import.run(submission, path, options)
  local reading = import.chosen(options)
  reading.now = submission.runner.clock()
  local source, problems = import.open(path, reading)
  if not source then return nil, unusable(path, problems) end
  local run = setmetatable({ submission = submission, options = options,
    counts = { total = 0, skipped = 0 }, unreachable = 0 }, Run)
  local done, err = run:import(source)
  source:close()
  if not done then return nil, err, run.counts end
  return run.counts
end

return case_import
