--- Case submission: brings a case to Debitura once, however often and by whichever process it is tried, and follows what stands in
-- its way.
--
-- The case and its idempotency key are on the ledger before it is sent. What a 422 wants first is handed over to the customer
-- (`signing_handoff`), and the case is parked until a webhook or the clock says that it can be tried again, under the key's next
-- generation.
-- @module debitura.recipes.verbs.submission

local case_import = require("debitura.recipes.verbs.import")
local cases = require("debitura.recipes.cases")
local core = require("debitura.core")
local facts = require("debitura.recipes.interpret")
local failure = require("debitura.base.failure")
local operations = require("debitura.operations")
local request = require("debitura.client.request")
local runner = require("debitura.workflow.runner")

local case_submission = {}

local KINDS = { "submit", "retry", "report", "fallback", "escalate", "hand_over", "submit_kyc", "release", "deliver", "remind", "look" }
local KINDS_OF_EVENT = { "submit", "report", "fallback", "escalate", "hand_over", "submit_kyc", "release", "deliver" }
local CREATE = operations.get("customer", "cases.create")

--- What to tell the customer of a case that cannot be taken, or not yet.
case_submission.advice = {
  signing = "Documents are to be signed before this case can go on. The link to them was sent.",
  kyc = "A director has to be identified before this case can go on. The link to the form was sent.",
  unlinked = "The account is not connected to Debitura at present. The case is submitted as soon as it is.",
  NoPartnerAvailable = "This jurisdiction is not currently supported.",
  CreditorBlocked = "The account is blocked. Please contact Debitura.",
}

local Submission = {}
Submission.__index = Submission

--- What the platform needs to know of a case.
local function outcome_of(case, answer, problem)
  local result = case.result and core.json.decode(case.result) or {}
  return {
    external_tenant_id = case.tenant, creditor_reference = case.name, state = case.state, generation = case.generation,
    reason = case.reason, advice = case.state ~= "created" and case_submission.advice[case.reason] or nil,
    case_id = result.case_id, reference = result.reference, case = answer, failure = problem,
  }
end

-- The case, checked, as the exact text that is sent whenever it is sent.
function Submission:encode(case, check)
  local reference = case.creditorReference
  if type(reference) ~= "string" or reference == "" then
    return nil, failure.new {
      kind = "validation", operation = "case_submission", message = "the case cannot be followed, nothing was sent",
      fields = { creditorReference = { "required, to recognise the case" } },
    }
  end
  local built, failed = request.build(CREATE, { body = case }, { check = check, now = self.runner.clock() })
  if not built then return nil, failed end
  return built.body
end

--- Puts a case on the ledger and sends nothing yet; a sweep does, or `submit` with the same case.
-- @tparam string external_tenant_id
-- @tparam table case CreateCollectionCaseRequest, with a `creditorReference` of its own
-- @tparam[opt] table options `again = true` starts anew what has ended without success, also with another body; `check = false` leaves
--   the case to Debitura's own checks
-- @treturn[1] string "new", "again" or "known"
-- @treturn[1] table how it stands; see `submit`
-- @treturn[2] nil
-- @treturn[2] table failure: the case was not accepted, another with this reference is under way, or the store failed
function Submission:record(external_tenant_id, case, options)
  if type(external_tenant_id) ~= "string" or external_tenant_id == "" then error("the client's externalTenantId expected", 2) end
  if type(case) ~= "table" then error("case: CreateCollectionCaseRequest as a table", 2) end
  options = options or {}
  local text, err = self:encode(case, options.check)
  if not text then return nil, err end
  local reference = case.creditorReference
  local known
  known, err = self.runner.store:matter(external_tenant_id, "case", reference)
  if known == nil then return nil, err end
  local event = known and (options.again or known.state == "rejected" and known.payload ~= text) and "again" or "submit"
  if known and known.payload ~= text and event == "submit" then
    return nil, failure.new {
      kind = "conflict", type = "PayloadChanged", operation = "case_submission",
      message = ("this case was submitted with another body and is %s; a body that is parked or ended can be replaced with again = true")
        :format(known.state),
    }
  end
  local word
  known, word = cases.record(self.runner, external_tenant_id, reference, text, event)
  if known == nil then return nil, word end
  return word ~= "moved" and "known" or event == "again" and "again" or "new", outcome_of(known)
end

