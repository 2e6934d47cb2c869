--- Case submission: brings a case to Debitura once, however often and by whichever process it is
-- tried, and follows what stands in its way.
--
-- The case and its idempotency key are in the store before it is sent. What a 422 wants first is
-- handed over to the customer (`signing`), and the case is parked until a webhook or the clock says
-- that it can be tried again, under the key's next generation.
-- @module debitura.recipes.verbs.submission

local advice = require("debitura.recipes.advice")
local case_import = require("debitura.recipes.verbs.import")
local cases = require("debitura.recipes.cases")
local failure = require("debitura.base.failure")
local import = require("debitura.import")
local jobs = require("debitura.workflow.jobs")
local kinds = require("debitura.recipes.kinds")
local names = require("debitura.store.names")
local operations = require("debitura.operations")
local options = require("debitura.base.options")
local recipe_options = require("debitura.recipes.options")
local request = require("debitura.client.request")
local usage = require("debitura.base.usage")

local submission = {}

local CREATE = operations.get("customer", "cases.create")
submission.submit_options = options.define("submission:submit", {
  { "again", "boolean", default = false,
    "starts anew what has ended without success, also with another body" },
  { "check", "boolean", default = true, "false leaves the case to Debitura's own checks" },
})
submission.import_options = options.define("submission:import", submission.submit_options.rows,
  import.reading, {
  { "record_only", "boolean", default = false, "true: a sweep submits the cases" },
  { "dry_run", "boolean", default = false,
    "true: nothing is recorded or sent; what is right is counted as `right`" },
  { "restart", "boolean", default = false, "true: from the first line" },
  { "on_summary", "function",
    "is called before anything is sent with what the file holds, as import.check gives it; "
      .. "returning false stops" },
  { "on_error", "function", "is called for each record that is not taken: (line, failure)" },
  { "on_progress", "function", "is called for each record, and stops by returning false" },
})

local Submission = {}

-- What the platform needs to know of a case.
function Submission:outcome(case, answer, problem)
  return {
    external_tenant_id = case.tenant, creditor_reference = case.name, state = case.state,
    generation = case.generation, origin = case.origin, reason = case.reason,
    detail = case.result,
    advice = case.state ~= "created"
      and advice.of_case(case.reason, self.runner.context.debitura_support) or nil,
    case_id = case.data.case_id, reference = case.data.reference,
    lifecycle = case.data.lifecycle, close_code = case.data.close_code, case = answer,
    failure = problem,
  }
end

local function cannot_follow(field, problem)
  return failure.new {
    kind = "validation", operation = "submission",
    message = "the case cannot be followed, nothing was sent", fields = { [field] = { problem } },
  }
end

-- The case, checked, as the exact text that is sent whenever it is sent.
function Submission:encode(tenant, case, check)
  local reference = case.creditorReference
  local problem = type(reference) == "string" and names.problem(tenant, reference)
  if type(reference) ~= "string" or reference == "" then
    problem = "required, to recognise the case"
  end
  if problem then return nil, cannot_follow("creditorReference", problem) end
  local built, err = request.build(CREATE, { body = case },
    { check = check, now = self.runner.clock() })
  if not built then return nil, err end
  return built.body
end

--- Puts a case in the store and sends nothing yet; a sweep does, or `submit` with the same case.
-- @tparam string external_tenant_id
-- @tparam table case CreateCollectionCaseRequest, with a `creditorReference` of its own
-- @tparam[opt] table given `again = true` starts anew what has ended without success, also with
--   another body; `check = false` leaves the case to Debitura's own checks
-- @treturn[1] string "new", "again" or "known"
-- @treturn[1] table how it stands; see `submit`
-- @treturn[2] nil
-- @treturn[2] table failure: the case was not accepted, another with this reference is under way,
--   or the store failed
function Submission:record(external_tenant_id, case, given)
  local wanted = submission.submit_options:read(given)
  local word, known = self:put(self.runner:begin(), external_tenant_id, case, wanted)
  if not word then return nil, known end
  return word, self:outcome(known)
end

-- What `record` would say of a case, without recording it.
function Submission:try(external_tenant_id, case, given)
  local wanted = submission.submit_options:read(given)
  wanted.dry_run = true
  local word, err = self:put(self.runner:begin(), external_tenant_id, case, wanted)
  if not word then return nil, err end
  return word
end

-- Whether what is handed in is another body than what is followed; a case that came with its link
-- has none of its own.
local function is_changed(known, text)
  return known.payload ~= nil and known.payload ~= text
end

local function event_for(known, text, again)
  if not known or known.state == "replaced" then return "submit" end
  if again or known.state == "rejected" and is_changed(known, text) then return "again" end
  return "known"
end

function Submission:put(work, tenant, case, wanted)
  cases.check_tenant(tenant)
  if type(case) ~= "table" then usage.error("case: CreateCollectionCaseRequest as a table") end
  local err = recipe_options.unreachable(self.runner.context, "submission.submit")
  if err then return nil, err end
  local text
  text, err = self:encode(tenant, case, wanted.check)
  if not text then return nil, err end
  local reference = case.creditorReference
  local known
  known, err = self.runner:record("case", tenant, reference)
  if known == nil then return nil, err end
  -- What Debitura has already may be called so, and is found under that name alone.
  local problem = not known and names.invisible_problem(reference)
  if problem then return nil, cannot_follow("creditorReference", problem) end
  local name = event_for(known, text, wanted.again)
  if name == "known" then
    if is_changed(known, text) then
      return nil, failure.new {
        kind = "conflict", type = "PayloadChanged", operation = "submission.submit",
        message = ("this case was submitted with another body and is %s; a body that is parked or "
          .. "ended can be replaced with again = true")
          :format(known.state),
      }
    end
    local taken = true
    if known.state == "submitting" and not wanted.dry_run then
      taken, err = work:take_up { jobs.new("submit_case", known, work:clock()) }
    end
    return taken and "known", taken and known or err
  end
  if wanted.dry_run then return name == "again" and "again" or "new", known end
  local word, record = work:apply_to({ kind = "case", tenant = tenant, name = reference }, {
    name = name, payload = text, key = cases.key(tenant, reference, text),
    terms = self.runner.terms,
  })
  if not word then return nil, record end
  return word ~= "moved" and "known" or name == "again" and "again" or "new", record
