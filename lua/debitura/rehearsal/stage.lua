--- What a step of a rehearsal is given: calls whose answers are compared with what the step expects
-- and with what the documents say, webhooks, and people.
--
-- A step ends early by `skip` (it could not be tried), `wait` (it can be, later) or `stop` (what it
-- has seen differs, and there is nothing to go on with).
-- @module debitura.rehearsal.stage

local core = require("debitura.core")
local differences = require("debitura.operations.differences")
local encoding = require("debitura.base.encoding")
local hearing = require("debitura.rehearsal.hearing")
local match = require("debitura.sandbox.scenario.match")
local merged = require("debitura.base.merged")
local null = require("debitura.base.null")
local operations = require("debitura.operations")
local protected = require("debitura.async.protected")
local redact = require("debitura.rehearsal.redact")
local time = require("debitura.base.time")

local stage = {}

local POLL = 1 -- seconds between two looks for a webhook
local DAY = 86400

local Stage = {}
Stage.__index = Stage

-- How a step ends ---------------------------------------------------------------------------------

--- Ends the step: it could not be tried.
-- @tparam string why
function Stage.skip(_, why) error({ verdict = "not tried", why = why }, 0) end

--- Ends the step: it can be tried again, when the rehearsal is resumed.
-- @tparam string why
-- @tparam[opt] number due_at not before then
function Stage.wait(_, why, due_at)
  error({ verdict = "not tried", why = why, waits = true, due_at = due_at }, 0)
end

--- Notes what was seen.
-- @tparam string text
function Stage:saw(text) self.seen = redact(text) end

--- Notes a difference. Of one that an earlier step has told of, it is said that it is the same.
-- @tparam string text
-- @tparam[opt=text] string key
function Stage:differs(text, key)
  text = redact(text)
  key = key or text
  local first = self.progress.state.differences[key]
  if first and first ~= self.step.name then
    self.because = first
    return
  end
  self.progress.state.differences[key] = self.step.name
  for _, present in ipairs(self.differences) do
    if present == text then return end
  end
  table.insert(self.differences, text)
end

--- Notes a difference, and ends the step.
-- @tparam string text
-- @tparam[opt] string path what it is about in the last answer
function Stage:stop(text, path)
  self:overrule(path or "")
  self:differs(text)
  error({ stopped = true }, 0)
end

function Stage:expect(holds, text)
  if not holds then self:differs(text) end
  return holds
end

-- Calls -------------------------------------------------------------------------------------------

