--- Messages about a case between the creditor's team and the collection partner.
-- @module debitura.sandbox.customer_api.chats

local core = require("debitura.core")
local accounts = require("debitura.sandbox.model.accounts")
local cases = require("debitura.sandbox.model.cases")
local clock = require("debitura.sandbox.model.clock")
local coverage = require("debitura.sandbox.model.coverage")
local random = require("debitura.sandbox.model.random")
local reply = require("debitura.sandbox.api.reply")
local with_case = require("debitura.sandbox.customer_api.cases").with_case

local null = core.null

local chats = { customer = {} }

-- The documents give the labels and three numbers, not which is which.
local ROLES = { partner = { 0, "Partner" }, creditor = { 1, "Creditor" }, managed = { 2, "Managed by partner" } }

-- Addresses of those who write and are no users of the creditor.
local OUTSIDERS = { partner = "desk@collections.example", managed = "no-reply@debitura.example" }

local function user_view(state, chat)
  local user = state.users.by_id[chat.user_id or ""] or { number = 0, name = chat.author, email = OUTSIDERS[chat.role] }
  local first, last = user.name:match("^(%S+)%s+(.+)$")
  return {
    id = user.number, dateCreated = null, dateUpdated = null, firstName = first or user.name, lastName = last or null,
    email = user.email,
  }
end

local function view(state, chat)
  local role = ROLES[chat.role]
  return {
    id = chat.id, dateCreated = clock.iso(chat.at), dateUpdated = null, role = role[1], roleLabel = role[2], message = chat.message,
    isSeen = chat.seen, user = user_view(state, chat),
  }
end

local function data(chat)
  return { chatId = chat.id, message = chat.message, role = ROLES[chat.role][2] }
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
  add(state, case, { role = "partner", message = message, author = coverage.partners[case.partner_id].name, seen = false }, now)
end

--- The message of the collection partner that nobody has answered yet.
-- @tparam table case
-- @treturn table|nil
function chats.unanswered(case)
  local last = case.chats[#case.chats]
  return last and last.role == "partner" and last or nil
end

chats.customer["cases.chats"] = with_case(function(call, case)
  local views = {}
  for index, chat in ipairs(case.chats) do
    views[index] = view(call.state, chat)
    chat.seen = true
  end
  return reply.array(views)
end)

local function sender(call)
  local body = call.body
  if body.userEmail and body.userEmail ~= null then return accounts.user(call.state, call.creditor, body.userEmail) end
  for _, id in ipairs(call.creditor.user_ids) do
    if id == tostring(body.userId):lower() then return call.state.users.by_id[id] end
  end
end

--- A message of the creditor also answers what the case was waiting for.
chats.customer["cases.send_chat"] = with_case(function(call, case)
  local state, user, now = call.state, sender(call), call.now
  if not user then return reply.failure(400, "ValidationError", "The sender is no active team member of the account.") end
  local chat = add(state, case, { role = "creditor", message = call.body.message, user_id = user.id, seen = true }, now)
  cases.note(case, now, "ChatSent", "Message sent", call.body.message, { type = "Creditor user", name = user.name })
  if case.lifecycle == "More Info Required" then
    case.responded_at = now
    cases.move(state, case, "Pending Verification", now)
  end
  return reply.json(200, view(state, chat))
end)

return chats
