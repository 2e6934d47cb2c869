--- Messages about a case between the creditor's team and the collection partner.
-- @module debitura.sandbox.model.chats

local cases = require("debitura.sandbox.model.cases")
local coverage = require("debitura.sandbox.model.coverage")
local random = require("debitura.sandbox.model.random")

local chats = {}

--- Who writes. The documents give the labels and three numbers, not which is which.
chats.roles = {
  partner = { number = 0, label = "Partner" },
  creditor = { number = 1, label = "Creditor" },
  managed = { number = 2, label = "Managed by partner" },
}

local function data(chat)
  return { chatId = chat.id, message = chat.message, role = chats.roles[chat.role].label }
end

local function add(state, case, chat, now)
  chat.id, chat.at = random.uuid(state.random), now
  table.insert(case.chats, chat)
  cases.tell(state, case, "chat.created", data(chat), now)
  return chat
end

--- What an event says of the newest message of a case.
-- @tparam table case
-- @treturn table|nil
function chats.newest(case)
  local chat = case.chats[#case.chats]
  return chat and data(chat)
end

--- Writes a message of the platform itself.
-- @tparam table state
-- @tparam table case
-- @tparam string message
-- @tparam number now
function chats.system(state, case, message, now)
  add(state, case, { role = "managed", message = message, author = "Debitura", seen = false }, now)
end

--- Writes a message of the collection partner, which waits for an answer.
-- @tparam table state
-- @tparam table case
-- @tparam string message
-- @tparam number now
function chats.from_partner(state, case, message, now)
  local author = coverage.partners[case.partner_id].name
  add(state, case, { role = "partner", message = message, author = author, seen = false }, now)
end

--- Writes a message of the creditor, which also answers what the case was waiting for.
-- @tparam table state
-- @tparam table case
-- @tparam string message
-- @tparam table user of the creditor
-- @tparam number now
-- @treturn table the chat
function chats.from_creditor(state, case, message, user, now)
  local chat = { role = "creditor", message = message, user_id = user.id, seen = true }
  add(state, case, chat, now)
  local actor = { type = "Creditor user", name = user.name }
  cases.note(case, now, "ChatSent", "Message sent", message, actor)
  if case.lifecycle == "More Info Required" then
    case.responded_at = now
    cases.move(state, case, "Pending Verification", now)
  end
  return chat
end

--- The message of the collection partner that is not answered yet.
-- @tparam table case
-- @treturn table|nil
function chats.unanswered(case)
  local last = case.chats[#case.chats]
  return last and last.role == "partner" and last or nil
end

return chats
