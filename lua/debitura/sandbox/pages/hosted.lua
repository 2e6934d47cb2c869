--- The pages that a customer sees: approve or decline a link, choose an entity, sign. The same
-- addresses serve programs: POST to them, and ask for `Accept: application/json` to be answered in
-- JSON.
-- @module debitura.sandbox.pages.hosted

local coverage = require("debitura.sandbox.model.coverage")
local contracts = require("debitura.sandbox.model.contracts")
local encoding = require("debitura.base.encoding")
local html = require("debitura.sandbox.pages.html")
local kyc = require("debitura.sandbox.model.kyc")
local links = require("debitura.sandbox.model.links")
local lists = require("debitura.sandbox.api.lists")
local recipient = require("debitura.operations.recipient")
local reply = require("debitura.sandbox.api.reply")
local time = require("debitura.base.time")

local pages = {}

-- Requests to pages -------------------------------------------------------------------------------

local function wants_json(call)
  local accept = call.request.headers.accept or ""
  return accept:find("application/json", 1, true) ~= nil and not accept:find("text/html", 1, true)
end

--- Where to send the customer at the end: an absolute http(s) address, anything else is ignored
-- without a word.
local function return_url(call)
  local query, form = encoding.form_values(call.request.query),
    encoding.form_values(call.request.body)
  local url = (form.returnUrl or query.returnUrl or {})[1]
  return contracts.is_return_url(url) and url or nil
end

local function hidden(back)
  return back and html.fill('<input type="hidden" name="returnUrl" value="{url}">', { url = back })
    or ""
end

