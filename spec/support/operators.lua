-- A desk for operators over a store in which something of everything has happened: what its specs
-- and the suite of pages look at.

local debitura_desk = require("debitura.status.desk")
local encoding = require("debitura.base.encoding")
local failure = require("debitura.base.failure")
local rig = require("spec.support.rig")
local rows = require("spec.support.store_rows")
local status = require("debitura.status")
local support = require("spec.support.desk")

local operators = {}

--- How tenants may be called: as no page should take literally, from right to left, and long.
operators.HOSTILE = "<script>alert('1')</script>"
operators.UPWARDS = "../.."
operators.HEBREW = "לקוח-\226\128\1747"
operators.LONG = ("0f3c"):rep(500)

local Operators = {}
Operators.__index = Operators

--- Asks the desk for a page.
-- @tparam string place such as "links?state=pending"
-- @tparam[opt] table more fields of the request
-- @treturn string its body
-- @treturn number status
-- @treturn table headers
function Operators:get(place, more)
  local request = { method = "GET", headers = {} }
  request.path, request.query = ("/below/desk/" .. place):match("^([^?]*)%??(.*)$")
  for name, value in pairs(more or {}) do request[name] = value end
  local code, body, headers = self.desk:handle(request)
  return body, code, headers
end

--- Sends a form as the browser does.
-- @tparam string place
-- @tparam table fields
-- @tparam[opt] table headers besides
function Operators:post(place, fields, headers)
  local parts, sent = {}, { ["sec-fetch-site"] = "same-origin",
    ["content-type"] = "application/x-www-form-urlencoded" }
  for name, value in pairs(fields) do
    parts[#parts + 1] = name .. "=" .. encoding.percent(value)
  end
  for name, value in pairs(headers or {}) do sent[name] = value or nil end
  return self:get(place, { method = "POST", body = table.concat(parts, "&"), headers = sent })
end

--- The form of a page: where it is sent, and its token.
function Operators.form(_, body)
  local action, token = body:match('<form method="post" action="([^"]*)">\n.-value="([^"]*)"')
  return action and action:gsub("&amp;", "&"), token
end

--- Presses the button of the page at a place.
-- @tparam string place
-- @tparam[opt] table fields that are filled in
function Operators:press(place, fields)
  local action, token = self:form((self:get(place)))
  assert(action, "there is no form at " .. place)
  local sent = { token = token }
  for name, value in pairs(fields or {}) do sent[name] = value end
  return self:post(action, sent)
end

--- A desk on the same store for another operator, or with other options.
function Operators:beside(options)
  local chosen = { status = status.new { store = self.rig.store, clock = self.rig.options.clock },
    recipes = self.rig.recipes, actions = true,
    authorize = function() return "act", "nora@platform.example" end }
  for name, value in pairs(options or {}) do chosen[name] = value end
  return setmetatable({ rig = self.rig, desk = debitura_desk.new(chosen) }, Operators)
end

--- Makes one over a store with nothing in it.
-- @tparam[opt] table options of the desk
-- @tparam[opt] table of_recipes
function operators.empty(options, of_recipes)
  local self = setmetatable({ rig = rig.new(of_recipes) }, Operators)
  return self:beside(options)
end

local function payload_of(tenant, email)
  local payload = support.payload { externalTenantId = tenant }
  payload.users[1].email = email
  return payload
end

local function request(self, tenant, email)
  assert(self.rig.recipes.approval:request(payload_of(tenant, email)))
  self.rig:work()
end

--- Makes one over a store in which something of everything has happened.
-- @tparam[opt] table options of the desk
function operators.full(options)
  local mail_is_away
  local self
  self = operators.empty(options, { channels = { { name = "mail", deliver = function(_, message)
    if mail_is_away then
      return nil, failure.new { kind = "business", status = 550, operation = "channel email",
        message = ("mailbox of %s is at %s"):format(message.recipient.email, message.url),
        final = true }
    end
    table.insert(self.rig.mail, message)
    return true
  end } } })
  local store, now = self.rig.store, function() return self.rig.debitura:now() end
  request(self, "carried-1", "carla@new.example")
  self.rig:approve("carried-1")
  self.rig:client("signing-1")
  for _, tenant in ipairs { operators.HOSTILE, operators.UPWARDS } do
    request(self, tenant, "nora@new.example")
  end
  -- A request with a character that cannot be seen is refused; what there is, is taken over.
  assert(self.rig.recipes:adopt { pending = {
    { payload = payload_of(operators.HEBREW, "nora@new.example") },
  } })
  self.rig:advance("1d")
  mail_is_away = true
  request(self, "undelivered-1", "una@new.example")
  request(self, "undelivered-2", "ulf@new.example")
  self.rig:advance("2d")
  for i, tenant in ipairs { "carried-1", "carried-1", "undelivered-1" } do
    rows.add(store, "evt-" .. i, tenant, now() - 600 * i, { event = "case.created" })
  end
  for _, item in ipairs(store:inbox_claim { limit = 9, now = now(), lease = 60 }) do
    assert(store:inbox_dead(item, now(), "the handler said: https://hosted.example/secret"))
  end
  rows.add(store, "evt-5", "pending-9", now())
  rows.enqueue(store, "pending-9", { rows.job("letter", now(), { needs = "channel:print" }) })
  assert(store:record_move(rows.change(operators.LONG, {
    rows.move("link", "", 0, { state = "refused", reason = "InvalidClientType",
      result = "Nora is no creditor" }),
  }), now()))
  assert(store:beat({ id = "w", role = "application", host = "web-1", pid = 4711, release = "1.0.0",
    started_at = now(), about = '{"can":["channel:mail"],"does":["sweep","work"]}',
    marks = { "sweep" }, totals = {} }, now()))
  return self
end


return operators
