---@meta
-- The shapes of the Customer API.
-- Made by scripts/generate.lua from lua/debitura; not to be edited.

---@class debitura.AdvanceTestCaseRequest
---@field to "Active"|"Closed:Paid"|"Closed:NoPayment"
---@field amount? number|debitura.null # required for Closed:Paid

---@class debitura.AdvanceTestCaseResponse
---@field advanced boolean
---@field state? string|"Active"|"Closed:Paid"|"Closed:NoPayment"|"Closed"|debitura.null

---@class debitura.CaseContractStatusApiDTO
---@field sdca? debitura.ContractItemDto|debitura.null
---@field poa? debitura.ContractItemDto|debitura.null # once a collection partner is assigned
---@field pricingAppendix? debitura.ContractItemDto|debitura.null
---@field collectionPartnerName? string|debitura.null
---@field needsPoaSigning boolean # also for a missing pricing appendix, which signers see as a power of attorney

---@class debitura.CaseEligibilityRequestApiDTO
---@field countryAlpha2 string # not empty
---@field stateAlpha2? string|debitura.null # required for US
---@field debtorType "Company"|"Private"
---@field amount number # at least 0.01
---@field currencyCode string # not empty

---@class debitura.CaseEligibilityResponseApiDTO
---@field isEligible boolean
---@field jurisdiction? debitura.JurisdictionInfoApiDTO|debitura.null
---@field partner? debitura.PartnerInfoApiDTO|debitura.null
---@field powerOfAttorneyStatus? debitura.PowerOfAttorneyStatusApiDTO|debitura.null
---@field errorMessage? string|debitura.null

---@class debitura.CaseFileDto
---@field id string # uuid
---@field dateCreated string # date-time
---@field dateUpdated string # date-time
---@field caseId string # uuid
---@field entityType? string|debitura.null
---@field entityId string # uuid
---@field fileName? string|debitura.null
---@field url? string|debitura.null
---@field description? string|debitura.null
---@field documentType? string|debitura.null

---@class debitura.CaseTimelineResponse
---@field items? debitura.TimelineItemDto[]|debitura.null
---@field currentEngagementPhase? string|"Pre-legal"|"Legal"|"Enforcement"|debitura.null

---@class debitura.ChatDto
---@field id string # uuid
---@field dateCreated string # date-time
---@field dateUpdated? string|debitura.null # date-time
---@field role? debitura.ChatRole|debitura.null
---@field roleLabel? string|"Partner"|"Creditor"|"Managed by partner"|debitura.null
---@field message? string|debitura.null
---@field isSeen boolean
---@field user? debitura.UserRelationDto|debitura.null

---@alias debitura.ChatRole
---| 0
---| 1
---| 2

---@class debitura.CollectionContractStatusApiDTO
---@field signed boolean
---@field requiresResigning boolean
---@field invalidationReason? string|"None"|"NewVersion"|"AdminInvalidated"|"Other"|"CreditorNameChanged"|debitura.null
---@field termsUrl? string|debitura.null
---@field solutionUrl? string|debitura.null

---@class debitura.CollectionPartnerUserDto
---@field id string # uuid; what a chat takes as userId
---@field name? string|debitura.null
---@field email? string|debitura.null

---@class debitura.ContractItemDto
---@field signed boolean
---@field requiresResigning boolean
---@field solutionUrl? string|debitura.null # only when something is to be signed

---@class debitura.customer.CoverageItemApiDTO
---@field jurisdictionId integer
---@field jurisdiction? string|debitura.null
---@field country? string|debitura.null
---@field countryId integer
---@field countryAlpha2? string|debitura.null
---@field usStateAlpha2? string|debitura.null
---@field partners? debitura.customer.PartnerCoverageApiDTO[]|debitura.null

---@class debitura.CreateDivisionRequestDto
---@field companyName string # at most 200 characters
---@field registrationNumber? string|debitura.null # at most 50 characters
---@field address? string|debitura.null
---@field zipCode? string|debitura.null # at most 50 characters
---@field state? string|debitura.null
---@field city string # not empty
---@field countryCode string # exactly 2 characters
---@field officeEmail? string|debitura.null # email; at most 250 characters
---@field officePhone? string|debitura.null # at most 50 characters

