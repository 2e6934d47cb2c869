--- What a report shows of answers: no addresses of pages, no secrets, nothing personal.
-- @module debitura.rehearsal.redact

local hosted_url = require("debitura.recipes.hosted_url")

local LONG = 24 -- characters of a word of letters and digits that is taken for a secret

local function is_secret(word)
  return #word >= LONG and word:find("%d") and word:find("%a") and not word:find("^rehearsal%-")
end

--- Makes a text fit for a report.
-- @tparam string text
-- @treturn string
local function redact(text)
  text = hosted_url.redacted(text)
  text = text:gsub("[^%s\"'<>,;]+@[^%s\"'<>,;]+", "[address]")
  return (text:gsub("[%w+/=_.-]+", function(word)
    return is_secret(word) and "[redacted]" or nil
  end))
end

return redact
