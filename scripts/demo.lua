--- A customer has a Debitura account already: POST /clients answers 409, the approval URL is
-- delivered and expires, recovery delivers a new one, the customer approves, and every case is
-- carried through.
--
-- Runs on this machine alone, against the sandbox: `make demo`, or
-- `scripts/lua 5.4 scripts/demo.lua`. DEMO_VERBOSE=1 shows what goes over the wire.

local channels = require("debitura.channels")
local core = require("debitura.core")
local debitura = require("debitura")
local nginx = require("debitura.nginx_app")
local sandbox = require("debitura.sandbox")
local store = require("debitura.store")

local DAY, HOUR = 86400, 3600
local PATIENCE = 20 -- seconds for a webhook to arrive
local VERBOSE = os.getenv("DEMO_VERBOSE") == "1"

local function case(reference, amount)
  return {
    creditorReference = reference, currencyCode = "EUR", amountToRecover = amount,
    date = "2025-06-01", dueDate = "2025-07-01",
    claimDescription = "Sample delivery", debtor = {
      type = "Company", name = "Sample Debtor A/S", contactPerson = "Dana Debtor",
      address = "Sample Street 1", zipCode = "1000", city = "Copenhagen", countryAlpha2 = "DK",
      email = "accounts@debtor.example",
    },
  }
end

-- The sandbox knows this office as that of a customer who signed up before.
local PAYLOAD = {
  externalTenantId = "customer-4711",
  client = { name = "Existing Customer Ltd", country = "Denmark",
    supportEmail = "office@existing.example" },
  users = { { name = "Nora New", email = "nora@new.example" } },
  cases = { case("INV-1001", 1000.10), case("INV-1002", 250), case("INV-1003", 87.5) },
}

--- What must be seen, and what it means; the summary goes through it.
local STEPS = {
  { "sandbox", "Debitura's stand-in runs" },
  { "endpoint", "the partner's webhook endpoint runs" },
  { "subscribed", "webhooks are subscribed to" },
  { "forgery", "a webhook that Debitura did not sign is refused" },
  { "conflict", "the customer exists already: 409" },
  { "delivered 1", "the approval URL was delivered" },
  { "client.link_requested", "Debitura announced the link request" },
  { "time", "the approval window passed" },
  { "client.link_expired", "the expiry arrived signed and was verified" },
  { "recovered", "the link was issued again with the same payload" },
  { "delivered 2", "the new approval URL was delivered" },
  { "approved", "the customer approved" },
  { "client.linked", "the link was announced" },
  { "case.created INV-1001", "the first case was carried through" },
  { "case.created INV-1002", "the second case was carried through" },
  { "case.created INV-1003", "the third case was carried through" },
  { "complete", "the store says that all cases were carried through" },
}

-- Telling -----------------------------------------------------------------------------------------

local seen, count = {}, 0

--- What happens for both URLs is a step once.
local function step(name, text, ...)
  local number = ""
  if not seen[name] then
    seen[name], count = true, count + 1
    number = tostring(count)
  end
  print(("%3s  %-22s %s"):format(number, name, text:format(...)))
end

local function wire(text, ...)
  if VERBOSE then print(("     | " .. text):format(...)) end
end

