--- The application: what the platform's own programs do with Debitura, and a command line for it.
--
--     ./run lua app.lua refer TENANT COMPANY COUNTRY OFFICE_EMAIL USER USER_EMAIL
--     ./run lua app.lua import TENANT cases.csv

local platform = dofile((arg[0]:match("^.*/") or "") .. "debitura.lua")

local app = {}

local function fail(...)
  io.stderr:write(..., "\n")
  os.exit(1)
end

--- Brings a customer to Debitura. Called again for the same customer it changes nothing.
function app.refer(tenant, company, country, office, user, address)
  local outcome, err = platform.recipes.approval:request {
    externalTenantId = tenant,
    client = { name = company, country = country, supportEmail = office },
    users = { { name = user, email = address } },
  }
  if not outcome then fail(tostring(err)) end
  print(("%s is %s"):format(tenant, outcome.state))
  if outcome.advice then print(outcome.advice) end
end

--- Submits the cases of a file, and says what is wrong with which line. Called again it goes on
-- where it was.
function app.import(tenant, path)
  local counts, err = platform.recipes.submission:import(path, {
    external_tenant_id = tenant,
    on_error = function(line, failure)
      for field, messages in pairs(failure.fields or { case = { tostring(failure) } }) do
        io.stderr:write(("line %d: %s: %s\n"):format(line, field, table.concat(messages, "; ")))
      end
    end,
  })
  if not counts then fail(tostring(err)) end
  print(("%d cases: %d created, %d waiting for a signature, %d wrong"):format(
    counts.total, counts.created or 0, counts.parked or 0,
    (counts.wrong or 0) + (counts.rejected or 0)))
end

local verb = app[arg[1]]
if not verb or not arg[3] then fail("usage: app.lua refer …, or app.lua import TENANT FILE") end
verb((table.unpack or unpack)(arg, 2)) -- luacheck: std max
platform:close()