---@class debitura.customer.CreateWebhookRequest
---@field url string # url; at most 1024 characters; https, public
---@field events ("case.created"|"case.updated"|"case.closed"|"payment.created"|"payment.deleted"|"chat.created")[] # not empty
---@field isTestMode? boolean # true: events of test cases only

---@class debitura.CreditorDto
---@field id string # uuid
---@field companyName? string|debitura.null
---@field companyRegistrationNumber? string|debitura.null
---@field officeEmail? string|debitura.null
---@field officePhone? string|debitura.null
---@field address? string|debitura.null
---@field city? string|debitura.null
---@field zipCode? string|debitura.null
---@field state? string|debitura.null
---@field country? string|debitura.null
---@field division? debitura.CreditorDivisionDto|debitura.null

---@class debitura.CreditorMeApiDTO
---@field id string # uuid
---@field companyName? string|debitura.null
---@field companyRegistrationNumber? string|debitura.null
---@field address? string|debitura.null
---@field zipCode? string|debitura.null
---@field city? string|debitura.null
---@field state? string|debitura.null
---@field country? string|debitura.null
---@field officeEmail? string|debitura.null
---@field officePhone? string|debitura.null

---@class debitura.DivisionCountryDto
---@field id integer
---@field name? string|debitura.null
---@field alpha2? string|debitura.null

---@class debitura.DivisionDto
---@field id string # uuid
---@field companyName? string|debitura.null
---@field registrationNumber? string|debitura.null
---@field address? string|debitura.null
---@field zipCode? string|debitura.null
---@field state? string|debitura.null
---@field city? string|debitura.null
---@field country? debitura.DivisionCountryDto|debitura.null
---@field officeEmail? string|debitura.null
---@field officePhone? string|debitura.null
---@field isArchived boolean
---@field createdUtc string # date-time
---@field updatedUtc? string|debitura.null # date-time

---@class debitura.DivisionListDto
---@field page? debitura.PageData|debitura.null
---@field divisions? debitura.DivisionDto[]|debitura.null

---@class debitura.ExclusivePeriodDto
---@field engagementStartDate string # date-time
---@field currentEndDate string # date-time
---@field daysRemaining integer # negative once run out, 0 when ended early
---@field status? string|"Active"|"Expired"|"Terminated"|debitura.null
---@field extensions? debitura.ExclusivePeriodExtensionDto[]|debitura.null

---@class debitura.ExclusivePeriodExtensionDto
---@field type? string|"PromiseToPay"|"PaymentAgreement"|"Payment"|"Manual"|debitura.null
---@field eventDate string # date-time
---@field newEndDate string # date-time

---@class debitura.FireWebhookRequest
---@field event "case.created"|"case.updated"|"case.closed"|"payment.created"|"payment.deleted"|"chat.created"
---@field caseId string # uuid
---@field subscriptionId? string|debitura.null # uuid; else every active test subscription of the event

---@class debitura.FireWebhookResponse
---@field eventType? string|debitura.null
---@field caseId string # uuid
---@field enqueuedCount integer # 0: no subscription wanted it

