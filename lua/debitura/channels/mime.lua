--- Writes mail: addresses, headers and bodies as RFC 5322, 2045 and 2047 want them. Everything is
-- UTF-8 in quoted-printable, so that a mail is ASCII on its way and can be read by a person as it
-- is.
-- @module debitura.channels.mime

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")

local mime = {}

local ADDRESS_MAX, LOCAL_MAX = 254, 64 -- RFC 5321, 4.5.3.1
local TEXT_MAX = 1000 -- bytes of a subject or name
local LINE = 76 -- RFC 2045, 6.7
-- Of what fits into a line after the header's name: as it is, and within an encoded word.
local PLAIN, WORD = 66, 48
local CRLF = "\r\n"
-- Quoted-printable has hexadecimal digits or a line end after "=", so this stands in no body.
local BOUNDARY = "=_debitura"

local DAYS = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" }
local MONTHS = {
  "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
}

-- Checks ------------------------------------------------------------------------------------------

local NO_ADDRESS = "not a mail address"

local function has_empty_part(text)
  return ("." .. text .. "."):find("..", 1, true)
end

--- An address as mail carries it: without quotes and comments, its domain in ASCII. The part before
-- the @ may be UTF-8, for mail servers with SMTPUTF8.
-- @param address anything
-- @treturn[1] string
-- @treturn[2] nil
-- @treturn[2] string what is wrong with it, which never quotes it
function mime.address(address)
  if type(address) ~= "string" then return nil, NO_ADDRESS end
  address = address:match("^ *(.-) *$")
  if address:find("%c") then return nil, "a line break or control character in a mail address" end
  local person, domain = address:match("^([A-Za-z0-9!#$%%&'*+/=?^_`{|}~.\128-\255-]+)@([^@]+)$")
  if not person or #person > LOCAL_MAX or has_empty_part(person) then return nil, NO_ADDRESS end
  if domain:find("[\128-\255]") then
    local ascii, err = core.ascii_domain(domain)
    if not ascii then return nil, ("%s: its domain: %s"):format(NO_ADDRESS, err.message) end
    domain = ascii
  end
  if domain:find("[^A-Za-z0-9.-]") or has_empty_part(domain) then return nil, NO_ADDRESS end
  address = person .. "@" .. domain
  if not encoding.is_utf8(address) then return nil, NO_ADDRESS end
  if #address > ADDRESS_MAX then
    return nil, ("a mail address has %d characters at most"):format(ADDRESS_MAX)
  end
  return address
end

--- What is wrong with an address.
-- @param address anything
-- @treturn ?string nil when it can be written to; never quotes it
function mime.address_problem(address)
  return select(2, mime.address(address))
end

--- What is wrong with a text that goes into a header: a line end in it would begin another header.
-- @param text anything
-- @treturn ?string nil when nothing is; never quotes it
function mime.text_problem(text)
  if type(text) ~= "string" or text == "" then return "a text is needed" end
  if text:find("%c") then return "a line break or control character in it" end
  if #text > TEXT_MAX then return ("longer than %d bytes"):format(TEXT_MAX) end
  if not encoding.is_utf8(text) then return "not UTF-8" end
end

-- Parts -------------------------------------------------------------------------------------------

local function escape(byte)
  return ("=%02X"):format(byte:byte())
end

