--- The steps of a rehearsal, in their order. Each is
--
-- * a name, and `level` where it is "recommended", not "mandatory";
-- * `expected`: what is to be seen, and `source`: the document that says so;
-- * `needs`, `gives`: names of facts that earlier steps leave and later ones go on with; `after`:
--   steps that must not be waiting any more;
-- * `sandbox`: why only a sandbox can show it;
-- * `run(stage)`: see debitura.rehearsal.stage.
-- @module debitura.rehearsal.steps

local access = require("debitura.rehearsal.steps.access")
local cases = require("debitura.rehearsal.steps.cases")
local clients = require("debitura.rehearsal.steps.clients")

local R = "recommended"
local PARTNER_API, CUSTOMER_API = "Referral Partner API", "Customer API"
local AUTHENTICATION, SECURITY = "Authentication", "Webhook Security"
local CONFLICTS, TROUBLES = "409 conflict path", "Troubleshooting"
local CLIENTS, CASES = TROUBLES .. ", Client Onboarding", TROUBLES .. ", Case Creation"

return {
  { "key", run = access.key, gives = { "key" }, source = AUTHENTICATION,
    expected = "GET /me answers 200 with an active partner" },
  { "wrong_key", level = R, run = access.wrong_key, needs = { "key" }, source = AUTHENTICATION,
    expected = "GET /me with another key answers 401" },
  { "coverage", level = R, run = access.coverage, needs = { "key" }, gives = { "remote" },
    source = PARTNER_API, expected = "GET /coverage lists where cases are collected" },
  { "subscription", run = access.subscribe, needs = { "key" },
    gives = { "subscription", "secret" }, source = SECURITY,
    expected = "POST /v1/Webhooks answers 200 with a secret, which is shown once" },

  -- A new customer
  { "wrong_client", run = clients.wrong, needs = { "key" }, source = PARTNER_API,
    expected = "POST /clients with a wrong field answers 400 and names it" },
  { "new_client", run = clients.create, needs = { "key" }, gives = { "new" },
    source = PARTNER_API,
    expected = "POST /clients of a new customer answers 202 with the URL of the onboarding" },
  { "repeated_client", run = clients.create_again, needs = { "new" },
    source = PARTNER_API,
    expected = "the same call makes nothing new and reports IdempotencyViolation" },
  { "signature", run = access.signature, needs = { "new", "subscription", "secret" },
    source = SECURITY,
    expected = "a test webhook comes, signed with HMAC-SHA256 over time and raw body" },
  { "early_token", run = clients.early_token, needs = { "new" },
    source = TROUBLES .. ", Authentication",
    expected = "POST /oauth/token answers 404 before the SDCA is signed" },

  -- Customers who are known already
  { "existing_client", run = clients.create_existing, needs = { "key" },
    gives = { "existing" }, source = CONFLICTS,
    expected = "POST /clients of a known customer answers 409 ClientExistsNeedsLinking, with a URL",
  },
  { "pending_client", level = R, run = clients.pending, needs = { "existing" }, source = CONFLICTS,
    expected = "GET /clients answers 404 until the approval; client.link_requested comes" },
  { "repeated_request", run = clients.ask_again, needs = { "existing" },
    source = CONFLICTS, expected = "the same call answers the 409 again, with a URL" },
  { "choice", run = clients.choice, needs = { "key" },
    source = CONFLICTS .. ", Multi-entity variant",
    expected = "where the contact is a known user, the 409 has the onboardingUrl of the Choice "
      .. "page" },
  { "other_partner", level = R, needs = { "key" }, source = CLIENTS,
    run = clients.refused("other_partner", "ClientAlreadyLinkedToAnotherPartner",
      { other_partner = true }),
    expected = "a client of another partner: 409 ClientAlreadyLinkedToAnotherPartner" },
  { "not_creditor", level = R, needs = { "key" }, source = CLIENTS,
    run = clients.refused("not_creditor", "InvalidClientType", { kind = "collection_partner" }),
    expected = "an account that is no creditor's: 409 InvalidClientType" },
  { "expiring_client", run = clients.create_expiring, needs = { "key" },
    gives = { "expiring", "expires_at" }, source = CONFLICTS,
    expected = "a request that is to be left unanswered: 409 with a URL" },
  { "delivery", run = clients.deliver, needs = { "existing" },
    source = CONFLICTS .. ", Standard variant",
    expected = "the URL reaches an address of your own by each configured channel" },
  { "approval", run = clients.approve, needs = { "existing" }, gives = { "linked" },
    source = CONFLICTS .. ", Attribution and fees",
    expected = "the approval makes a link that is not attributed; client.linked comes" },
  { "carried_case", run = clients.carried, needs = { "linked" },
    source = CONFLICTS .. ", Standard variant",
    expected = "the case of the request is carried through; case.created comes" },

  -- Signing, tokens, cases
  { "signing", run = clients.sign, needs = { "new" }, gives = { "signed" },
    source = PARTNER_API,
    expected = "signing ends the onboarding; contract_signed and poa_signed come" },
  { "token", run = cases.token, needs = { "signed" }, source = AUTHENTICATION,
    expected = "POST /oauth/token answers 200 with a bearer token of 1800 seconds" },
  { "wrong_token", run = cases.wrong_token, needs = { "signed" },
    source = AUTHENTICATION, expected = "the Customer API answers 401 to a token that is none" },
  { "case", run = cases.case, needs = { "signed" }, gives = { "case", "case_id" },
    source = CUSTOMER_API, expected = "POST /cases answers 200 with the case" },
  { "idempotency", run = cases.replay, needs = { "case", "case_id" },
    source = CUSTOMER_API, expected = "the same Idempotency-Key and body answer the same case" },
  { "idempotency_conflict", run = cases.conflict, needs = { "case" },
    source = CUSTOMER_API, expected = "the same key with another body: 422 IdempotencyConflict" },
  { "wrong_case", run = cases.wrong_case, needs = { "signed" }, source = CASES,
    expected = "POST /cases with a wrong field answers 400" },
  { "duplicate_case", level = R, run = cases.duplicate, needs = { "case_id" },
    source = CUSTOMER_API, expected = "a reference in use is refused, and named" },
  { "no_partner", run = cases.no_partner, needs = { "signed", "remote" },
    source = TROUBLES .. ", Unsupported Jurisdictions",
    expected = "a debtor where no partner collects: 422 NoPartnerAvailable" },
  { "power_of_attorney", run = cases.power_of_attorney, needs = { "signed" },
    gives = { "unsigned" }, source = CASES,
    expected = "a missing power of attorney: 422 MissingPowerOfAttorney with URLs to sign at" },
  { "pending_contracts", level = R, run = cases.pending_contracts, needs = { "unsigned" },
    source = CUSTOMER_API, expected = "allowPendingContracts: 200, Pending contract signing" },
  { "kyc_missing", run = cases.kyc_missing, needs = { "signed" }, gives = { "kyc" },
    source = CASES,
    expected = "a missing identity check: 422 MissingKycVerification, also for pending contracts" },
  { "kyc", run = cases.kyc, needs = { "kyc" }, source = "KYC Verification",
    expected = "the identity check answers 201, and the case is taken" },
  { "blocked", level = R, run = cases.blocked, needs = { "signed" }, source = CASES,
    sandbox = "Debitura alone blocks an account",
    expected = "a blocked account: 422 CreditorBlocked" },
  { "agreement", level = R, run = cases.agreement, needs = { "signed" }, source = CASES,
    sandbox = "Debitura alone brings out another version of the agreement",
    expected = "an agreement that is out of date: 422 MissingDebtCollectionContract" },
  { "token_expiry", level = R, run = cases.token_expiry, needs = { "signed" },
    source = AUTHENTICATION, sandbox = "it takes half an hour; a sandbox's clock can be moved",
    expected = "after 30 minutes the token is refused with 401, and a new one is good" },
  { "rate_limit", level = R, run = cases.rate_limit, needs = { "key" }, source = "Error Handling",
    sandbox = "it takes 2,000 calls in a minute",
    expected = "a limit that is reached: 429 with retryAfter in the body" },
  { "deletion", run = clients.delete, needs = { "new" }, gives = { "deleted" },
    after = { "signing" }, source = PARTNER_API,
    expected = "DELETE /clients answers 204, and the client is gone" },
  { "reset", level = R, run = clients.reset, needs = { "deleted" },
    source = TROUBLES .. ", Client Management",
    expected = "POST /clients takes the same id and addresses anew" },

  -- The window
  { "expiry", run = clients.expire, needs = { "expiring", "expires_at" },
    gives = { "expired" }, after = { "approval" }, source = CONFLICTS .. ", The approval window",
    expected = "the window passes unanswered; client.link_expired comes" },
  { "recovery", run = clients.recover, needs = { "expired" }, gives = { "recovered" },
    source = CLIENTS, expected = "the same call answers a 409 with a fresh URL" },
  { "declined", level = R, run = clients.decline, needs = { "recovered", "subscription" },
    source = CONFLICTS, expected = "declining ends the request; client.link_declined comes" },
}
