---@meta
-- The shapes of the Referral Partner API.
-- Made by scripts/generate.lua from lua/debitura; not to be edited.

---@class debitura.AccessTokenResponse
---@field accessToken? string|debitura.null
---@field expiresIn integer # seconds
---@field creditorId string # uuid
---@field externalTenantId? string|debitura.null
---@field tokenType? string|"Bearer"|debitura.null

---@class debitura.CaseClientInfo
---@field externalTenantId? string|debitura.null
---@field creditorId string # uuid
---@field companyName? string|debitura.null
---@field contacts? debitura.ClientContacts|debitura.null

---@class debitura.CaseCreationFailure
---@field caseIndex integer # position in the request's cases, counted from 0
---@field creditorReference? string|debitura.null
---@field errorType? string|"NoPartnerAvailable"|"ValidationError"|"DuplicateReference"|"IdempotencyViolation"|"UnexpectedError"|debitura.null
---@field errorMessage? string|debitura.null
---@field validationErrors? table<string, string[]>|debitura.null
---@field signingHandoff? debitura.SigningHandoffDto|debitura.null

---@class debitura.CaseDebtorInfo
---@field name? string|debitura.null
---@field country? string|debitura.null

---@class debitura.CaseInfo
---@field invoiceId string # uuid
---@field caseReference? string|debitura.null
---@field debtorName? string|debitura.null
---@field originalAmount number
---@field currency? string|debitura.null

---@class debitura.CaseItem
---@field id string # uuid
---@field reference? string|debitura.null
---@field creditorReference? string|debitura.null
---@field client? debitura.CaseClientInfo|debitura.null
---@field debtor? debitura.CaseDebtorInfo|debitura.null
---@field grossAmount number
---@field remainder number
---@field currency? string|debitura.null
---@field currentEngagementPhase? string|"Pre-legal"|"Legal"|"Enforcement"|debitura.null
---@field dateCreated string # date-time
---@field dueDate string # date-time
---@field dateCollectionStarted? string|debitura.null # date-time
---@field dateFinished? string|debitura.null # date-time
---@field validation? debitura.CaseValidationStatusDto|debitura.null
---@field collectionPartner? string|debitura.null # a name, null until assigned
---@field expectedReferralRatePercentage? number|debitura.null # 70.0 is 70 percent
---@field lifecycle? string|"Active"|"Closed"|"Pending Verification"|debitura.null
---@field closeCode? string|"Paid"|"Withdrawn by Client"|debitura.null # null while open

---@class debitura.CasePotentialRevenue
---@field grossAmountUsd number
---@field successFeePercentage number
---@field collectionPartnerRevenueUsd number
---@field platformRevenueSharePercentage number
---@field platformRevenueUsd number
---@field referralFeePercentage number
---@field referralRevenueUsd number

---@class debitura.Cases.CreditorDto
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

---@class debitura.CasesSummary
---@field totalCases integer
---@field casesThisMonth integer
---@field byLifecycle? debitura.LifecycleBreakdown|debitura.null

---@class debitura.ClientCaseStats
---@field casesTotal integer
---@field casesClosed integer
---@field earningsUsd number

---@class debitura.ClientContacts
---@field onboardingUser? debitura.ContactUser|debitura.null
---@field officeEmail? string|debitura.null
---@field otherUsers? debitura.ContactUser[]|debitura.null

---@class debitura.ClientCreatedResponse
---@field externalTenantId? string|debitura.null
---@field onboardingDone boolean
---@field onboardingLinks? debitura.OnboardingLinksDto|debitura.null # while onboarding is open
---@field client? debitura.Clients.CreditorDto|debitura.null
---@field users? debitura.UserDto[]|debitura.null
---@field isAttributedClient boolean # created through this partner, not linked later
---@field dateLinked string # date-time
---@field caseStats? debitura.ClientCaseStats|debitura.null
---@field kycStatus? debitura.KycStatus|debitura.null
---@field kycVerification? debitura.KycVerificationDto|debitura.null
---@field caseResults? debitura.MultiCaseResult|debitura.null # after a create with cases

---@class debitura.ClientDeletableResponse
---@field isDeletable boolean
---@field blockers? string[]|debitura.null

