--- Who the customer of a link is, as far as the store opens it.
-- @module debitura.recipes.customer

local core = require("debitura.core")
local null = require("debitura.base.null")
local recipient = require("debitura.operations.recipient")
local text = require("debitura.base.text")

local customer = {}

--- Whom a link is about: the company's name, and the address letters go to, of which its first
-- letter is shown and its domain.
-- @tparam table link
-- @treturn ?string
-- @treturn ?string
-- @treturn ?string the address itself
function customer.of(link)
  local payload = link.payload and not link.unreadable and core.json.decode(link.payload)
  if type(payload) ~= "table" then return nil end
  local name, known = null.text(null.field(payload, "client"), "name"), recipient.of(payload)
  return name, known and text.masked(known.email), known and known.email
end

return customer
