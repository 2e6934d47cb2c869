--- The built-in letters, in English: who asks, what the link is for, until when it is good. What
-- differs between variants is data; text and HTML are made of the same paragraphs.
-- @module debitura.channels.letters

local encoding = require("debitura.base.encoding")

local letters = {}

local MONTHS = {
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
}

--- Of each variant: the subject, what is asked and why, and what the link is called. `{partner}` is
-- who asks.
letters.variants = {
  approval = {
    subject = "{partner} asks to connect with your Debitura account",
    "{partner} would like to pass on unpaid invoices of yours to Debitura, the debt collection network in which you already have "
      .. "an account. For that, your account has to be connected with {partner}.",
    "The link leads to a page of Debitura on which you see what is asked, and approve or decline it.",
    link = "See the request",
  },
  choice = {
    subject = "{partner} asks to connect with your Debitura account",
    "{partner} would like to pass on unpaid invoices of yours to Debitura, the debt collection network in which you already have "
      .. "a login.",
    "The link leads to a page of Debitura on which you choose the company that is to be connected with {partner}, or add a new one.",
    link = "Choose the company",
  },
  onboarding = {
    subject = "Complete your registration for debt collection with {partner}",
    "{partner} works with Debitura, a debt collection network, which can now collect unpaid invoices for you.",
    "The link leads to a page of Debitura on which you check the details of your company and sign the agreement.",
    link = "Complete the registration",
  },
  signing = {
    subject = "Your signature is needed to go on with your cases",
    "You asked {partner} to pass on unpaid invoices to Debitura, a debt collection network. Before Debitura can go on, it needs "
      .. "your signature.",
    "The link leads to a page of Debitura on which you read the documents and sign them, one after the other.",
    link = "Read and sign",
  },
  kyc = {
    subject = "A few details are needed to go on with your cases",
    "You asked {partner} to pass on unpaid invoices to Debitura, a debt collection network. Before they can be collected, a director "
      .. "of your company has to be identified.",
    "The link leads to a page of Debitura on which you give these details. It takes a few minutes.",
    link = "Give the details",
  },
}

-- What stands around them.
local REMINDER_SUBJECT = "Reminder: %s"
local GREETING, GREETING_BY_NAME = "Hello,", "Hello {name},"
local REMINDER = "We wrote to you about this before; the page is still there for you."
local DEADLINE = "The link is good until {deadline}. After that, {partner} can send you a new one."
local CLOSING = {
  "Nothing happens unless you act: if you did not expect this mail, you can leave it unanswered. The link is meant for you "
    .. "alone, so please do not pass it on.",
  "Kind regards,\n{partner}",
}
local IN_FULL = "If the link does not open, copy this address into your browser:\n{url}"

local PAGE = [[
<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{subject}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 sans-serif;color:#1d2733;background:#ffffff">
<div style="max-width:560px">
{content}
</div>
</body>
</html>
]]
local BUTTON = '<p><a href="{url}" style="display:inline-block;padding:10px 20px;border-radius:4px;color:#ffffff;'
  .. 'background:#0b6e5f;text-decoration:none">{link}</a></p>'

local function fill(text, values)
  return (text:gsub("{(%l+)}", values))
end

local function escaped(values)
  local safe = {}
  for name, value in pairs(values) do safe[name] = encoding.html(value) end
  return safe
end

local function deadline(seconds)
  local at = os.date("!*t", math.floor(seconds))
  return ("%d %s %d, %02d:%02d UTC"):format(at.day, MONTHS[at.month], at.year, at.hour, at.min)
end

-- The paragraphs above and below the link, not yet filled in.
local function paragraphs(letter, message, name)
  local above = { name and GREETING_BY_NAME or GREETING }
  if message.reminder then above[#above + 1] = REMINDER end
  for _, paragraph in ipairs(letter) do above[#above + 1] = paragraph end
  local below = {}
  if message.expires_at then below[#below + 1] = DEADLINE end
  for _, paragraph in ipairs(CLOSING) do below[#below + 1] = paragraph end
  return above, below
end

local function as_text(above, below, values)
  local all = {}
  for _, paragraph in ipairs(above) do all[#all + 1] = fill(paragraph, values) end
  all[#all + 1] = fill("{link}:\n{url}", values)
  for _, paragraph in ipairs(below) do all[#all + 1] = fill(paragraph, values) end
  return table.concat(all, "\n\n") .. "\n"
end

local function as_html(above, below, values)
  local safe, lines = escaped(values), {}
  local function add(paragraph)
    lines[#lines + 1] = "<p>" .. fill(paragraph, safe):gsub("\n", "<br>\n") .. "</p>"
  end
  for _, paragraph in ipairs(above) do add(paragraph) end
  lines[#lines + 1] = fill(BUTTON, safe)
  for _, paragraph in ipairs(below) do add(paragraph) end
  add(IN_FULL)
  return fill(PAGE, { subject = safe.subject, content = table.concat(lines, "\n") })
end

--- Who is written to, where that is known.
-- @tparam table message what a channel is given
-- @treturn ?string a name
function letters.name_of(message)
  local name = message.recipient and message.recipient.name
  return type(name) == "string" and name:find("%S") and name or nil
end

--- Writes the letter for a message.
-- @tparam table message what a channel is given
-- @tparam string partner_name who asks
-- @treturn[1] table `subject`, `text`, `html`
-- @treturn[2] nil
-- @treturn[2] string that there is none for this variant
function letters.write(message, partner_name)
  local letter = letters.variants[message.variant]
  if not letter then return nil, ("there is no letter for the variant %q"):format(tostring(message.variant)) end
  local name = letters.name_of(message)
  local values = {
    partner = partner_name, name = name, url = message.url, link = letter.link,
    deadline = message.expires_at and deadline(message.expires_at) or nil,
  }
  values.subject = fill(letter.subject, values)
  if message.reminder then values.subject = REMINDER_SUBJECT:format(values.subject) end
  local above, below = paragraphs(letter, message, name)
  return { subject = values.subject, text = as_text(above, below, values), html = as_html(above, below, values) }
end

return letters