-- A body in lines of bounded length.
local function quoted_printable(text)
  local out = {}
  text = text:gsub("\r\n?", "\n"):gsub("\n*$", "")
  for line in (text .. "\n"):gmatch("([^\n]*)\n") do
    line = line:gsub("[^\t -<>-~]", escape):gsub("[\t ]$", escape)
    local at = 1
    while #line - at >= LINE do
      local last = at + LINE - 2
      -- An escape that the break would split.
      local split = line:sub(last - 1, last):find("=", 1, true)
      if split then last = last - 3 + split end
      out[#out + 1] = line:sub(at, last) .. "="
      at = last + 1
    end
    out[#out + 1] = line:sub(at)
  end
  return table.concat(out, CRLF)
end

-- A text as encoded words, each of whole characters, one a line.
local function encoded_words(text)
  local words, word = {}, ""
  for character in text:gmatch("[\1-\127\194-\244][\128-\191]*") do
    local encoded = character == " " and "_" or character:gsub("[^A-Za-z0-9!*+/-]", escape)
    if #word + #encoded > WORD then words[#words + 1], word = word, "" end
    word = word .. encoded
  end
  words[#words + 1] = word
  for i, encoded in ipairs(words) do words[i] = "=?UTF-8?Q?" .. encoded .. "?=" end
  return table.concat(words, CRLF .. " ")
end

-- Whether a text may stand in a header as it is.
local function is_plain(text)
  return #text <= PLAIN and not text:find("[^ -~]") and not text:find("=?", 1, true)
    and not text:find("^ ") and not text:find(" $")
end

local function mailbox(box)
  local name = box.name
  if not name then return box.address end
  name = is_plain(name) and '"' .. name:gsub('["\\]', "\\%0") .. '"' or encoded_words(name)
  return name .. CRLF .. " <" .. box.address .. ">"
end

-- An instant as in the header Date, in no language but English, whatever the process has chosen.
local function date(seconds)
  local at = os.date("!*t", math.floor(seconds))
  return ("%s, %02d %s %04d %02d:%02d:%02d +0000"):format(
    DAYS[at.wday], at.day, MONTHS[at.month], at.year, at.hour, at.min, at.sec)
end

local function part(kind, text)
  return table.concat({
    ("Content-Type: text/%s; charset=utf-8"):format(kind),
    "Content-Transfer-Encoding: quoted-printable", "", quoted_printable(text),
  }, CRLF)
end

local function content(mail)
  if not mail.html then return part("plain", mail.text) end
  local line = CRLF .. "--" .. BOUNDARY
  return table.concat {
    ('Content-Type: multipart/alternative; boundary="%s"'):format(BOUNDARY), CRLF,
    line, CRLF, part("plain", mail.text), line, CRLF, part("html", mail.html), line, "--",
  }
end

-- Messages ----------------------------------------------------------------------------------------

--- What is wrong with a text that stands in a body.
-- @param text anything
-- @treturn ?string nil when nothing is
function mime.body_problem(text)
  if type(text) ~= "string" then return "a text is needed" end
  if not encoding.is_utf8(text) then return "not UTF-8" end
end

local function box_problem(box)
  return mime.address_problem(box.address) or box.name and mime.text_problem(box.name)
end

-- Which field is wrong, and why.
local function problem_of(mail)
  local checks = {
    { "from", box_problem, mail.from }, { "to", box_problem, mail.to },
    { "reply_to", box_problem, mail.reply_to },
    { "subject", mime.text_problem, mail.subject or false },
    { "text", mime.body_problem, mail.text or false }, { "html", mime.body_problem, mail.html },
  }
  for _, check in ipairs(checks) do
    local why = check[3] ~= nil and check[2](check[3])
    if why then return check[1] .. ": " .. why end
  end
end

--- Writes a mail.
-- @tparam table mail `from`, `to` and, if wanted, `reply_to` (tables of `address` and `name`),
--   `subject`, `text`, `html` (or nil), `date` (Unix seconds), `message_id` (without angle
--   brackets)
-- @treturn[1] string the message, its lines ended by CR LF
-- @treturn[2] nil
-- @treturn[2] string which field cannot be sent, and why; quotes no value
function mime.write(mail)
  local problem = problem_of(mail)
  if problem then return nil, problem end
  local lines = { "From: " .. mailbox(mail.from), "To: " .. mailbox(mail.to) }
  if mail.reply_to then lines[#lines + 1] = "Reply-To: " .. mailbox(mail.reply_to) end
  local subject = is_plain(mail.subject) and mail.subject or encoded_words(mail.subject)
  lines[#lines + 1] = "Subject: " .. subject
  lines[#lines + 1] = "Date: " .. date(mail.date)
  lines[#lines + 1] = "Message-ID: <" .. mail.message_id .. ">"
  -- No out-of-office reply, please: RFC 3834, and what Exchange heeds instead.
  lines[#lines + 1] = "Auto-Submitted: auto-generated"
  lines[#lines + 1] = "X-Auto-Response-Suppress: All"
  lines[#lines + 1] = "MIME-Version: 1.0"
  lines[#lines + 1] = content(mail)
  return table.concat(lines, CRLF) .. CRLF
end

return mime
