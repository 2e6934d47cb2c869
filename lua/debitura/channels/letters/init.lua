--- The built-in letters, in twelve languages, and the texts of the pages: who asks, what the link
-- is for, until when it is good. What differs between variants and languages is data; the text and
-- the HTML part are made of the same paragraphs.
--
-- A file a language: `direction` ("rtl", where it is not "ltr"), `date` (how an instant is
-- written), `months`, the sentences around every letter, `letters` by variant, `pages` by name.
-- Those are paragraphs: of a letter the subject, the body, and what is on the button; of a page the
-- title, the text, and what is on the button if it has one. A letter is
-- `greeting` (or `greeting_by_name`), `reminder` (of reminders only), `body`, the button with the
-- URL, `deadline`, `unexpected`, `personal`, `support`, `sign_off` with the platform's name, and in
-- the HTML part `copy_address` with the URL. Placeholders: `{platform}`, `{name}` (of the
-- recipient), `{subject}` (in `reminder_subject`), `{deadline}`, `{support}` (the platform's
-- address for questions), `{day} {month} {year} {time} {zone}` (in `date`). A sentence whose value
-- is not known is left out.
--
-- No native speaker has read the files yet: have them read before customers do. Every text can be
-- replaced, by the option `texts`.
-- @module debitura.channels.letters

local brands = require("debitura.channels.brand")
local countries = require("debitura.channels.countries")
local encoding = require("debitura.base.encoding")
local html = require("debitura.channels.letters.html")
local merged = require("debitura.base.merged")
local names = require("debitura.channels.names")
local sorted_keys = require("debitura.base.sorted_keys")
local spelling = require("debitura.base.spelling")
local protected = require("debitura.async.protected")
local time_zone = require("debitura.channels.time_zone")

local unpack = table.unpack or unpack -- luacheck: ignore

local letters = {}

local BRAND = brands.options("debitura.channels.letters")
local DEFAULT = "en"

-- Reading --------------------------------------------------------------------------------------

local WRITTEN = {
  da = require("debitura.channels.letters.da"),
  de = require("debitura.channels.letters.de"),
  en = require("debitura.channels.letters.en"),
  es = require("debitura.channels.letters.es"),
  fi = require("debitura.channels.letters.fi"),
  fr = require("debitura.channels.letters.fr"),
  it = require("debitura.channels.letters.it"),
  nb = require("debitura.channels.letters.nb"),
  nl = require("debitura.channels.letters.nl"),
  pl = require("debitura.channels.letters.pl"),
  pt = require("debitura.channels.letters.pt"),
  sv = require("debitura.channels.letters.sv"),
}

