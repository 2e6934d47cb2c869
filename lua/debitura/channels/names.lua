--- Names of persons and companies, which people type in when they sign up: what of them may stand
-- in a letter that is sent under the platform's domain.
-- @module debitura.channels.names

local encoding = require("debitura.base.encoding")
local text = require("debitura.base.text")

local names = {}

local SHOWN_MAX = 64 -- characters of a display name
-- Of a name by which a person is greeted: characters, words, characters of kana, Han and Hangul.
local GREETED_MAX, WORDS_MAX, CJK_MAX = 40, 5, 8

local function length(name)
  return select(2, name:gsub("[%z\1-\127\194-\244]", ""))
end

-- An address of a page or of a mailbox: a slash, an @, a dot within a word.
local function holds_address(name)
  return name:find("[@/]") or name:find("%w%.%w%w")
end

--- A name as it may stand beside a mail address: in one line, of a sane length; left out when it
-- holds an address or is no text.
-- @param name
-- @treturn ?string
function names.shown(name)
  if type(name) ~= "string" or not encoding.is_utf8(name) then return nil end
  name = text.collapse(name)
  if name == "" or holds_address(name) then return nil end
  return (text.cut(name, SHOWN_MAX):gsub(" $", ""))
end

-- Letters of the world's scripts, as far as a range of lead bytes tells them from signs: Latin,
-- Greek, Cyrillic, Hebrew, Arabic and others of two bytes, those of India and further of three,
-- kana, Han, Hangul; and the typographic apostrophe and hyphens.
local LETTERS = {
  "^[A-Za-z '.-]()", "^\195[\128-\150\152-\182\184-\191]()", "^[\196-\223][\128-\191]()",
  "^\224[\160-\191][\128-\191]()", "^\225[\128-\191][\128-\191]()", "^\226\128[\144\145\153]()",
  "^\227[\129-\131\144-\191][\128-\191]()", "^[\228-\233][\128-\191][\128-\191]()",
  "^[\234-\237][\128-\191][\128-\191]()",
}

local function only_letters(name)
  local at = 1
  while at <= #name do
    local after
    for _, pattern in ipairs(LETTERS) do
      after = after or name:match(pattern, at)
    end
    if not after then return false end
    at = after
  end
  return true
end

-- Small letters at the start of a word: of ASCII, Latin-1, Greek and Cyrillic.
local SMALL = {
  "^[a-z]", "^\195[\159-\182\184-\191]", "^\206[\177-\191]", "^\207[\128-\142]",
  "^\208[\176-\191]", "^\209[\128-\159]",
}

local function set_of(words)
  local set = {}
  for word in words:gmatch("%S+") do set[word] = true end
  return set
end

-- Words that begin with a small letter within names.
local PARTICLES = set_of [[
  al af av bin bint d' da das de dei del della den der di do dos du e el i ibn la las le los 't te
  ten ter und van vom von y z zu zum zur
]]

-- Words that ask for something, and are in no name that is greeted.
local ASKING = set_of [[
  your you please pay payment paid click call account invoice overdue urgent free now has been is
  are the this that and to win won verify confirm password debt money bank today bitte jetzt zahlen
  zahlung rechnung konto ihre ihr dringend votre vous facture payez compte urgente pague pagar
  factura fattura cuenta betal betaal regning faktura rekening nu konto maksa lasku
]]

local function is_small(word)
  for _, pattern in ipairs(SMALL) do
    if word:find(pattern) then return true end
  end
  return false
end

--- A name by which a person may be greeted: a few words of letters that begin with capitals. What
-- looks like a sentence, a number or an address does not greet.
-- @param name
-- @treturn ?string
function names.greeted(name)
  name = names.shown(name)
  if not name or length(name) > GREETED_MAX or not only_letters(name) then return nil end
  -- Of kana, Han and Hangul a few characters are a name, and more a sentence.
  if select(2, name:gsub("[\227-\237]", "")) > CJK_MAX then return nil end
  local words, has_small = 0, false
  for word in name:gmatch("%S+") do
    words = words + 1
    -- A dot belongs to an initial or a short title, and ends no sentence.
    if ASKING[word:lower()] or word:find("%a%a%a%.$") then return nil end
    has_small = has_small or is_small(word) and not PARTICLES[word] and not word:find("^[dl]'%u")
  end
  -- A single word may be written in small letters.
  if words > WORDS_MAX or has_small and words > 1 then return nil end
  return name
end

return names
