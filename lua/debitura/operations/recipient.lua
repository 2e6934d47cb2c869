--- Whom one writes to about a client, by what POST /clients was given.
-- @module debitura.operations.recipient

local null = require("debitura.base.null")

local recipient = {}

--- The user whom a client's letters go to: the one with `isOnboardingUser`, else the only one, else
-- the first. One without a mail address is none.
-- @param users array of users
-- @treturn ?table the user
function recipient.user(users)
  local first
  for _, user in ipairs(null.table(users)) do
    if null.text(user, "email") then
      if user.isOnboardingUser == true then return user end
      first = first or user
    end
  end
  return first
end

--- The field of a payload that says who is to be reached.
-- @param payload CreateClientRequest
-- @treturn string such as "users[1].email"
function recipient.field(payload)
  local users = null.table(null.field(payload, "users"))
  local chosen = recipient.user(users)
  for i, user in ipairs(users) do
    if user == chosen then return ("users[%d].email"):format(i) end
  end
  return "client.supportEmail"
end

--- Who is to be reached, as far as a payload says: the user, else the client's own address.
-- @param payload CreateClientRequest
-- @treturn ?table `email`, and where they are known `name` and `country` (of the client)
function recipient.of(payload)
  local client = null.field(payload, "client")
  local country = null.text(client, "country")
  local user = recipient.user(null.field(payload, "users"))
  if user then return { name = null.text(user, "name"), email = user.email, country = country } end
  local address = null.text(client, "supportEmail")
  if address then
    return { name = null.text(client, "name"), email = address, country = country }
  end
end

return recipient
