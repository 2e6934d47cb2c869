--- The page at /_sandbox: what is in the sandbox, and buttons for what can happen to it.
-- @module debitura.sandbox.pages.overview

local core = require("debitura.core")
local html = require("debitura.sandbox.pages.html")
local calls = require("debitura.sandbox.model.calls")
local contracts = require("debitura.sandbox.model.contracts")
local links = require("debitura.sandbox.model.links")
local lists = require("debitura.sandbox.api.lists")
local time = require("debitura.base.time")
local webhooks = require("debitura.sandbox.model.webhooks")

local overview = {}

local SHOWN = 50 -- rows of each table, the newest first

local function newest(table_of_records, view)
  local rows = {}
  local ids = table_of_records.ids
  for index = #ids, math.max(1, #ids - SHOWN + 1), -1 do
    rows[#rows + 1] = view(table_of_records.by_id[ids[index]])
  end
  return rows
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

local function section(title, heads, rows)
  local head = lists.map(heads, function(name)
    return html.fill("<th>{name}</th>", { name = name })
  end)
  local content = html.raw('<p class="soft">None yet.</p>')
  if #rows > 0 then
    content = html.fill([[
<div class="scroll" tabindex="0" role="region" aria-label="{title}">
<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>]], {
      title = title, head = head, rows = rows,
    })
  end
  return html.fill("<section><h2>{title}</h2>{content}</section>",
    { title = title, content = content })
end

local function row(cells)
  return html.fill("<tr>{cells}</tr>", { cells = lists.map(cells, function(cell)
    return html.fill("<td>{cell}</td>", { cell = cell })
  end) })
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
  local buttons = lists.map({ "1m", "1h", "1d", "7d1h", "30d" }, function(step)
    return button("clock", { advance = step }, "+ " .. step)
  end)
  buttons[#buttons + 1] = passing.rate == 0 and button("clock", { freeze = "false" }, "Let it run")
    or button("clock", { freeze = "true" }, "Freeze")
  return html.fill([[
<section><h2>Time</h2><p><b>{now}</b> <span class="tag">{state}</span></p>
<div class="row">{buttons}
<form method="post" action="/_sandbox/clock" class="row">
<input type="text" name="advance" aria-label="How far" placeholder="e.g. 2d12h" size="10" required>
<button class="small">Advance</button></form></div></section>]], {
    now = os.date("!%A %Y-%m-%d %H:%M:%S UTC", math.floor(call.now)), buttons = buttons,
    state = passing.rate == 0 and "frozen" or passing.rate == 1 and "real time"
      or ("%g times as fast"):format(passing.rate),
  })
end

local function request_section(call)
  local state = call.state
  return section("Link requests", { "Client", "Account", "Page", "State", "Left", "Actions" },
    newest(state.requests, function(request)
    local open = request.status == "pending"
    local actions = open and { "approve", "decline", "expire" } or {}
    local buttons = lists.map(actions, function(action)
      return button("requests", { externalTenantId = request.tenant, action = action }, action,
        action == "approve" and "go" or "")
    end)
    local creditor = state.creditors.by_id[request.creditor_id]
    return row {
      request.tenant, creditor and creditor.company_name or "deleted",
      anchor(links.request_url(state, request), request.variant), tag(request.status),
      fixed(open and time.describe(request.expires_at - call.now) or ""), buttons,
    }
  end))
end

local function client_buttons(link, creditor, outstanding)
  local actions = { creditor.blocked and "unblock" or "block", "unlink" }
  if #outstanding > 0 then table.insert(actions, 1, "sign") end
  return lists.map(actions, function(action)
    return button("clients", { externalTenantId = link.tenant, action = action },
      action == "sign" and "sign all" or action)
  end)
end

local CLIENT_HEADS = {
  "externalTenantId", "Company", "Attributed", "To sign", "Cases", "Key", "Actions",
}

local function client_section(call)
  local state = call.state
  return section("Clients", CLIENT_HEADS, newest(state.links, function(link)
    local creditor = state.creditors.by_id[link.creditor_id]
    local outstanding = contracts.outstanding(state, creditor)
    local names = lists.map(outstanding, function(item) return item.kind:upper() end)
    return row {
      link.tenant, anchor(contracts.url(state, link), creditor.company_name),
      link.attributed and "yes" or "no", #names > 0 and table.concat(names, ", ") or "nothing",
      #creditor.case_ids, details("XApiKey", links.key(creditor)),
      client_buttons(link, creditor, outstanding),
    }
  end))
end

local CASE_BUTTONS = { ["Active"] = { "pause", "need_info", "close" }, ["Paused"] = { "resume" },
  ["Closed"] = {} }
local PENDING_BUTTONS = { "activate", "need_info", "close" }

local function case_section(call)
  local state = call.state
  return section("Cases", { "Reference", "Creditor's", "Client", "Debtor", "Amount", "Lifecycle",
    "Actions" }, newest(state.cases, function(case)
    local actions = CASE_BUTTONS[case.lifecycle] or PENDING_BUTTONS
    local buttons = lists.map(actions, function(action)
      return button("cases", { id = case.id, action = action }, (action:gsub("_", " ")))
    end)
    return row {
      case.reference, case.creditor_reference or "",
      state.creditors.by_id[case.creditor_id].company_name, case.debtor.name,
      fixed(("%.2f %s"):format(case.amount, case.currency)),
      tag(case.close_code and "Closed: " .. case.close_code or case.lifecycle), buttons,
    }
  end))
end

local function attempts_of(delivery)
  return lists.map(delivery.attempts, function(attempt)
    return ("%s %s"):format(time.format(attempt.at), attempt.status or attempt.error)
  end)
end

local function delivery_section(call)
  local state = call.state
  return section("Webhook deliveries", { "Event", "To", "State", "Attempts", "Body", "Actions" },
    newest(state.deliveries, function(delivery)
    local subscription = state.subscriptions.by_id[delivery.subscription_id]
    local lines = attempts_of(delivery)
    return row {
      delivery.event, subscription and subscription.url or "deleted", tag(delivery.status),
      details(#lines, table.concat(lines, "\n"), "fixed"),
      details(#delivery.payload .. " bytes", delivery.payload),
      subscription and button("deliveries", { id = delivery.id, action = "replay" }, "replay")
        or "",
    }
  end))
end

local function scenario_section(list)
  local rows = lists.map(list, function(one)
    return row {
      one.name, one.about, one.playable and button("scenarios", { name = one.name }, "play")
        or fixed("debitura scenario run " .. one.name),
    }
  end)
  return section("Scenarios", { "Name", "What happens", "Actions" }, rows)
end

local function call_section(call)
  local rows = lists.map(calls.list(call.state), function(one)
    return row {
      one.operation, one.api, one.at, details(one.method .. " " .. one.target, one.body),
      details(one.status, one.answer),
    }
  end)
  return section("Last calls", { "Operation", "API", "At", "Request", "Answer" }, rows)
end

local function subscription_section(call)
  return section("Webhook subscriptions", { "URL", "Events", "Class", "State" },
    newest(call.state.subscriptions, function(subscription)
    return row {
      subscription.url, table.concat(subscription.events, ", "),
      subscription.test and "test" or "production",
      tag(subscription.active and "active" or subscription.disabled_reason or "off"),
    }
  end))
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
  return html.page("Sandbox", html.join {
    hint, clock_section(call), request_section(call), client_section(call), case_section(call),
    delivery_section(call), subscription_section(call), call_section(call),
    scenario_section(scenarios),
  }, "wide")
end

--- The delivery log for programs, newest last.
-- @tparam table state
-- @treturn table array
function overview.deliveries(state)
  local shown = core.json.array {}
  for index, id in ipairs(state.deliveries.ids) do
    local delivery = state.deliveries.by_id[id]
    local subscription = state.subscriptions.by_id[delivery.subscription_id]
    shown[index] = {
      id = id, event = delivery.event, status = delivery.status,
      url = subscription and subscription.url, body = delivery.payload,
      createdAt = time.format(delivery.created_at),
      attempts = core.json.array(attempts_of(delivery)),
    }
  end
  return shown
end

--- The events that reached the sink, in the order in which they did.
-- @tparam table state
-- @tparam number wall
-- @treturn table array of `{id, event, body, headers, secret, signature}`; `headers` are those that
--   are not signed, `signature` is what it would be sent with now
function overview.events(state, wall)
  local shown = core.json.array {}
  for index, id in ipairs(state.deliveries.ids) do
    local delivery = state.deliveries.by_id[id]
    local subscription = state.subscriptions.by_id[delivery.subscription_id]
    if delivery.status == "delivered" and subscription
      and subscription.url == webhooks.sink(state) then
      local headers = webhooks.attempt(subscription, delivery, wall).headers
      local signature = headers["X-Debitura-Signature"]
      headers["X-Debitura-Signature"], headers["X-Debitura-Timestamp"] = nil, nil
      shown[#shown + 1] = {
        id = id, event = delivery.event, body = delivery.payload, headers = headers,
        secret = subscription.secret, signature = signature, at = delivery.delivered_at,
        place = index,
      }
    end
  end
  table.sort(shown, function(one, other)
    if one.at ~= other.at then return one.at < other.at end
    return one.place < other.place
  end)
  for _, event in ipairs(shown) do event.at, event.place = nil, nil end
  return shown
end

return overview
