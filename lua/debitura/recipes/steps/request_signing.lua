--- How a client is brought to sign and to be identified: what a parked case needs becomes one request to the customer, and its end
-- lets all cases go that have waited for it.
-- @module debitura.recipes.steps.request_signing

local cases = require("debitura.recipes.cases")
local core = require("debitura.core")
local looking = require("debitura.recipes.steps.look_up")

local does = {}

local function current(effect, matter)
  return matter and matter.state == "outstanding" and effect.generation == matter.generation
end

--- From the case that needs it to the matter that the customer is asked about.
function does.hand_over(runner, effect, case)
  if not case or case.state == "submitting" or effect.generation ~= case.generation then return runner:moot(effect) end
  local matter = { tenant = effect.tenant, kind = case.state == "parked" and case.reason == "kyc" and "kyc" or "signing", name = "" }
  local asked, word = runner:apply_matter(matter, { name = "needed", at = runner.clock(), url = case.url })
  if asked == nil then return nil, word end
  return runner:finish(effect, "handed_over")
end

--- Sends the director's data, where the platform has them.
function does.submit_kyc(runner, effect, matter)
  if not current(effect, matter) then return runner:moot(effect) end
  local director = runner.directors and runner.directors(effect.tenant)
  if not director then return runner:decide(effect, "no_director") end
  local submitted, err = runner.partner.clients:submit_kyc(effect.tenant, director, {
    idempotency_key = "debitura-" .. core.digest.sha256(effect.key),
  })
  if submitted then return runner:decide(effect, "submitted") end
  -- What is wrong with the data is for the platform to mend; the customer is asked meanwhile.
  if err.kind == "validation" or err.kind == "business" then return runner:decide(effect, "no_director") end
  return runner:troubled(effect, err)
end

--- Asks Debitura whether anything is open still; a customer who signed one of several things has a fresh URL for the others.
function does.look(runner, effect, matter)
  if not current(effect, matter) then return runner:moot(effect) end
  local url, err = looking.signing_url(runner, effect.tenant)
  if url == nil then return runner:troubled(effect, err) end
  if not url then return runner:decide(effect, "done") end
  local moved, word = runner:apply_matter(matter, { name = "needed", at = runner.clock(), url = url }, effect)
  if moved == nil then return nil, word end
  return "outstanding"
end

function does.release(runner, effect)
  local released, err = cases.release(runner, effect.tenant, effect.matter)
  if not released then return nil, err end
  return runner:finish(effect, "released")
end

return does
