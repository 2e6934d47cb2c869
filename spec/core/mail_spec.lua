local core = require("debitura.core")
local certificates = require("spec.support.certificates")
local mail_server = require("spec.support.mail_server")
local origin = require("spec.support.origin")
local socket = require("socket")

local MESSAGE = "From: sample@sender.example\r\nTo: one@receiver.example\r\nSubject: Sample\r\n\r\n"
  .. "A line\r\n.\r\n..two dots\r\nf\195\188r alle\r\n"

describe("a mail", function()
  local engine, directory, remove, plain

  setup(function()
    directory, remove = origin.directory()
    certificates.make(directory)
    plain = mail_server.start("plain")
    engine = core.engine { ca_file = directory .. "/authority.pem", proxy = "" }
  end)

  teardown(function()
    engine:close()
    plain:stop()
    remove()
  end)

  local function send(changes)
    local mail = {
      url = "smtp://127.0.0.1:" .. plain.port, from = "sample@sender.example",
      to = { "one@receiver.example" }, message = MESSAGE, timeout = 20,
    }
    for name, value in pairs(changes or {}) do mail[name] = value end
    local transfer, refused = engine:submit_mail(mail)
    if not transfer then return nil, refused end
    return origin.finish(engine, transfer)
  end

  --- Sends to a server of its own and gives what that has stored.
  local function send_to(mode, certificate, scheme, changes)
    local server = mail_server.start(mode, directory .. "/" .. certificate)
    changes.url = ("%s://localhost:%d"):format(scheme, server.port)
    local result, failure = send(changes)
    local line, text = server:message(1)
    server:stop()
    return result, failure, line, text
  end

  it("arrives as it was given, dots and all, for each recipient", function()
    local result = assert(send { to = { "one@receiver.example", "two@receiver.example" } })
    assert.equal(250, result.status)
    local line, text = plain:message(1)
    assert.equal("sample@sender.example one@receiver.example two@receiver.example plain nobody",
      line)
    assert.equal(MESSAGE, text)
  end)

  it("is preceded by a greeting that can be had alone, and sends nothing", function()
    local server = mail_server.start("plain")
    local url = ("smtp://127.0.0.1:%d"):format(server.port)
    local function greet(more)
      local greeting = { url = url, greeting = true }
      for name, value in pairs(more or {}) do greeting[name] = value end
      return origin.finish(engine, assert(engine:submit_mail(greeting)))
    end
    assert.equal(250, assert(greet()).status)
    assert(greet { username = "sample", password = core.secret("sample password") })
    local result, failure = greet { username = "sample", password = "another" }
    assert.is_nil(result)
    assert.same({ "transport", 535 }, { failure.code, failure.status })
    assert.is_nil(server:message(1))
    server:stop()
    result, failure = greet()
    assert.is_nil(result)
    assert.equal("transport", failure.code)
  end)

  it("is sent with user and password, which may be secrets", function()
    assert(send { username = core.secret("sample"), password = core.secret("sample password") })
    assert.is_truthy(plain:message(2):find("plain user$"))
  end)

  local function submit(domain, options)
    local mail = { url = "smtp://127.0.0.1:" .. plain.port, from = "sample@sender.example",
      to = { "one@" .. domain }, message = MESSAGE }
    for name, value in pairs(options or {}) do mail[name] = value end
    return assert(engine:submit_mail(mail))
  end

  -- The server answers none of three mails before it has the third.
  it("keeps no other transfer waiting while its server thinks", function()
    local transfers = {}
    for n = 1, 3 do transfers[n] = submit("together.example", { timeout = 10 }) end
    for n = 1, 3 do assert.equal(250, assert(origin.finish(engine, transfers[n])).status) end
  end)

  it("ends at once when it is cancelled, though it may have been sent", function()
    local transfer = submit("silent.example")
    transfer:cancel()
    assert.is_true(transfer:done())
    local _, failure = transfer:result()
    assert.equal("cancelled", failure.code)
    assert.is_true(failure.sent)
  end)

  it("fails in time when its server never says whether it took it", function()
    local _, failure = origin.finish(engine, submit("silent.example", { timeout = 2 }))
    assert.equal("timeout", failure.code)
    assert.is_true(failure.sent)
  end)

  it("has its turn when many are sent at once", function()
    local transfers = {}
    for n = 1, 40 do transfers[n] = submit("receiver.example") end
    assert.equal(40, engine:pending())
    for n = 1, 40 do assert.equal(250, assert(origin.finish(engine, transfers[n])).status) end
    assert.equal(0, engine:pending())
  end)

  it("may be forgotten, with its engine, while it is under way", function()
    for _, of in ipairs { "engine", "transfer" } do
      local other = core.engine { max_connections = 1 }
      for _ = 1, 3 do
        local transfer = assert(other:submit_mail {
          url = "smtp://127.0.0.1:" .. plain.port, from = "a@sender.example",
          to = { "b@silent.example" }, message = MESSAGE,
        })
        if of == "transfer" then transfer:close() end
      end
      collectgarbage()
      collectgarbage()
      assert.equal(0, other:pending())
      other:close()
    end
  end)

  it("is encrypted from the first byte on with smtps", function()
    local result, _, line, text = send_to("smtps", "good", "smtps", {})
    assert.is_truthy(result)
    assert.equal("sample@sender.example one@receiver.example tls nobody", line)
    assert.equal(MESSAGE, text)
  end)

  it("is encrypted by STARTTLS, before user and password are sent", function()
    local result, _, line = send_to("starttls", "good", "smtp", {
      starttls = true, username = "sample", password = core.secret("sample password"),
    })
    assert.is_truthy(result)
    assert.is_truthy(line:find("tls user$"))
  end)

  it("is not sent to a server whose certificate is for another host", function()
    for mode, scheme in pairs { smtps = "smtps", starttls = "smtp" } do
      local result, failure, line = send_to(mode, "elsewhere", scheme, { starttls = true })
      assert.is_nil(result)
      assert.equal("transport", failure.code)
      assert.is_truthy(failure.message:find("for another host", 1, true))
      assert.is_false(failure.sent)
      assert.is_nil(line)
    end
  end)

  it("is not sent where STARTTLS is wanted and the server has none", function()
    local _, failure = send { starttls = true }
    assert.equal("transport", failure.code)
    assert.is_truthy(failure.message:find("no TLS", 1, true))
    assert.is_false(failure.sent)
  end)

  it("fails when the password is wrong, without saying it", function()
    local _, failure = send { username = "sample", password = "another password" }
    assert.equal("transport", failure.code)
    assert.is_truthy(failure.message:find("refused user name or password", 1, true))
    assert.is_nil(failure.message:find("another", 1, true))
    assert.is_false(failure.sent)
  end)

  it("fails as a whole when one recipient is refused, with the server's reply code", function()
    local _, failure = send { to = { "one@receiver.example", "two@refused.example" } }
    assert.equal("transport", failure.code)
    assert.equal(550, failure.status)
    assert.is_truthy(failure.message:find("550", 1, true))
  end)

  it("fails when the server hangs up or says nothing", function()
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    local _, failure = send { url = "smtp://127.0.0.1:" .. port, timeout = 0.1 }
    assert.equal("timeout", failure.code)
    listener:close()
    _, failure = send { url = "smtp://127.0.0.1:" .. port }
    assert.equal("transport", failure.code)
    assert.is_false(failure.sent)
  end)

  describe("is refused before anything is sent", function()
    local function refused(changes, field)
      local result, failure = send(changes)
      assert.is_nil(result)
      assert.equal("argument", failure.code)
      assert.equal(field, failure.where)
    end

    it("for an address that could start another command", function()
      for _, address in ipairs {
        "", "nobody", "a@b.example\r\nRCPT TO:<c@d.example>", "a@b.example>", "<a@b.example",
        "a b@c.example", "a@b.example\0", "a@b.example, c@d.example", '"a b"@c.example',
        ("a"):rep(250) .. "@b.example",
      } do
        refused({ from = address }, "from")
        refused({ to = { "one@receiver.example", address } }, "to")
      end
    end)

    it("for a message with a line end that servers disagree on", function()
      for _, message in ipairs { "a\nb\r\n", "a\rb\r\n", "a\r\n.\n", "a\r" } do
        refused({ message = message }, "message")
      end
    end)

    it("for nobody, and for other schemes", function()
      refused({ to = {} }, "to")
      refused({ url = "https://127.0.0.1/" }, "url")
      refused({ url = "smtp://user@127.0.0.1/" }, "url")
    end)

    it("by raising an error when an argument has the wrong type", function()
      assert.error_matches(function() send { to = "one@receiver.example" } end, "to")
      assert.error_matches(function() send { message = 1 } end, "message")
      assert.error_matches(function() send { password = 1 } end, "password")
    end)
  end)
end)
