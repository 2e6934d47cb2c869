--- The other spellings in which answers of the service have been seen: chosen by the settings
-- `conflicts` and `webhook_answers`, so that a partner can try whether its code reads them all.
-- @module debitura.sandbox.server.variants

local variants = {}

--- Names in PascalCase, all the way down.
local function pascal(value)
  if type(value) ~= "table" then return value end
  local spelled = {}
  for name, inner in pairs(value) do
    spelled[type(name) == "string" and name:gsub("^%l", string.upper) or name] = pascal(inner)
  end
  return setmetatable(spelled, getmetatable(value))
end

local function bare(name)
  return function(body)
    local url = body.data and body.data.onboardingLinks and body.data.onboardingLinks.url
    return url and { type = body.type, message = body.message, [name] = url } or body
  end
end

--- What each form makes of a ConflictResponse.
local CONFLICTS = {
  plain = function(body) return body end,
  pascal = pascal,
  wrapped = function(body) return { conflictResponse = body } end,
  approval_url = bare("approvalUrl"),
  onboarding_url = bare("onboardingUrl"),
  other_name = function(body)
    if body.type ~= "ClientAlreadyLinkedToAnotherPartner" then return body end
    return { type = "AlreadyLinkedToAnotherPartner", message = body.message, data = body.data }
  end,
}

local WEBHOOK_OPERATIONS = { ["webhooks.create"] = true, ["webhooks.get"] = true,
  ["webhooks.update"] = true, ["webhooks.list"] = true }

--- Spells an answer as the settings say.
-- @tparam table settings
-- @tparam table row of the operation
-- @tparam table response
-- @treturn table the response, or another one
function variants.apply(settings, row, response)
  local body = response.body
  if type(body) ~= "table" then return response end
  if response.status == 409 and row.name == "clients.create" then
    body = CONFLICTS[settings.conflicts](body)
  elseif settings.webhook_answers == "pascal" and row.api == "partner"
    and WEBHOOK_OPERATIONS[row.name] then
    body = pascal(body)
  end
  if body == response.body then return response end
  return { status = response.status, headers = response.headers, body = body }
end

return variants
