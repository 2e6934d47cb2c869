--- docs/machines.md and docs/link.svg: the machines of the recipes, made from their tables. What
-- the tables do not say, where an event comes from and what a job does, is said here, of each.

local machine = require("debitura.workflow.machine")

local INTRODUCTION = [[
# The machines of the recipes

Every state of a record, every event, and what follows from it. Made by `scripts/generate.lua` from
`lua/debitura/recipes`; not to be edited. [recipes.md](recipes.md) tells the story.

In a table of transitions the first row that fits counts. An event that fits no row is written to
the record's history and changes nothing.

![How a link moves](link.svg)
]]

local OF_CUSTOMER = "brings the URL to the customer, by each channel"
local AGAIN = "brings the URL once more, because the platform asked for it"

local MACHINES = {
  {
    of = "link", title = "A link",
    about = [[
The connection of a client with the partner; one a tenant. The cases that came with it are records
of their own. The link counts them and moves in the same step as they do.]],
    states = { "requesting", "pending", "expired", "linked", "incomplete", "carried",
      "onboarding", "onboarded", "declined", "refused", "rejected", "exhausted", "closed", "gone",
      "forgotten" },
    events = {
      { "the platform", "request", "again", "deliver", "reissue", "close" },
      { "taking over what exists", "adopt.pending", "adopt.exhausted", "adopt.onboarding",
        "adopt.onboarded", "adopt.linked" },
      { "a customer at the permalink", "permalink.opened" },
      { "POST /clients", "answer.needs_linking", "answer.onboarding", "answer.onboarded",
        "answer.refused", "answer.rejected" },
      { "GET /clients", "client.seen", "client.signed", "onboarding.url" },
      { "a webhook", "client.linked", "client.link_requested", "client.link_declined",
        "client.link_expired", "client.onboarding.contract_signed", "case.created",
        "cases.replay_failed" },
      { "a job that came due", "window.over", "recover", "onboarding.unanswered" },
      { "the job that records many cases", "cases.recorded" },
      { "the link's cases", "cases.moved" },
      { "a delivery", "delivery.given_up" },
      { "a call that the link does not carry", "client.doubted" },
      { "a look that follows, or the platform (`approval:gone`)", "client.missing", "client.found",
        "client.gone" },
    },
    jobs = {
      record_cases = "puts the cases of a large payload into the store",
      record_rest = "puts cases of an adopted client into the store, where they are many",
      request_link = "sends POST /clients", request_at_once = "sends POST /clients without a pause",
      deliver = OF_CUSTOMER, deliver_again = AGAIN,
      remind = "reminds at some points of the window",
      remind_ahead = "reminds at those points of the window that are still to come",
      remind_of_onboarding = "reminds a new customer of the onboarding",
      count_unanswered = "counts the onboarding as unanswered, a day after the last reminder",
      expire = "looks at the clock an hour after the window",
      recover = "decides on the next generation",
      reconcile = "looks whether the approved cases have arrived",
      reconcile_awaited = "looks after cases of which the answer says nothing",
      look_up_url = "asks for the URL of the onboarding that an answer has not brought",
      look_up_client = "asks at once whether the link is active",
      look_up_kyc = "asks whether cases wait for the identity of the director",
      watch_client = "asks again and again whether the client has signed",
      watch_ended = "asks whether the customer approved what has ended here",
      confirm_gone = "asks twice whether Debitura still has the client",
    },
  },
  {
    of = "case", title = "A case",
    about = "A case came with a link's request, or was submitted later.",
    states = { "awaited", "failed", "replaced", "submitting", "parked", "created", "unsupported",
      "blocked", "rejected", "withdrawn", "forgotten" },
    events = {
      { "a request for a client", "await", "replace" },
      { "the platform", "submit", "again", "withdraw" },
      { "a look after an approved link", "resubmit" },
      { "POST /cases", "answer.created", "answer.parked", "answer.unsupported", "answer.blocked",
        "answer.rejected" },
      { "the signing, the identity check or the link that it waits for", "released" },
      { "the clock", "retry" },
      { "GET /cases", "case.found", "adopt" },
      { "an answer or a webhook about the link's cases", "case.failed" },
      { "a webhook, or the answer to the link's request", "case.created" },
      { "a webhook", "case.updated", "case.closed" },
    },
    jobs = {
      submit_case = "sends POST /cases", retry = "tries again by the clock",
      request_signing = "asks the customer for what is missing",
      report_signed = "tells the signing or the identity check that it is done",
      fallback = "calls the platform's function of that name",
      escalate = "calls the platform's function of that name",
    },
  },
  {
    of = "signing", title = "What a customer has to sign or fill in",
    about = "One record for signatures, one for the identity check.",
    states = { "outstanding", "submitted", "done", "forgotten" },
    events = {
      { "a case that is parked or adopted, or a look after a link", "needed" },
      { "a look at Debitura that asks no customer", "found" },
      { "submitting the director's data", "submitted", "no_director" },
      { "a case that had waited for it", "signed" },
      { "the platform", "deliver" }, { "a delivery", "delivery.given_up" },
      { "a look at Debitura", "done" }, { "what ends its link", "client.gone" },
      { "a webhook", "client.onboarding.contract_signed", "client.onboarding.poa_signed" },
    },
    jobs = {
      submit_kyc = "sends the director's data", deliver = OF_CUSTOMER, deliver_again = AGAIN,
      remind = "reminds the customer", look_up = "asks Debitura what is open",
      look_up_later = "asks a little later",
      watch = "asks Debitura what is open, again and again",
      release = "lets the parked cases go",
    },
  },
}

