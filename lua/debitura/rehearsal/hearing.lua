--- How a rehearsal hears webhooks: from the sandbox's sink, or from the inbox into which the
-- platform's own receiver puts what it has verified. Both have
--
-- * `url`: what is subscribed, or nil and `why` there is none;
-- * `keep(secret)`, `drop(mark)`: the secret goes where the receiver finds it, and out of there;
-- * `look(name, tenant)`: the event, `{ event, body, headers, signature, secret }`, or nil;
-- * `seconds`: how long one is waited for;
-- * `verifies`: whether the signature is to be verified here.
-- @module debitura.rehearsal.hearing

local core = require("debitura.core")

local hearing = {}

local function tenant_of(event)
  local data = type(event.data) == "table" and event.data or {}
  return data.externalTenantId
end

-- The sandbox -------------------------------------------------------------------------------------

local Sink = { verifies = true, seconds = 2 }
Sink.__index = Sink

function Sink.keep() return true end

function Sink.drop() return true end

--- The latest event of a name about a tenant. What is under way has arrived when the clock answers.
function Sink:look(name, tenant)
  local settled, err = self.sandbox:advance("0s")
  local listed
  if settled then listed, err = self.sandbox:events() end
  if not listed then return nil, err end
  for index = #listed, 1, -1 do
    local body = listed[index].event == name and core.json.decode(listed[index].body)
    if type(body) == "table" and tenant_of(body) == tenant then return listed[index] end
  end
end

--- @tparam table sandbox see debitura.sandbox.at
-- @treturn table
function hearing.sink(sandbox)
  return setmetatable({ sandbox = sandbox, url = sandbox.sink_url }, Sink)
end

-- The platform's own receiver ---------------------------------------------------------------------

local Inbox = { seconds = 30 }
Inbox.__index = Inbox

--- What stands for a secret where it must not stand itself.
-- @tparam string secret
-- @treturn string
function hearing.mark(secret)
  return core.digest.sha256(secret)
end

function Inbox:look(name, tenant)
  local after
  repeat
    local page, err = self.store:inbox_list { tenant = tenant, after = after, limit = 100 }
    if not page then return nil, tostring(err) end
    for _, item in ipairs(page) do
      if item.event == name then
        local whole = self.store:inbox_item(item.id)
        if whole then return { event = name, body = whole.body } end
      end
    end
    after = page[1] and page[#page].seq
  until not after
end

--- @tparam table given `url`, `store`, `keep` and `drop` (functions of what keeps the receiver's
--   secrets), or `why` webhooks cannot be heard
-- @treturn table
function hearing.inbox(given)
  return setmetatable(given, Inbox)
end

return hearing