---@class debitura.ClientDetailsDto
---@field name string # not empty
---@field registrationNumber? string|debitura.null
---@field address? string|debitura.null # at most 500 characters
---@field zipCode? string|debitura.null # at most 20 characters
---@field city? string|debitura.null # at most 100 characters
---@field state? string|debitura.null # at most 100 characters
---@field country string # not empty; a country's name, as in the documented example
---@field supportEmail string # email; not empty
---@field supportPhone? string|debitura.null

---@class debitura.ClientInfo
---@field externalTenantId? string|debitura.null
---@field creditorId string # uuid
---@field companyName? string|debitura.null

---@class debitura.ClientUserDto
---@field name string # not empty
---@field email string # email; not empty
---@field isOnboardingUser? boolean # exactly one when there are several users

---@class debitura.Clients.CreditorDto
---@field id string # uuid
---@field companyName? string|debitura.null
---@field officeEmail? string|debitura.null
---@field country? string|debitura.null
---@field address? string|debitura.null
---@field city? string|debitura.null
---@field zipCode? string|debitura.null
---@field companyRegistrationNumber? string|debitura.null

---@class debitura.ClientsSummary
---@field totalClients integer
---@field attributedClients integer
---@field onboardingComplete integer
---@field onboardingPending integer
---@field totalCases integer

---@class debitura.ConflictResponse
---@field type? string|"ClientExistsNeedsLinking"|"AlreadyLinkedToAnotherPartner"|"ClientAlreadyLinkedToAnotherPartner"|"InvalidClientType"|debitura.null
---@field message? string|debitura.null
---@field data? any|debitura.null

---@class debitura.ContactUser
---@field email? string|debitura.null
---@field name? string|debitura.null

---@class debitura.partner.CoverageItemApiDTO
---@field jurisdictionId integer
---@field jurisdiction? string|debitura.null
---@field country? string|debitura.null
---@field countryId integer
---@field countryAlpha2? string|debitura.null
---@field usStateAlpha2? string|debitura.null
---@field partners? debitura.partner.PartnerCoverageApiDTO[]|debitura.null

---@class debitura.CreateAccessTokenRequest
---@field externalTenantId string # 1 to 255 characters

---@class debitura.CreateClientRequest
---@field externalTenantId string # 1 to 255 characters; longer ones cannot be given to POST /oauth/token
---@field client debitura.ClientDetailsDto
---@field users debitura.ClientUserDto[] # not empty
---@field cases? debitura.CreateCollectionCaseRequestApiViewModel[]|debitura.null

---@class debitura.partner.CreateWebhookRequest
---@field url string # url; at most 1024 characters; https, public
---@field events ("client.onboarding.poa_signed"|"client.onboarding.contract_signed"|"client.linked"|"client.link_declined"|"client.link_requested"|"client.link_expired"|"case.created"|"case.updated"|"case.closed"|"cases.replay_failed")[] # not empty
---@field isTestMode? boolean # true: test events only

---@alias debitura.CreditorKycVerificationStatus
---| string
---| "Processing"
---| "Completed"

---@class debitura.EarningsInfo
---@field currency? string|debitura.null
---@field debituraRevenue number
---@field debituraRevenueUsd number
---@field referralFeePercentage number
---@field referralFeeAmount number
---@field referralFeeAmountUsd number
---@field isEstimate boolean # exchange rates may still move it

---@class debitura.FilterOptionCarveoutPartner
---@field id string # uuid
---@field name? string|debitura.null

---@class debitura.FilterOptionCountry
---@field id integer
---@field name? string|debitura.null

---@class debitura.GetCaseDetailResponse
---@field id string # uuid
---@field reference? string|debitura.null
---@field creditorReference? string|debitura.null
---@field client? debitura.CaseClientInfo|debitura.null
---@field debtor? debitura.CaseDebtorInfo|debitura.null
---@field grossAmount number
---@field remainder number
---@field currency? string|debitura.null
---@field currentEngagementPhase? string|"Pre-legal"|"Legal"|"Enforcement"|debitura.null
---@field dateCreated string # date-time
---@field dueDate string # date-time
---@field dateCollectionStarted? string|debitura.null # date-time
---@field dateFinished? string|debitura.null # date-time
---@field validation? debitura.CaseValidationStatusDto|debitura.null
---@field collectionPartner? string|debitura.null # a name, null until assigned
---@field expectedReferralRatePercentage? number|debitura.null # 70.0 is 70 percent
---@field lifecycle? string|debitura.null
---@field closeCode? string|debitura.null
---@field potentialRevenue? debitura.CasePotentialRevenue|debitura.null # what the partner earns if all is collected

