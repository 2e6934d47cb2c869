--- Delivers a hosted URL by mail: SMTP through the core's engine, text and HTML, in the customer's
-- language.
-- @module debitura.channels.email

local brand = require("debitura.channels.brand")
local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local failure = require("debitura.base.failure")
local letters = require("debitura.channels.letters")
local mime = require("debitura.channels.mime")
local names = require("debitura.channels.names")
local options = require("debitura.base.options")
local protected = require("debitura.async.protected")
local sender = require("debitura.channels.sender")
local usage = require("debitura.base.usage")

local email = {}

local OPERATION = "channels.email"

local Channel = {}
Channel.__index = Channel

function Channel.__tostring(self)
  return "debitura.channels.email (" .. self.name .. ")"
end

local function refused(message)
  return nil, failure.new {
    kind = "validation", operation = OPERATION, message = message, sent = false, final = true,
  }
end

-- The same whenever the same delivery is tried again, so that a mail system that has it already may
-- drop it.
local function message_id(key, address)
  return encoding.hex(core.signature.hmac("Message-ID", key)) .. address:match("@.*$")
end

-- To whom a message goes unless the platform says otherwise.
local function recipient(message)
  if message.recipient then return message.recipient.email, message.recipient.name end
end

-- The mail for a message, and to whom it goes; or nil and a failure.
function Channel:compose(message)
  local given, name = self.to(message)
  if not given then return refused("to: there is no address to write to") end
  local address, err = mime.address(given)
  if not address then return refused("to: " .. err) end
  local letter
  letter, err = self.template(message)
  if type(letter) ~= "table" then return refused("template: " .. (err or "it gave no letter")) end
  local text
  text, err = mime.write {
    from = self.from, to = { address = address, name = names.shown(name) },
    reply_to = self.reply_to,
    subject = letter.subject, text = letter.text, html = letter.html,
    date = self.clock(), message_id = message_id(message.key, self.from.address),
  }
  if not text then return refused(err) end
  return text, address
end

--- Whether a mail could never be written to a recipient.
-- @tparam table given `email`, see debitura.channels
-- @treturn ?string what is wrong with the address
function Channel:refuses(given)
  if self.to ~= recipient then return nil end
  local address, err = mime.address(given.email)
  return not address and err or nil
end

-- What the server is shown instead of a password: asked for anew each time, since it expires.
function Channel:access_token()
  if not self.token then return nil end
  local sound, results = protected(self.token)
  local token = sound and results[1]
  if type(token) == "string" and token ~= "" or type(token) == "userdata" then return token end
  return nil, failure.new {
    kind = "transport", operation = OPERATION, sent = false,
    message = sound and "token: the function gave none" or "token: the function failed",
  }
end

-- Gives a mail to the server, or greets it.
function Channel:submit(mail)
  local token, err = self:access_token()
  if err then return nil, err end
  mail.url, mail.starttls, mail.token = self.url, self.starttls, token
  mail.username, mail.password = self.username, self.password
  return self.sender:send("submit_mail", mail)
end

--- Asks whether the mail server is there and takes this user, and sends nothing.
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure as `deliver` gives it
function Channel:greet()
  local greeted, err = self:submit { greeting = true }
  return greeted and true, err
end

--- Sends one mail. The same message again has the same Message-ID.
-- @tparam table message see debitura.channels
-- @treturn[1] boolean true: the mail server took it
-- @treturn[2] nil
-- @treturn[2] table failure, which names neither address nor URL: "validation" when such a mail
--   cannot be written, else what went wrong on the way, with the mail server's reply code as
--   `status` where it refused. `final` is true for what cannot be written, and where the server
--   refuses the recipient for good (a 5xx at RCPT).
function Channel:deliver(message)
  local text, address = self:compose(message)
  if not text then return nil, address end
  local sent, err = self:submit { from = self.from.address, to = { address }, message = text }
  if sent then return true end
  if err.where == "to" and err.status >= 500 then err.final = true end
  return nil, err
end

--- Closes the connections to the mail server; not while deliveries are under way. The next delivery
-- opens new ones.
function Channel:close()
  self.sender:close()
end

-- Options -------------------------------------------------------------------------------------

local function url_problem(url)
  local allowed, err = core.check_url(url, "mail")
  if not allowed then return (err.message:gsub("^url: ", "")) end
end

email.options = options.define("debitura.channels.email", {
  { "url", "string", required = true, check = url_problem,
    "`smtps://host[:port]`; or `smtp://host[:port]`, which is encrypted by STARTTLS or not "
      .. "used, unless the host is a loopback one" },
  { "username", "secret", "text or debitura.secret; goes with a password or a token" },
  { "password", "secret", "text or debitura.secret" },
  { "token", "function",
    "gives an access token (OAuth 2.0: XOAUTH2, OAUTHBEARER), text or debitura.secret, in "
      .. "the place of a password; asked before each delivery" },
  { "from", "string", required = true, check = mime.address_problem, "an address" },
  { "reply_to", "string", check = mime.address_problem, "an address" },
  brand.optional,
  { "to", "function", default = recipient,
    "gives for a message an address and, if known, a name; default: message.recipient; nil "
      .. "is a failed delivery" },
  { "template", "function",
    "gives for a message `{ subject =, text =, html = }`, `html` being optional; default: "
      .. "the built-in letters, for which `brand` is needed" },
  { "name", "text", default = "email", "two of a kind in one recipe need different ones" },
  { "starttls", "boolean", "true: a loopback host has to encrypt, too" },
  letters.options.language, letters.options.time_zone, letters.options.texts,
}, sender.options)

local BRAND = brand.options("debitura.channels.email")

local function check(read)
  if not read.template and not read.brand then
    usage.error("debitura.channels.email: option 'brand': missing: its name says who asks")
  end
  local shown = (read.password and 1 or 0) + (read.token and 1 or 0)
  if shown ~= (read.username and 1 or 0) then
    usage.error("debitura.channels.email: option 'username': it goes with a password, or a token")
  end
end

local function built_in(read, shown)
  local all = letters.with(read.texts)
  local problem = letters.language_problem(read.language, all)
  if problem then email.options:complain("language", problem) end
  local with = {
    brand = shown, all = all, language = read.language, time_zone = read.time_zone,
  }
  return function(message) return letters.write(message, with) end
end

--- Makes the channel.
-- @tparam table given see `email.options`
-- @treturn table with `deliver` and `close`
-- @raise when an option is wrong
function email.new(given)
  local read = email.options:read(given)
  check(read)
  local shown = read.brand and BRAND:read(read.brand)
  local name = shown and shown.name
  return setmetatable({
    name = read.name, url = read.url, starttls = read.starttls,
    username = read.username, password = read.password and core.secret(read.password),
    token = read.token,
    from = { address = mime.address(read.from), name = name },
    reply_to = read.reply_to and { address = mime.address(read.reply_to), name = name },
    to = read.to, clock = read.clock, template = read.template or built_in(read, shown),
    sender = sender.new(OPERATION, read),
  }, Channel)
end

return email
