--- The scenarios that come with the sandbox: name and JSON, in the order of a story.
-- @module debitura.sandbox.scenario.shipped

--- What several hold, at `$account(…)`, `$client(…)` and `$case()`; `$1` and so on are what stands
-- in the brackets.
local PARTS = {
  account = [[
{ "account": { "name": "$1 {run} Ltd", "email": "office-{run}@$2.example",
  "country": "$3"$7,
  "users": [{ "name": "$4", "email": "$5-{run}@$6.example" }] } },]],
  client = [=[
"externalTenantId": "$1-{run}",
  "client": { "name": "$2 {run} Ltd", "country": "$3",
    "supportEmail": "office-{run}@$4.example" },
  "users": [{ "name": "$5", "email": "$6-{run}@$7.example" }]]=],
  case = [[
"creditorReference": "INV-1", "currencyCode": "GBP", "amountToRecover": 1000.1,
  "date": "2025-10-01", "dueDate": "2025-11-01",
  "debtor": { "type": "Company", "name": "Sample Debtor Ltd", "address": "1 Sample Street",
    "city": "London", "countryAlpha2": "GB", "email": "debtor@debtor.example",
    "contactPerson": "Dana Debtor" }]],
}

local SHIPPED = {
  { "happy-path",
    "A customer with an account approves, and the case of the request is carried through.", [[
$account(Known; known; Denmark; Kim Known; kim; known; , "signed": true)
{ "subscribe": ["client.link_requested", "client.linked", "case.created"] },
{ "request": { "operation": "clients.create", "body": {
  $client(happy; Known; Denmark; known; Ann Example; ann; sample),
  "cases": [{ "creditorReference": "INV-1", "currencyCode": "EUR", "amountToRecover": 1000.1,
    "date": "2025-10-01", "dueDate": "2025-11-01",
    "debtor": { "type": "Company", "name": "Sample Debtor A/S", "address": "Sample Street 1",
      "city": "Copenhagen", "countryAlpha2": "DK", "email": "debtor@debtor.example",
      "contactPerson": "Dana Debtor" } }] } } },
{ "expect": { "status": 409, "events": ["client.link_requested"],
  "body": { "type": "ClientExistsNeedsLinking",
    "data": { "onboardingLinks": { "url": "{url}" } } } } },
{ "approve": "happy-{run}" },
{ "expect": { "events": ["client.linked", "case.created"] } },
{ "request": { "operation": "clients.get", "params": { "externalTenantId": "happy-{run}" } } },
{ "expect": { "status": 200,
  "body": { "externalTenantId": "happy-{run}", "caseStats": { "casesTotal": 1 } } } }
]] },
  { "choice-page",
    "The contact is a user at Debitura already, and opens a new account on the Choice page.", [[
$account(Other; other; Denmark; Chris Choice; chris; choice)
{ "subscribe": ["client.link_requested", "client.linked"] },
{ "request": { "operation": "clients.create", "body": {
  $client(choice; New; Denmark; new; Chris Choice; chris; choice) } } },
{ "expect": { "status": 409, "events": ["client.link_requested"],
  "body": { "type": "ClientExistsNeedsLinking", "data": { "onboardingUrl": "{url}" } } } },
{ "approve": { "externalTenantId": "choice-{run}", "entity": "new" } },
{ "expect": { "events": ["client.linked"] } },
{ "sign": "choice-{run}" },
{ "request": { "operation": "clients.get",
  "params": { "externalTenantId": "choice-{run}" } } },
{ "expect": { "status": 200, "body": { "client": { "companyName": "New {run} Ltd" },
  "onboardingDone": true } } }
]] },
  { "expiry-and-recovery",
    "The window passes unanswered; the same call opens a new one, and its URL is approved.", [[
$account(Slow; slow; Denmark; Una User; user; slow)
{ "ask": { $client(slow; Slow; Denmark; slow; Sam Slow; sam; sample) } },
{ "expect": { "letters": ["approval"],
  "link": { "external_tenant_id": "slow-{run}", "state": "pending", "generation": 1 } } },
{ "sweep": { "for": "7d2h", "every": "6h" } },
{ "expect": { "letters": ["approval", "approval", "approval"],
  "link": { "external_tenant_id": "slow-{run}", "state": "pending", "generation": 2 } } },
{ "approve": "slow-{run}" },
{ "expect": { "link": { "external_tenant_id": "slow-{run}", "state": "carried" } } }
]] },
  { "declined", "The customer says no.", [[
$account(Reluctant; reluctant; Sweden; Una User; user; reluctant)
{ "subscribe": ["client.link_requested", "client.link_declined", "client.linked"] },
{ "request": { "operation": "clients.create", "body": {
  $client(declined; Reluctant; Sweden; reluctant; Rita Reluctant; rita; sample) } } },
{ "expect": { "status": 409, "events": ["client.link_requested"] } },
{ "decline": "declined-{run}" },
{ "expect": { "events": ["client.link_declined"] } },
{ "request": { "operation": "clients.get",
  "params": { "externalTenantId": "declined-{run}" } } },
{ "expect": { "status": 404 } }
]] },
  { "another-partner", "Another partner has the customer; only Debitura's support leads on.", [[
$account(Taken; taken; Sweden; Una User; user; taken; , "other_partner": true)
{ "request": { "operation": "clients.create", "body": {
  $client(taken; Taken; Sweden; taken; Tina Taken; tina; sample) } } },
{ "expect": { "status": 409, "body": { "type": "ClientAlreadyLinkedToAnotherPartner",
  "data": { "onboardingLinks": "{none}" } } } },
{ "advance": "30d" },
{ "ask": { $client(taken; Taken; Sweden; taken; Tina Taken; tina; sample) } },
{ "expect": { "letters": [],
  "link": { "external_tenant_id": "taken-{run}", "state": "refused",
    "reason": "ClientAlreadyLinkedToAnotherPartner" } } }
]] },
  { "kyc", "A British case waits for the identity check, which the customer gives.", [[
{ "request": { "operation": "clients.create", "body": {
  $client(kyc; Checked; United Kingdom; checked; Carl Checked; carl; onboarded) } } },
{ "expect": { "status": 201 } },
{ "request": { "operation": "cases.create", "tenant": "kyc-{run}", "body": {
  $case() } } },
{ "expect": { "status": 422 } },
{ "sign": "kyc-{run}" },
{ "request": { "operation": "cases.create", "tenant": "kyc-{run}", "body": {
  $case() } } },
{ "expect": { "status": 200 } }
]] },
  { "bad-week-of-the-mail-server",
    "No letter leaves for two days; the URL is good all the time, and arrives when it can.", [[
$account(Unreached; unreached; Denmark; Una User; user; unreached)
{ "mail": "down" },
{ "ask": { $client(unreached; Unreached; Denmark; unreached; Ursula Unreached; ursula;
  sample) } },
{ "sweep": { "for": "2d", "every": "1h" } },
{ "expect": { "letters": [],
  "link": { "external_tenant_id": "unreached-{run}", "state": "pending",
    "deliveries": { "mail": { "state": "waiting" } } } } },
{ "mail": "up" },
{ "sweep": { "for": "2h", "every": "1h" } },
{ "expect": { "letters": ["approval"],
  "link": { "external_tenant_id": "unreached-{run}", "state": "pending",
    "deliveries": { "mail": { "state": "delivered" } } } } }
]] },
  { "disabled-subscription",
    "The endpoint is away until Debitura gives up; what was missed is found out.", [[
$account(Unheard; unheard; Denmark; Una User; user; unheard; , "signed": true)
{ "set": { "webhooks": { "travel_disables": true } } },
{ "ask": { $client(unheard; Unheard; Denmark; unheard; Uma Unheard; uma; sample) } },
{ "endpoint": "down" },
{ "approve": "unheard-{run}" },
{ "advance": "2h" },
{ "expect": { "link": { "external_tenant_id": "unheard-{run}", "state": "pending" } } },
{ "endpoint": "up" },
{ "set": { "webhooks": { "travel_disables": false } } },
{ "sweep": { "for": "4d", "every": "6h" } },
{ "expect": { "link": { "external_tenant_id": "unheard-{run}", "state": "carried" } } }
]] },
}

local WHOLE = [[
{
  "name": "%s",
  "about": "%s",
  "steps": [
%s  ]
}
]]

local function expanded(text)
  return (text:gsub("%$(%l+)%((.-)%)", function(name, given)
    local values = {}
    for value in given:gmatch("[^;]+") do values[#values + 1] = value:match("^%s*(.*)$") end
    return (PARTS[name]:gsub("%$(%d)", function(place) return values[tonumber(place)] or "" end))
  end))
end

--- The JSON of each by its name, and the names in their order.
local shipped = { names = {}, texts = {} }
for index, row in ipairs(SHIPPED) do
  local name, about, steps = row[1], row[2], expanded(row[3])
  shipped.names[index] = name
  shipped.texts[name] = WHOLE:format(name, about, (steps:gsub("[^\n]+", "    %0")))
end

return shipped
