--- Messages about a case, as a client reads and sends them.
-- @module debitura.sandbox.customer_api.chats

local accounts = require("debitura.sandbox.model.accounts")
local chats = require("debitura.sandbox.model.chats")
local lists = require("debitura.sandbox.api.lists")
local reply = require("debitura.sandbox.api.reply")
local views = require("debitura.sandbox.api.views")
local with_case = require("debitura.sandbox.customer_api.cases").with_case

local handle = {}

-- Addresses of those who write and are no users of the creditor.
local OUTSIDERS = {
  partner = "desk@collections.example", managed = "no-reply@debitura.example",
}

local function user_of(state, chat)
  return views.user(state.users.by_id[chat.user_id or ""]
    or { number = 0, name = chat.author, email = OUTSIDERS[chat.role] })
end

local function view(state, chat)
  local role = chats.roles[chat.role]
  return {
    id = chat.id, dateCreated = chat.at, role = role.number, roleLabel = role.label,
    message = chat.message, isSeen = chat.seen, user = user_of(state, chat),
  }
end

handle["cases.chats"] = with_case(function(call, case)
  local shown = lists.map(case.chats, function(chat) return view(call.state, chat) end)
  for _, chat in ipairs(case.chats) do chat.seen = true end
  return shown
end)

local function sender(call)
  local email = call.body.userEmail
  if email then return accounts.user(call.state, call.creditor, email) end
  for _, id in ipairs(call.creditor.user_ids) do
    if id == tostring(call.body.userId):lower() then return call.state.users.by_id[id] end
  end
end

handle["cases.send_chat"] = with_case(function(call, case)
  local user = sender(call)
  if not user then
    return reply.failure(400, "InvalidUserEmail",
      "The sender is no active team member of the account.")
  end
  local chat = chats.from_creditor(call.state, case, call.body.message, user, call.now)
  return view(call.state, chat)
end)

return { operations = handle }
