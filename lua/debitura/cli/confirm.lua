--- Asks before something is done in production that cannot be taken back.
-- @module debitura.cli.confirm

local failure = require("debitura.base.failure")

local confirm = {}

local function refusal(message)
  return nil, failure.new { kind = "forbidden", message = message, sent = false }
end

--- Asks, unless there is no need to.
-- @tparam table question `what` will be done, as a sentence; `word` to be typed, such as an id
-- @tparam table surroundings `production` (else nothing is asked), `yes` (was said beforehand),
--   `terminal` (whether a person can be asked), `write` and `read` (functions that say something to
--   that person and take a line)
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure of kind "forbidden"
function confirm.ask(question, surroundings)
  if not surroundings.production or surroundings.yes then return true end
  if not surroundings.terminal then
    return refusal(question.what
      .. ". In production this must be confirmed: add --yes, or run it on a terminal")
  end
  surroundings.write(("PRODUCTION: %s.\nType %s to go on: "):format(question.what, question.word))
  local typed = surroundings.read()
  if typed and typed:match("^%s*(.-)%s*$") == question.word then return true end
  return refusal("not confirmed; nothing was done")
end

return confirm
