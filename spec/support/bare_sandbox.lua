--- A sandbox without a server: its model on a fake clock, with a receiver of webhooks written down
-- in the spec. Every answer of an operation is held against the shape that the contract declares
-- for it.
local core = require "debitura.core"
local differences = require "debitura.operations.differences"
local dispatch = require "debitura.sandbox.server.dispatch"
local encoding = require "debitura.base.encoding"
local operations = require "debitura.operations"
local recorded = require "debitura.operations.recorded"

local Sandbox = {}
Sandbox.__index = Sandbox

local START = 1893456000 -- 2030-01-01T00:00:00Z

--- Writes an answer down for scripts/baseline.lua.
local function record(row, answer)
  local file = assert(io.open(os.getenv("DEBITURA_RECORD"), "ab"))
  file:write(assert(core.json.encode { api = row.api, operation = row.name, status = answer.status,
    body = answer.body }), "\n")
  file:close()
end

--- An answer is as the documents have it, to the last field.
local function conform(row, response)
  local answer = { status = response.status, headers = response.headers,
    body = response.body ~= "" and response.body or nil }
  if os.getenv("DEBITURA_RECORD") then record(row, answer) end
  local paths = {}
  local found = differences.of(row, answer, function(path, kind)
    paths[path] = paths[path] or { kinds = {} }
    paths[path].kinds[kind] = (paths[path].kinds[kind] or 0) + 1
  end)
  for _, gone in ipairs(os.getenv("DEBITURA_RECORD") and {}
    or recorded.absent(row, response.status, paths)) do
    found[#found + 1] = { kind = "baseline", path = gone.path,
      message = "is not there: scripts/baseline.lua" }
  end
  if not found[1] then return end
  local problems = {}
  for i, one in ipairs(found) do
    problems[i] = ("%s: %s %s"):format(one.kind, one.path, one.message)
  end
  error(("%s %d: %s"):format(row.name, response.status, table.concat(problems, "; ")), 4)
end

--- Opens a sandbox.
-- @param options of `dispatch.new`
function Sandbox.new(options)
  local self = setmetatable({ wall = START, events = {}, attempts = {}, logged = {} }, Sandbox)
  self.receiver = function() return { status = 200 } end
  self.state = dispatch.new(options or {}, self.wall)
  return self
end

