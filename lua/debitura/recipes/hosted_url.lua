--- Addresses of Debitura's hosted pages. The holder of one can act for the customer: it belongs in
-- no log.
-- @module debitura.recipes.hosted_url

local encoding = require("debitura.base.encoding")

local hosted_url = {}

local RETURN_URL_MAX = 2048
local URL_MAX = 8192 -- bytes of a hosted page's address that is kept

--- The gate through which every address of a hosted page enters the store: an absolute http(s) URL
-- without white space and control characters, of a bounded length.
-- @param text whatever an answer holds
-- @treturn ?string the same, or nil
function hosted_url.accept(text)
  if type(text) ~= "string" or #text > URL_MAX or text:find("[%s%c]") then return nil end
  return text:find("^[Hh][Tt][Tt][Pp][Ss]?://[^/?#]") and text or nil
end

--- A sentence that may quote addresses, without them.
-- @tparam string text
-- @treturn string
function hosted_url.redacted(text)
  return (text:gsub("[Hh][Tt][Tt][Pp][Ss]?://[^%s\"'<>]*", "[redacted]"))
end

--- Whether Debitura would take a text as `returnUrl`; it ignores what is no absolute http(s) URL.
-- @param text
-- @treturn boolean
function hosted_url.is_return_url(text)
  return type(text) == "string" and #text <= RETURN_URL_MAX
    and text:find("^[Hh][Tt][Tt][Pp][Ss]?://[^%s%c/?#]") ~= nil
    and not text:find("[%s%c]")
end

--- Adds the address to which the customer comes back after the hosted pages.
-- @tparam string url
-- @tparam ?string return_url
-- @treturn string
function hosted_url.with_return(url, return_url)
  if not return_url then return url end
  local page, fragment = url:match("^([^#]*)(.*)$")
  return page .. (page:find("?", 1, true) and "&" or "?") .. "returnUrl="
    .. encoding.percent(return_url) .. fragment
end

--- The page for one client, with the way back that the recipes' options give for it.
-- @tparam table context what debitura.recipes.options reads
-- @tparam table record whose URL it is
-- @treturn string
function hosted_url.for_tenant(context, record)
  local return_url = context.return_url
  if type(return_url) == "function" then return_url = return_url(record.tenant) end
  -- Debitura ignores a bad one, too: the way to the page is worth more than the way back.
  if not hosted_url.is_return_url(return_url) then return_url = nil end
  return hosted_url.with_return(record.url, return_url)
end

return hosted_url
