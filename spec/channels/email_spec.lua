local certificates = require("spec.support.certificates")
local channels = require("debitura.channels")
local core = require("debitura.core")
local loops = require("spec.support.loops")
local mail_server = require("spec.support.mail_server")
local nginx = require("debitura.nginx_app")
local origin = require("spec.support.origin")
local socket = require("socket")

local NOW = 1767225600 -- 2026-01-01T00:00:00Z
local URL = "https://referral.example/approve/0f3c?a=1&b=2"

local function message_with(changes)
  local message = {
    key = "deliver/1/email/tenant-1", tenant = "tenant-1", generation = 1, variant = "approval",
    url = URL, expires_at = NOW + 7 * 86400,
    recipient = { name = "Ann Example", email = "ann@receiver.example" },
  }
  for name, value in pairs(changes or {}) do message[name] = value end
  return message
end

describe("the e-mail channel", function()
  local directory, remove, server, received, opened

  setup(function()
    directory, remove = origin.directory()
    certificates.make(directory)
    server = mail_server.start("plain")
    received = 0
  end)

  teardown(function()
    server:stop()
    remove()
  end)

  before_each(function() opened = {} end)
  after_each(function()
    for _, channel in ipairs(opened) do channel:close() end
  end)

  local function channel_with(changes)
    local options = {
      url = "smtp://127.0.0.1:" .. server.port, from = "notes@platform.example",
      brand = { name = "Sample Platform" },
      clock = function() return NOW end,
    }
    for name, value in pairs(changes or {}) do options[name] = value end
    opened[#opened + 1] = channels.email(options)
    return opened[#opened]
  end

  --- Delivers and gives what arrived: as a parser sees it, and as it is.
  local function delivered(changes, options)
    assert(channel_with(options):deliver(message_with(changes)))
    received = received + 1
    local _, text = server:message(received)
    return server:parsed(received), text
  end

  local function refusal(changes, options)
    local done, failed = channel_with(options):deliver(message_with(changes))
    assert.is_nil(done)
    local line = tostring(failed)
    for _, secret in ipairs { "referral.example", "receiver.example", "platform.example" } do
      assert.is_nil(line:find(secret, 1, true), line)
    end
    assert.is_nil(server:message(received + 1))
    return failed, line
  end

  describe("sends a mail", function()
    it("from the platform to the customer, as text and as HTML, with the link in both", function()
      local mail = delivered()
      assert.same({}, mail.defects)
      assert.same({ { "Sample Platform", "notes@platform.example" } }, mail.from)
      assert.same({ { "Ann Example", "ann@receiver.example" } }, mail.to)
      assert.equal("Sample Platform asks to connect with your Debitura account", mail.subject)
      assert.equal("multipart/alternative", mail.type)
      assert.is_truthy(mail.bodies["text/plain"]:find("\n" .. URL .. "\n", 1, true))
      assert.is_truthy(mail.bodies["text/html"]:find(
        'href="https://referral.example/approve/0f3c?a=1&amp;b=2"', 1, true))
    end)

    it("that says who it is from, when, and that no machine is to answer it", function()
      local mail = delivered(nil, { reply_to = "support@platform.example" })
      assert.equal(NOW, mail.date)
      assert.equal("auto-generated", mail.automatic)
      assert.same({ { "Sample Platform", "support@platform.example" } }, mail.reply_to)
      assert.same({
        "From", "To", "Reply-To", "Subject", "Date", "Message-ID", "Auto-Submitted",
        "X-Auto-Response-Suppress", "MIME-Version", "Content-Type",
      }, mail.names)
    end)

    it("that has the same Message-ID when it is sent again, and another for another delivery",
      function()
      local first, again, reminder = delivered(), delivered(),
        delivered { key = "remind/1/1/email/tenant-1" }
      assert.equal(first.id, again.id)
      assert.are_not.equal(first.id, reminder.id)
      assert.matches("^<%x+@platform%.example>$", first.id)
    end)

    it("in lines that every mail server takes, whatever the texts", function()
      local name, long = ("Ærøskøbing & Söhne 株式会社 "):rep(12):sub(1, -2),
        ("https://referral.example/" .. ("ø=x"):rep(2000))
      local address = ("a"):rep(64) .. "@receiver.example"
      local mail, raw = delivered({ recipient = { name = name, email = address }, url = long }, {
        brand = { name = ("“Müller”, <Rhein> "):rep(9):sub(1, -2) },
      })
      assert.same({}, mail.defects)
      local part = "Ærøskøbing & Söhne 株式会社 "
      assert.equal(part .. part .. "Ærøskøbing & Söh", mail.to[1][1])
      assert.equal(("“Müller”, <Rhein> "):rep(9):sub(1, -2), mail.from[1][1])
      assert.is_truthy(mail.bodies["text/plain"]:find(long, 1, true))
      assert.is_nil(raw:find("[\128-\255]"))
      for line in raw:gmatch("([^\r\n]*)\r\n") do assert.is_true(#line <= 100, line) end
      for line in raw:match("\r\n\r\n.*"):gmatch("([^\r\n]*)\r\n") do
        assert.is_true(#line <= 76, line)
      end
    end)

    it("whose texts arrive byte for byte", function()
      local text = "a=3D b \r\n\r\n.\r\n trailing\t\nFrom me\n--=_debitura--\n" .. ("x"):rep(75)
        .. "=\n" .. ("ü"):rep(40) .. "\n"
      local mail = delivered(nil, { template = function()
        return { subject = "=?UTF-8?Q?no?= word", text = text, html = "<p>ü</p>" }
      end })
      assert.equal((text:gsub("\r\n", "\n"):gsub("\n$", "")),
        (mail.bodies["text/plain"]:gsub("\n$", "")))
      assert.equal("<p>ü</p>", (mail.bodies["text/html"]:gsub("\n$", "")))
      assert.equal("=?UTF-8?Q?no?= word", mail.subject)
    end)

    it("with the quotes that a name has", function()
      local mail = delivered {
        recipient = { name = 'Ann "A." \\Example, CEO', email = "ann@receiver.example" } }
      assert.equal('Ann "A." \\Example, CEO', mail.to[1][1])
    end)

    it("to domains and mailboxes of other scripts, where the server has SMTPUTF8", function()
      local mail = delivered { recipient = { email = " ann@Bücher.example " } }
      assert.same({ { "", "ann@xn--bcher-kva.example" } }, mail.to)
      local worldwide = mail_server.start("smtputf8")
      local channel = channel_with { url = "smtp://127.0.0.1:" .. worldwide.port }
      local message = message_with { recipient = { email = "ånn@bücher.example" } }
      local done, err = channel:deliver(message)
      local line = worldwide:message(1)
      worldwide:stop()
      assert.is_true(done, tostring(err))
      assert.equal("notes@platform.example ånn@xn--bcher-kva.example plain nobody", line)
    end)

    it("to no mailbox of another script where the server has no SMTPUTF8, for good", function()
      local failed = refusal { recipient = { email = "ånn@receiver.example" } }
      assert.is_true(failed.final)
    end)

    it("with a name in one line, and without one that holds an address", function()
      for name, shown in pairs {
        ["Ann\tExample"] = "Ann Example", [" Ann\r\n\194\160 Example\226\128\139 "] = "Ann Example",
        ["pay at https://evil.example/pay"] = "", ["Ann evil.example"] = "", ["a@b"] = "",
        ["\255"] = "", ["  "] = "",
      } do
        local mail = delivered { recipient = { name = name, email = "ann@receiver.example" } }
        assert.same({ { shown, "ann@receiver.example" } }, mail.to)
      end
    end)

    it("by a template of the platform's own, to whom the platform says", function()
      local mail = delivered({ tenant = "tenant-7" }, {
        to = function(message) return message.tenant .. "@receiver.example", "Søren" end,
        template = function(message) return { subject = "Hej", text = "Klik: " .. message.url } end,
      })
      assert.same({ { "Søren", "tenant-7@receiver.example" } }, mail.to)
      assert.equal("text/plain", mail.type)
      assert.equal("Klik: " .. URL .. "\n", mail.bodies["text/plain"])
    end)

    it("over TLS, with user and password", function()
      local secured = mail_server.start("smtps", directory .. "/good")
      local channel = channel_with {
        url = "smtps://localhost:" .. secured.port, ca_file = directory .. "/authority.pem",
        username = "sample", password = core.secret("sample password"),
      }
      local done, failed = channel:deliver(message_with())
      local line = secured:message(1)
      secured:stop()
      assert.is_true(done, tostring(failed))
      assert.equal("notes@platform.example ann@receiver.example tls user", line)
    end)
  end)

  describe("writes a letter", function()
    local function text_of(changes)
      local mail = delivered(changes)
      return mail.bodies["text/plain"]:gsub("\n", " "), mail.subject, mail.bodies["text/html"]
    end

    it("for each variant, which says who asks, what the link is for, and until when it is good",
      function()
      for variant, words in pairs {
        approval = "approve or decline", choice = "choose the company",
        onboarding = "sign the debt collection agreement", signing = "before you sign",
        kyc = "identity of a director",
      } do
        local text, subject, html = text_of { variant = variant }
        for _, part in ipairs {
          words, "Sample Platform", "Hello Ann Example,", "until 8 January 2026, 00:00 (UTC)", URL,
        } do
          assert.is_truthy(text:find(part, 1, true), variant .. ": " .. part)
        end
        assert.is_nil(subject:find("Reminder", 1, true))
        assert.is_nil(text:find("[{}]"))
        assert.is_nil(html:match("<body>(.*)"):find("[{}]"))
      end
    end)

    it("that does without what is not known", function()
      local text = text_of { expires_at = false, recipient = { email = "ann@receiver.example" } }
      assert.is_truthy(text:find("^Hello, "))
      assert.is_nil(text:find("You can use the link until", 1, true))
    end)

    it("that is known for a reminder", function()
      local text, subject = text_of { reminder = 1 }
      assert.equal("Reminder: Sample Platform asks to connect with your Debitura account", subject)
      assert.is_truthy(text:find("We wrote to you about this before", 1, true))
    end)

    it("in whose HTML no name is markup", function()
      local mail = delivered(nil, { brand = { name = "<b>&{url}'\"", footer = "A & B\n<i>" } })
      local html = mail.bodies["text/html"]
      assert.is_truthy(html:find("&lt;b&gt;&amp;{url}&#39;&quot; can hand over", 1, true))
      assert.is_truthy(html:find("A &amp; B<br>\n&lt;i&gt;", 1, true))
    end)
  end)

  describe("refuses", function()
    it("to write where there is no address, and to what is none", function()
      for _, address in ipairs {
        "", "nobody", "@receiver.example", "ann@", "ann@b@receiver.example",
        "ann..b@receiver.example", "ann@receiver..example",
        "ann b@receiver.example", "<ann@receiver.example>",
        "ann@receiver.example, bob@receiver.example", "\255nn@receiver.example",
        "ann@-ü.example", "ann@b\255cher.example",
        ("a"):rep(65) .. "@receiver.example", "a@" .. ("b"):rep(250) .. ".example",
      } do
        local failed, line = refusal { recipient = { email = address } }
        assert.equal("validation", failed.kind)
        assert.is_truthy(line:find("to: .*mail address"), line)
        assert.is_true(failed.final)
      end
      assert.is_truthy(refusal({ recipient = false }).message:find("no address to write to", 1,
        true))
    end)

    it("a line break that would begin another header", function()
      local injected = "Ann\r\nBcc: all@receiver.example"
      local function template(subject)
        return { template = function() return { subject = subject, text = "-" } end }
      end
      for _, end_of_line in ipairs { "\r\n", "\n", "\r", "\0" } do
        local text = injected:gsub("\r\n", end_of_line)
        local refused = refusal { recipient = { email = "ann@receiver.example" .. text } }
        assert.is_truthy(refused.message:find("^to: a line break"))
        assert.is_truthy(refusal({}, template(text)).message:find("^subject: a line break"))
        -- Nothing that a customer typed in as a name stops the letter.
        local mail = delivered { recipient = { name = text, email = "ann@receiver.example" } }
        assert.same({ { "", "ann@receiver.example" } }, mail.to)
        assert.is_nil(table.concat(mail.names, " "):find("Bcc", 1, true))
      end
    end)

    it("a template that gives no letter, or none that can be sent", function()
      for why, letter in pairs {
        ["template: it gave no letter"] = false, ["subject: a text is needed"] = { text = "-" },
        ["text: a text is needed"] = { subject = "-", html = "-" },
        ["text: not UTF-8"] = { subject = "-", text = "\255" },
        ["subject: longer than 1000 bytes"] = { subject = ("x"):rep(1001), text = "-" },
      } do
        assert.equal(why, refusal({}, { template = function() return letter end }).message)
      end
      assert.is_truthy(refusal({ variant = "unheard-of" }).message:find("no letter for the variant",
        1, true))
    end)

    it("to be made with options that cannot work, without quoting a password", function()
      for what, options in pairs {
        ["'url': smtps://"] = { url = "https://mail.example" },
        ["'url': a user"] = { url = "smtp://sample:secret@mail.example" },
        ["'from': not a mail"] = { from = "Sample <notes@platform.example>" },
        ["'reply_to': not a mail"] = { reply_to = "nobody" },
        ["brand: option 'name': a line break"] = { brand = { name = "a\nb" } },
        ["brand: option 'support': not a mail"] = { brand = { name = "Sample", support = "us" } },
        ["brand: option 'logo_url': an https URL"] = {
          brand = { name = "Sample", logo_url = "http://platform.example/logo.png" },
        },
        ["brand: option 'colour': a colour"] = { brand = { name = "Sample", colour = "red" } },
        ["brand: unknown option 'color', did you mean 'colour'"] = {
          brand = { name = "Sample", color = "#000000" },
        },
        ["'time_zone': no name of a time zone"] = { time_zone = "../etc/passwd" },
        ["'time_zone': the system has no time zone \"Mars/Base\""] = { time_zone = "Mars/Base" },
        ["'texts': da.greetin: there is no such text, did you mean 'greeting'"] = {
          texts = { da = { greetin = "Hej" } },
        },
        ["'texts': en.letters.kyc.subject: nothing stands for {url} there"] = {
          texts = { en = { letters = { kyc = { subject = "Open {url}" } } } },
        },
        ["'to': a function expected"] = { to = "ann@receiver.example" },
        ["'timeout': a number above 0"] = { timeout = 0 },
        ["'username': it goes with a password, or a token"] = { password = "secret" },
        ["'texts': en.letters.kyc.body: nothing stands for {deadline} there"] = {
          texts = { en = { letters = { kyc = { body = { "Until {deadline}" } } } } },
        },
        ["'texts': en.letters.kyc.body: a text expected"] = {
          texts = { en = { letters = { kyc = { body = { 7 } } } } },
        },
        ["'texts': en.months: twelve months expected"] = {
          texts = { en = { months = { "Jan" } } },
        },
        ["'language': one of da, de, en, es, fi, fr, it, nb, nl, pl, pt, sv expected"] = {
          language = "dk",
        },
        ["unknown option 'timezone', did you mean 'time_zone'"] = { timezone = "UTC" },
      } do
        local sound, problem = pcall(channel_with, options)
        assert.is_false(sound)
        assert.matches("^[^:]*email_spec.lua:%d+: debitura.channels.email", problem)
        assert.is_truthy(problem:find(what, 1, true), problem)
        assert.is_nil(problem:find("secret", 1, true))
      end
      assert.error_matches(function()
        channels.email { url = "smtp://127.0.0.1", from = "notes@platform.example" }
      end, "option 'brand': missing")
    end)

    it("to send a password, or anything, in the clear to another host", function()
      -- 127.0.0.1 within an IPv6 address is not taken for this machine, yet leads there.
      local _, line = refusal({}, { url = "smtp://[::ffff:127.0.0.1]:" .. server.port,
        username = "sample", password = "sample password" })
      assert.is_truthy(line:find("offers no TLS", 1, true), line)
      assert.is_nil(line:find("sample password", 1, true))
    end)
  end)

  describe("shows an access token", function()
    local tokens, issued
    local started = {}

    after_each(function()
      while started[1] do table.remove(started):stop() end
    end)

    local function channel_of(mode, token)
      tokens = mail_server.start(mode)
      started[#started + 1] = tokens
      return channel_with {
        url = "smtp://127.0.0.1:" .. tokens.port, username = "sample", token = token,
      }
    end

    it("that is asked for anew before each delivery", function()
      issued = 0
      local channel = channel_of("tokens", function()
        issued = issued + 1
        return core.secret("sample-token")
      end)
      for _ = 1, 2 do assert.is_true(assert(channel:deliver(message_with()))) end
      assert.equal(2, issued)
      assert.equal("notes@platform.example ann@receiver.example plain user", (tokens:message(1)))
    end)

    it("and fails, not for good, when there is none, or an old one", function()
      for expected, token in pairs {
        ["the function failed"] = function() error("no route: sample-token") end,
        ["the function gave none"] = function() return nil end,
        ["refused user name or password"] = function() return "expired-token" end,
      } do
        local done, err = channel_of("tokens", token):deliver(message_with())
        assert.is_nil(done)
        assert.is_truthy(tostring(err):find(expected, 1, true), tostring(err))
        assert.same({ nil, true }, { err.final, err.retryable })
        assert.is_nil(tostring(err):find("%-token"))
      end
    end)

    it("only to a server that takes tokens, and says what is offered", function()
      local _, err = channel_of("passwords", function() return "sample-token" end)
        :deliver(message_with())
      assert.is_truthy(tostring(err):find("a token needs XOAUTH2 or OAUTHBEARER", 1, true))
    end)
  end)

  describe("names the code when the mail server", function()
    -- Only the first says that this recipient will never be reached.
    for domain, status in pairs {
      ["refused.example"] = 550, ["busy.example"] = 451, ["full.example"] = 552,
    } do
      it("refuses with " .. status, function()
        local failed, line = refusal { recipient = { email = "ann@" .. domain } }
        assert.equal("transport", failed.kind)
        assert.equal(status == 550 or nil, failed.final)
        assert.equal(status, failed.status)
        assert.is_truthy(line:find("the mail server answered " .. status, 1, true), line)
        assert.is_nil(line:find("not HTTP", 1, true))
      end)
    end

    it("refuses the password, which it does not say", function()
      local failed, line = refusal({}, { username = "sample", password = "another" })
      assert.equal(535, failed.status)
      assert.is_nil(failed.final)
      assert.is_nil(line:find("another", 1, true))
    end)

    it("says nothing", function()
      local failed = refusal({ recipient = { email = "ann@silent.example" } }, { timeout = 0.2 })
      assert.equal("timeout", failed.kind)
    end)

    it("hangs up in the middle", function()
      local failed = refusal { recipient = { email = "ann@gone.example" } }
      assert.equal("transport", failed.kind)
      assert.is_nil(failed.status)
    end)

    it("is not there", function()
      local listener = assert(socket.bind("127.0.0.1", 0))
      local _, port = listener:getsockname()
      listener:close()
      local failed = refusal({}, { url = "smtp://127.0.0.1:" .. port })
      assert.equal("transport", failed.kind)
      assert.is_false(failed.sent)
    end)
  end)

  it("goes on after it was closed", function()
    local channel = channel_with()
    channel:close()
    assert(channel:deliver(message_with()))
    channel:close()
    channel:close()
    assert(channel:deliver(message_with()))
    received = received + 2
  end)

  it("shows nothing of itself but its name", function()
    assert.equal("debitura.channels.email (letters)",
      tostring(channel_with { name = "letters", username = "u", password = "secret" }))
    assert.equal("email", channel_with().name)
  end)

  -- The server answers none of three mails before the third is there.
  for _, name in ipairs(loops.names()) do
    it("has several deliveries under way at once in " .. name, function()
      local loop = loops[name]()
      local channel, results = channel_with { waiter = loop.waiter }, {}
      for n = 1, 3 do
        loop.start(function()
          local address = ("%d@together.example"):format(n)
          results[n] = { channel:deliver(message_with { recipient = { email = address } }) }
        end)
      end
      loop.run()
      assert.same({ { true }, { true }, { true } }, results)
      received = received + 3
    end)
  end

  it("has several deliveries under way at once in a worker of nginx, which is not blocked",
    function()
    local application = assert(nginx.start { http = ([[
      init_by_lua_block {
        channel = require("debitura.channels").email {
          url = "smtp://127.0.0.1:%d", from = "notes@platform.example",
          brand = { name = "Sample Platform" },
        }
      }
      server {
        listen 127.0.0.1:$PORT;
        location / {
          content_by_lua_block {
            ngx.print(tostring(channel:deliver {
              key = ngx.var.uri, variant = "kyc", url = "https://referral.example/kyc",
              recipient = { email = "ann@together.example" },
            }))
          }
        }
      }
    ]]):format(server.port) })
    local engine = core.engine {}
    local transfers, answers = {}, {}
    for n = 1, 3 do
      transfers[n] = assert(engine:submit { method = "GET", url = application.url .. "/" .. n })
    end
    for n = 1, 3 do answers[n] = assert(origin.finish(engine, transfers[n])).body end
    engine:close()
    application:stop()
    assert.same({ "true", "true", "true" }, answers)
    received = received + 3
  end)
end)
