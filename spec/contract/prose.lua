-- What the texts of both OpenAPI documents state and their schemas leave out, as this project's
-- rows and shapes carry it. The comparison in spec/operations/operations_spec.lua lays this over
-- the schemas, so nothing is added silently.

local PHASES = { "Pre-legal", "Legal", "Enforcement" }
local EVENTS = { "case.created", "case.updated", "case.closed", "payment.created",
  "payment.deleted", "chat.created" }
local BUSINESS_ERRORS = {
  "MissingDebtCollectionContract", "MissingPowerOfAttorney", "MissingKycVerification",
  "CreditorBlocked", "NoPartnerAvailable", "IdempotencyConflict",
}

-- Both documents: what the create operation asks of a case and its debtor.
local CASE = {
  currencyCode = { min = 3, max = 3 }, -- ISO 4217
  debtor = { required = true },
  amountToRecover = { required = true },
  returnUrl = { format = "url" }, -- absolute http or https
}
local DEBTOR = {
  -- "Person" in one text, "Private" in the other
  type = { values = { "Company", "Person", "Private" } },
  countryAlpha2 = { required = true, min = 2, max = 2 },
}
local PREVIEW = { returnUrl = { format = "url" } }

-- Page sizes: 1 to 100 in every text that gives a bound; divisions give none.
local function paged(default_size, default_page)
  return { Page = { min = 1, default = default_page },
    PageSize = { min = 1, max = 100, default = default_size } }
end

local function with(fields, more)
  for name, field in pairs(more) do fields[name] = field end
  return fields
end

return {
  partner = {
    shapes = {
      BusinessErrorApiDTO = { type = { values = BUSINESS_ERRORS } },
      CreateClientRequest = { externalTenantId = { max = 255 } }, -- what the token operation takes
      CreateCollectionCaseRequestApiViewModel = CASE,
      DebtorDto = DEBTOR,
      PreviewCaseRequestApiViewModel = PREVIEW,
      ConflictResponse = { type = { values = {
        "ClientExistsNeedsLinking", "AlreadyLinkedToAnotherPartner",
        "ClientAlreadyLinkedToAnotherPartner", "InvalidClientType",
      } } },
    },
    enumerations = {
      KycStatus = { values = { "NotRequired", "Pending", "Verified", "not_required", "pending",
        "verified" } },
    },
    query = {
      ["GET /cases"] = with(paged(10), { Sort = { format = "sort" } }),
      ["GET /clients"] = with(paged(50, 1), { Sort = { format = "sort" } }),
      ["GET /reporting/transactions"] = with(paged(10), { Sort = { format = "sort" } }),
    },
    form = {
      ["POST /cases/{caseId}/files"] = { file = { required = true } },
    },
  },
  customer = {
    shapes = {
      AdvanceTestCaseRequest = { to = { values = { "Active", "Closed:Paid",
        "Closed:NoPayment" } } },
      AdvanceTestCaseResponse = { state = { values = { "Active", "Closed:Paid", "Closed:NoPayment",
        "Closed" } } },
      BankAccountDto = {
        scheme = { values = { "IBAN", "SWIFT", "LOCAL" } },
        -- from the other document
        localIdentifierType = { values = { "Sort Code", "Routing Number" } },
      },
      BusinessErrorApiDTO = { type = { values = BUSINESS_ERRORS } },
      CaseEligibilityRequestApiDTO = { debtorType = { values = { "Company", "Private" } } },
      CaseTimelineResponse = { currentEngagementPhase = { values = PHASES } },
      CaseValidationItemDto = { -- from the other document
        resolutionArea = { values = { "ProvideDocuments", "CorrectDebtorAddress" } },
      },
      ChatDto = { roleLabel = { values = { "Partner", "Creditor", "Managed by partner" } } },
      CollectionContractStatusApiDTO = { invalidationReason = {
        values = { "None", "NewVersion", "AdminInvalidated", "Other", "CreditorNameChanged" },
      } },
      CreateCollectionCaseRequestApiViewModel = CASE,
      CreateWebhookRequest = { events = { items = { values = EVENTS } } },
      DebtorDto = DEBTOR,
      ExclusivePeriodDto = { status = { values = { "Active", "Expired", "Terminated" } } },
      ExclusivePeriodExtensionDto = { type = { values = { "PromiseToPay", "PaymentAgreement",
        "Payment", "Manual" } } },
      FireWebhookRequest = { event = { values = EVENTS } },
      InvoiceDto = { disputeStatus = {
        values = { "Yes, the claim is disputed", "No, the claim is not disputed", "Don't Know" },
      } },
      LeadDto = { purpose = { values = { "PhaseChange", "AdditionalService" } } },
      LeadQuoteDto = { phase = { values = PHASES },
        offerNature = { values = { "Recommendation", "Required" } } },
      PreviewCaseRequestApiViewModel = PREVIEW,
      PreviewDebtorDto = { type = { values = { "Company", "Private" } } },
      PricingPreviewDto = { pricingSource = { values = {
        "Standard agreement", "Creditor custom pricing", "Managing partner custom pricing",
        "Jurisdiction custom pricing", "Partner custom pricing", "Accepted quote",
      } } },
      TaskDto = {
        type = { values = {
          "ReplyToChat", "ClientInputRequired", "MoreInfoNeeded", "SignContract",
          "AssignBankAccount", "SelectQuoteWinner",
        } },
        status = { values = { "Open", "Solved" } },
      },
      TestResultDto = { errorCategory = {
        values = { "TimeoutError", "NetworkError", "SslError", "HttpError", "UnknownError" },
      } },
      TimelineActorDto = { type = { values = { "System", "Creditor user", "Partner user" } } },
    },
    enumerations = {},
    query = {
      ["GET /cases"] = with(paged(10), { Statuses = { items = { values = {
        "PendingContractSigning", "PendingVerificationInternal", "PendingVerification",
        "NeedsAdditionalDetails", "Leads", "LeadsQuoteGiven", "Active", "Paused", "Closed",
        "Merged",
      } } } }),
      ["GET /cases/{id}/tasks"] = { status = { values = { "Open", "Solved" } } },
      ["GET /divisions"] = { page = { min = 1 }, pageSize = { min = 1 } },
      ["GET /Payments"] = paged(),
      ["GET /tasks"] = with(paged(), { status = { values = { "Open", "Solved" } } }),
      ["GET /users"] = paged(50, 1),
      ["DELETE /test/cases"] = { tag = { required = true, min = 1 } },
      ["GET /webhooks/events"] = { caseId = { required = true } },
    },
    form = {
      ["POST /cases/{id}/files"] = { DocumentType = { default = "OriginalInvoice", values = {
        "OriginalInvoice", "DebtorDocuments", "CreditorDocuments", "PartnerDocuments",
        "DemandLetter", "Miscellaneous",
      } } },
    },
  },
}