---@class debitura.GetCasesResponse
---@field page? debitura.PageData|debitura.null
---@field cases? debitura.CaseItem[]|debitura.null
---@field summary? debitura.CasesSummary|debitura.null

---@class debitura.GetClientsResponse
---@field page? debitura.PageData|debitura.null
---@field summary? debitura.ClientsSummary|debitura.null
---@field clients? debitura.ClientCreatedResponse[]|debitura.null

---@class debitura.GetFilterOptionsResponse
---@field countries? debitura.FilterOptionCountry[]|debitura.null
---@field carveoutPartners? debitura.FilterOptionCarveoutPartner[]|debitura.null

---@class debitura.partner.InvoiceDto
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
---@field claimType? string|"Unpaid Invoice"|"Loan Repayment"|"Breach of Contract"|debitura.null
---@field creditor? debitura.Cases.CreditorDto|debitura.null

---@alias debitura.InvoicingTriggerMode
---| string
---| "PayWhenPaid"
---| "ConfirmedPipeline"

---@alias debitura.KycStatus
---| string
---| "NotRequired"
---| "Pending"
---| "Verified"
---| "not_required"
---| "pending"
---| "verified"

---@class debitura.KycVerificationDto
---@field directorFullName? string|debitura.null
---@field directorHomeAddress? string|debitura.null
---@field directorDateOfBirth string # date
---@field dateCreated string # date-time
---@field verificationStatus? debitura.CreditorKycVerificationStatus|debitura.null # null until it is reviewed
---@field verificationStatusUpdatedAt? string|debitura.null # date-time

---@class debitura.LifecycleBreakdown
---@field active integer
---@field pending integer
---@field closed integer
---@field paused integer

---@class debitura.MultiCaseResult
---@field successfulCases? debitura.partner.InvoiceDto[]|debitura.null
---@field failedCases? debitura.CaseCreationFailure[]|debitura.null

---@class debitura.OnboardingLinksDto
---@field url? string|debitura.null

---@class debitura.partner.PartnerCoverageApiDTO
---@field partnerId string # uuid
---@field partnerName? string|debitura.null
---@field conditions? string|"All cases"|"B2B cases only"|"Amount ≥ €1,000"|debitura.null # prose, not to be parsed

---@class debitura.PaymentInfo
---@field amount number
---@field currency? string|debitura.null
---@field paymentDate string # date-time

---@alias debitura.PayoutCommissionPaymentStatus
---| 0 # Unpaid
---| 1 # Paid
---| 2 # Credited

---@class debitura.PendingActionDto
---@field type? debitura.PendingActionType|debitura.null
---@field collectionPartnerId? string|debitura.null # uuid
---@field dueDate? string|debitura.null # date-time

---@alias debitura.PendingActionType
---| string
---| "SdcaUpgrade"
---| "PoA"
---| "Jpa"
---| "Kyc"

---@alias debitura.PlatformInvoicingStatus
---| 0 # NotInvoiced
---| 1 # InvoiceIssued
---| 2 # PaymentReceived
---| 3 # InvoiceCredited

---@class debitura.RecognitionInfo
---@field isRecognized boolean
---@field referralFeeRecognizedUsd number

---@alias debitura.ReferralInvoicingStatus
---| 0 # Pending
---| 1 # Invoiced
---| 2 # Paid
---| 3

---@class debitura.ReferralPartnerPreviewCaseResponse
---@field isEligible boolean # false is an answer, not a failure
---@field ineligibilityReason? string|debitura.null
---@field jurisdiction? debitura.JurisdictionDto|debitura.null
---@field pricingPreview? debitura.PricingPreviewDto|debitura.null
---@field requiresKycVerification boolean
---@field pendingActions? debitura.PendingActionDto[]|debitura.null
---@field combinedSigningUrl? string|debitura.null # always null here

