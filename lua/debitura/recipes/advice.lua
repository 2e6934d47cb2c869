--- What to tell the customer of a link or a case that does not go on. Debitura's own sentence,
-- which is not written for the customer, stands beside it.
-- @module debitura.recipes.advice

local advice = {}

local SUPPORT = "Debitura support" -- where the platform has no address to give

local ANOTHER_PARTNER = "Your Debitura account is linked to another partner. "
  .. "Please contact {support} to discuss your options."

local LINKS = {
  -- The API's documents spell this type both ways.
  ClientAlreadyLinkedToAnotherPartner = ANOTHER_PARTNER,
  AlreadyLinkedToAnotherPartner = ANOTHER_PARTNER,
  InvalidClientType = "Your details match a Debitura account that is not a creditor account. "
    .. "Please create a creditor account, or contact {support} if you did not expect this.",
}
local OTHER = "Debitura could not link your account. Please contact {support}."

local CASES = {
  signing = "Documents are to be signed before this case can go on. The link to them was sent.",
  kyc = "A director has to be identified before this case can go on. "
    .. "The link to the form was sent.",
  unlinked = "The account is not connected to Debitura at present. The case is submitted as soon "
    .. "as it is.",
  NoPartnerAvailable = "This jurisdiction is not currently supported.",
  CreditorBlocked = "The account is blocked. Please contact {support}.",
}

local function filled(text, support)
  return text and (text:gsub("{support}", function() return support or SUPPORT end))
end

--- For the customer whose link Debitura refused.
-- @tparam ?string reason Debitura's type
-- @tparam ?string support Debitura's address for customers
-- @treturn string
function advice.of_link(reason, support)
  return filled(LINKS[reason] or OTHER, support)
end

--- For the customer whose case is parked, or cannot be taken.
-- @tparam ?string reason
-- @tparam ?string support
-- @treturn ?string
function advice.of_case(reason, support)
  return filled(CASES[reason], support)
end

--- Whether a reason is one of Debitura's types, or of the recipes' own words: no person wrote it.
-- @param reason
-- @treturn boolean
function advice.is_known(reason)
  return LINKS[reason] ~= nil or CASES[reason] ~= nil
end

return advice