---@class debitura.customer.InvoiceDto
---@field id string # uuid
---@field dateCreated string # date-time
---@field dateUpdated? string|debitura.null # date-time
---@field reference? string|debitura.null
---@field creditorReference? string|debitura.null
---@field creditorComments? string|debitura.null
---@field claimDescription? string|debitura.null
---@field grossAmount number
---@field remainder number
---@field interestFees number
---@field reminderFees number
---@field collectionFees number
---@field totalAddedFees number
---@field currency? string|debitura.null
---@field isTestCase boolean
---@field lifecycle? string|debitura.null
---@field dueDate string # date-time
---@field date string # date-time
---@field dateFinished? string|debitura.null # date-time
---@field dateCollectionStarted? string|debitura.null # date-time
---@field closeCode? string|debitura.null
---@field currentEngagementPhase? string|"Pre-legal"|"Legal"|"Enforcement"|debitura.null
---@field creditorDivisionId? string|debitura.null # uuid
---@field debtor? debitura.DebtorDto|debitura.null
---@field collectionPartner? debitura.CollectionPartnerDto|debitura.null
---@field bankAccount? debitura.BankAccountDto|debitura.null
---@field blendedAgeUpliftPoints? number|debitura.null
---@field preLegalSuccessFee? number|debitura.null # 20.5 is 20.5 percent, uplift included
---@field solutionUrl? string|debitura.null # deprecated; signingHandoff replaces it
---@field signingHandoff? debitura.SigningHandoffDto|debitura.null
---@field exclusivePeriodEndDate? string|debitura.null # date-time
---@field disputeStatus? string|"Yes, the claim is disputed"|"No, the claim is not disputed"|"Don't Know"|debitura.null
---@field validation? debitura.CaseValidationLeanDto|debitura.null
---@field assignedUser? debitura.AssignedUserDto|debitura.null
---@field allocationOutstanding? debitura.InvoiceAllocationOutstandingDto|debitura.null
---@field claimType? string|debitura.null
---@field creditor? debitura.CreditorDto|debitura.null

---@class debitura.InvoiceListDto
---@field page? debitura.PageData|debitura.null
---@field cases? debitura.customer.InvoiceDto[]|debitura.null

---@class debitura.JurisdictionInfoApiDTO
---@field id integer
---@field name? string|debitura.null
---@field country? string|debitura.null
---@field countryAlpha2? string|debitura.null
---@field usStateAlpha2? string|debitura.null

---@class debitura.LeadDetailDto
---@field quoteRequestId string # uuid
---@field caseId string # uuid
---@field status? string|debitura.null
---@field leadFlowStatus? string|debitura.null
---@field quoteType? string|debitura.null
---@field maxQuotes integer
---@field currentQuotesCount integer
---@field outcome? string|debitura.null
---@field dateCreated string # date-time
---@field dateQualified? string|debitura.null # date-time
---@field leadsDoneOffered? string|debitura.null # date-time
---@field dateReminderSent? string|debitura.null # date-time
---@field dateReminderTwoSent? string|debitura.null # date-time
---@field dateOutcomeSelected? string|debitura.null # date-time
---@field isMaxBidCountReached boolean
---@field request? string|debitura.null
---@field existingFees? string|debitura.null

---@class debitura.LeadDto
---@field quoteRequestId string # uuid
---@field caseId string # uuid
---@field status? string|debitura.null
---@field leadFlowStatus? string|debitura.null
---@field quoteType? string|debitura.null
---@field maxQuotes integer
---@field currentQuotesCount integer
---@field outcome? string|debitura.null
---@field dateCreated string # date-time
---@field dateQualified? string|debitura.null # date-time
---@field leadsDoneOffered? string|debitura.null # date-time
---@field dateReminderSent? string|debitura.null # date-time
---@field dateReminderTwoSent? string|debitura.null # date-time
---@field dateOutcomeSelected? string|debitura.null # date-time
---@field purpose? string|"PhaseChange"|"AdditionalService"|debitura.null

---@class debitura.LeadListDto
---@field quoteRequests? debitura.LeadDto[]|debitura.null

---@class debitura.LeadQuoteDetailDto
---@field quoteId string # uuid
---@field quoteRequestId string # uuid
---@field partnerId string # uuid
---@field partnerName? string|debitura.null
---@field status? string|debitura.null
---@field agreementType? string|debitura.null
---@field proposedSolution? string|debitura.null
---@field partnerWhyUsSection? string|debitura.null
---@field currency? string|debitura.null
---@field dateCreated string # date-time
---@field pricing? debitura.LeadQuotePricingDto|debitura.null
---@field feeComments? string|debitura.null
---@field fullQuoteLink? string|debitura.null
---@field dateUpdated? string|debitura.null # date-time

