--- What customers, debtors and collection partners do at the sandbox's controls: the side of the
-- story that no API has. An action is given the call and its body, and returns what it has to show,
-- or nil and problems by field.
-- @module debitura.sandbox.server.actions

local core = require("debitura.core")
local cases = require("debitura.sandbox.model.cases")
local chats = require("debitura.sandbox.model.chats")
local contracts = require("debitura.sandbox.model.contracts")
local kyc = require("debitura.sandbox.model.kyc")
local links = require("debitura.sandbox.model.links")
local null = require("debitura.base.null")
local payments = require("debitura.sandbox.model.payments")
local quotes = require("debitura.sandbox.model.quotes")
local sorted_keys = require("debitura.base.sorted_keys")
local time = require("debitura.base.time")
local webhooks = require("debitura.sandbox.model.webhooks")

local actions = {}

--- Runs the action that a body names.
local function choose(listed, call, body, subject)
  local action = listed[body.action]
  if action then return action(call, body, subject) end
  local names = sorted_keys(listed)
  return nil, { action = { "must be one of " .. table.concat(names, ", ") } }
end

--- The record that a body names by its id.
local function named(list, body)
  return list.by_id[(null.text(body, "id") or ""):lower()]
end

-- Links -------------------------------------------------------------------------------------------

local ANSWERED = { action = { "the request was answered before, or its window is over" } }

local request_actions = {}

function request_actions.approve(call, body, request)
  local creditor
  if request.variant == "approval" then
    creditor = call.state.creditors.by_id[request.creditor_id]
  elseif body.entity ~= "new" then
    creditor = links.choices(call.state, request)[1]
  end
  if not links.approve(call.state, request, creditor, call.now) then return nil, ANSWERED end
  return { status = request.status }
end

function request_actions.decline(call, _, request)
  if not links.decline(call.state, request, call.now) then return nil, ANSWERED end
  return { status = request.status }
end

function request_actions.expire(call, _, request)
  if request.status ~= "pending" then return nil, ANSWERED end
  links.expire(call.state, request, call.now)
  return { status = request.status }
end

--- {externalTenantId, action = approve | decline | expire}: the customer's answer to the latest
-- request.
function actions.requests(call, body)
  local request = call.state.requests.by_id[call.state.request_of_tenant[body.externalTenantId
    or ""] or ""]
  if not request then return nil, { externalTenantId = { "has no link request" } } end
  return choose(request_actions, call, body, request)
end

local link_actions = {}