end

local function keep_answer(work, job, _, details)
  if job.kind == "submit_case" and job.name == work.reference then
    work.case, work.problem = details.case, details.failure
  end
end

--- Submits a case. The same case again changes nothing and tells how it stands.
-- @tparam string external_tenant_id
-- @tparam table case CreateCollectionCaseRequest, with a `creditorReference` of its own
-- @tparam[opt] table given as for `record`
-- @treturn[1] table `external_tenant_id`, `creditor_reference`, `state`
--   (`debitura.recipes.case.states`), `generation`; `case_id` and `reference` once it is created,
--   `lifecycle` and `close_code` as last heard; `case` when this call did it (Debitura's answer);
--   `reason`, `detail` (Debitura's own sentence) and `advice` (what to tell the customer) when it
--   is parked or cannot be taken;
--   `failure` when Debitura could not be asked just now: a sweep repeats it
-- @treturn[2] nil
-- @treturn[2] table failure: the case was not accepted (`fields`), another with this reference is
--   under way, or the store failed
function Submission:submit(external_tenant_id, case, given)
  local work = self.runner:begin(keep_answer)
  local word, err = self:put(work, external_tenant_id, case, submission.submit_options:read(given))
  if not word then return nil, err end
  local counts
  work.reference = case.creditorReference
  counts, err = work:go_on()
  if not counts then return nil, err end
  local known
  known, err = self.runner:record("case", external_tenant_id, case.creditorReference)
  if not known then return nil, err end
  local problem = work.problem
  if known.state == "rejected" then
    return nil, problem or failure.new { kind = "validation", operation = "submission.submit",
      message = known.reason, detail = known.result }
  end
  -- What holds the signing URL is the channels' alone.
  if known.state ~= "submitting" then problem = nil end
  return self:outcome(known, work.case, problem)
end

--- Submits the cases of a file, one after the other, in constant memory. Stopped and called again
-- it goes on where it was; a case that is known already is not submitted twice. When Debitura
-- cannot be reached, what follows is recorded for a sweep.
-- @tparam string path see debitura.import
-- @tparam[opt] table given how the file is read (see debitura.import), those of `record`, and
--   `record_only` (true: a sweep submits them), `restart` (true: from the first line),
--   `on_summary(summary)` (is called before anything is sent; returning false stops),
--   `on_error(line, failure)`, `on_progress(step)`: `{line, bytes, size, counts}`, returning false
--   stops
-- @treturn[1] table `total`, `skipped` (lines that an earlier run has taken), and how many ended as
--   what: the states of `debitura.recipes.case`, "wrong" (not sent), "recorded", "known"
-- @treturn[2] nil
-- @treturn[2] table failure: of kind "validation" when the file as a whole is of no use
--   (`fields.file`), of kind "configuration", or of the store
-- @treturn[2] ?table counts so far
function Submission:import(path, given)
  if type(path) ~= "string" then usage.error("path: a file's name expected") end
  local wanted = submission.import_options:read(given)
  local err = recipe_options.unreachable(self.runner.context, "submission.import")
  if err then return nil, err end
  return case_import.run(self, path, wanted)
end

--- How a case stands.
-- @tparam string external_tenant_id
-- @tparam string creditor_reference
-- @treturn[1] table|false as `submit` gives it; false when it is not in the store
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Submission:status(external_tenant_id, creditor_reference)
  local case, err = self.runner:record("case", external_tenant_id, creditor_reference)
  if not case then return case, err end
  return self:outcome(case)
end

--- Gives up a case that Debitura does not have.
-- @tparam string external_tenant_id
-- @tparam string creditor_reference
-- @tparam[opt] string reason for the history
-- @treturn[1] string "moved", "recorded" (there is nothing to withdraw) or "unknown" (it is not in
--   the store)
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Submission:withdraw(external_tenant_id, creditor_reference, reason)
  local record = { kind = "case", tenant = external_tenant_id, name = creditor_reference }
  local word, err = self.runner:begin():apply_to(record, {
    name = "withdraw", reason = reason, note = reason,
  })
  if not word then return nil, err end
  return word
end

--- Follows a webhook: any event, of any client, once or many times, in any order.
-- @tparam table event as `debitura.webhook.verify` gives it
-- @treturn[1] string "moved", "recorded" (it says nothing new), "duplicate" or "unknown" (no record
--   waits for it)
-- @treturn[2] nil
-- @treturn[2] table failure of the store: hand the event in again later
-- @function Submission:handle

--- Does what is due; see `debitura.recipes.verbs.recovery`.
-- @tparam[opt] table given `limit` (how many at most), `dry_run`, `on_progress(step)`
-- @treturn table counts, or nil and a failure of the store
-- @function Submission:sweep

--- Makes the recipe.
-- @tparam table given options, see debitura.recipes.options
-- @treturn table with `record`, `submit`, `import`, `status`, `withdraw`, `handle` and `sweep`
-- @function new
submission.new = kinds.recipe(Submission)

return submission