---@class debitura.LeadQuoteDto
---@field quoteId string # uuid
---@field quoteRequestId string # uuid
---@field partnerId string # uuid
---@field partnerName? string|debitura.null
---@field status? string|debitura.null
---@field agreementType? string|debitura.null
---@field proposedSolution? string|debitura.null
---@field partnerWhyUsSection? string|debitura.null
---@field currency? string|debitura.null
---@field dateCreated string # date-time
---@field hourlyRate? number|debitura.null
---@field hourlyEstimated? number|debitura.null
---@field flatFeeEstimate? number|debitura.null
---@field hybridEstimate? number|debitura.null
---@field successFee? number|debitura.null # pricing.successFeeFee in the detail
---@field phase? string|"Pre-legal"|"Legal"|"Enforcement"|debitura.null
---@field offerNature? string|"Recommendation"|"Required"|debitura.null

---@class debitura.LeadQuoteListDto
---@field quotes? debitura.LeadQuoteDto[]|debitura.null

---@class debitura.LeadQuotePricingDto
---@field hourlyRate? number|debitura.null
---@field hourlyEstimated? number|debitura.null
---@field flatFeeEstimate? number|debitura.null
---@field hybridEstimate? number|debitura.null
---@field successFeeFee? number|debitura.null
---@field costProcessMisc number

---@class debitura.PartnerAssignmentDto
---@field collectionPartnerId string # uuid
---@field partnerName? string|debitura.null
---@field partnerCountry? string|debitura.null

---@class debitura.customer.PartnerCoverageApiDTO
---@field signed boolean
---@field requiresResigning boolean
---@field invalidationReason? string|debitura.null
---@field termsUrl? string|debitura.null
---@field solutionUrl? string|debitura.null
---@field partnerId string # uuid
---@field partnerName? string|debitura.null
---@field conditions? string|debitura.null # prose, not to be parsed

---@class debitura.PartnerInfoApiDTO
---@field id string # uuid
---@field name? string|debitura.null

---@class debitura.PaymentDto
---@field id string # uuid
---@field dateCreated string # date-time
---@field dateUpdated? string|debitura.null # date-time
---@field date string # date-time
---@field grossAmount number
---@field recipient? string|debitura.null
---@field method? string|debitura.null
---@field currency? string|debitura.null
---@field invoice? debitura.PaymentRelatedInvoiceDto|debitura.null

---@class debitura.PaymentListApiDTO
---@field page? debitura.PageData|debitura.null
---@field payments? debitura.PaymentDto[]|debitura.null

---@class debitura.PaymentRelatedInvoiceDto
---@field status? string|debitura.null
---@field reference? string|debitura.null
---@field invoiceId string # uuid

---@class debitura.PowerOfAttorneyStatusApiDTO
---@field signed boolean
---@field requiresResigning boolean
---@field invalidationReason? string|debitura.null
---@field termsUrl? string|debitura.null
---@field solutionUrl? string|debitura.null

---@class debitura.PreviewCaseResponseApiViewModel
---@field result? debitura.PreviewResultDto|debitura.null

---@class debitura.PreviewResultDto
---@field isEligible boolean # false is an answer, not a failure
---@field ineligibilityReason? string|debitura.null
---@field partnerAssignment? debitura.PartnerAssignmentDto|debitura.null
---@field requiredActions? debitura.RequiredActionDto[]|debitura.null
---@field jurisdiction? debitura.JurisdictionDto|debitura.null
---@field pricingPreview? debitura.PricingPreviewDto|debitura.null
---@field requiresKycVerification boolean
---@field hasKycOnFile boolean
---@field signingHandoff? debitura.SigningHandoffDto|debitura.null

---@class debitura.ProblemDetails
---@field type? string|debitura.null
---@field title? string|debitura.null
---@field status? integer|debitura.null
---@field detail? string|debitura.null
---@field instance? string|debitura.null

