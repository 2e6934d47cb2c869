--- Delivers a hosted URL by mail: SMTP through the core's engine, text and HTML, in English unless a template says otherwise.
-- @module debitura.channels.email

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local failure = require("debitura.base.failure")
local letters = require("debitura.channels.letters")
local mime = require("debitura.channels.mime")
local wire = require("debitura.channels.sender")

local email = {}

local OPERATION = "channels.email"

local Channel = { name = "email" }
Channel.__index = Channel

function Channel.__tostring(self)
  return "debitura.channels.email (" .. self.name .. ")"
end

local function refused(why)
  return nil, failure.new { kind = "validation", operation = OPERATION, message = why, sent = false }
end

-- The same whenever the same delivery is tried again, so that a mail system that has it already may drop it.
local function message_id(key, address)
  return encoding.hex(core.signature.hmac("Message-ID", key)) .. address:match("@.*$")
end

-- The mail for a message, and to whom it goes; or nil and a failure.
function Channel:compose(message)
  local address, name = self.to(message)
  if not address then return refused("to: there is nobody to write to") end
  local letter, why = self.template(message)
  if type(letter) ~= "table" then return refused("template: " .. (why or "it gave no letter")) end
  local text
  text, why = mime.write {
    from = self.from, to = { address = address, name = name }, reply_to = self.reply_to,
    subject = letter.subject, text = letter.text, html = letter.html,
    date = self.clock(), message_id = message_id(message.key, self.from.address),
  }
  if not text then return refused(why) end
  return text, address
end

--- Sends one mail. The same message again has the same Message-ID.
-- @tparam table message
-- @treturn[1] boolean true: the mail server took it
-- @treturn[2] nil
-- @treturn[2] table failure, which names neither address nor URL: "validation" when such a mail cannot be written, else what went
--   wrong on the way, with the mail server's reply code as `status` where it refused
function Channel:deliver(message)
  local text, address = self:compose(message)
  if not text then return nil, address end
  local sent, failed = self.wire:send("submit_mail", {
    url = self.url, username = self.username, password = self.password, starttls = self.starttls,
    from = self.from.address, to = { address }, message = text,
  })
  if not sent then return nil, failed end
  return true
end

--- Closes the connections to the mail server; not while deliveries are under way. The next delivery opens new ones.
function Channel:close()
  self.wire:close()
end

-- To whom a message goes unless the platform says otherwise.
local function recipient(message)
  return message.recipient and message.recipient.email, letters.name_of(message)
end

local function check(name, problem)
  if problem then error(("%s: %s"):format(name, problem), 4) end
end

local function check_options(options)
  local allowed, problem = core.check_url(tostring(options.url), "mail")
  check("url", not allowed and problem.message:gsub("^url: ", "") or nil)
  check("from", mime.address_problem(options.from))
  if options.reply_to ~= nil then check("reply_to", mime.address_problem(options.reply_to)) end
  if options.partner_name ~= nil or not options.template then check("partner_name", mime.text_problem(options.partner_name)) end
  for _, name in ipairs { "to", "template", "clock" } do
    check(name, options[name] ~= nil and type(options[name]) ~= "function" and "a function expected" or nil)
  end
  check("username", (options.username == nil) ~= (options.password == nil) and "it goes with a password" or nil)
end

--- Makes the channel.
-- @tparam table options `url` (`smtps://host[:port]` or `smtp://host[:port]`, which is encrypted by STARTTLS or not used, unless the
--   host is a loopback one), `username` and `password` (text or `debitura.secret`), `from` (an address), `reply_to`,
--   `partner_name` (who asks; also the sender's name), `to` (a function of the message that gives an address and, if known, a name;
--   default: `message.recipient`; nil is a failed delivery), `template` (a function of the message that gives
--   `{ subject =, text =, html = }`, `html` being optional; default: `debitura.channels.letters`), `name` ("email"), `timeout`
--   (seconds, 30), `starttls` (true: a loopback host has to encrypt, too), `ca_file` (PEM; default: the system's), `clock`
--   (a function that gives Unix seconds; default: the machine's), `waiter` (see `debitura.waiter`; default: that of here and now)
-- @treturn table with `deliver` and `close`
-- @raise when an option is wrong
function email.new(options)
  if type(options) ~= "table" then error("options table expected", 2) end
  check_options(options)
  local partner_name = options.partner_name
  return setmetatable({
    name = options.name, url = options.url, starttls = options.starttls,
    username = options.username, password = options.password and core.secret(options.password),
    from = { address = options.from, name = partner_name },
    reply_to = options.reply_to and { address = options.reply_to, name = partner_name },
    to = options.to or recipient,
    template = options.template or function(message) return letters.write(message, partner_name) end,
    clock = options.clock or core.system.now,
    wire = wire.new(OPERATION, options),
  }, Channel)
end

return email
