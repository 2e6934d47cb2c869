--- The page at /_sandbox: what is in the sandbox, and buttons for what can happen to it.
-- @module debitura.sandbox.pages.overview

local core = require("debitura.core")
local html = require("debitura.sandbox.pages.html")
local calls = require("debitura.sandbox.model.calls")
local contracts = require("debitura.sandbox.model.contracts")
local links = require("debitura.sandbox.model.links")
local lists = require("debitura.sandbox.api.lists")
local records = require("debitura.sandbox.model.records")
local time = require("debitura.base.time")
local webhooks = require("debitura.sandbox.model.webhooks")

local overview = {}

local SHOWN = 50 -- rows of each table, the newest first

--- The newest of a table of records, the last one first.
local function newest(all)
  local found = {}
  for index = #all.ids, math.max(1, #all.ids - SHOWN + 1), -1 do
    found[#found + 1] = all.by_id[all.ids[index]]
  end
  return found
end

local function button(control, fields, label, class)
  local inputs = {}
  for name, value in pairs(fields) do
    inputs[#inputs + 1] = html.fill('<input type="hidden" name="{name}" value="{value}">',
      { name = name, value = value })
  end
  return html.fill([[
<form method="post" action="/_sandbox/{control}">{inputs}
<button class="small {class}">{label}</button></form>]], {
    control = control, inputs = inputs, label = label, class = class or "",
  })
end

local LABELS = { need_info = "need info", sign = "sign all" }

--- A button for each action on one record, which a control knows by a field.
local function buttons(control, field, value, actions)
  return lists.map(actions, function(action)
    return button(control, { [field] = value, action = action }, LABELS[action] or action,
      action == "approve" and "go")
  end)
end

--- A table with a row for each item, of the cells that a function makes of it.
local function section(title, heads, items, cells)
  if #items == 0 then return html.section(title, html.raw('<p class="soft">None yet.</p>')) end
  return html.section(title, html.table(title, heads, lists.map(items, function(item)
    return html.fill("<tr>{cells}</tr>", { cells = html.each("<td>{value}</td>", cells(item)) })
  end)))
end

local function tag(text)
  return html.fill('<span class="tag">{text}</span>', { text = text })
end

local function fixed(text)
  return html.fill('<span class="fixed">{text}</span>', { text = text })
end

local function anchor(url, text)
  return html.fill('<a href="{url}">{text}</a>', { url = url, text = text })
end

local function details(summary, text, class)
  return html.fill([[
<details><summary class="fixed">{summary}</summary>
<pre class="{class}">{text}</pre></details>]], {
    summary = summary, text = text, class = class or "",
  })
end

local function clock_section(call)
  local passing = call.state.clock
  local steps = lists.map({ "1m", "1h", "1d", "7d1h", "30d" }, function(step)
    return button("clock", { advance = step }, "+ " .. step)
  end)
  steps[#steps + 1] = passing.rate == 0 and button("clock", { freeze = "false" }, "Let it run")
    or button("clock", { freeze = "true" }, "Freeze")
  return html.fill([[
<section><h2>Time</h2><p><b>{now}</b> <span class="tag">{state}</span></p>
<div class="row">{steps}
<form method="post" action="/_sandbox/clock" class="row">
<input type="text" name="advance" aria-label="How far" placeholder="e.g. 2d12h" size="10" required>
<button class="small">Advance</button></form></div></section>]], {
    now = os.date("!%A %Y-%m-%d %H:%M:%S UTC", math.floor(call.now)), steps = steps,
    state = passing.rate == 0 and "frozen" or passing.rate == 1 and "real time"
      or ("%g times as fast"):format(passing.rate),
  })
end

local function request_section(call)
  local state = call.state
  return section("Link requests", { "Client", "Account", "Page", "State", "Left", "Actions" },
    newest(state.requests), function(request)
    local open = request.status == "pending"
    local creditor = state.creditors.by_id[request.creditor_id]
    return {
      request.tenant, creditor and creditor.company_name or "deleted",
      anchor(links.request_url(state, request), request.variant), tag(request.status),
      fixed(open and time.describe(request.expires_at - call.now) or ""),
      buttons("requests", "externalTenantId", request.tenant,
        open and { "approve", "decline", "expire" } or {}),
    }
  end)
end

local CLIENT_HEADS = {
  "externalTenantId", "Company", "Attributed", "To sign", "Cases", "Key", "Actions",
}

local function client_section(call)
  local state = call.state
  return section("Clients", CLIENT_HEADS, newest(state.links), function(link)
    local creditor = state.creditors.by_id[link.creditor_id]
    local names = lists.map(contracts.outstanding(state, creditor), function(item)
      return item.kind:upper()
    end)
    local actions = { creditor.blocked and "unblock" or "block", "unlink" }
    if #names > 0 then table.insert(actions, 1, "sign") end
    return {
      link.tenant, anchor(contracts.url(state, link), creditor.company_name),
      link.attributed and "yes" or "no", #names > 0 and table.concat(names, ", ") or "nothing",
      #creditor.case_ids, details("XApiKey", links.key(creditor)),
      buttons("clients", "externalTenantId", link.tenant, actions),
    }
  end)
end

local CASE_ACTIONS = { ["Active"] = { "pause", "need_info", "close" }, ["Paused"] = { "resume" },
  ["Closed"] = {} }
local PENDING_ACTIONS = { "activate", "need_info", "close" }

local function case_section(call)
  local state = call.state
  return section("Cases", { "Reference", "Creditor's", "Client", "Debtor", "Amount", "Lifecycle",
    "Actions" }, newest(state.cases), function(case)
    return {
      case.reference, case.creditor_reference or "",
      state.creditors.by_id[case.creditor_id].company_name, case.debtor.name,
      fixed(("%.2f %s"):format(case.amount, case.currency)),
      tag(case.close_code and "Closed: " .. case.close_code or case.lifecycle),
      buttons("cases", "id", case.id, CASE_ACTIONS[case.lifecycle] or PENDING_ACTIONS),
    }
  end)
end

local function attempts_of(delivery)
  return lists.map(delivery.attempts, function(attempt)
    return ("%s %s"):format(time.format(attempt.at), attempt.status or attempt.error)
  end)
end

local function delivery_section(call)
  local state = call.state
  return section("Webhook deliveries", { "Event", "To", "State", "Attempts", "Body", "Actions" },
    newest(state.deliveries), function(delivery)
    local subscription = state.subscriptions.by_id[delivery.subscription_id]
    local lines = attempts_of(delivery)
    return {
      delivery.event, subscription and subscription.url or "deleted", tag(delivery.status),
      details(#lines, table.concat(lines, "\n"), "fixed"),
      details(#delivery.payload .. " bytes", delivery.payload),
      buttons("deliveries", "id", delivery.id, subscription and { "replay" } or {}),
    }
  end)
end

local function scenario_section(scenarios)
  return section("Scenarios", { "Name", "What happens", "Actions" }, scenarios, function(one)
    return {
      one.name, one.about, one.playable and button("scenarios", { name = one.name }, "play")
        or fixed("debitura scenario run " .. one.name),
    }
  end)
end

local function call_section(call)
  return section("Last calls", { "Operation", "API", "At", "Request", "Answer" },
    calls.list(call.state), function(one)
    return {
      one.operation, one.api, one.at, details(one.method .. " " .. one.target, one.body),
      details(one.status, one.answer),
    }
  end)
end

local function subscription_section(call)
  return section("Webhook subscriptions", { "URL", "Events", "Class", "State" },
    newest(call.state.subscriptions), function(subscription)
    return {
      subscription.url, table.concat(subscription.events, ", "),
      subscription.test and "test" or "production",
      tag(subscription.active and "active" or subscription.disabled_reason or "off"),
    }
  end)
end

--- The page.
-- @tparam table call
-- @tparam table scenarios array of `{name, about, playable}`
-- @treturn string HTML
function overview.page(call, scenarios)
  local settings = call.state.settings
  local hint = html.fill([[
<section><h1>The sandbox</h1><p>Partner API <code>{url}</code> with <code>XApiKey: {key}</code>,
Customer API <code>{url}/customer</code>. Everything in here is made up; the newest {shown} of each
kind are shown.</p></section>]], {
    url = settings.base_url, key = settings.api_key, shown = SHOWN,
  })
  return html.page("Sandbox", {
    hint, clock_section(call), request_section(call), client_section(call), case_section(call),
    delivery_section(call), subscription_section(call), call_section(call),
    scenario_section(scenarios),
  }, "wide")
end

--- The delivery log for programs, newest last.
-- @tparam table state
-- @treturn table array
function overview.deliveries(state)
  return core.json.array(lists.map(records.select(state.deliveries), function(delivery)
    local subscription = state.subscriptions.by_id[delivery.subscription_id]
    return {
      id = delivery.id, event = delivery.event, status = delivery.status,
      url = subscription and subscription.url, body = delivery.payload,
      createdAt = time.format(delivery.created_at),
      attempts = core.json.array(attempts_of(delivery)),
    }
  end))
end

--- The events that reached the sink, in the order in which they did.
-- @tparam table state
-- @tparam number wall
-- @treturn table array of `{id, event, body, headers, secret, signature}`; `headers` are those that
--   are not signed, `signature` is what it would be sent with now
function overview.events(state, wall)
  local function subscription_of(delivery)
    return state.subscriptions.by_id[delivery.subscription_id]
  end
  local reached = records.select(state.deliveries, function(delivery)
    local subscription = subscription_of(delivery)
    return delivery.status == "delivered" and subscription
      and subscription.url == webhooks.sink(state)
  end)
  lists.sort(reached, "at", { at = "delivered_at" })
  return core.json.array(lists.map(reached, function(delivery)
    local subscription = subscription_of(delivery)
    local headers = webhooks.attempt(subscription, delivery, wall).headers
    local signature = headers["X-Debitura-Signature"]
    headers["X-Debitura-Signature"], headers["X-Debitura-Timestamp"] = nil, nil
    return {
      id = delivery.id, event = delivery.event, body = delivery.payload, headers = headers,
      secret = subscription.secret, signature = signature,
    }
  end))
end

return overview