local function segments(call)
  local found = {}
  for segment in call.request.path:gmatch("[^/]+") do
    found[#found + 1] = encoding.from_percent(segment)
  end
  return found
end

local function message(call, status, kind, title, text)
  if wants_json(call) then return reply.failure(status, kind, text) end
  local content = html.fill("<section><h1>{title}</h1><p>{text}</p></section>",
    { title = title, text = text })
  return reply.html(status, html.page(title, content))
end

local function not_here(call)
  return message(call, 404, "NotFound", "Not found", "There is nothing at this address.")
end

--- After a step: on to the next page, or for a program the answer as JSON.
local function done(call, body, next_url)
  if not wants_json(call) then return reply.see_other(next_url) end
  body.nextUrl = next_url
  return reply.json(200, body)
end

-- Answering a link request ------------------------------------------------------------------------

local ENDINGS = {
  approved = "The link was approved before.",
  declined = "The link was declined before.",
  expired = "The link has expired. Ask the one who sent it to you for a new one.",
}

local function used(call, request)
  local text = ENDINGS[request.status] or ENDINGS.expired
  if request.status == "pending" or request.status == "expired" then
    return message(call, 410, "LinkExpired", "This link has expired", text)
  end
  return message(call, 409, "LinkAlreadyUsed", "This link has already been used", text)
end

--- What becomes of the cases that came with the request.
local function prepared(state, request)
  local count = type(request.payload.cases) == "table" and #request.payload.cases or 0
  if count == 0 then return "" end
  return ("%s that %s has prepared will be created.")
    :format(count == 1 and "One case" or count .. " cases", state.settings.partner_name)
end

local APPROVAL = [[
<section>
<h1>{partner} asks for access to {company}</h1>
<p>If you approve, {partner} can submit cases to Debitura for {company} and follow their progress.
{prepared} You can go on using Debitura yourself as before.</p>
<p class="soft">This request can be answered for another {left}.</p>
<div class="row">
<form method="post" action="/link/{token}/approve">{back}<button class="go">Approve</button></form>
<form method="post" action="/link/{token}/decline">{back}
<button class="stop">Decline</button></form>
</div></section>]]

local CHOICE = [[
<section>
<h1>Which company should {partner} work for?</h1>
<p>You ({email}) have a Debitura account. Connect one of your companies, or open an account for a
new one. {prepared}</p>
<form method="post" action="/choice/{token}/approve" id="choice">{back}
{options}
<p><label><input type="radio" name="entity" value="new" {checked}>
Create <b>{name}</b> as a new company</label></p>
<p class="soft">This request can be answered for another {left}.</p>
</form>
<div class="row"><button class="go" form="choice">Continue</button>
<form method="post" action="/choice/{token}/decline">{back}
<button class="stop">Decline</button></form></div>
</section>]]

--- The page of a request, of either variant.
local function request_page(title, template, call, request)
  local state, choices = call.state, links.choices(call.state, request)
  local options = lists.map(choices, function(creditor)
    return html.fill([[
<p><label><input type="radio" name="entity" value="{id}" {checked}> Connect <b>{name}</b>
<span class="soft">{country}</span></label></p>]], {
      id = creditor.id, name = creditor.company_name, country = creditor.country or "",
      checked = creditor == choices[1] and "checked" or "",
    })
  end)
  return reply.html(200, html.page(title, html.fill(template, {
    partner = state.settings.partner_name, prepared = prepared(state, request),
    company = state.creditors.by_id[request.creditor_id].company_name,
    name = request.payload.client.name, email = recipient.user(request.payload.users).email,
    token = request.id, back = hidden(return_url(call)), options = options,
    checked = #options == 0 and "checked" or "",
    left = time.describe(request.expires_at - call.now),
  })))
end

--- The entity that was chosen: an account's id, "new", or nothing, which a single choice makes
-- clear.
local function chosen(call, request)
  if request.variant ~= "choice" then return call.state.creditors.by_id[request.creditor_id] end
  local choices = links.choices(call.state, request)
  local id = (encoding.form_values(call.request.body).entity or {})[1]
  if id == "new" or (not id and #choices == 0) then return nil, true end
  for _, creditor in ipairs(choices) do
    if creditor.id == id or (not id and #choices == 1) then return creditor end
  end
  return nil, false
end

local function answer(call, request, verb, back)
  local state, now = call.state, call.now
  if verb == "decline" then
    if not links.decline(state, request, now) then return used(call, request) end
    return done(call, { status = "declined" }, back or links.request_url(state, request))
  end
  local creditor, new = chosen(call, request)
  if not creditor and not new then
    return message(call, 400, "ValidationError", "Please choose",
      "The entity must be one of those listed, or new.")
  end
  local link = links.approve(state, request, creditor, now)
  if not link then return used(call, request) end
  return done(call, { status = "linked", externalTenantId = link.tenant },
    contracts.url(state, link, nil, back))
end

local function link_page(variant, title, template)
  return function(call)
    local path = segments(call)
    local request, verb = call.state.requests.by_id[path[2] or ""], path[3]
    if not request or request.variant ~= variant or path[4] then return not_here(call) end
    if call.method == "POST" and (verb == "approve" or verb == "decline") then
      return answer(call, request, verb, return_url(call))
    end
    if call.method ~= "GET" or verb then return not_here(call) end
    if request.status ~= "pending" or call.now >= request.expires_at then
      return used(call, request)
    end
    return request_page(title, template, call, request)
  end
end

pages.link = link_page("approval", "Link request", APPROVAL)
pages.choice = link_page("choice", "Choose a company", CHOICE)

-- Signing -----------------------------------------------------------------------------------------

local function title_of(item)
  local title = contracts.steps[item.kind].title
  return item.label and title .. ": " .. item.label or title
end

local SIGNING = "A sample text stands here in place of the document. By signing it you agree on "
  .. "behalf of %s."
local IDENTIFYING = "The collection partner has to know who directs %s before its cases can begin."

local function step_page(state, link, item, rest, back)
  local creditor = state.creditors.by_id[link.creditor_id]
  local later = html.each("<li>{value}</li>", lists.map(rest, title_of))
  local fields = item.kind == "kyc" and html.raw([[
<label>Full name of the director <input type="text" name="name" required maxlength="500"></label>
<label>Home address <input type="text" name="address" required maxlength="1000"></label>
<label>Date of birth <input type="date" name="born" required></label>]]) or ""
  return html.page(title_of(item), html.fill([[
<section>
<p class="soft">{company}</p>
<h1>{title}</h1>
<p>{text}</p>
<form method="post" action="{action}">{back}{fields}<button class="go">{verb}</button></form>
</section>
{after}]], {
    company = creditor.company_name, title = title_of(item), back = hidden(back), fields = fields,
    action = contracts.step_path(link, item),
    verb = item.kind == "kyc" and "Send" or "Sign",
    text = (item.kind == "kyc" and IDENTIFYING or SIGNING):format(creditor.company_name),
    after = #later > 0
      and html.fill('<p class="soft">Afterwards:</p><ol class="steps">{steps}</ol>',
        { steps = later })
      or "",
  }))
end

local function finished(call, back)
  if back then return reply.see_other(back) end
  return message(call, 200, "Done", "All done", "Everything is signed. You can close this page.")
end

--- The next open step of the chain, or the end of it.
local function walk(call, link, back)
  local open = contracts.outstanding(call.state, call.state.creditors.by_id[link.creditor_id])
  if #open == 0 then return finished(call, back) end
  return reply.html(200, step_page(call.state, link, table.remove(open, 1), open, back))
end

local function find_step(call, link, kind, key)
  for _, item in ipairs(contracts.outstanding(call.state,
    call.state.creditors.by_id[link.creditor_id])) do
    if item.kind == kind and (item.key == key or kind == "kyc") then return item end
  end
  -- A single solution page may be asked for before any case needs it.
  local partner = coverage.partners[key or ""]
  if kind == "poa" and partner then return { kind = kind, key = key, label = partner.name } end
  if kind == "kyc" then return { kind = kind, key = key } end
end

local function submit(call, link, item, back)
  local state = call.state
  if item.kind == "kyc" then
    local form = encoding.form_values(call.request.body)
    local name, address, born = (form.name or {})[1], (form.address or {})[1], (form.born or {})[1]
    local given = name and name ~= "" and address and address ~= "" and time.parse(born)
    if not given or not encoding.is_utf8(name .. address) then
      return message(call, 400, "ValidationError", "Please fill in",
        "Name, address and date of birth are needed.")
    end
    kyc.submit(state, state.creditors.by_id[link.creditor_id],
      { name = name, address = address, born = born }, call.now)
  else
    links.sign(state, link, item.kind, item.key, call.now)
  end
  return done(call, { status = "signed", step = item.kind }, contracts.url(state, link, nil, back))
end

--- /onboarding/companydetails/{link}, /onboarding/ContractUpgrade/Sign/{link}: the chain;
-- /onboarding/sign/{link}/{kind}[/{key}]: one step.
function pages.onboarding(call)
  local path, back = segments(call), return_url(call)
  local single = path[2] == "sign"
  local id = (path[2] == "companydetails" or single) and path[3]
    or (path[2] == "ContractUpgrade" and path[4])
  local link = call.state.links.by_id[id or ""]
  if not link then return not_here(call) end
  if not single then return call.method == "GET" and walk(call, link, back) or not_here(call) end
  local item = find_step(call, link, path[4], path[5])
  if not item then return finished(call, back) end
  if call.method == "POST" then return submit(call, link, item, back) end
  return reply.html(200, step_page(call.state, link, item, {}, back))
end

--- /documents/...: what termsUrl leads to.
function pages.documents(call)
  return message(call, 200, "Document", "Sample document", "The signed document would stand here.")
end

return { pages = pages }