--- Whether one of two paths leads through the other.
local function is_within(one, other)
  local short, long = one, other
  if #short > #long then short, long = long, short end
  return long:sub(1, #short) == short and (#long == #short or long:find("^[.%[]", #short + 1))
end

--- Takes back, now and later, what the documents have against a path: the step says more about it.
function Stage:overrule(path)
  local state = self.progress.state
  path = path:gsub("%[%d+%]", "[]")
  for index = #self.undecided, 1, -1 do
    local found = self.undecided[index]
    if path ~= "" and is_within(path, found.path) then
      state.differences[redact(found.text)], state.noted[redact(found.text)] = self.step.name, nil
      table.remove(self.undecided, index)
    end
  end
end

--- Compares values with what is expected of them, field by field.
function Stage:matches(expected, value, path, place)
  if type(expected) == "table" and type(value) == "table" and expected[1] == nil then
    for name, inner in pairs(expected) do
      self:matches(inner, value[name], path .. (path == "" and "" or ".") .. name, place)
    end
    return
  end
  local problem = match.problem(expected, value, path)
  if not problem then return end
  self:overrule(path)
  self:differs(place .. ": " .. problem)
end

--- What the last answer differs in from the documents, and the step has not told of.
function Stage:decide()
  for _, found in ipairs(self.undecided) do
    local state, text = self.progress.state, redact(found.text)
    if found.severity == "fails" then
      self:differs(text)
    elseif not state.differences[text] then
      state.noted[text] = self.step.name
    end
  end
  self.undecided = {}
end

--- Compares an answer with the documents.
function Stage:compare(name, row, answer)
  self.undecided = differences.of(row, answer)
  for _, found in ipairs(self.undecided) do
    found.text = ("%s %d%s: %s"):format(name, answer.status,
      found.path ~= "" and " " .. found.path or "", found.message)
  end
end

local function is_expected(status, expected)
  for _, each in ipairs(type(expected) == "table" and expected or { expected }) do
    if status == each then return true end
  end
  return false
end

--- What a refusal says of itself: its type, and for one that was not expected its sentence.
local function said(body, whole)
  local first = null.table(null.field(body, "businessErrors"))[1]
  local kind = null.text(first, "type") or null.text(body, "type") or null.text(body, "error")
  local message = whole and (null.text(first, "message") or null.text(body, "message"))
  return (kind and " " .. kind or "") .. (message and ": " .. message or "")
end

--- Sends a call once.
-- @tparam table session
-- @tparam string name of the operation, with "customer." before those of the Customer API
-- @tparam table arguments `path`, `query`, `body`, `key` (Idempotency-Key), `unchecked` (true: what
--   is wrong is sent all the same)
-- @tparam number|table expected the status, or several; an answer with another one is not compared
--   with the documents
-- @treturn number status
-- @treturn table|string body, decoded where it is JSON
-- @treturn table headers
function Stage:send(session, name, arguments, expected)
  local api, of_api = "partner", name:match("^customer%.(.*)$")
  if of_api then api = "customer" end
  local row = operations.get(api, of_api or name)
  self:decide()
  self.received = nil
  local _, err = session:call(row,
    { path = arguments.path or {}, query = arguments.query, body = arguments.body },
    { attempts = 1, idempotency_key = arguments.key, check = not arguments.unchecked })
  local received = self.received
  if not received then self:stop(("%s: no answer: %s"):format(name, err.message)) end
  local decoded = received.body ~= "" and core.json.decode(received.body)
  local answer = { status = received.status, headers = received.headers,
    body = decoded or received.body ~= "" and received.body or nil }
  if is_expected(answer.status, expected) then self:compare(name, row, answer) end
  return answer.status, answer.body, answer.headers
end

--- Makes a call of the partner API, or of the Customer API for a client.
-- @tparam string name "clients.get", or "customer.cases.create"
-- @tparam table arguments see `send`; `tenant` of a call of the Customer API
-- @tparam number|table status that is expected, or several
-- @tparam[opt] table expected the fields of the body; see debitura.sandbox.scenario.match
-- @treturn table|string body
-- @treturn table headers
-- @treturn number status
function Stage:call(name, arguments, status, expected)
  local session = self.session
  if name:find("^customer%.") then session = self:customer_session(arguments.tenant) end
  local got, body, headers = self:send(session, name, arguments, status)
  if not is_expected(got, status) then
    local wanted = type(status) == "table" and table.concat(status, " or ") or tostring(status)
    self:differs(("%s: %s expected, answered %d%s"):format(name, wanted, got, said(body, true)),
      ("%s answered %d"):format(name, got))
    -- Another kind of success is one all the same.
    if got >= 300 or not wanted:find("^2") then error({ stopped = true }, 0) end
  end
  self:saw(("%d%s"):format(got, type(body) == "table" and got >= 400 and said(body) or ""))
  if expected then self:matches(expected, body, "", name) end
  return body, headers, got
end

--- Mints a token.
function Stage:token(tenant)
  local body = self:call("tokens.create", { body = { externalTenantId = tenant } }, 200)
  local token = null.text(body, "accessToken")
  if not token then self:stop("tokens.create: no accessToken", "accessToken") end
  self.tokens[tenant] = token
  return token, body
end

--- The Customer API for a client, with a token that this rehearsal has minted.
function Stage:customer_session(tenant, token)
  token = token or self.tokens[tenant] or self:token(tenant)
  return self.session:share(self.customer_url, function(headers, refused)
    if refused then return nil end
    headers.Authorization = "Bearer " .. token
    return token
  end)
end

-- Clients -----------------------------------------------------------------------------------------

--- The externalTenantId of a part in the story.
function Stage:tenant(role)
  local state = self.progress.state
  local round = state.rounds[role] or 1
  return ("rehearsal-%s-%s"):format(state.run, role) .. (round > 1 and "-" .. round or "")
end

--- Takes another externalTenantId for a part: a request that is pending cannot be removed, and what
-- is played again must not meet it.
function Stage:cast(role)
  local rounds = self.progress.state.rounds
  rounds[role] = (rounds[role] or 0) + 1
  return self:tenant(role)
end

--- An address of the operator's own, another one for each part: what follows a + is the operator's
-- to choose.
function Stage:address(role)
  local name, domain = self.options.to:match("^(.-)@(.*)$")
  return ("%s+%s@%s"):format(name, self:tenant(role), domain)
end

--- A case.
function Stage.case(_, reference, changes, debtor)
  local now = time.parse(os.date("!%Y-%m-%dT00:00:00Z", math.floor(core.system.now())))
  return merged({
    currencyCode = "EUR", amountToRecover = 1000.5, creditorReference = reference,
    date = time.format(now - 90 * DAY), dueDate = time.format(now - 60 * DAY),
    debtor = merged({ type = "Company", name = "Rehearsal Debtor",
      contactPerson = "Rehearsal Person", address = "Sample Street 1", zipCode = "2100",
      city = "Sample City", countryAlpha2 = "DK" }, debtor),
  }, changes)
end

--- What POST /clients takes for a part in the story, with one case.
-- @tparam string role
-- @tparam[opt] table known `office` or `user`: the address of an account that there is
function Stage:payload(role, known)
  known = known or {}
  return {
    externalTenantId = self:tenant(role),
    client = { name = "Rehearsal " .. role, country = "Denmark",
      supportEmail = known.office or self:address(role .. "-office") },
    users = core.json.array { { name = "Rehearsal Person",
      email = known.user or self:address(role) } },
    cases = core.json.array { self:case(self:tenant(role) .. "-1") },
  }
end

--- The address of an account that Debitura has already: one that the operator names, or in a
-- sandbox one that is opened for this rehearsal.
-- @tparam string role
-- @tparam[opt] table traits of POST /_sandbox/accounts
function Stage:account(role, traits)
  local facts, fact = self.progress.state.facts, "account." .. role
  if self.options[role] then return self.options[role] end
  if facts[fact] then return facts[fact] end
  if not self.sandbox then
    self:skip(("no account is named: --%s ADDRESS"):format((role:gsub("_", "-"))))
  end
  local address = self:tenant(role) .. "-account@rehearsal.example"
  self:control("accounts", merged({ name = "Rehearsal account", email = address,
    country = "Denmark",
    users = core.json.array { { name = "Rehearsal User", email = "user-" .. address } } }, traits))
  facts[fact] = role == "choice" and "user-" .. address or address
  return facts[fact]
end

-- The sandbox and people --------------------------------------------------------------------------

--- Asks a control of the sandbox.
-- @treturn table its answer
function Stage:control(name, body)
  local answer, err = self.sandbox:control(body and "POST" or "GET", name, body)
  if not answer then self:skip("the sandbox: " .. err) end
  return answer
end

--- Lets a person do something, or the sandbox in a person's place.
-- @tparam string what such as "Approve it now, as the customer"
-- @tparam string url
-- @tparam table control of the sandbox: name and body
-- @tparam function done whether it has been done
function Stage:person(what, url, control, done)
  if done() then return end
  if self.options.unattended then
    self:control(control[1], control[2])
    if not done() then self:stop("nothing has come of it: " .. what) end
    return
  end
  repeat
    local said_ = self.ask and self.ask(what, url)
    if said_ == "skip" then self:skip("skipped by the operator") end
    if said_ ~= "done" then self:wait("waits for a person: " .. what) end
  until done()
end

-- Webhooks ----------------------------------------------------------------------------------------

--- Waits for a webhook.
-- @tparam string name
-- @tparam string tenant
-- @tparam[opt] table expected fields of its `data`
-- @treturn table the envelope
-- @treturn table as it came, see debitura.rehearsal.hearing
function Stage:hear(name, tenant, expected)
  local ears = self.ears
  if not self.progress.state.facts.subscription then
    self:skip("no webhooks are heard: " .. (ears.why or "the subscription was not made"))
  end
  local came, err
  local ends = core.system.monotonic() + math.min(ears.seconds, self.options.patience)
  repeat
    came, err = ears:look(name, tenant)
    if err then self:stop("webhooks cannot be looked for: " .. err) end
    if not came then core.system.sleep(math.min(POLL, ears.seconds / 10)) end
  until came or core.system.monotonic() >= ends
  if not came then self:stop(("%s did not come"):format(name)) end
  local event = core.json.decode(came.body)
  self:matches({ event = name, id = "{any}", timestamp = "{any}", specVersion = "1.0" }, event, "",
    "webhook " .. name)
  if expected then self:matches(expected, event.data, "data", "webhook " .. name) end
  return event, came
end

Stage.mark = hearing.mark

--- An Idempotency-Key.
function Stage.key() return encoding.random_hex(16) end

--- What a step calls; it stands behind the methods of the rehearsal.
stage.methods = Stage

--- Runs a step.
-- @tparam table self what all steps share: `progress`, `options`, `session`, `customer_url`,
--   `sandbox`, `ears`, `ask`, `channels`, `tokens`, `clock`
-- @tparam table step
-- @treturn table `verdict`, `seen`, `differences`, `why`, `waits`, `due_at`
function stage.run(self, step)
  self.step, self.seen, self.differences, self.because = step, nil, core.json.array {}, nil
  self.undecided, self.finally = {}, nil
  local ran, results = protected(function() step.run(self) end)
  self:decide()
  if self.finally then self.finally() end
  local ended = not ran and results[1] or {}
  if not ran and (type(ended) ~= "table" or not (ended.verdict or ended.stopped)) then
    error(ended, 0)
  end
  local same = self.because and "the same as in " .. self.because
  local differs = self.differences[1] or same or ended.stopped
  local verdict = differs and "differs" or ended.verdict or "agrees"
  return {
    verdict = verdict, seen = verdict == "agrees" and self.seen or nil,
    differences = self.differences, at = self.clock(),
    why = not self.differences[1] and (same or ended.why and redact(ended.why)) or nil,
    waits = ended.waits, due_at = ended.due_at,
  }
end

return stage