--- The paragraphs of a text, which empty lines part, each as one line.
local function paragraphs_in(text)
  local found = {}
  for paragraph in (text .. "\n\n"):gmatch("%s*(.-)\n%s*\n") do
    found[#found + 1] = paragraph:gsub("[ \n]+", " ")
  end
  return found
end

--- What a file of texts holds, as it is used.
local function read_file(language, written)
  local texts = { language = language, direction = written.direction or "ltr", letters = {},
    pages = {} }
  for name, text in pairs(written) do
    texts[name] = texts[name] or type(text) == "string" and paragraphs_in(text)[1] or text
  end
  for variant, text in pairs(written.letters) do
    local parts = paragraphs_in(text)
    texts.letters[variant] = {
      subject = table.remove(parts, 1), button = table.remove(parts), body = parts,
    }
  end
  for name, text in pairs(written.pages) do
    local title, paragraph, button = unpack(paragraphs_in(text))
    texts.pages[name] = { title = title, text = paragraph, button = button }
  end
  return texts
end

--- The texts by language (ISO 639-1).
letters.languages = {}
for language, written in pairs(WRITTEN) do
  letters.languages[language] = read_file(language, written)
end

--- How browsers call languages that are read as another.
local SAME_LANGUAGE = { no = "nb", nn = "nb" }

--- How the first of a month is written, where that is not "1".
local FIRST_DAY = { fr = "1er" }

--- What stands between hours and minutes, where that is no colon.
local CLOCK_SIGN = { da = ".", fi = ".", nb = "." }

-- Texts of the platform's own -------------------------------------------------------------------

-- The placeholders of a text, or of an array of texts.
local function placeholders(value)
  local found = { platform = true }
  for _, text in ipairs(type(value) == "table" and value or { value }) do
    for name in text:gmatch("{([%l_]+)}") do found[name] = true end
  end
  return found
end

local function text_problem(text, allowed)
  if type(text) ~= "string" then return "a text expected" end
  if not encoding.is_utf8(text) then return "not UTF-8" end
  for name in pairs(placeholders(text)) do
    if not allowed[name] then return ("nothing stands for {%s} there"):format(name) end
  end
end

-- Paragraphs may be more or fewer than those that they replace; months may not.
local function list_problem(list, known)
  if #known == 12 and #list ~= 12 then return "twelve months expected" end
  if #list == 0 then return "texts expected" end
  for _, text in ipairs(list) do
    local problem = text_problem(text, placeholders(known))
    if problem then return problem end
  end
end

local function unknown(name, known)
  local near = type(name) == "string" and spelling.nearest(name, sorted_keys(known))
  return "there is no such text" .. (near and (", did you mean '%s'?"):format(near) or "")
end

-- What is wrong with texts that are to replace others, with the path to it.
local function difference(given, known, path)
  for name, value in pairs(given) do
    local here, original, problem = path .. tostring(name), known[name], nil
    if original == nil then
      problem = unknown(name, known)
    elseif type(original) == "string" then
      problem = text_problem(value, placeholders(original))
    elseif type(value) ~= "table" then
      problem = "a table expected"
    elseif original[1] then
      problem = list_problem(value, original)
    else
      local inner = difference(value, original, here .. ".")
      if inner then return inner end
    end
    if problem then return here .. ": " .. problem end
  end
end

local function replaced(known, given)
  local result = merged(known)
  for name, value in pairs(given) do
    local nested = type(value) == "table" and not value[1]
    result[name] = nested and replaced(known[name], value) or value
  end
  return result
end

--- What is wrong with the option `texts`.
-- @tparam table texts by language; a language that is not built in is based on English
-- @treturn ?string
function letters.texts_problem(texts)
  for language, given in pairs(texts) do
    if type(language) ~= "string" or not language:find("^%a%a%a?$") or type(given) ~= "table" then
      return "tables of texts by language expected, such as { da = { greeting = … } }"
    end
    local problem = difference(given, letters.languages[language] or letters.languages[DEFAULT],
      language .. ".")
    if problem then return problem end
  end
end

--- What is wrong with the option `language`, where it names one.
-- @param language
-- @tparam table all see `letters.with`
-- @treturn ?string
function letters.language_problem(language, all)
  if type(language) ~= "string" or all[language] then return nil end
  return ("one of %s expected, got %q; `texts` can add one"):format(
    table.concat(sorted_keys(all), ", "), language)
end

--- All texts, with those of the platform's own in their places.
-- @tparam ?table texts the option of this name
-- @treturn table by language
function letters.with(texts)
  local all = merged(letters.languages)
  for language, given in pairs(texts or {}) do
    all[language] = replaced(all[language] or letters.languages[DEFAULT], given)
    all[language].language = language
  end
  return all
end

-- Choosing ------------------------------------------------------------------------------------

--- What everything that writes to customers takes.
letters.options = {
  language = { "language", "text|function",
    "of all letters, such as \"da\", or gives one for a message; default: the one of the "
      .. "recipient's country, else English" },
  time_zone = { "time_zone", "text", check = time_zone.problem,
    "in which instants are written, such as Europe/Copenhagen; default: that of the "
      .. "recipient's country where it has one, else UTC" },
  texts = { "texts", "table", check = letters.texts_problem,
    "texts that replace built-in ones, by language: `{ da = { greeting = … } }`" },
}

-- A letter in another language is better than none.
local function called(choice, message)
  local sound, results = protected(function() return choice(message) end)
  return sound and results[1]
end

--- The texts for a customer: in the language that was promised, else the option's, else the
-- country's, else English.
-- @tparam table all see `letters.with`
-- @param choice the option `language`
-- @tparam table message what a channel is given, or `{ tenant =, language =, recipient = }`
-- @tparam[opt] string accepted a browser's header Accept-Language, asked before English
-- @treturn table
function letters.choose(all, choice, message, accepted)
  if type(choice) == "function" then choice = called(choice, message) end
  local country = countries.find(message.recipient and message.recipient.country)
  for _, language in ipairs {
    message.language or false, choice or false, country.language or false,
  } do
    if all[language] then return all[language] end
  end
  for language in (accepted or ""):gmatch("%a[%w-]*") do
    local primary = language:lower():match("^%a+")
    local texts = all[primary] or all[SAME_LANGUAGE[primary] or ""]
    if texts then return texts end
  end
  return all[DEFAULT]
end

-- Writing -------------------------------------------------------------------------------------

local fill = html.fill

--- Writes an instant in words.
-- @tparam table texts of a language
-- @tparam number at Unix seconds
-- @tparam ?string zone
-- @treturn string
function letters.date(texts, at, zone)
  local clock, place = time_zone.clock(zone, at)
  return fill(texts.date, {
    day = clock.day == 1 and FIRST_DAY[texts.language] or tostring(clock.day),
    month = texts.months[clock.month], year = tostring(clock.year),
    time = ("%02d%s%02d"):format(clock.hour, CLOCK_SIGN[texts.language] or ":", clock.min),
    zone = place,
  })
end

-- The paragraphs above and below the button, not yet filled in.
local function paragraphs(texts, letter, message, values)
  local above = { values.name and texts.greeting_by_name or texts.greeting }
  if message.reminder then above[#above + 1] = texts.reminder end
  for _, paragraph in ipairs(letter.body) do above[#above + 1] = paragraph end
  local below = {}
  if values.deadline then below[#below + 1] = texts.deadline end
  below[#below + 1] = texts.unexpected
  below[#below + 1] = texts.personal
  if values.support then below[#below + 1] = texts.support end
  below[#below + 1] = texts.sign_off .. "\n{platform}"
  return above, below
end

local function as_text(letter, values, brand)
  local all = {}
  for _, paragraph in ipairs(letter.above) do all[#all + 1] = fill(paragraph, values) end
  all[#all + 1] = letter.button .. ":\n" .. values.url
  for _, paragraph in ipairs(letter.below) do all[#all + 1] = fill(paragraph, values) end
  all[#all + 1] = brand.footer
  return table.concat(all, "\n\n") .. "\n"
end

--- Writes the letter for a message.
-- @tparam table message what a channel is given
-- @tparam table|string read `brand` (see debitura.channels.brand), `all` (see `letters.with`),
--   `language`, `time_zone`; or the platform's name, for what is built in
-- @treturn[1] table `subject`, `text`, `html`
-- @treturn[2] nil
-- @treturn[2] string that there is none for this variant
function letters.write(message, read)
  if type(read) == "string" then
    read = { brand = BRAND:read { name = read }, all = letters.languages }
  end
  local texts = letters.choose(read.all, read.language, message)
  local letter = texts.letters[message.variant]
  if not letter then
    return nil, ("there is no letter for the variant %q"):format(tostring(message.variant))
  end
  local recipient, brand = message.recipient or {}, read.brand
  local values = {
    platform = brand.name, name = names.greeted(recipient.name), url = message.url,
    support = brand.support,
  }
  if message.expires_at then
    local zone = read.time_zone or countries.find(recipient.country).time_zone
    values.deadline = letters.date(texts, message.expires_at, zone)
  end
  local subject = fill(letter.subject, values)
  if message.reminder then subject = fill(texts.reminder_subject, { subject = subject }) end
  local above, below = paragraphs(texts, letter, message, values)
  local parts = {
    language = texts.language, direction = texts.direction, subject = subject, above = above,
    below = below, button = letter.button, copy_address = texts.copy_address,
  }
  return {
    subject = subject, text = as_text(parts, values, brand),
    html = html.write(parts, values, brand),
  }
end

return letters