-- The page ----------------------------------------------------------------------------------------

--- The events and jobs of a machine in the order of its rows, each once.
local function named(definition)
  local events, jobs = {}, {}
  local function add(list, name)
    if not list[name] then list[name], list[#list + 1] = true, name end
  end
  for _, row in ipairs(definition.transitions) do
    for event in machine.each(row.on) do add(events, event) end
    for job in machine.each(row.jobs) do add(jobs, job) end
  end
  return events, jobs
end

--- The lines of a table of two columns, one for each name; each must be told of.
local function told(head, names, texts, of)
  local lines = { ("| %s | |\n|---|---|"):format(head) }
  for _, name in ipairs(names) do
    lines[#lines + 1] = ("| %s | %s |"):format(name, assert(texts[name],
      ("scripts/machines_page.lua says nothing of %s of a %s"):format(name, of)))
  end
  return table.concat(lines, "\n") .. "\n"
end

local function transitions(definition)
  local lines = { "| event | from | when | to | jobs |\n|---|---|---|---|---|" }
  for _, row in ipairs(definition.transitions) do
    lines[#lines + 1] = ("| %s | %s | %s | %s | %s |"):format(row.on,
      row.from == definition.any and "any" or row.from, (row.when or ""):gsub("_", " "),
      row.to or "stays", row.jobs or "")
  end
  return table.concat(lines, "\n") .. "\n"
end

--- A table by the names in lines of `{ text, name, name … }`.
local function by_name(lines)
  local texts = {}
  for _, line in ipairs(lines) do
    for index = 2, #line do texts[line[index]] = line[1] end
  end
  return texts
end

local function section(entry)
  local definition = require("debitura.recipes." .. entry.of)
  local events, jobs = named(definition)
  for state in pairs(definition.states) do
    assert(table.concat(entry.states, " "):find("%f[%l]" .. state .. "%f[%L]"), state)
  end
  return table.concat({
    ("## %s\n\n%s\n"):format(entry.title, entry.about),
    told("state", entry.states, definition.states, entry.of),
    transitions(definition),
    told("event, where it comes from", events, by_name(entry.events), entry.of),
    told("job, what it does", jobs, entry.jobs, entry.of),
  }, "\n")
end

-- The diagram -------------------------------------------------------------------------------------

--- Where a state stands, in pixels.
local PLACES = {
  rejected = { 100, 80 }, onboarding = { 340, 50 }, onboarded = { 610, 50 },
  requesting = { 100, 210 }, pending = { 340, 210 }, linked = { 610, 210 }, carried = { 840, 210 },
  exhausted = { 100, 350 }, expired = { 340, 350 }, incomplete = { 610, 350 },
  declined = { 840, 80 },
}

