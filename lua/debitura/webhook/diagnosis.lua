--- Why a signature was probably refused: for the receiver's log, never for the
-- sender.
-- @module debitura.webhook.diagnosis

local diagnosis = {}

--- A body that does not fit is tried again without what is usually done to it on the way; a longer
-- one is not worth it.
local LONGEST_BODY = 16 * 1024

--- Seconds by which clocks may differ without being worth a word.
local CLOCKS_AGREE = 30

--- The text without the white space between JSON's own tokens.
local function compact(text)
  local parts, from = {}, 1
  while true do
    local opening = text:find('"', from, true)
    parts[#parts + 1] = text:sub(from, (opening or 0) - 1):gsub("%s+", "")
    if not opening then return table.concat(parts) end
    local closing = text:find('["\\]', opening + 1)
    while closing and text:sub(closing, closing) == "\\" do
      closing = text:find('["\\]', closing + 2)
    end
    if not closing then return text end
    parts[#parts + 1], from = text:sub(opening, closing), closing + 1
  end
end

--- In linear time, whatever is sent.
local function trimmed(text)
  local first = text:find("%S")
  return first and text:match("^.*%S", first) or ""
end

local function unescaped(text)
  return (text:gsub("\\/", "/"))
end

--- What becomes of bodies, each undone on top of the one before.
local CHANGES = {
  { "white space was put around the body", trimmed },
  { "the body was indented or spaced anew", compact },
  { "the body was encoded again, with escaped slashes", unescaped },
}

local function changed_body(body, fits)
  if not fits or #body > LONGEST_BODY then return nil end
  local restored = body
  for _, change in ipairs(CHANGES) do
    local before = restored
    restored = change[2](before)
    if restored ~= before and fits(restored) then return change[1] .. ": the raw body is needed" end
  end
end

local function clock_text(age)
  local side = age < 0 and "ahead of" or "before"
  return ("signed %.0f seconds %s this machine's clock"):format(math.abs(age), side)
end

local explain = {}

function explain.missing()
  return "no X-Debitura-Signature: not from Debitura, or a proxy removed the header"
end

function explain.malformed(details)
  return "X-Debitura-Signature: " .. (details.problem or "not of the form t={seconds},v1={hex}")
end

function explain.too_old(details)
  return clock_text(details.age) .. ": it came late, or the clock is ahead"
end

function explain.in_future(details)
  return clock_text(details.age) .. ", which is behind"
end

function explain.no_match(details, body, fits)
  local cause = changed_body(body, fits)
  if not cause then
    cause = "the wrong secret: another subscription's or environment's, or one that was rotated"
    -- Debitura's envelopes begin with their id.
    if not body:find('^{"id"') then
      cause = cause .. "; or the body was decoded and encoded again"
    end
  end
  if math.abs(details.age) > CLOCKS_AGREE then cause = cause .. "; " .. clock_text(details.age) end
  return cause
end

--- The likely cause, as one line without any secret.
-- @tparam string kind of the failure of the verification, such as "too_old"
-- @tparam ?table details of it
-- @tparam string body as it was received
-- @tparam[opt] function fits tells whether the signature fits another body; without it none is
--   tried
-- @treturn string
function diagnosis.cause(kind, details, body, fits)
  return explain[kind](details or {}, body, fits)
end

return diagnosis
