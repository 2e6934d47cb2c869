---@meta
-- The shapes that both APIs have in common.
-- Made by scripts/generate.lua from lua/debitura; not to be edited.

---@class debitura.ApiErrorResponseDto
---@field error? string|debitura.null # legacy
---@field message? string|debitura.null # legacy
---@field businessErrors? debitura.BusinessErrorApiDTO[]|debitura.null # the one to read

---@class debitura.AssignedUserDto
---@field email? string|debitura.null
---@field name? string|debitura.null

---@class debitura.BankAccountDto
---@field id integer
---@field label? string|debitura.null
---@field scheme? string|"IBAN"|"SWIFT"|"LOCAL"|debitura.null
---@field currencyCode? string|debitura.null
---@field bankCountryCode? string|debitura.null
---@field accountHolderName? string|debitura.null
---@field iban? string|debitura.null # IBAN
---@field bic? string|debitura.null # IBAN and SWIFT
---@field accountNumber? string|debitura.null # SWIFT and LOCAL
---@field localIdentifier? string|debitura.null # LOCAL
---@field localIdentifierType? string|"Sort Code"|"Routing Number"|debitura.null
---@field bankName? string|debitura.null
---@field bankAddress? string|debitura.null
---@field bankCity? string|debitura.null
---@field bankZipCode? string|debitura.null
---@field bankState? string|debitura.null

---@class debitura.BusinessErrorApiDTO
---@field type? string|"MissingDebtCollectionContract"|"MissingPowerOfAttorney"|"MissingKycVerification"|"CreditorBlocked"|"NoPartnerAvailable"|"IdempotencyConflict"|debitura.null
---@field message? string|debitura.null
---@field solutionUrl? string|debitura.null # solves this one error only

---@class debitura.BusinessErrorResponseApiDTO
---@field businessErrors? debitura.BusinessErrorApiDTO[]|debitura.null
---@field signingHandoff? debitura.SigningHandoffDto|debitura.null

---@class debitura.CaseValidationItemDto
---@field resolutionArea? string|"ProvideDocuments"|"CorrectDebtorAddress"|debitura.null
---@field description? string|debitura.null

---@class debitura.CaseValidationLeanDto
---@field needsInfo boolean

---@class debitura.CaseValidationStatusDto
---@field needsInfo boolean
---@field creditorRespondedAt? string|debitura.null # date-time
---@field items? debitura.CaseValidationItemDto[]|debitura.null

---@class debitura.CollectionPartnerDto
---@field name? string|debitura.null
---@field officeEmail? string|debitura.null
---@field officePhone? string|debitura.null
---@field publicSite? string|debitura.null
---@field surveyCadenceMode? debitura.SurveyCadenceMode|debitura.null

---@class debitura.CreateCollectionCaseRequestApiViewModel
---@field currencyCode string # exactly 3 characters; ISO 4217
---@field date? string # date-time
---@field dueDate? string|debitura.null # date-time; gives the age when there are no buckets
---@field comments? string|debitura.null # at most 4000 characters
---@field claimDescription? string|debitura.null # at most 4000 characters
---@field creditorReference? string|debitura.null # at most 50 characters; unique for the creditor
---@field debtor debitura.DebtorDto
---@field creditorDivisionId? string|debitura.null # uuid
---@field amountToRecover number # the whole principal, over all bundled invoices
---@field amountToRecoverOver6Months? number|debitura.null # the part older than 180 days, the older parts included
---@field amountToRecoverOver12Months? number|debitura.null
---@field amountToRecoverOver24Months? number|debitura.null
---@field skipDebituraVerification? boolean # goes straight to the collection partner
---@field skipCreationEmails? boolean # deprecated; ignored
---@field allowPendingContracts? boolean # accept before contracts are signed, as "Pending contract signing"
---@field isTest? boolean
---@field tag? string|debitura.null # at most 100 characters; means something only with isTest; for deleting many
---@field collectionPartnerId? string|debitura.null # uuid; this partner and no other
---@field assignedUserEmail? string|debitura.null # email; at most 320 characters; an active team member, who alone is mailed
---@field returnUrl? string|debitura.null # url; at most 2048 characters; the service drops a bad one without a word

---@class debitura.CreditorDivisionDto
---@field id string # uuid
---@field name? string|debitura.null

---@class debitura.DebtorDto
---@field type "Company"|"Person"|"Private" # the two documents disagree on the word for a person
---@field name string # not empty
---@field contactPerson? string|debitura.null # for companies; some sources require it
---@field companyRegistrationNumber? string|debitura.null
---@field address? string|debitura.null
---@field zipCode? string|debitura.null
---@field city? string|debitura.null
---@field state? string|debitura.null
---@field stateAlpha2? string|debitura.null # required for US; CA, US-CA or California
---@field countryAlpha2 string # exactly 2 characters; required by the text, not by the schema
---@field country? string|debitura.null
---@field email? string|debitura.null
---@field phone? string|debitura.null # with country code

---@class debitura.InvoiceAllocationOutstandingDto
---@field principal number
---@field interest number
---@field reminderFees number
---@field collectionFees number

---@class debitura.JurisdictionDto
---@field id integer
---@field name? string|debitura.null
---@field countryAlpha2? string|debitura.null
---@field stateAlpha2? string|debitura.null # only where cases are routed by state

---@class debitura.PageData
---@field totalResults integer
---@field pageSize integer
---@field currentPage integer
---@field responseCount integer # rows on this page
---@field totalPages integer # read-only

---@class debitura.PreviewCaseRequestApiViewModel
---@field amountToRecover number
---@field currencyCode string # exactly 3 characters
---@field debtor debitura.PreviewDebtorDto
---@field amountToRecoverOver6Months? number|debitura.null
---@field amountToRecoverOver12Months? number|debitura.null
---@field amountToRecoverOver24Months? number|debitura.null
---@field dueDate? string|debitura.null # date-time; not in the future, and not beside buckets
---@field returnUrl? string|debitura.null # url; at most 2048 characters

---@class debitura.PreviewDebtorDto
---@field type "Company"|"Private"
---@field countryAlpha2 string # exactly 2 characters
---@field stateAlpha2? string|debitura.null # exactly 2 characters; required for US

---@class debitura.PricingPreviewDto
---@field baseSuccessFeePercentage number
---@field ageSurchargePercentage number
---@field totalSuccessFeePercentage number
---@field currencyCode? string|debitura.null
---@field pricingSource? string|"Standard agreement"|"Creditor custom pricing"|"Managing partner custom pricing"|"Jurisdiction custom pricing"|"Partner custom pricing"|"Accepted quote"|debitura.null
---@field pricingSourceDescription? string|debitura.null

---@class debitura.SigningHandoffDto
---@field combinedSigningUrl? string|debitura.null # walks through every open signing, then to returnUrl

---@alias debitura.SurveyCadenceMode
---| 0
---| 1

---@class debitura.UpdateWebhookRequest
---@field url? string|debitura.null # url; at most 1024 characters
---@field events? string[]|debitura.null
---@field isActive? boolean|debitura.null # true wakes a subscription that was disabled after failures
---@field regenerateSecret? boolean # the response then holds the new secret, once
---@field isTestMode? boolean|debitura.null

---@class debitura.WebhookDto
---@field id string # uuid
---@field url? string|debitura.null
---@field events? string[]|debitura.null
---@field isActive boolean
---@field createdUtc string # date-time
---@field updatedUtc string # date-time
---@field disabledReason? string|debitura.null
---@field secret? string|debitura.null # Base64; only on creation and rotation
---@field isTestMode boolean
