--- Names of persons and companies, which people type in when they sign up: what of them may stand
-- in a letter that is sent under the platform's domain.
-- @module debitura.channels.names

local encoding = require("debitura.base.encoding")
local text = require("debitura.base.text")

local names = {}

local SHOWN_MAX = 64 -- characters of a display name
local GREETED_MAX, WORDS_MAX = 40, 5 -- of a name by which a person is greeted

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

--- A name by which a person may be greeted: a few words of letters. What looks like a sentence, a
-- number or an address does not greet.
-- @param name
-- @treturn ?string
function names.greeted(name)
  name = names.shown(name)
  if not name or length(name) > GREETED_MAX or not only_letters(name) then return nil end
  local words, small = 0, 0
  for word in name:gmatch("%S+") do
    words = words + 1
    if word:find("^[a-z]") then small = small + 1 end
    -- A dot belongs to an initial or a short title, and ends no sentence.
    if word:find("%a%a%a%.$") then return nil end
  end
  -- Written in small letters, a few words may be a name, and more are a sentence.
  if words > WORDS_MAX or small == words and words > 2 then return nil end
  return name
end

return names