---@class debitura.ReplayEventResultDto
---@field eventId string # uuid
---@field subscriptionId string # uuid
---@field eventType? string|debitura.null

---@class debitura.ReplayRequestDto
---@field sinceUtc string # date-time

---@class debitura.ReplayResultDto
---@field eventsReplayed integer # cases created since then; nothing is delivered again

---@class debitura.RequiredActionDto
---@field type? string|debitura.null # the types of business errors
---@field message? string|debitura.null
---@field solutionUrl? string|debitura.null
---@field isBlocking boolean

---@class debitura.SendChatRequest
---@field message string # at most 10000 characters
---@field userId? string|debitura.null # deprecated; uuid; userEmail replaces it; one of the two is required
---@field userEmail? string|debitura.null # email; an active team member, as GET /users lists them

---@class debitura.TaskActionDto
---@field method? string|debitura.null
---@field path? string|debitura.null # a template with {caseId}

---@class debitura.TaskDto
---@field id string # uuid
---@field type? string|"ReplyToChat"|"ClientInputRequired"|"MoreInfoNeeded"|"SignContract"|"AssignBankAccount"|"SelectQuoteWinner"|debitura.null
---@field typeLabel? string|debitura.null
---@field title? string|debitura.null
---@field description? string|debitura.null
---@field status? string|"Open"|"Solved"|debitura.null
---@field caseId? string|debitura.null # uuid; null for a task of the account
---@field caseReference? string|debitura.null
---@field leadId? string|debitura.null # uuid
---@field deadline? string|debitura.null # date-time
---@field dateCreated string # date-time
---@field dateSolved? string|debitura.null # date-time
---@field solutionUrl? string|debitura.null
---@field action? debitura.TaskActionDto|debitura.null

---@class debitura.TaskListDto
---@field page? debitura.PageData|debitura.null
---@field tasks? debitura.TaskDto[]|debitura.null

---@class debitura.TestResultDto
---@field success boolean # false is an answer too: the receiver failed
---@field httpStatusCode? integer|debitura.null
---@field durationMs? integer|debitura.null
---@field errorMessage? string|debitura.null
---@field errorCategory? string|"TimeoutError"|"NetworkError"|"SslError"|"HttpError"|"UnknownError"|debitura.null
---@field testPayload? any|debitura.null

---@class debitura.TimelineActorDto
---@field type? string|"System"|"Creditor user"|"Partner user"|debitura.null
---@field name? string|debitura.null

---@class debitura.TimelineItemDto
---@field date string # date-time
---@field type? string|debitura.null
---@field title? string|debitura.null
---@field description? string|debitura.null
---@field actor? debitura.TimelineActorDto|debitura.null

---@class debitura.UpdateDivisionRequestDto
---@field companyName string # at most 200 characters
---@field registrationNumber? string|debitura.null # at most 50 characters
---@field address? string|debitura.null
---@field zipCode? string|debitura.null # at most 50 characters
---@field state? string|debitura.null
---@field city string # not empty
---@field countryCode string # exactly 2 characters
---@field officeEmail? string|debitura.null # email; at most 250 characters
---@field officePhone? string|debitura.null # at most 50 characters

---@class debitura.UserListDto
---@field page? debitura.PageData|debitura.null
---@field users? debitura.CollectionPartnerUserDto[]|debitura.null

---@class debitura.UserRelationDto
---@field id integer
---@field dateCreated? string|debitura.null # date-time
---@field dateUpdated? string|debitura.null # date-time
---@field firstName? string|debitura.null
---@field lastName? string|debitura.null
---@field email? string|debitura.null

---@class debitura.WebhookEventDto
---@field id string # uuid
---@field subscriptionId string # uuid
---@field caseId? string|debitura.null # uuid
---@field eventType? string|debitura.null
---@field payload? string|debitura.null # JSON as a text
---@field createdAt string # date-time
---@field deliveredAt? string|debitura.null # date-time
---@field attemptCount integer
---@field lastResponseCode? integer|debitura.null
---@field lastError? string|debitura.null
