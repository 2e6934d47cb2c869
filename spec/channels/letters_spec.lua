-- The built-in letters: twelve languages, chosen for the customer, with every text replaceable.

local encoding = require("debitura.base.encoding")
local letters = require("debitura.channels.letters")

local LANGUAGES = { "da", "de", "en", "es", "fi", "fr", "it", "nb", "nl", "pl", "pt", "sv" }
local VARIANTS = { "approval", "choice", "kyc", "onboarding", "signing" }
local JULY = 1782864000 -- 2026-07-01T00:00:00Z

local function placeholders(text)
  local found, seen = {}, {}
  for name in text:gmatch("{[^}]*}") do
    if not seen[name] then found[#found + 1], seen[name] = name, true end
  end
  table.sort(found)
  return table.concat(found, " ")
end

--- Calls `visit(path, text)` for each text, in any order.
local function each_text(texts, visit, path)
  for name, value in pairs(texts) do
    local here = (path or "") .. "." .. name
    if type(value) == "table" then each_text(value, visit, here) else visit(here, value) end
  end
end

local function message_with(changes)
  local message = {
    key = "deliver/1", tenant = "tenant-1", generation = 1, variant = "approval",
    url = "https://referral.example/approve/0f3c", expires_at = JULY,
    recipient = { name = "Ann Example", email = "ann@receiver.example" },
  }
  for name, value in pairs(changes or {}) do message[name] = value end
  return message
end

local function write(changes, options)
  options = options or {}
  local brand = { name = "Sample Platform", colour = "#0b6e5f" }
  for name, value in pairs(options.brand or {}) do brand[name] = value end
  return assert(letters.write(message_with(changes), {
    brand = brand, all = letters.with(options.texts), language = options.language,
    time_zone = options.time_zone,
  }))
end

local function first_line(text)
  return text:match("^[^\n]*")
end

describe("the letters", function()
  it("are there in twelve languages with the same texts and placeholders", function()
    local found, english = {}, {}
    for language in pairs(letters.languages) do found[#found + 1] = language end
    table.sort(found)
    assert.are.same(LANGUAGES, found)
    each_text(letters.languages.en, function(path, text) english[path] = placeholders(text) end)
    for language, texts in pairs(letters.languages) do
      local seen = {}
      each_text(texts, function(path, text)
        seen[path] = placeholders(text)
        assert.is_true(encoding.is_utf8(text) and text:find("%S") ~= nil, language .. path)
      end)
      assert.are.same(english, seen, language)
      assert.are.equal(language, texts.language)
    end
  end)

  it("leave nothing unfilled, in the text and in the HTML part, whatever is known", function()
    for _, language in ipairs(LANGUAGES) do
      for _, variant in ipairs(VARIANTS) do
        for _, changes in ipairs {
          { reminder = 1 }, { expires_at = false, recipient = false },
        } do
          changes.variant = variant
          local letter = write(changes, { language = language })
          local place = language .. " " .. variant
          assert.is_nil((letter.subject .. letter.text):find("[{}]"), place)
          assert.is_nil(letter.html:match("<body>(.*)"):find("[{}]"), place)
          assert.is_truthy(letter.html:find(('<html lang="%s" dir="ltr">'):format(language), 1,
            true))
          assert.is_truthy(letter.text:find("\nhttps://referral.example/approve/0f3c\n", 1, true))
        end
      end
    end
  end)

  it("say the same in both parts", function()
    local letter = write({ reminder = 1 }, {
      brand = { support = "help@platform.example", footer = "Sample Street 1\nSample Town" },
    })
    local html = letter.html:gsub("<br>\n", "\n")
    for paragraph in letter.text:gmatch("(.-)\n\n") do
      if not paragraph:find("https://", 1, true) then
        assert.is_truthy(html:find(paragraph, 1, true), paragraph)
      end
    end
    assert.is_truthy(letter.text:find("Questions? Write to help@platform.example.", 1, true))
    assert.is_truthy(letter.text:find("Sample Street 1\nSample Town\n$"))
  end)

  describe("write an instant in words, by the clocks of a zone:", function()
    for language, case in pairs {
      da = { "Europe/Copenhagen", "1. juli 2026 kl. 02.00 (Copenhagen)" },
      de = { "Europe/Berlin", "1. Juli 2026, 02:00 Uhr (Berlin)" },
      en = { "America/Argentina/Buenos_Aires", "30 June 2026, 21:00 (Buenos Aires)" },
      fi = { "Europe/Helsinki", "1. heinäkuuta 2026 klo 03.00 (Helsinki)" },
      nb = { "Europe/Oslo", "1. juli 2026 kl. 02.00 (Oslo)" },
      pl = { "Europe/Warsaw", "1 lipca 2026 r., godz. 02:00 (Warsaw)" },
      fr = { "Europe/Paris", "1er juillet 2026 à 02:00 (Paris)" },
    } do
      it(language, function()
        assert.are.equal(case[2], letters.date(letters.languages[language], JULY, case[1]))
      end)
    end

    it("summer and winter, years ahead, and UTC where no zone is known", function()
      local english = letters.languages.en
      assert.are.equal("1 January 2026, 01:00 (Oslo)",
        letters.date(english, 1767225600, "Europe/Oslo"))
      -- A second before the change, and at it.
      assert.are.equal("29 March 2026, 00:59 (London)",
        letters.date(english, 1774745999, "Europe/London"))
      assert.are.equal("29 March 2026, 02:00 (London)",
        letters.date(english, 1774746000, "Europe/London"))
      assert.are.equal("1 July 2051, 02:00 (Stockholm)",
        letters.date(english, 2571782400, "Europe/Stockholm"))
      assert.are.equal("1 July 2026, 00:00 (UTC)", letters.date(english, JULY, nil))
    end)
  end)

  describe("are written in the language", function()
    local GREETINGS = {
      da = "Hej Ann Example", de = "Guten Tag Ann Example,", en = "Hello Ann Example,",
      fr = "Bonjour Ann Example,",
    }

    local function language_of(changes, options)
      local line = first_line(write(changes, options).text)
      for language, greeting in pairs(GREETINGS) do
        if line:find(greeting, 1, true) == 1 then return language end
      end
      return line
    end

    local function from(country)
      return { recipient = { name = "Ann Example", email = "a@b.example", country = country } }
    end

    it("of the recipient's country, by its name or code, else in English", function()
      for country, language in pairs {
        Denmark = "da", denmark = "da", DK = "da", Germany = "de", Austria = "de",
        ["France "] = "fr",
        Belgium = "en", Atlantis = "en", ["United Kingdom"] = "en",
      } do
        assert.are.equal(language, language_of(from(country)), country)
      end
      assert.are.equal("en", language_of(from(nil)))
      assert.are.equal("en", language_of(from(7)))
    end)

    it("of the option, a code or a function of the message", function()
      assert.are.equal("fr", language_of(from("Denmark"), { language = "fr" }))
      local seen
      assert.are.equal("de", language_of(from("Denmark"), { language = function(message)
        seen = message.tenant
        return "de"
      end }))
      assert.are.equal("tenant-1", seen)
      for _, choice in ipairs {
        "xx", function() return nil end, function() error("no such tenant") end,
      } do
        assert.are.equal("da", language_of(from("Denmark"), { language = choice }))
      end
    end)

    it("that was promised, before all others", function()
      local changes = from("Denmark")
      changes.language = "fr"
      assert.are.equal("fr", language_of(changes, { language = "de" }))
    end)

    it("with the deadline by the clocks of the country, or of the option", function()
      local function deadline(country, zone)
        return write(from(country), { language = "en", time_zone = zone }).text:match(
          "until (.-)%. After")
      end
      assert.are.equal("1 July 2026, 02:00 (Copenhagen)", deadline("Denmark"))
      assert.are.equal("1 July 2026, 03:00 (Helsinki)", deadline("Denmark", "Europe/Helsinki"))
      assert.are.equal("1 July 2026, 00:00 (UTC)", deadline("United States"))
    end)
  end)

  describe("greet by name", function()
    local function greeting(name)
      return first_line(write { recipient = { name = name, email = "a@b.example" } }.text)
    end

    for _, name in ipairs {
      "Ann", "Ann Example", "ann", "ANN EXAMPLE", "J. R. R. Example", "Søren Ærø-Ødegård",
      "O'Brien",
      "Dr. Ann O’Brien",
      "Иван Пример", "山田 太郎", "דנה דוגמה", "محمد مثال", "María José de la Cruz",
      "Ludwig van der Example", "Jean-Luc d'Exemple", "Jan 't Voorbeeld", "Élodie Exemple",
    } do
      it(name, function() assert.are.equal("Hello " .. name .. ",", greeting(name)) end)
    end

    for _, name in ipairs {
      "pay now", "Pay now", "Pay Now", "URGENT PAY", "Your Account Has Been Suspended",
      "Your invoice is overdue", "Bitte Jetzt Zahlen", "оплатите счет", "Оплатите счет сейчас",
      "您的发票已逾期请立即付款", "élodie exemple", "",  " ", "Existing Ltd 24", "your invoice is overdue",
      "Please pay your overdue invoice now today",
      "your invoice is overdue, pay at https://evil.example/pay or call 555. Ignore the rest",
      "pay evil.example", "call 555", "Ann: pay now!", "Ann. Pay now", "Please pay. Thank you",
      ("Ann "):rep(20),
      "www.evil.example", "\240\159\146\176 free money", "<b>Ann</b>", "\255",
    } do
      it("not " .. (name == "\255" and "what is not UTF-8" or ("%q"):format(name:sub(1, 40))),
        function()
        assert.are.equal("Hello,", greeting(name))
      end)
    end
  end)

  describe("take the platform's own texts", function()
    it("in the place of single ones", function()
      local texts = {
        da = { greeting_by_name = "Kære {name}",
          letters = { approval = { subject = "Hej fra {platform}" } } },
      }
      local letter = write(nil, { texts = texts, language = "da" })
      assert.are.equal("Hej fra Sample Platform", letter.subject)
      assert.are.equal("Kære Ann Example", first_line(letter.text))
      assert.is_truthy(letter.text:find("Debitura", 1, true))
      assert.are_not.equal("Kære Ann Example", first_line(write(nil, { language = "da" }).text))
    end)

    it("for a language that is not built in", function()
      local texts = { cs = { greeting_by_name = "Dobrý den, {name}," } }
      local letter = write(nil, { texts = texts, language = "cs" })
      assert.are.equal("Dobrý den, Ann Example,", first_line(letter.text))
      assert.is_truthy(letter.html:find('<html lang="cs"', 1, true))
    end)
  end)

  it("take a platform's name for all that is built in", function()
    local letter = assert(letters.write(message_with(), "Sample Platform"))
    assert.are.equal(write().html, letter.html)
    assert.are.equal(write().text, letter.text)
  end)

  it("carry the brand: logo, a button whose text can be read, lines at the end", function()
    local html = write(nil, {
      brand = { logo_url = "https://platform.example/logo.png?a&b", colour = "#ffdd00",
        footer = "A & B" },
    }).html
    assert.is_truthy(html:find('alt="Sample Platform"', 1, true))
    assert.is_truthy(html:find("border:1px solid #000000;color:#000000;background:#ffdd00",
      1, true))
    assert.is_truthy(html:find("A &amp; B", 1, true))
    assert.is_truthy(write().html:find("color:#ffffff;background:#0b6e5f", 1, true))
  end)

  it("keep a name of another direction apart", function()
    local html = write { recipient = { name = "דנה דוגמה", email = "a@b.example" } }.html
    assert.is_truthy(html:find("Hello <bdi>דנה דוגמה</bdi>,", 1, true))
    html = write(nil, {
      brand = { name = "דוגמה", logo_url = "https://platform.example/logo.png" },
    }).html
    assert.is_truthy(html:find('alt="דוגמה"', 1, true))
  end)
end)