--- Says which steps were seen; true when all were.
local function summary(link)
  local missing = {}
  for _, expected in ipairs(STEPS) do
    if not seen[expected[1]] then
      missing[#missing + 1] = ("     %s: %s"):format(expected[1], expected[2])
    end
  end
  print()
  if link then
    print(("Client %s is %s: generation %d of the link, %d of %d cases carried through."):format(
      link.external_tenant_id, link.state, link.generation, link.cases - link.awaited - link.failed,
      link.cases))
  end
  print(("%d of %d steps seen."):format(#STEPS - #missing, #STEPS))
  if #missing > 0 then print("Not seen:\n" .. table.concat(missing, "\n")) end
  return #missing == 0
end

-- The stage: sandbox, endpoint, store ------------------------------------------------------------

local ENDPOINT = [[
  log_format wire '$request  X-Debitura-Event: $http_x_debitura_event  '
    'X-Debitura-Signature: $http_x_debitura_signature  -> $status';
  server {
    listen 127.0.0.1:$PORT;
    location = /debitura/webhooks {
      access_log wire.log wire;
      set $store $DIRECTORY/store.db;
      set $secret_file $DIRECTORY/secret;
      content_by_lua_block {
        require("debitura.webhook.openresty").serve(require("scripts.demo_endpoint")())
      }
    }
  }
]]

local stage = { ahead = 0 }

--- The platform's clock: it moves when the sandbox's is moved.
function stage.clock()
  return core.system.now() + stage.ahead
end

function stage.open()
  stage.sandbox = assert(sandbox.start())
  step("sandbox", "Debitura's stand-in is at %s", stage.sandbox.url)
  stage.endpoint = assert(nginx.start { http = ENDPOINT })
  stage.webhooks = stage.endpoint.url .. "/debitura/webhooks"
  step("endpoint", "webhooks are received at %s", stage.webhooks)
  stage.store = assert(store.open("sqlite://" .. stage.endpoint.directory .. "/store.db"))
  stage.browser = core.engine {}
end

--- Stops everything that was started.
function stage.close()
  if stage.browser then stage.browser:close() end
  if stage.store then stage.store:close() end
  if stage.endpoint then stage.endpoint:stop() end
  if stage.sandbox then stage.sandbox:stop() end
end

--- What a browser does: one request, its status and body.
function stage.browse(method, url, headers, body)
  local transfer, problem = stage.browser:submit { method = method, url = url, headers = headers,
    body = body, timeout = PATIENCE }
  if not transfer then error(problem.message, 0) end
  while not transfer:done() do stage.browser:wait(1) end
  local answer
  answer, problem = transfer:result()
  if not answer then error(problem.message, 0) end
  wire("%s %s  -> %d", method, url, answer.status)
  return answer.status, answer.body
end

--- The partner object, telling of each call, and of each POST /clients what came back.
function stage.partner()
  local partner = debitura.partner {
    api_key = stage.sandbox.api_key, base_url = stage.sandbox.url,
    on_response = function(event)
      wire("%s %s  -> %s", event.method, event.path, event.status or event.kind)
    end,
  }
  local telling, first = {}, nil
  function telling.create_client(_, payload, options)
    local sent = core.json.encode(payload)
    wire("POST /clients %s", sent)
    local client, err = partner:create_client(payload, options)
    wire("%s", err and err.body or core.json.encode(client))
    if err and err.type == "ClientExistsNeedsLinking" then
      if not first then
        step("conflict", "POST /clients was answered %d %s", err.status, err.type)
      end
      if first == sent then
        step("recovered", "POST /clients, with the same bytes, was answered %d %s", err.status,
          err.type)
      end
      first = first or sent
    end
    return client, err
  end
  return setmetatable(telling, { __index = partner })
end

-- The partner's platform --------------------------------------------------------------------------

--- Subscribes and leaves the secret, which is shown once, where only the endpoint reads it.
local function subscribe(partner)
  local subscription, err = debitura.webhook.ensure(partner, {
    url = stage.webhooks,
    events = {
      "client.link_requested", "client.linked", "client.link_declined", "client.link_expired",
      "case.created", "cases.replay_failed",
    },
    keep = function(secret)
      local file = assert(io.open(stage.endpoint.directory .. "/secret", "wb"))
      file:write(secret)
      file:close()
    end,
  })
  if not subscription then error(tostring(err), 0) end
  step("subscribed", "POST /v1/Webhooks; the signing secret went to the endpoint")
end

local function try_forgery()
  local body =
    '{"id":"evt_forged","event":"client.linked","data":{"externalTenantId":"customer-4711"}}'
  local signature = core.signature.sign("bm90IHRoZSBzZWNyZXQ=", body, math.floor(core.system.now()))
  local status = stage.browse("POST", stage.webhooks, { ["X-Debitura-Signature"] = signature },
    body)
  if status == 401 then
    step("forgery", "a client.linked signed with another secret was answered 401")
  end
end

local function tell(event)
  local data = event.data
  if event.event == "case.created" then
    step("case.created " .. data.creditorReference, "arrived signed and was verified: case %s",
      data.reference)
  else
    step(event.event, "arrived signed and was verified")
  end
end

--- What processes the inbox: the recipes hear of each event. It receives nothing, so it needs no
-- secret.
local function new_worker(recipes)
  local seen_events = {}
  local worker = debitura.webhook.receiver {
    store = stage.store, clock = stage.clock, secret = false,
    on = { ["*"] = function(event)
      wire("webhook %s", core.json.encode(event))
      tell(event)
      local word, problem = recipes:handle(event)
      if not word then return nil, problem end
      seen_events[event.event] = (seen_events[event.event] or 0) + 1
    end },
  }
  return worker, seen_events
end

--- Works off the inbox until an event has come a number of times, or patience ends.
local function await(name, times, worker, seen_events)
  local deadline = core.system.monotonic() + PATIENCE
  while (seen_events[name] or 0) < times do
    local counts, err = worker:work { once = true }
    if not counts then error(tostring(err), 0) end
    if counts.total == 0 then
      if core.system.monotonic() > deadline then
        error(("no %s arrived within %d seconds"):format(name, PATIENCE), 0)
      end
      core.system.sleep(0.05)
    end
  end
end

--- What the customer does with the URL: opens the page and presses Approve.
local function approve(url)
  local _, page = stage.browse("GET", url)
  local action = page:match('action="([^"]*/approve)"')
  if not action then error("the page has no Approve button", 0) end
  local status = stage.browse("POST", stage.sandbox.url .. action,
    { ["Content-Type"] = "application/x-www-form-urlencoded" }, "")
  if status < 400 then step("approved", "the customer opened the page and pressed Approve") end
end

local function play()
  local partner, customer = stage.partner(), {}
  local mailbox = channels.callback(function(message)
    customer.url = message.url
    step("delivered " .. message.generation,
      "approval URL %d handed to the customer, good until %s",
      message.generation, os.date("!%Y-%m-%d", math.floor(message.expires_at)))
    return true
  end, { name = "mailbox" })
  local recipes = debitura.recipes.new {
    partner = partner, store = stage.store, clock = stage.clock, channels = { mailbox },
  }
  local worker, seen_events = new_worker(recipes)
  subscribe(partner)
  try_forgery()

  local outcome, err = recipes.approval:request(PAYLOAD)
  if not outcome then error(tostring(err), 0) end
  await("client.link_requested", 1, worker, seen_events)

  assert(stage.sandbox:advance("7d1h"))
  stage.ahead = stage.ahead + 7 * DAY + HOUR
  step("time", "7 days and 1 hour go by without an answer")
  await("client.link_expired", 1, worker, seen_events)

  approve(customer.url)
  await("case.created", #PAYLOAD.cases, worker, seen_events)
  local link = assert(recipes.approval:status(outcome.external_tenant_id))
  if link.state == "carried" then
    step("complete", "the store says that all %d cases were carried through", link.cases)
  end
  return link
end

local function show_wire_log()
  local file = VERBOSE and stage.endpoint and io.open(stage.endpoint.directory .. "/wire.log", "rb")
  if not file then return end
  print("\nAt the endpoint:")
  for line in file:lines() do wire("%s", line) end
  file:close()
end

local played, link = pcall(function()
  stage.open()
  return play()
end)
if not played then print("\nStopped: " .. tostring(link)) end
show_wire_log()
pcall(stage.close) -- a second Ctrl-C; scripts/demo ends what is left
local complete = summary(played and link or nil)
os.exit(played and complete and 0 or 1, true)
