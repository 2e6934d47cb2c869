--- Asks before something is done that cannot be taken back: in production, or always.
-- @module debitura.cli.confirm

local failure = require("debitura.base.failure")

local confirm = {}

local function refusal(message)
  return nil, failure.new { kind = "forbidden", message = message, sent = false }
end

--- Asks, unless there is no need to.
-- @tparam table question `what` will be done, as a sentence; `word` to be typed, such as an id;
--   `always` (true: outside of production, too)
-- @tparam table surroundings `production` (whether it is), `yes` (was said beforehand),
--   `terminal` (whether a person can be asked), `write` and `read` (functions that say something to
--   that person and take a line)
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure of kind "forbidden"
function confirm.ask(question, surroundings)
  local production = surroundings.production
  if surroundings.yes or not (production or question.always) then return true end
  if not surroundings.terminal then
    return refusal(("%s. %s must be confirmed: add --yes, or run it on a terminal")
      :format(question.what, production and "In production this" or "This"))
  end
  surroundings.write(("%s%s.\nType %s to go on: ")
    :format(production and "PRODUCTION: " or "", question.what, question.word))
  local typed = surroundings.read()
  if typed and typed:match("^%s*(.-)%s*$") == question.word then return true end
  return refusal("not confirmed; nothing was done")
end

return confirm
