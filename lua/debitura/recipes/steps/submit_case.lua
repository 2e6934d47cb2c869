--- How a case is submitted, tried again, and how its end is told to those who wait for it.
-- @module debitura.recipes.steps.submit_case

local core = require("debitura.core")
local facts = require("debitura.recipes.interpret")

local does = {}

local FUNCTION_ATTEMPTS = 8
local PROBLEM_MAX = 500 -- bytes kept of what a function of the platform says

--- Whether an effect is still about what its case is doing.
local function current(effect, case, state)
  return case and case.state == state and effect.generation == case.generation
end

--- The case that has the reference already, when it is this one: Debitura may have created it on the way from a link request after
-- it had been asked for and not been found.
local function existing(customer, body, err)
  local refused = err.kind == "validation" and err.fields and err.fields.creditorReference ~= nil
  for _, problem in ipairs(err.business_errors or {}) do refused = refused or problem.type == "DuplicateReference" end
  if not refused then return nil, err end
  local known = customer.cases:by_creditor_reference(body.creditorReference)
  local same = known and known.grossAmount == body.amountToRecover and known.currency == body.currencyCode
  if same then return known end
  return nil, err
end

--- POST /cases, under a key that is the same whenever this generation is sent.
function does.submit(runner, effect, case)
  if not current(effect, case, "submitting") then return runner:moot(effect) end
  local customer, body = runner.partner:customer(effect.tenant), core.json.decode(case.payload)
  -- Checked when it was recorded.
  local answer, err = customer.cases:create(body, {
    check = false, idempotency_key = ("%s-%d"):format(case.key, case.generation),
  })
  if not answer then answer, err = existing(customer, body, err) end
  local event = facts.case_answer(answer, err)
  if not event then
    return runner:troubled(effect, err)
  end
  event.generation, event.at = effect.generation, runner.clock()
  local moved, word = runner:apply_matter(case, event, effect)
  if moved == nil then return nil, word end
  return event.name, { case = answer, failure = err }
end

function does.retry(runner, effect, case)
  if not current(effect, case, "parked") then return runner:moot(effect) end
  return runner:decide(effect, "retry")
end

--- The case, as news for the link with which it came.
local function news_of(case)
  local result = case.result and core.json.decode(case.result) or {}
  if case.state ~= "created" then
    return "case.given_up", { creditor_reference = case.name, state = "failed", problem = case.reason }
  end
  return "case.created", {
    creditor_reference = case.name, state = "created", case_id = result.case_id, reference = result.reference,
  }
end

--- Tells the link, if the case came with it and is still outstanding there; and what the case had waited for, that it is done.
function does.report(runner, effect, case)
  if not case or case.state == "submitting" or case.state == "parked" then return runner:moot(effect) end
  local carried, err = runner.store:link_case(effect.tenant, case.name)
  if carried == nil then return nil, err end
  if carried and carried.state ~= "created" then
    local name, news = news_of(case)
    local told, word = runner:apply(effect.tenant, { name = name, at = runner.clock(), cases = { news } })
    if told == nil then return nil, word end
  end
  if case.state == "created" and (case.reason == "signing" or case.reason == "kyc") then
    local told, word = runner:apply_matter({ tenant = effect.tenant, kind = case.reason, name = "" }, {
      name = case.reason == "kyc" and "done" or "signed", at = runner.clock(),
    })
    if told == nil then return nil, word end
  end
  return runner:finish(effect, "reported")
end

--- Calls a function of the platform: at least once, with the same key whenever it is called again.
local function call(name)
  return function(runner, effect, case)
    if not case or effect.generation ~= case.generation then return runner:moot(effect) end
    if not runner[name] then return runner:postpone(effect, ("there is no function %s here"):format(name)) end
    local ran, done, problem = pcall(runner[name], {
      key = effect.key, tenant = case.tenant, creditor_reference = case.name, reason = case.reason,
      payload = core.json.decode(case.payload),
    })
    if ran and (done or problem == nil) then return runner:finish(effect, name) end
    return runner:postpone(effect, tostring(ran and problem or done):sub(1, PROBLEM_MAX), { attempts = FUNCTION_ATTEMPTS })
  end
end

does.fallback, does.escalate = call("fallback"), call("escalate")

return does