---@class debitura.ReferralPartnerResponse
---@field id string # uuid
---@field companyName? string|debitura.null
---@field shortName? string|debitura.null
---@field contactEmail? string|debitura.null
---@field externalSystemId? string|debitura.null
---@field referralFeePercentage number
---@field isActive boolean
---@field isPublicDemo boolean
---@field logoUrl? string|debitura.null
---@field backgroundColorCode? string|debitura.null
---@field fontColor? string|debitura.null
---@field fontFamily? string|debitura.null
---@field invoicingTriggerMode? debitura.InvoicingTriggerMode|debitura.null

---@class debitura.RevenueBreakdown
---@field pendingReferralFeeUsd number
---@field pendingCount integer
---@field confirmedPendingInvoiceReferralFeeUsd number
---@field confirmedPendingInvoiceCount integer
---@field awaitingCollectionPartnerPaymentReferralFeeUsd number
---@field awaitingCollectionPartnerPaymentCount integer
---@field readyToInvoiceDebituraReferralFeeUsd number
---@field readyToInvoiceDebituraCount integer
---@field awaitingDebituraPaymentReferralFeeUsd number
---@field awaitingDebituraPaymentCount integer
---@field paidReferralFeeUsd number
---@field paidCount integer
---@field disputedReferralFeeUsd number
---@field disputedCount integer

---@class debitura.StatusInfo
---@field commissionPaymentStatus? string|"Unpaid"|"Paid"|"Credited"|debitura.null
---@field platformInvoicingStatus? string|"NotInvoiced"|"InvoiceIssued"|"PaymentReceived"|"InvoiceCredited"|debitura.null
---@field referralInvoicingStatus? string|"Pending"|"Invoiced"|"Paid"|"Disputed"|debitura.null

---@class debitura.SubmitKycVerificationRequest
---@field directorFullName string # 1 to 500 characters
---@field directorHomeAddress string # 1 to 1000 characters
---@field directorDateOfBirth string # date

---@class debitura.TransactionItem
---@field transactionId string # uuid
---@field date string # date-time
---@field client? debitura.ClientInfo|debitura.null
---@field case? debitura.CaseInfo|debitura.null
---@field payment? debitura.PaymentInfo|debitura.null
---@field earnings? debitura.EarningsInfo|debitura.null
---@field recognition? debitura.RecognitionInfo|debitura.null
---@field status? debitura.StatusInfo|debitura.null

---@alias debitura.TransactionRevenueStage
---| 0 # Pending
---| 1 # ConfirmedPendingInvoice
---| 2 # AwaitingCollectionPartnerPayment
---| 3 # ReadyToInvoiceDebitura
---| 4 # AwaitingDebituraPayment
---| 5 # Paid
---| 6 # Disputed

---@class debitura.TransactionsResponse
---@field data? debitura.TransactionItem[]|debitura.null
---@field page? debitura.PageData|debitura.null
---@field summary? debitura.TransactionsSummary|debitura.null # all stages, whatever RevenueStages narrowed data to

---@class debitura.TransactionsSummary
---@field revenue? debitura.RevenueBreakdown|debitura.null
---@field totalDebituraRevenueUsd number

---@class debitura.TriggerTestWebhookRequest
---@field eventType "case.created"|"case.updated"|"case.closed"|"client.linked"|"client.link_declined"|"client.link_requested"|"client.link_expired"|"client.onboarding.poa_signed"|"client.onboarding.contract_signed"
---@field caseId? string|debitura.null # uuid; required for case events
---@field externalTenantId? string|debitura.null # required for client events
---@field oldLifecycle? string|debitura.null
---@field newLifecycle? string|debitura.null
---@field closeCode? string|debitura.null
---@field closeComment? string|debitura.null

---@class debitura.TriggerTestWebhookResponse
---@field eventType? string|debitura.null
---@field enqueuedCount integer
---@field message? string|debitura.null

---@class debitura.UserDto
---@field id integer
---@field email? string|debitura.null
---@field firstName? string|debitura.null
---@field lastName? string|debitura.null