--- From, to, event, where its name stands, and how far the line is moved aside.
local ARROWS = {
  { "requesting", "pending", "answer.needs_linking", 218, 203 },
  { "requesting", "onboarding", "answer.onboarding", 262, 128 },
  { "onboarding", "onboarded", "client.signed", 475, 43 },
  { "requesting", "rejected", "answer.rejected", 100, 150 },
  { "pending", "linked", "client.linked", 470, 203 },
  { "pending", "declined", "client.link_declined", 640, 125 },
  { "pending", "expired", "client.link_expired", 410, 285, 14 },
  { "expired", "pending", "answer.needs_linking", 262, 275, 14 },
  { "expired", "exhausted", "recover", 220, 343 },
  { "exhausted", "requesting", "permalink.opened", 100, 285 },
  { "linked", "carried", "cases.moved", 725, 203 },
  { "linked", "incomplete", "cases.replay_failed", 680, 275, 14 },
  { "incomplete", "linked", "cases.moved", 562, 295, 14 },
}

local HALF_WIDTH, HALF_HEIGHT = 56, 17

--- Whether the link's machine has a transition.
local function has(definition, from, to, event)
  for _, row in ipairs(definition.transitions) do
    local leads = row.to == to or definition.destinations[row.to or ""] and row.to:find(to, 1, true)
    if leads and machine.set(row.on)[event] and machine.set(row.from)[from] then return true end
  end
  return false
end

--- A point on the edge of a box, towards another one.
local function edge(from, to, aside)
  local dx, dy = to[1] - from[1], to[2] - from[2]
  local scale = math.min(dx ~= 0 and HALF_WIDTH / math.abs(dx) or 9,
    dy ~= 0 and HALF_HEIGHT / math.abs(dy) or 9)
  local sign = dy > 0 and 1 or -1
  return math.floor(from[1] + dx * scale + (aside or 0) * sign + 0.5),
    math.floor(from[2] + dy * scale + 0.5)
end

local function diagram()
  local definition = require("debitura.recipes.link")
  local parts = { [[
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 920 400" role="img"
  aria-labelledby="title" font-family="system-ui, sans-serif" font-size="14" text-anchor="middle">
  <title id="title">How a link moves from state to state; the table below has every row.</title>
  <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8"
    orient="auto"><path d="M0 0 8 4 0 8z" fill="#1f2937"/></marker></defs>
  <rect width="920" height="400" rx="8" fill="#fff" stroke="#d1d5db"/>]] }
  for _, arrow in ipairs(ARROWS) do
    local from, to = PLACES[arrow[1]], PLACES[arrow[2]]
    assert(has(definition, arrow[1], arrow[2], arrow[3]), "no such transition: " .. arrow[3])
    local x1, y1 = edge(from, to, arrow[6])
    local x2, y2 = edge(to, from, arrow[6] and -arrow[6])
    parts[#parts + 1] = ('  <path d="M%d %dL%d %d" stroke="#1f2937" '
      .. 'marker-end="url(#tip)"/>'):format(x1, y1, x2, y2)
    parts[#parts + 1] = ('  <text x="%d" y="%d" font-size="12" fill="#374151" stroke="#fff" '
      .. 'stroke-width="3" paint-order="stroke">%s</text>'):format(arrow[4], arrow[5], arrow[3])
  end
  local names = {}
  for name in pairs(PLACES) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local x, y = PLACES[name][1], PLACES[name][2]
    parts[#parts + 1] = ('  <rect x="%d" y="%d" width="%d" height="%d" rx="8" fill="#dcfce7" '
      .. 'stroke="#14532d"/>'):format(x - HALF_WIDTH, y - HALF_HEIGHT, 2 * HALF_WIDTH,
      2 * HALF_HEIGHT)
    parts[#parts + 1] = ('  <text x="%d" y="%d" fill="#14532d">%s</text>'):format(x, y + 5, name)
  end
  parts[#parts + 1] = "</svg>\n"
  return table.concat(parts, "\n")
end

--- The page and its picture.
-- @treturn table path to text
local function files()
  local parts = { INTRODUCTION }
  for _, entry in ipairs(MACHINES) do parts[#parts + 1] = section(entry) end
  return { ["docs/machines.md"] = table.concat(parts, "\n"), ["docs/link.svg"] = diagram() }
end

return { files = files }
