--- The pages of the permalink: plain HTML that needs nothing else.
-- @module debitura.permalink.page

local encoding = require("debitura.base.encoding")

local page = {}

local STYLE = [[

body { font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 4rem auto; padding: 0 1rem; color: #222 }
button { font: inherit; padding: .6rem 1.4rem; border: 0; border-radius: .3rem; background: #14532d; color: #fff; cursor: pointer }
]]

--- The SHA-256 of the style above, as a Content-Security-Policy names the only one that a browser
-- may apply.
page.style_hash = "sha256-KiMeRq1fYAiu7lY8gvE0G/hvgQrDf2FepyZrRYuKvMs="

local FRAME = [[
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<h1>{title}</h1>
<p>{text}</p>
{form}</body>
</html>
]]

local FORM = [[
<form method="post"><button type="submit">{button}</button></form>
]]

--- What each page says; {partner} is the platform's name.
page.texts = {
  link = {
    title = "Connect with Debitura", button = "Continue to Debitura",
    text = "{partner} works with Debitura to collect unpaid invoices. On the next page, Debitura asks you to confirm the connection or to "
      .. "complete your account. Nothing happens before you decide there.",
  },
  signing = {
    title = "Documents to sign", button = "Continue to the documents",
    text = "Before your cases can go on, Debitura needs your signature. The next page shows the documents, one after the other. Afterwards "
      .. "you come back to {partner}.",
  },
  kyc = {
    title = "Confirm who you are", button = "Continue to the form",
    text = "Debitura has to know who directs your company before your cases can go on. The form on the next page takes a few minutes. "
      .. "Questions? {partner} is happy to help.",
  },
  done = { title = "All done", text = "There is nothing left for you to do here. {partner} keeps you informed." },
  later = {
    title = "One moment, please", button = "Try again",
    text = "The page you asked for is being prepared. Please try again in a minute.",
  },
  gone = {
    title = "This link is not in use",
    text = "The link may be incomplete or may have been replaced by a newer one. Please use the latest message that you received, or "
      .. "contact whoever sent it to you.",
  },
}

local function filled(template, values)
  return (template:gsub("{(%l+)}", values))
end

--- A page.
-- @tparam string name of one of `page.texts`
-- @tparam string partner_name
-- @treturn string
function page.render(name, partner_name)
  local words = page.texts[name]
  return filled(FRAME, {
    style = STYLE, title = encoding.html(words.title), text = filled(encoding.html(words.text), { partner = encoding.html(partner_name) }),
    form = words.button and filled(FORM, { button = encoding.html(words.button) }) or "",
  })
end

return page
