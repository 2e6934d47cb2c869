-- A platform that lives through whatever comes: requests, webhooks that come late, twice, out of
-- order or not at all, customers who approve, decline or wait, cases, faults of the network and of
-- Debitura, a clock that jumps, channels that fail, and processes that die between any two steps.
-- Everything is drawn from a seed. At the end the world calms down, and what the store says is
-- held against what the sandbox knows.

local core = require("debitura.core")
local model_partner = require("spec.support.model_partner")
local recipes = require("debitura.recipes")
local open_store = require("debitura.store").open
local support = require("spec.support.desk")

local model = {}

-- So many clients of each kind; all but the new ones have an account at Debitura, and one is linked
-- to the partner before its platform asks for it.
local CLIENTS = { { "existing", 8 }, { "choice", 2 }, { "taken", 1 }, { "new", 4 }, { "had", 1 } }
local KILLED = "killed"
-- Clients of whom no webhook ever arrives.
local DEAF_TO = { ["existing-7"] = true, ["new-4"] = true }
-- The client whose answers are odd now and then; what they hold instead of what the documents say.
local ODD_CLIENT = "existing-8"
local ODD_ANSWERS = { "[]", "{}", '"text"', "null", '{"onboardingDone":"yes"}',
  '{"items":[7,"x",[]]}', "[[]]" }
-- Processes differ: each has one of these. All of them go on with what the others began.
local DEFINITIONS = {
  { channels = { "mail" } },
  { channels = { "mail" } },
  { channels = {} },
  { channels = { "mail", "sms" }, reminders = { 0.3 }, max_generations = 2, pauses = { 3600 } },
}

local World = {}
World.__index = World

-- Chance ------------------------------------------------------------------------------------------

--- A whole number from 1 to `n`; the same on every Lua.
function World:random(n)
  self.chance = self.chance * 16807 % 2147483647
  return self.chance % n + 1
end

