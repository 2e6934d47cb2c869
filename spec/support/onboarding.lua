--- What an nginx worker holds that asks for clients: recipes whose store lives as long as the
-- worker.

-- luacheck: read globals ngx

local debitura = require("debitura")
local support = require("spec.support.desk")

local onboarding, made = {}, nil

local function recipes(url)
  made = made or debitura.recipes.new {
    partner = debitura.partner { api_key = "sample-key", base_url = url, limiter = false },
    store = debitura.store.open("memory:"), clock = ngx.time,
    channels = { debitura.channels.callback(function() return true end) },
  }
  return made
end

--- Asks for a client; many of them side by side in one request when `count` is given.
-- @treturn string their states
function onboarding.request(url, tenant, count)
  local jobs = {}
  for i = 1, count or 1 do
    jobs[i] = function()
      return recipes(url).approval:request(support.payload {
        externalTenantId = count and tenant .. i or tenant, cases = debitura.array {},
      })
    end
  end
  local states = {}
  for i, outcome in ipairs(debitura.parallel({ limit = #jobs }, jobs)) do
    states[i] = debitura.is_failure(outcome) and tostring(outcome) or outcome[1].state
  end
  return table.concat(states, " ")
end

--- How a client's link stands.
function onboarding.state(url, tenant)
  local record = recipes(url).runner:record("link", tenant, "")
  return record and record.state or "none"
end

return onboarding
