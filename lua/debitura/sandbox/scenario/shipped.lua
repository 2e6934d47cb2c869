--- The scenarios that come with the sandbox: name and JSON, in the order of a story.
-- @module debitura.sandbox.scenario.shipped

return {
  { "happy-path", [[
{
  "name": "happy-path",
  "about": "A customer with an account approves, and the case of the request is carried through.",
  "steps": [
    { "account": { "name": "Known {run} Ltd", "email": "office-{run}@known.example",
      "country": "Denmark", "signed": true,
      "users": [{ "name": "Kim Known", "email": "kim-{run}@known.example" }] } },
    { "subscribe": ["client.link_requested", "client.linked", "case.created"] },
    { "request": { "operation": "clients.create", "body": {
      "externalTenantId": "happy-{run}",
      "client": { "name": "Known {run} Ltd", "country": "Denmark",
        "supportEmail": "office-{run}@known.example" },
      "users": [{ "name": "Ann Example", "email": "ann-{run}@sample.example" }],
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
  ]
}
]] },
  { "choice-page", [[
{
  "name": "choice-page",
  "about": "The contact is a user at Debitura already, and opens a new account on the Choice page.",
  "steps": [
    { "account": { "name": "Other {run} Ltd", "email": "office-{run}@other.example",
      "country": "Denmark",
      "users": [{ "name": "Chris Choice", "email": "chris-{run}@choice.example" }] } },
    { "subscribe": ["client.link_requested", "client.linked"] },
    { "request": { "operation": "clients.create", "body": {
      "externalTenantId": "choice-{run}",
      "client": { "name": "New {run} Ltd", "country": "Denmark",
        "supportEmail": "office-{run}@new.example" },
      "users": [{ "name": "Chris Choice", "email": "chris-{run}@choice.example" }] } } },
    { "expect": { "status": 409, "events": ["client.link_requested"],
      "body": { "type": "ClientExistsNeedsLinking", "data": { "onboardingUrl": "{url}" } } } },
    { "approve": { "externalTenantId": "choice-{run}", "entity": "new" } },
    { "expect": { "events": ["client.linked"] } },
    { "sign": "choice-{run}" },
    { "request": { "operation": "clients.get",
      "params": { "externalTenantId": "choice-{run}" } } },
    { "expect": { "status": 200, "body": { "client": { "companyName": "New {run} Ltd" },
      "onboardingDone": true } } }
  ]
}
]] },
  { "expiry-and-recovery", [[
{
  "name": "expiry-and-recovery",
  "about": "The window passes unanswered; the same call opens a new one, and its URL is approved.",
  "steps": [
    { "account": { "name": "Slow {run} Ltd", "email": "office-{run}@slow.example",
      "country": "Denmark",
      "users": [{ "name": "Una User", "email": "user-{run}@slow.example" }] } },
    { "ask": { "externalTenantId": "slow-{run}",
      "client": { "name": "Slow {run} Ltd", "country": "Denmark",
        "supportEmail": "office-{run}@slow.example" },
      "users": [{ "name": "Sam Slow", "email": "sam-{run}@sample.example" }] } },
    { "expect": { "letters": ["approval"],
      "link": { "external_tenant_id": "slow-{run}", "state": "pending", "generation": 1 } } },
    { "sweep": { "for": "7d2h", "every": "6h" } },
    { "expect": { "letters": ["approval", "approval", "approval"],
      "link": { "external_tenant_id": "slow-{run}", "state": "pending", "generation": 2 } } },
    { "approve": "slow-{run}" },
    { "expect": { "link": { "external_tenant_id": "slow-{run}", "state": "carried" } } }
  ]
}
]] },
  { "declined", [[
{
  "name": "declined",
  "about": "The customer says no.",
  "steps": [
    { "account": { "name": "Reluctant {run} Ltd", "email": "office-{run}@reluctant.example",
      "country": "Sweden",
      "users": [{ "name": "Una User", "email": "user-{run}@reluctant.example" }] } },
    { "subscribe": ["client.link_requested", "client.link_declined", "client.linked"] },
    { "request": { "operation": "clients.create", "body": {
      "externalTenantId": "declined-{run}",
      "client": { "name": "Reluctant {run} Ltd", "country": "Sweden",
        "supportEmail": "office-{run}@reluctant.example" },
      "users": [{ "name": "Rita Reluctant", "email": "rita-{run}@sample.example" }] } } },
    { "expect": { "status": 409, "events": ["client.link_requested"] } },
    { "decline": "declined-{run}" },
    { "expect": { "events": ["client.link_declined"] } },
    { "request": { "operation": "clients.get",
      "params": { "externalTenantId": "declined-{run}" } } },
    { "expect": { "status": 404 } }
  ]
}
]] },
  { "another-partner", [[
{
  "name": "another-partner",
  "about": "Another partner has the customer; only Debitura's support leads on.",
  "steps": [
    { "account": { "name": "Taken {run} Ltd", "email": "office-{run}@taken.example",
      "country": "Sweden", "other_partner": true,
      "users": [{ "name": "Una User", "email": "user-{run}@taken.example" }] } },
    { "request": { "operation": "clients.create", "body": {
      "externalTenantId": "taken-{run}",
      "client": { "name": "Taken {run} Ltd", "country": "Sweden",
        "supportEmail": "office-{run}@taken.example" },
      "users": [{ "name": "Tina Taken", "email": "tina-{run}@sample.example" }] } } },
    { "expect": { "status": 409, "body": { "type": "ClientAlreadyLinkedToAnotherPartner",
      "data": { "onboardingLinks": "{none}" } } } },
    { "advance": "30d" },
    { "ask": { "externalTenantId": "taken-{run}",
      "client": { "name": "Taken {run} Ltd", "country": "Sweden",
        "supportEmail": "office-{run}@taken.example" },
      "users": [{ "name": "Tina Taken", "email": "tina-{run}@sample.example" }] } },
    { "expect": { "letters": [],
      "link": { "external_tenant_id": "taken-{run}", "state": "refused",
        "reason": "ClientAlreadyLinkedToAnotherPartner" } } }
  ]
}
]] },
  { "kyc", [[
{
  "name": "kyc",
  "about": "A British case waits for the identity check, which the customer gives.",
  "steps": [
    { "request": { "operation": "clients.create", "body": {
      "externalTenantId": "kyc-{run}",
      "client": { "name": "Checked {run} Ltd", "country": "United Kingdom",
        "supportEmail": "office-{run}@checked.example" },
      "users": [{ "name": "Carl Checked", "email": "carl-{run}@onboarded.example" }] } } },
    { "expect": { "status": 201 } },
    { "request": { "operation": "cases.create", "tenant": "kyc-{run}", "body": {
      "creditorReference": "INV-1", "currencyCode": "GBP", "amountToRecover": 1000.1,
      "date": "2025-10-01", "dueDate": "2025-11-01",
      "debtor": { "type": "Company", "name": "Sample Debtor Ltd", "address": "1 Sample Street",
        "city": "London", "countryAlpha2": "GB", "email": "debtor@debtor.example",
        "contactPerson": "Dana Debtor" } } } },
    { "expect": { "status": 422 } },
    { "sign": "kyc-{run}" },
    { "request": { "operation": "cases.create", "tenant": "kyc-{run}", "body": {
      "creditorReference": "INV-1", "currencyCode": "GBP", "amountToRecover": 1000.1,
      "date": "2025-10-01", "dueDate": "2025-11-01",
      "debtor": { "type": "Company", "name": "Sample Debtor Ltd", "address": "1 Sample Street",
        "city": "London", "countryAlpha2": "GB", "email": "debtor@debtor.example",
        "contactPerson": "Dana Debtor" } } } },
    { "expect": { "status": 200 } }
  ]
}
]] },
  { "bad-week-of-the-mail-server", [[
{
  "name": "bad-week-of-the-mail-server",
  "about": "No letter leaves for two days; the URL is good all the time, and arrives when it can.",
  "steps": [
    { "account": { "name": "Unreached {run} Ltd", "email": "office-{run}@unreached.example",
      "country": "Denmark",
      "users": [{ "name": "Una User", "email": "user-{run}@unreached.example" }] } },
    { "mail": "down" },
    { "ask": { "externalTenantId": "unreached-{run}",
      "client": { "name": "Unreached {run} Ltd", "country": "Denmark",
        "supportEmail": "office-{run}@unreached.example" },
      "users": [{ "name": "Ursula Unreached", "email": "ursula-{run}@sample.example" }] } },
    { "sweep": { "for": "2d", "every": "1h" } },
    { "expect": { "letters": [],
      "link": { "external_tenant_id": "unreached-{run}", "state": "pending",
        "deliveries": { "mail": { "state": "waiting" } } } } },
    { "mail": "up" },
    { "sweep": { "for": "2h", "every": "1h" } },
    { "expect": { "letters": ["approval"],
      "link": { "external_tenant_id": "unreached-{run}", "state": "pending",
        "deliveries": { "mail": { "state": "delivered" } } } } }
  ]
}
]] },
  { "disabled-subscription", [[
{
  "name": "disabled-subscription",
  "about": "The endpoint is away until Debitura gives up; what was missed is found out.",
  "steps": [
    { "account": { "name": "Unheard {run} Ltd", "email": "office-{run}@unheard.example",
      "country": "Denmark", "signed": true,
      "users": [{ "name": "Una User", "email": "user-{run}@unheard.example" }] } },
    { "set": { "webhooks": { "travel_disables": true } } },
    { "ask": { "externalTenantId": "unheard-{run}",
      "client": { "name": "Unheard {run} Ltd", "country": "Denmark",
        "supportEmail": "office-{run}@unheard.example" },
      "users": [{ "name": "Uma Unheard", "email": "uma-{run}@sample.example" }] } },
    { "endpoint": "down" },
    { "approve": "unheard-{run}" },
    { "advance": "2h" },
    { "expect": { "link": { "external_tenant_id": "unheard-{run}", "state": "pending" } } },
    { "endpoint": "up" },
    { "set": { "webhooks": { "travel_disables": false } } },
    { "sweep": { "for": "4d", "every": "6h" } },
    { "expect": { "link": { "external_tenant_id": "unheard-{run}", "state": "carried" } } }
  ]
}
]] },
}