--- Submits a case. The same case again changes nothing and tells how it stands.
-- @tparam string external_tenant_id
-- @tparam table case CreateCollectionCaseRequest, with a `creditorReference` of its own
-- @tparam[opt] table options as for `record`
-- @treturn[1] table `external_tenant_id`, `creditor_reference`, `state` (`debitura.recipes.case.states`), `generation`; `case_id` and
--   `reference` once it is created, `case` when this call did it (Debitura's answer); `reason` and `advice` (what to tell the customer)
--   when it is parked or cannot be taken; `failure` when Debitura could not be asked just now: a sweep repeats it
-- @treturn[2] nil
-- @treturn[2] table failure: the case was not accepted (`fields`), another with this reference is under way, or the store failed
function Submission:submit(external_tenant_id, case, options)
  local word, err = self:record(external_tenant_id, case, options)
  if not word then return nil, err end
  local reference, answer, problem = case.creditorReference, nil, nil
  local counts
  counts, err = self.runner:work { tenant = external_tenant_id, kinds = KINDS_OF_EVENT, each = function(effect, _, details)
    if effect.kind == "submit" and effect.name == reference then answer, problem = details.case, details.failure end
  end }
  if not counts then return nil, err end
  local matter
  matter, err = self.runner.store:matter(external_tenant_id, "case", reference)
  if not matter then return nil, err end
  if matter.state == "rejected" then
    return nil, problem or failure.new { kind = "validation", operation = "case_submission", message = matter.reason }
  end
  -- What holds the signing URL is the channels' alone.
  if matter.state ~= "submitting" then problem = nil end
  return outcome_of(matter, answer, problem)
end

--- Submits the cases of a file, one after the other, in constant memory. Stopped and called again it goes on where it was; a case that
-- is known already is not submitted twice. When Debitura cannot be reached, what follows is recorded for a sweep.
-- @tparam string path of a CSV file, whose header names the API's fields (`creditorReference`, `amountToRecover`, `debtor.name` and so
--   on; separated by commas, semicolons or tabs), or of JSON lines, each a CreateCollectionCaseRequest
-- @tparam[opt] table options `external_tenant_id` (whose cases these are; without it a column `externalTenantId` says so, or each JSON
--   line is `{"externalTenantId": …, "case": {…}}`), `format` ("csv" or "jsonl"; default: by the file's name), `record_only` (true: a
--   sweep submits them), `limit` (how many at most), `restart` (true: from the first line), `on_error(line, failure)`,
--   `on_progress(step)`: `{line, bytes, size, counts}`, returning false stops; and those of `record`
-- @treturn[1] table `total`, `skipped` (lines that an earlier run has taken), and how many ended as what: the states of
--   `debitura.recipes.case`, "wrong" (not sent), "recorded", "known"
-- @treturn[2] nil
-- @treturn[2] table failure: of kind "validation" when the file as a whole is of no use (`fields.file`), or of the store
-- @treturn[2] ?table counts so far
function Submission:import(path, options)
  if type(path) ~= "string" then error("path: a file's name expected", 2) end
  return case_import.run(self, path, options or {})
end

--- How a case stands.
-- @tparam string external_tenant_id
-- @tparam string creditor_reference
-- @treturn[1] table|false as `submit` gives it; false when it is not on the ledger
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Submission:status(external_tenant_id, creditor_reference)
  local matter, err = self.runner.store:matter(external_tenant_id, "case", creditor_reference)
  if not matter then return matter, err end
  return outcome_of(matter)
end

--- Gives up a case that Debitura does not have.
-- @tparam string external_tenant_id
-- @tparam string creditor_reference
-- @tparam[opt] string reason for the history
-- @treturn[1] string "moved" or "recorded" (there is nothing to withdraw)
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Submission:withdraw(external_tenant_id, creditor_reference, reason)
  local matter, word = self.runner:apply_matter({ tenant = external_tenant_id, kind = "case", name = creditor_reference }, {
    name = "withdraw", at = self.runner.clock(), reason = reason,
  })
  if matter == nil then return nil, word end
  return word
end

--- Follows a webhook: any event, of any client, once or many times, in any order.
-- @tparam table event as `debitura.webhook.verify` gives it
-- @treturn[1] string "moved", "recorded" (it says nothing new) or "unknown" (it is not about a submitted case)
-- @treturn[2] nil
-- @treturn[2] table failure of the store: hand the event in again later
function Submission:handle(event)
  if type(event) ~= "table" or event.event ~= "case.created" then return "unknown" end
  local tenant, happened = facts.webhook(event, self.runner.clock())
  local news = happened.cases[1]
  if not tenant or not news then return "unknown" end
  happened.result = core.json.encode { case_id = news.case_id, reference = news.reference }
  local matter, word = self.runner:apply_matter({ tenant = tenant, kind = "case", name = news.creditor_reference }, happened)
  if matter == nil then return nil, word end
  if not matter then return "unknown" end
  local counts, err = self.runner:work { tenant = tenant, kinds = KINDS_OF_EVENT }
  if not counts then return nil, err end
  return word
end

--- Does what is due: cases that were recorded only, that are to be tried again, or were left by a process that died.
-- @tparam[opt] table options `limit` (how many at most), `dry_run`, `on_progress(step)`; see `expired_link_recovery`
-- @treturn table counts, or nil and a failure of the store
function Submission:sweep(options)
  return self.runner:sweep(KINDS, options)
end

--- Makes the recipe.
-- @tparam table options those of `signing_handoff.new`, and two functions of a case that cannot be taken, `fallback` (no partner takes
--   it) and `escalate` (the creditor is blocked): each is given `{ key, tenant, creditor_reference, reason, payload }`, fails by an
--   error or `nil, problem`, and is then called again with the same `key`
-- @treturn table with `submit`, `record`, `import`, `status`, `withdraw`, `handle` and `sweep`
function case_submission.new(options)
  return setmetatable({ runner = runner.new(options) }, Submission)
end

return case_submission
