--- The smallest of all: a client is created, and a webhook is verified.
--
--     DEBITURA_API_KEY=… DEBITURA_BASE_URL=… lua examples/create_and_verify.lua customer-1
--
-- DEBITURA_BASE_URL is a sandbox's address; without it the test environment is used.

local debitura = require("debitura")

local url = os.getenv("DEBITURA_BASE_URL")
local partner = debitura.partner { api_key = os.getenv("DEBITURA_API_KEY"), base_url = url,
  environment = not url and "test" or nil }

local client, failed = partner:create_client {
  externalTenantId = arg[1] or "customer-1",
  client = { name = "Sample Trading Ltd", country = "Denmark",
    supportEmail = "office@sample.example" },
  users = { { name = "Ann Example", email = "ann@sample.example" } },
}
if client then
  print(client.onboardingDone and "created and onboarded"
    or "created; the customer goes on at the onboarding page")
elseif failed.type == "ClientExistsNeedsLinking" then
  print("has an account already; the customer has to approve the link")
else
  io.stderr:write(tostring(failed), "\n")
  os.exit(1)
end

-- A webhook as Debitura would send it. In an application `body` and `signature` come from the
-- request, untouched.
local secret = "c2FtcGxlLXdlYmhvb2stc2VjcmV0"
local _, body = debitura.webhook.example("client.linked",
  { data = { externalTenantId = "customer-1" } })
local signature = debitura.webhook.sign(body, secret)

local event, why = debitura.webhook.verify { body = body, signature = signature, secret = secret }
if not event then
  io.stderr:write(tostring(why), "\n")
  os.exit(1)
end
print(("%s of %s is verified"):format(event.event, event.data.externalTenantId))