--- Signs everything that is outstanding.
function link_actions.sign(call, _, link)
  local state, signed = call.state, core.json.array {}
  local creditor = state.creditors.by_id[link.creditor_id]
  for _, item in ipairs(contracts.outstanding(state, creditor)) do
    if item.kind == "kyc" then
      kyc.submit(state, creditor, { name = "Dana Director", address = "1 Sample Street",
        born = "1980-01-01" }, call.now)
    else
      links.sign(state, link, item.kind, item.key, call.now)
    end
    signed[#signed + 1] = item.kind
  end
  return { signed = signed }
end

--- Debitura blocks the account; the reason is what it says when a case is refused.
function link_actions.block(call, body, link)
  local reason = null.text(body, "reason")
  call.state.creditors.by_id[link.creditor_id].blocked = { reason = reason ~= "" and reason or nil }
  return {}
end

function link_actions.unblock(call, _, link)
  call.state.creditors.by_id[link.creditor_id].blocked = nil
  return {}
end

--- Debitura ends the link, without an event; the account stays.
function link_actions.unlink(call, _, link)
  links.archive(call.state, link)
  return {}
end

--- {externalTenantId, action = sign | block (reason) | unblock | unlink}
function actions.clients(call, body)
  local link = links.of_tenant(call.state, body.externalTenantId)
  if not link then return nil, { externalTenantId = { "has no active link" } } end
  return choose(link_actions, call, body, link)
end

--- {action = new_version}: a new version of the SDCA comes out, which every client has to sign
-- again.
function actions.contracts(call, body)
  return choose({ new_version = function()
    call.state.sdca_version = call.state.sdca_version + 1
    return { version = call.state.sdca_version }
  end }, call, body)
end

-- Cases -------------------------------------------------------------------------------------------

local case_actions = {}

local function move(lifecycle)
  return function(call, _, case)
    cases.move(call.state, case, lifecycle, call.now)
    return { lifecycle = case.lifecycle }
  end
end

case_actions.activate, case_actions.pause, case_actions.resume = move("Active"), move("Paused"),
  move("Active")

function case_actions.need_info(call, body, case)
  local area = null.text(body, "area") or "ProvideDocuments"
  local text = null.text(body, "description") or "Please provide the invoice."
  case.info_items, case.responded_at = { { area = area, description = text } }, nil
  cases.move(call.state, case, "More Info Required", call.now)
  return { lifecycle = case.lifecycle }
end

function case_actions.close(call, body, case)
  cases.close(call.state, case, null.text(body, "close_code") or "Withdrawn by Client", call.now)
  return { lifecycle = case.lifecycle, closeCode = case.close_code }
end

function case_actions.pay(call, body, case)
  local amount = tonumber(body.amount)
  if not amount or amount <= 0 or amount >= 1e12 then
    return nil, { amount = { "must be more than 0" } }
  end
  return { paymentId = payments.book(call.state, case, amount, call.now).id }
end

function case_actions.chat(call, body, case)
  if type(body.message) ~= "string" or body.message == "" then
    return nil, { message = { "required" } }
  end
  chats.from_partner(call.state, case, body.message, call.now)
  return {}
end

function case_actions.request_quotes(call, body, case)
  return { quoteRequestId = quotes.request(call.state, case, null.text(body, "text"), call.now).id }
end

local NO_REQUEST = { action = { "the case has no open quote request" } }

function case_actions.quote(call, body, case)
  local lead = quotes.open_request(case)
  local quote = lead and quotes.give(call.state, case, lead, tonumber(body.fee) or 20, call.now)
  if not quote then return nil, NO_REQUEST end
  return { quoteId = quote.id }
end

function case_actions.select_quote(call, _, case)
  local lead = quotes.open_request(case)
  if not lead or #lead.quotes == 0 then return nil, NO_REQUEST end
  quotes.select(call.state, case, lead, call.now)
  return { lifecycle = case.lifecycle }
end

--- {id (or reference), action, ...}
function actions.cases(call, body)
  local case = named(call.state.cases, body)
  if not case then return nil, { id = { "is no case" } } end
  return choose(case_actions, call, body, case)
end

-- Payments ----------------------------------------------------------------------------------------

local payment_actions = {}

function payment_actions.delete(call, _, payment)
  if payment.deleted_at then return nil, { action = { "the payment is deleted already" } } end
  payments.delete(call.state, payment, call.now)
  return {}
end

local STATUSES = { commission_status = 2, platform_status = 3, referral_status = 3 }

--- Sets how far the money has come; the numbers are those of the transactions report.
function payment_actions.settle(_, body, payment)
  for name, highest in pairs(STATUSES) do
    local value = body[name]
    if value ~= nil then
      if type(value) ~= "number" or value % 1 ~= 0 or value < 0 or value > highest then
        return nil, { [name] = { "must be from 0 to " .. highest } }
      end
      payment[name] = value
    end
  end
  return {}
end

--- {id, action = delete | settle, ...}
function actions.payments(call, body)
  local payment = named(call.state.payments, body)
  if not payment then return nil, { id = { "is no payment" } } end
  return choose(payment_actions, call, body, payment)
end

-- Deliveries --------------------------------------------------------------------------------------

--- {id, action = replay}
function actions.deliveries(call, body)
  local delivery = named(call.state.deliveries, body)
  if not delivery or not call.state.subscriptions.by_id[delivery.subscription_id] then
    return nil, { id = { "is no delivery" } }
  end
  return choose({ replay = function()
    return { id = webhooks.replay(call.state, delivery, call.now).id, at = time.format(call.now) }
  end }, call, body)
end

return actions