function World:pick(list)
  return list[self:random(#list)]
end

-- Dying and stalling ------------------------------------------------------------------------------

--- Comes between any two steps of a process: it may die here, or stall while others go on, perhaps
-- for longer than its leases.
function World:step()
  if self.calm or not self.patience then return end
  self.patience = self.patience - 1
  if self.patience > 0 then return end
  self.patience = nil
  -- A process that dies says nothing any more: no handler of errors must run.
  coroutine.yield(self:random(2) == 1 and KILLED or nil)
end

--- A store before and after each of whose verbs the process may die.
function World:mortal_store()
  return setmetatable({}, { __index = function(_, verb)
    return function(_, ...)
      self:step()
      local first, second, third = self.store[verb](self.store, ...)
      self:step()
      return first, second, third
    end
  end })
end

--- What comes back about one client is odd now and then.
function World:make_odd(request, response)
  if self.calm or not response or response.status > 299 or self:random(3) > 1 then return end
  if (request.url .. (request.body or "")):find(ODD_CLIENT, 1, true) then
    response.body = self:pick(ODD_ANSWERS)
  end
end

--- Faults of the way to Debitura; before the call nothing has happened, after it everything has.
function World:set_faults(debitura)
  local function fault(sent)
    return function(request, response)
      self:step()
      self:make_odd(request, response)
      -- A reference that is in use means that the same case was sent under another key; only who
      -- slept for longer than the lease may. Debitura keeps the cases that a client had when it was
      -- lost: once it is asked for anew, they are handed in again and found there.
      if request.method == "POST" and request.url:find("/customer/cases$") then
        local reference = core.json.decode(request.body).creditorReference
        self.overslept[reference] = self.overslept[reference] or self.awakened
        if response and tostring(response.body):find("reference is in use", 1, true)
          and not self.overslept[reference] and not self.left[reference] then
          self:wrong("a case was sent twice: %s", response.body)
        end
      end
      -- And may ask for a link after the customer has declined the one that another asked for;
      -- nobody hears of that request. So may anybody who has not heard of the decline yet.
      if request.method == "POST" and request.url:find("/clients$") then
        local tenant = core.json.decode(request.body).externalTenantId
        self.ambiguous[tenant] = self.ambiguous[tenant] or self.awakened
          or self:is_owed("client.link_declined", tenant)
      end
      if self.calm or self:random(100) > self.trouble then return nil end
      return { code = self:random(2) == 1 and "timeout" or "transport", message = "no answer",
        sent = sent }
    end
  end
  debitura.interfere, debitura.interfere_after = fault(false), fault(true)
end

--- What a delivered message must never be: a second one for the same customer, request and channel,
-- or a second one under its key unless a process died in between.
function World:receive(name, message)
  if not self.calm and self:random(100) <= self.trouble then return nil, "mailbox full" end
  if not self.calm and self.debitura:now() < self.mail_down then return nil, "no mail server" end
  local place = table.concat({ message.tenant, message.variant == "signing" and "signing"
    or message.variant == "kyc" and "kyc" or "link",
    message.generation, tostring(message.reminder), name }, " ")
  if self.received[message.key] then
    self.repeated = self.repeated + 1
  else
    if self.places[place] then
      self:wrong("two deliveries for %s: %s and %s", place, self.places[place], message.key)
    end
    self.places[place] = message.key
    table.insert(self.mail, message)
  end
  self.received[message.key] = true
  self:step()
  return true
end

function World:wrong(text, ...)
  table.insert(self.problems, text:format(...))
end

--- A process: everything but the store and Debitura is new.
function World:start()
  local definition = self.calm and DEFINITIONS[#DEFINITIONS] or self:pick(DEFINITIONS)
  local channels = {}
  for i, name in ipairs(definition.channels) do
    channels[i] = { name = name, deliver = function(_, message)
      return self:receive(name, message)
    end }
  end
  self.debitura:restart()
  self.recipes = recipes.new {
    partner = self.debitura, store = self:mortal_store(), channels = channels,
    clock = function() return self.debitura:now() + self.clock_error end,
    reminders = definition.reminders, max_generations = definition.max_generations,
    pauses = definition.pauses,
  }
end

--- Lets a process go on, until it ends, dies or stalls; then what comes next is another one's.
function World:go_on(process)
  local done, said = coroutine.resume(process)
  if not done then error(debug.traceback(process, said), 0) end
  if coroutine.status(process) == "dead" then return end
  if said == KILLED then self.deaths = self.deaths + 1 else table.insert(self.stalled, process) end
  self:start()
end

--- Wakes a process that has stalled.
function World:awaken(process)
  self.awakened = true
  self:go_on(process)
  self.awakened = nil
end

--- Lets a process do something.
function World:act(run)
  self:go_on(coroutine.create(run))
end

-- What happens ------------------------------------------------------------------------------------

local happens = {}

function World:payload(tenant)
  local payload = support.payload { externalTenantId = tenant }
  payload.client.supportEmail = ("office@%s.example"):format(tenant)
  payload.users[1].email = ("%s@%s.example"):format(tenant:find("^choice") and "erin" or "nora",
    tenant)
  if tenant == "new-1" then payload.users[1].email = "nora@onboarded.example" end
  payload.cases = core.json.array {}
  for i = 1, self.sizes[tenant] do
    payload.cases[i] = support.payload().cases[1]
    payload.cases[i].creditorReference = ("%s-%d-%d"):format(tenant, self.edition[tenant], i)
    if i == 3 then payload.cases[i].debtor.countryAlpha2 = "BR" end
    if i == 4 then payload.cases[i].debtor.countryAlpha2 = "GB" end
  end
  return payload
end

function happens.request(self)
  local tenant = self:pick(self.tenants)
  self:act(function() self.recipes.approval:request(self:payload(tenant)) end)
end

function happens.request_anew(self)
  local tenant = self:pick(self.tenants)
  local link = self.store:record("link", tenant, "")
  if not link then return end
  -- Webhooks name no request: a decline of minutes ago cannot be told from one of the request that
  -- is made now.
  if self.debitura:now() - (self.declined_at[tenant] or 0) < 600 then
    self.ambiguous[tenant] = true
  end
  if self:random(3) == 1 and link.state ~= "requesting" then
    self.edition[tenant] = self.edition[tenant] + 1
  end
  self:act(function() self.recipes.approval:request(self:payload(tenant), { again = true }) end)
end

--- Whether a webhook about a customer is still on its way.
function World:is_owed(name, tenant)
  for _, event in ipairs(self.debitura.inbox) do
    if event.event == name and event.data.externalTenantId == tenant then return true end
  end
  return false
end

function World:forget(event)
  for i, other in ipairs(self.debitura.inbox) do
    if other == event then return table.remove(self.debitura.inbox, i) end
  end
end

--- Takes note of a webhook that never arrives.
function World:lose(event)
  self.unheard[event.event .. " " .. event.data.externalTenantId] = true
end

function happens.webhook(self)
  local inbox = self.debitura.inbox
  if #inbox == 0 then return end
  local event, fate = inbox[self:random(3) == 1 and self:random(#inbox) or 1], self:random(20)
  if fate == 1 or DEAF_TO[event.data.externalTenantId] then
    self:lose(event)
    return self:forget(event)
  end
  self:act(function()
    assert(self.recipes:handle(event))
    if fate > 3 then self:forget(event) end -- else it comes once more
  end)
end

function happens.sweep(self)
  self:act(function() assert(self.recipes:sweep { limit = self:random(30), at_once = 1 }) end)
end

function happens.time(self)
  self.debitura:advance(self:pick { "1m", "20m", "1h", "6h", "1d", "2d" })
end

function happens.clock_error(self)
  self.clock_error = self:pick { 0, 0, -30, 30, -200, 200 }
end

function happens.answer(self)
  if #self.mail == 0 then return end
  local message = self:random(3) == 1 and self:pick(self.mail) or self.mail[#self.mail]
  if message.variant ~= "approval" and message.variant ~= "choice" then return end
  local verb = self:random(4) == 1 and "decline" or "approve"
  self.debitura:answer_link(message.url, verb, "entity=new")
  if verb == "decline" then self.declined_at[message.tenant] = self.debitura:now() end
end

function happens.sign(self)
  self:control("clients", { externalTenantId = self:pick(self.tenants), action = "sign" })
end

--- No mail goes out, for hours or for days.
function happens.outage(self)
  self.mail_down = self.debitura:now() + self:pick { 0.25, 1, 3 } * 86400
end

--- A client is lost; notes the cases that it has at Debitura.
function World:lose_client(tenant, creditor)
  self.unlinked[tenant] = true
  for reference in pairs(creditor.references) do self.left[reference] = true end
end

--- Debitura loses a client, as when it is withdrawn or reset behind the platform's back.
function happens.unlink(self)
  if self:random(8) > 1 then return end
  local tenant = self:pick(self.tenants)
  if self:standing(tenant) ~= "active" then return end
  self:lose_client(tenant, self:creditor(tenant))
  self:control("clients", { externalTenantId = tenant, action = "unlink" })
end

--- The platform resets a client, or has heard that Debitura lost it, and asks for it anew. What was
-- on its way about the old one has arrived by then, or never does.
function happens.reset(self)
  if self:random(8) > 1 then return end
  local tenant = self:pick(self.tenants)
  if not self.store:record("link", tenant, "") then return end
  if self:standing(tenant) == "active" then
    local creditor = self:creditor(tenant)
    if not self.debitura:delete_client(tenant) then return end
    self:lose_client(tenant, creditor)
  elseif not self.unlinked[tenant] then
    return
  end
  for i = #self.debitura.inbox, 1, -1 do
    if self.debitura.inbox[i].data.externalTenantId == tenant then
      self:lose(table.remove(self.debitura.inbox, i))
    end
  end
  self:act(function()
    if assert(self.recipes.approval:gone(tenant, "reset")) ~= "moved" then return end
    self.unlinked[tenant] = nil
    self.recipes.approval:request(self:payload(tenant), { again = true })
  end)
end

function happens.case(self)
  local tenant = self:pick(self.tenants)
  local case = support.payload().cases[1]
  case.creditorReference = ("%s-own-%d"):format(tenant, self:random(5))
  if self:random(8) == 1 then case.debtor.countryAlpha2 = "BR" end
  self:act(function() self.recipes.submission:submit(tenant, case) end)
end

function happens.ask(self)
  if self:random(5) > 1 then return end
  local tenant = self:pick(self.tenants)
  self:act(function() self.recipes.signing:check(tenant) end)
end

function happens.close(self)
  if self:random(20) > 1 then return end
  local tenant = self:pick(self.tenants)
  self:act(function() self.recipes.approval:close(tenant) end)
end

function happens.danger(self)
  self.patience = self:random(40)
end

--- One that stalled goes on, or is never heard of again.
function happens.awakening(self)
  if #self.stalled == 0 then return end
  local process = table.remove(self.stalled, self:random(#self.stalled))
  if self:random(4) == 1 then self.deaths = self.deaths + 1 else self:awaken(process) end
end

function happens.trouble(self)
  self.trouble = self:pick { 0, 0, 0, 10, 50 }
end

--- How often each comes.
local WEIGHTS = {
  request = 3, request_anew = 3, webhook = 30, sweep = 15, time = 15, clock_error = 1, answer = 2,
  sign = 2, case = 6, ask = 2, close = 2, danger = 12, awakening = 6, trouble = 4,
  outage = 1, unlink = 1, reset = 2,
}

local LOTS = {}
for name, weight in pairs(WEIGHTS) do
  for _ = 1, weight do LOTS[#LOTS + 1] = name end
end
table.sort(LOTS)

function World:control(path, body)
  return self.debitura:send {
    method = "POST", path_and_query = "/_sandbox/" .. path,
    headers = { ["content-type"] = "application/json" },
    body = core.json.encode(body),
  }
end

-- The end -----------------------------------------------------------------------------------------

--- Lets everything come to rest: no more trouble, every webhook delivered, every window over,
-- everything signed.
--- Delivers what webhooks there are.
function World:hear_all()
  while #self.debitura.inbox > 0 do
    local event = table.remove(self.debitura.inbox, 1)
    if DEAF_TO[event.data.externalTenantId] then
      self:lose(event)
    else
      assert(self.recipes:handle(event))
    end
  end
end

function World:settle()
  while #self.stalled > 0 do self:awaken(table.remove(self.stalled)) end
  self.calm, self.patience, self.trouble, self.clock_error = true, nil, 0, 0
  self:start()
  for day = 1, 100 do
    self:hear_all()
    assert(self.recipes:sweep())
    if day % 5 == 0 then
      for _, tenant in ipairs(self.tenants) do
        self:control("clients", { externalTenantId = tenant, action = "sign" })
      end
    end
    self.debitura:advance("1d")
  end
  self:hear_all()
  assert(self.recipes:sweep())
end

--- Where a link may have ended, given what became of the customer at Debitura.
local AGREES = {
  active = { linked = true, incomplete = true, carried = true, onboarding = true,
    onboarded = true },
  declined = { declined = true, closed = true },
  expired = { exhausted = true, closed = true },
  none = { refused = true, rejected = true, closed = true, gone = true },
  approved = { gone = true }, -- and reset since
}

function World:standing(tenant)
  local state = self.debitura.state
  if state.link_of_tenant[tenant] then return "active" end
  local request = state.requests.by_id[state.request_of_tenant[tenant] or ""]
  return request and request.status or "none"
end

function World:creditor(tenant)
  local state = self.debitura.state
  local link = state.links.by_id[state.link_of_tenant[tenant] or ""]
  return link and state.creditors.by_id[link.creditor_id]
end

--- What Debitura says of a client is on its link, and who has signed is known to have.
function World:check_client(tenant, link)
  local state = self.debitura.state
  local active = state.links.by_id[state.link_of_tenant[tenant] or ""]
  if not active or not AGREES.active[link.state] then return end
  local attributed = active.attributed and "yes" or "no"
  local told = core.json.decode(link.data).attributed
  if told ~= attributed then
    self:wrong("%s is attributed: %s, Debitura says %s", tenant, tostring(told), attributed)
  end
  if link.state == "onboarding" and self:creditor(tenant).contracts.sdca then
    self:wrong("%s has signed, and is onboarding", tenant)
  end
end

function World:check_link(tenant)
  local link, standing = self.store:record("link", tenant, ""), self:standing(tenant)
  if not link then return end
  -- What Debitura has lost is noticed by a call that its link does not carry; none may be made.
  if self.unlinked[tenant] then return end
  if link.state == "declined" and standing == "expired" and self.ambiguous[tenant] then return end
  -- No call tells of a decline, and nobody asks for what the platform has closed.
  if link.state == "exhausted" and standing == "declined"
    and self.unheard["client.link_declined " .. tenant] then
    return
  end
  self:check_client(tenant, link)
  if not (AGREES[standing] or {})[link.state] then
    return self:wrong("%s is %s, Debitura says %s", tenant, link.state, standing)
  end
  if standing ~= "active" or link.state == "onboarding" or link.state == "onboarded" then return end
  local creditor = self:creditor(tenant)
  local payload = core.json.decode(link.payload)
  for _, case in ipairs(payload.cases) do
    local reference = case.creditorReference
    local row = self.store:record("case", tenant, reference)
    local there = creditor.references[reference] ~= nil
    local expected = case.debtor.countryAlpha2 ~= "BR"
    if there ~= expected then
      self:wrong("case %s of %s is %s at Debitura", reference, tenant, there and "there"
        or "missing")
    end
    local told = row and row.state or "lost"
    if (told == "created") ~= expected then
      self:wrong("case %s of %s is %s", reference, tenant, told)
    end
  end
end

--- No case waits for an identity check of which nobody was told.
function World:check_kyc(tenant, creditor)
  for _, id in ipairs(creditor and creditor.case_ids or {}) do
    if self.debitura.state.cases.by_id[id].waits_for_kyc then
      self:wrong("a case of %s waits for an identity check", tenant)
    end
  end
  local record = self.store:record("kyc", tenant, "")
  if creditor and creditor.contracts.kyc and record and record.state == "outstanding" then
    self:wrong("the director of %s is identified, and is asked for", tenant)
  end
end

--- A case stands as Debitura told it last.
function World:check_lifecycle(tenant, creditor, case, there)
  if not there or case.state ~= "created" or self.unheard["case.updated " .. tenant] then return end
  local told = core.json.decode(case.data).lifecycle
  for _, id in ipairs(creditor.case_ids) do
    local known = self.debitura.state.cases.by_id[id]
    if known.creditor_reference == case.name and known.lifecycle ~= told then
      self:wrong("case %s of %s is said to be %s, and is %s", case.name, tenant, tostring(told),
        known.lifecycle)
    end
  end
end

function World:check_cases(tenant)
  local link = self.store:record("link", tenant, "")
  -- What becomes of the cases of a client who is gone is the next request's to say.
  if self.unlinked[tenant] or link and link.state == "gone" then return end
  local creditor, last = self:creditor(tenant), nil
  self:check_kyc(tenant, creditor)
  repeat
    local page = self.store:records { kind = "case", tenant = tenant, after = last }
    for _, case in ipairs(page) do
      last = case
      local there = creditor ~= nil and creditor.references[case.name] ~= nil
      local expected = { created = true, unsupported = false, parked = false, rejected = false,
        failed = false, awaited = false }
      -- What a payload has left out may have been carried through before, or not.
      if case.state ~= "replaced" then
        self:check_lifecycle(tenant, creditor, case, there)
        if expected[case.state] == nil then
          self:wrong("case %s of %s is stuck as %s", case.name, tenant, case.state)
        end
        if there ~= (expected[case.state] or false) then
          self:wrong("case %s of %s is %s", case.name, tenant, case.state)
        end
      end
      if case.state == "rejected" or case.state == "parked" and creditor then
        self:wrong("case %s of %s is %s: %s", case.name, tenant, case.state, tostring(case.reason))
      end
    end
  until #page == 0
end

--- The clients of whom a job was given up: only the one whose answers are odd may be among them.
function World:given_up()
  local tenants = {}
  for _, job in ipairs(self.store:jobs { state = "dead", limit = 1000 }) do
    if job.kind ~= "deliver" and job.kind ~= "remind" then
      tenants[job.tenant] = true
      if job.tenant ~= ODD_CLIENT then
        self:wrong("job %s is dead: %s", job.key, tostring(job.result))
      end
    end
  end
  return tenants
end

function World:check()
  local given_up = self:given_up()
  for _, tenant in ipairs(self.tenants) do
    -- What was answered oddly too often was given up, and stands where it stood.
    if not given_up[tenant] then
      self:check_link(tenant)
      self:check_cases(tenant)
    end
  end
  for _, needs in ipairs { "", "channel:mail", "channel:sms" } do
    for _, job in ipairs(self.store:jobs { needs = needs, due_by = self.debitura:now(),
      limit = 1000 }) do
      self:wrong("job %s is still open: %s", job.key, tostring(job.result))
    end
  end
  local seen = {}
  for _, case in pairs(self.debitura.state.cases.by_id) do
    local mark = case.creditor_id .. " " .. tostring(case.creditor_reference)
    if seen[mark] then self:wrong("case %s was created twice", case.creditor_reference) end
    seen[mark] = true
  end
  if self.repeated > self.deaths then
    self:wrong("%d deliveries were repeated and %d processes died", self.repeated, self.deaths)
  end
end

function World:add_tenant(tenant, kind)
  table.insert(self.tenants, tenant)
  self.sizes[tenant], self.edition[tenant] = self:random(5) - 1, 1
  if kind == "new" then return end
  self:control("accounts", {
    name = tenant .. " Ltd", email = ("office@%s.example"):format(tenant), country = "Denmark",
    other_partner = kind == "taken", externalTenantId = kind == "had" and tenant or nil,
    users = { { name = "Erin Existing", email = ("erin@%s.example"):format(tenant) } },
  })
end

--- Lives through a sequence.
-- @tparam number seed
-- @tparam number steps
-- @tparam[opt] table store an empty one; default: in memory
-- @treturn table problems, as texts; none when all is well
-- @treturn table what happened: `deaths`, `mail`, `states`
function model.run(seed, steps, store)
  local self = setmetatable({
    chance = seed * 7919 % 2147483647 + 1, store = store or assert(open_store("memory:")),
    debitura = model_partner.new(), mail = {}, received = {}, places = {}, problems = {},
    stalled = {}, declined_at = {}, ambiguous = {}, unheard = {}, overslept = {}, repeated = 0,
    deaths = 0, trouble = 0, clock_error = 0, mail_down = 0, unlinked = {}, left = {},
    tenants = {}, sizes = {}, edition = {},
  }, World)
  for _, kind in ipairs(CLIENTS) do
    for i = 1, kind[2] do self:add_tenant(("%s-%d"):format(kind[1], i), kind[1]) end
  end
  -- The terms say seven days; Debitura's window may be longer.
  self:control("settings", { ttl_days = self:pick { 7, 7, 10, 30 } })
  self:set_faults(self.debitura)
  self:start()
  for _ = 1, steps do happens[self:pick(LOTS)](self) end
  self:settle()
  self:check()
  local states = {}
  for _, tenant in ipairs(self.tenants) do
    local link = self.store:record("link", tenant, "")
    states[#states + 1] = link and link.state or "none"
  end
  return self.problems, { deaths = self.deaths, mail = #self.mail, states = states }
end

return model