function Sandbox:deliver(effects)
  for _, effect in ipairs(effects) do
    self.attempts[#self.attempts + 1] = effect
    local outcome = self.receiver(effect)
    if outcome.status and outcome.status < 300 then
      local event = core.json.decode(effect.body)
      event.headers, event.signature, event.raw = effect.headers,
        effect.headers["X-Debitura-Signature"], effect.body
      self.events[#self.events + 1] = event
    end
    dispatch.delivered(self.state, effect.id, outcome, self.wall)
  end
end

--- Sends a request as it stands, and delivers what it causes.
function Sandbox:send(method, target, body, headers)
  local path, query = target:gsub("^http://127%.0%.0%.1:8787", ""):match("^([^?]*)%??(.*)$")
  local request = { method = method, path = path, query = query, headers = headers or {},
    body = body or "" }
  local response, effects = dispatch.handle(self.state, request, self.wall)
  if response.log then error("the sandbox failed: " .. response.log, 0) end
  self:deliver(effects)
  effects = response.settles and dispatch.step(self.state, self.wall)
  while effects do
    self:deliver(effects)
    effects = dispatch.step(self.state, self.wall)
  end
  if response.await then
    self.attempts[#self.attempts + 1] = response.await
    response = response.finish(self.receiver(response.await))
  end
  if type(response.body) == "table" then
    response.body = assert(core.json.decode(assert(core.json.encode(response.body))))
  end
  return response
end

local function call(self, api, prefix, headers, method, path, body)
  if type(body) == "table" then
    body, headers["content-type"] = assert(core.json.encode(body)), "application/json"
  end
  local response = self:send(method, prefix .. path, body, headers)
  local row = operations.find(api, method, (path:gsub("%?.*", "")))
  if row and not headers.faulty then conform(row, response) end
  return response
end

--- Calls the partner API; a table as body goes as JSON.
function Sandbox:partner(method, path, body, headers)
  local all = { xapikey = "sandbox-key" }
  for name, value in pairs(headers or {}) do all[name] = value end
  return call(self, "partner", "", all, method, path, body)
end

--- Calls the Customer API as a client of the partner; mints the token.
function Sandbox:customer(tenant, method, path, body, headers)
  local token = self:partner("POST", "/oauth/token", { externalTenantId = tenant })
  assert(token.status == 200, "no token: " .. token.status)
  local all = { authorization = "Bearer " .. token.body.accessToken }
  for name, value in pairs(headers or {}) do all[name] = value end
  return call(self, "customer", "/customer", all, method, path, body)
end

--- Uses one of the sandbox's own controls.
function Sandbox:control(method, name, body)
  return self:send(method, "/_sandbox/" .. name, body and assert(core.json.encode(body)) or "",
    { ["content-type"] = "application/json" })
end

function Sandbox:advance(duration)
  local response = self:control("POST", "clock", { advance = duration })
  assert(response.status == 200, "the clock did not move")
end

--- Subscribes to events; returns the subscription with its secret.
function Sandbox:subscribe(events, test)
  return self:partner("POST", "/v1/Webhooks",
    { url = "http://127.0.0.1:9/hook", events = core.json.array(events), isTestMode = test
      or false }).body
end

--- The names of the events that arrived, in their order, and the list begins anew.
function Sandbox:heard()
  local names = {}
  for index, event in ipairs(self.events) do names[index] = event.event end
  self.events = {}
  return names
end

--- Posts a form as a browser does.
function Sandbox:post_form(url, fields)
  local parts = {}
  for name, value in pairs(fields or {}) do
    parts[#parts + 1] = name .. "=" .. encoding.percent(value)
  end
  return self:send("POST", url, table.concat(parts, "&"),
    { ["content-type"] = "application/x-www-form-urlencoded" })
end

--- Signs everything that the chain behind a URL asks for; returns the steps and where it ended.
function Sandbox:sign_all(url)
  local steps = {}
  for _ = 1, 20 do
    local page = self:send("GET", url)
    if page.status == 303 then return steps, page.headers.location end
    local action = page.body:match('<form method="post" action="(/onboarding/sign/[^"]+)"')
    if not action then return steps end
    steps[#steps + 1] = action:match("^/onboarding/sign/[^/]+/(%a+)")
    local back = page.body:match('name="returnUrl" value="([^"]*)"')
    local answer = self:post_form(action, { returnUrl = back, name = "Dana Director",
      address = "1 Sample Street", born = "1980-02-29" })
    url = answer.headers.location
  end
  error("the chain does not end")
end

local samples = {}

--- A debtor who is a company, with changes.
function samples.debtor(changes)
  local debtor = {
    type = "Company", name = "Sample Debtor GmbH", contactPerson = "Dora Debtor",
    address = "Sample Street 1", zipCode = "10115", city = "Berlin", countryAlpha2 = "DE",
  }
  for name, value in pairs(changes or {}) do debtor[name] = value end
  return debtor
end

--- A case that is served, with changes.
function samples.case(changes)
  local case = {
    currencyCode = "EUR", amountToRecover = 1000.10, date = "2029-11-01", dueDate = "2029-12-01",
    creditorReference = "INV-1",
    debtor = samples.debtor(),
  }
  for name, value in pairs(changes or {}) do case[name] = value end
  return case
end

--- A payload for a new customer, with changes.
function samples.client(changes)
  local payload = {
    externalTenantId = "tenant-1",
    client = { name = "Sample Client Ltd", country = "Denmark",
      supportEmail = "office@new.example" },
    users = core.json.array { { name = "Nora New", email = "nora@new.example" } },
  }
  for name, value in pairs(changes or {}) do payload[name] = value end
  return payload
end

--- A payload that meets the account of Existing Customer Ltd by its support e-mail.
function samples.existing(changes)
  local payload = samples.client(changes)
  payload.client = { name = "Existing Customer Ltd", country = "Denmark",
    supportEmail = "office@existing.example" }
  return payload
end

Sandbox.samples = samples

return Sandbox
