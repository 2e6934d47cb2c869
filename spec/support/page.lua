-- Runs the Lua program of one page in a process of its own: lua page.lua <program> <name of the
-- page> DEBITURA_URL, DEBITURA_CUSTOMER_URL and DEBITURA_API_KEY tell where the sandbox is. The
-- globals below are what the programs of pages may use without having made it.

local core = require "debitura.core"
local customer = require "debitura.client.customer"
local failure = require "debitura.base.failure"
local partner = require "debitura.client.partner"
local webhook = require "debitura.webhook"

local program, name = arg[1], arg[2]

-- Nothing that a page does leaves this machine: every environment is the sandbox.
for environment in pairs(partner.hosts) do
  partner.hosts[environment], customer.hosts[environment] = os.getenv("DEBITURA_URL"),
    os.getenv("DEBITURA_CUSTOMER_URL")
end

--- The kinds of failure that no right program meets on a sandbox that runs.
local BLAMED = { validation = true, transport = true, malformed = true }

local new_failure, blamed = failure.new, {}
function failure.new(values)
  local made = new_failure(values)
  if BLAMED[made.kind] then blamed[#blamed + 1] = tostring(made) end
  return made
end

local given = {}

given.key = os.getenv("DEBITURA_API_KEY")
given.secret = "c2FtcGxlLXNlY3JldC1vZi0zMi1ieXRlcy1sZW5ndGg="
given.raw = assert(core.json.encode {
  id = "evt_0001", specVersion = "1.0", event = "client.linked",
  timestamp = os.date("!%Y-%m-%dT%H:%M:%SZ"),
  data = { externalTenantId = "tenant-1", creditor = { id = "00000000-0000-4000-8000-000000000001",
    isAttributed = false } },
})
given.header = core.signature.sign(given.secret, given.raw, os.time())
given.event = assert(webhook.verify { body = given.raw, signature = given.header,
  secret = given.secret })
given.payload = {
  externalTenantId = "tenant-1",
  client = { name = "Sample Trading Ltd", country = "Denmark",
    supportEmail = "office@existing.example" },
  users = { { name = "Ann Example", email = "ann@sample.example" } },
  cases = { {
    currencyCode = "EUR", amountToRecover = 1200.5, creditorReference = "invoice-1",
    date = "2025-10-01",
    debtor = {
      type = "Private", name = "Dan Debtor", address = "Sample Street 1", city = "Copenhagen",
      countryAlpha2 = "DK",
    },
  } },
}
function given.send_mail() return true end

local file = assert(io.open(program, "rb"))
local text = file:read("*a")
file:close()
local environment = setmetatable(given, { __index = _G })
local chunk
if rawget(_G, "setfenv") then
  chunk = setfenv(assert(loadstring(text, "@" .. name)), environment) -- luacheck: std lua51
else
  chunk = assert(load(text, "@" .. name, "t", environment))
end
chunk()

if #blamed > 0 then
  io.stderr:write(name, ": ", table.concat(blamed, "\n"), "\n")
  os.exit(1)
end
