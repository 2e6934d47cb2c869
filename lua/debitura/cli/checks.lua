--- What `debitura doctor` looks at, one check after the other.
--
-- A check is given what the doctor knows so far and gives "ok", "skip", "warn" or "fail", what it
-- has seen, and unless all is well what to do about it; one that fails gives the exit status as
-- well (default: refused). It may leave in `seen` what later checks need: `settings`, `sources`,
-- `partner`, `answer` (of GET /me), `asked_at` and `answered_at`, `store`.
-- @module debitura.cli.checks

local catch_up = require("debitura.recipes.catch_up")
local contract = require("debitura.store.contract")
local core = require("debitura.core")
local operations = require("debitura.operations")
local secrets = require("debitura.cli.secrets")
local status = require("debitura.cli.exit_status")
local subscription = require("debitura.webhook.subscription")
local text = require("debitura.cli.text")
local time = require("debitura.base.time")
local verify = require("debitura.webhook.verify")
local version = require("debitura.cli.version")

local field = subscription.field

local checks = {}

local PATIENCE = 20 -- seconds for one answer; the doctor tries nothing twice

function checks.versions()
  local versions = version.versions()
  return "ok", ("debitura %s, %s, libcurl %s, %s, cJSON %s"):format(
    versions.debitura, versions.lua, versions.libcurl, versions.openssl, versions.cjson)
end

function checks.configuration(seen, session)
  local loaded, err = session:config()
  if not loaded then return "fail", err, nil, status.usage end
  local platform
  platform, err = session:platform()
  if not platform then return "fail", err, nil, status.usage end
  seen.settings, seen.sources = platform.options, loaded.sources
  return "ok", loaded.path or "from the environment only"
end

--- Whether Debitura is there, behind a certificate that is its own.
function checks.connection(seen, session)
  if not seen.settings then return "skip" end
  local partner, err = session:partner()
  if not partner then return "fail", err, nil, status.usage end
  seen.partner = partner
  seen.asked_at = core.system.now()
  local _
  _, seen.refused, seen.answer = partner.session:call(operations.get("partner", "me"),
    { path = {} }, { attempts = 1, timeout = PATIENCE })
  seen.answered_at = core.system.now()
  local base = partner.session.base_url
  err = seen.refused
  if err and not err.status then
    return "fail", ("%s: %s"):format(base, err.message),
      "Is the address right, is a proxy needed, are the system's certificates there?",
      status.transport
  end
  local encrypted = base:find("^https") and "TLS verified" or "not encrypted, this machine only"
  return "ok", ("%s, %s, %.0f ms")
    :format(base, encrypted, 1000 * (seen.answered_at - seen.asked_at))
end

--- Whether the key is accepted, and whose it is.
function checks.key(seen, session)
  if not seen.answer and not (seen.refused and seen.refused.status) then return "skip" end
  local place = session:production() and "production" or "test"
  if seen.refused then
    return "fail", tostring(seen.refused),
      ("The key comes from %s; is it one of the environment %s?")
        :format(seen.sources.api_key or session:config().path, place), status.of(seen.refused)
  end
  local partner = core.json.decode(seen.answer.body) or {}
  local name = text.of(partner.companyName)
  if partner.isActive == false then return "warn", name .. " is not active", "Ask Debitura." end
  return "ok", ("accepted: %s (%s)"):format(name, place)
end

local AGREES, SIGNATURES_SUFFER = 2, 30 -- seconds; a webhook may come from 30 seconds ahead at most

--- The difference of the clocks: the answer's date was written on the way, to the second.
function checks.clock(seen)
  local date = seen.answer and time.parse_http(seen.answer.headers.date)
  if not date then return "skip" end
  local apart = (seen.asked_at + seen.answered_at) / 2 - (date + 0.5)
  if math.abs(apart) <= AGREES then return "ok", "agrees with Debitura's" end
  local said = ("this machine is %.0f s %s Debitura")
    :format(math.abs(apart), apart > 0 and "ahead of" or "behind")
  if math.abs(apart) <= SIGNATURES_SUFFER then
    return "warn", said, "Let the clock be set by NTP."
  end
  return "fail", said, "Webhooks will be refused for their age: let the clock be set by NTP."
end

local DEAD_COUNTED = 1000

--- What may be read or written by others among the files of a store on this machine.
local function open_to_others(address)
  local path, found = address:match("^sqlite://(/.*)"), {}
  for _, suffix in ipairs(path and { "", "-wal", "-shm" } or {}) do
    local mode = core.system.permissions(path .. suffix)
    if mode and mode % 8 ~= 0 then found[#found + 1] = path .. suffix end
  end
  return found
end

function checks.store(seen, session)
  if not seen.settings then return "skip" end
  if not seen.settings.store then
    return "skip", "none is configured; recipes and the inbox need one"
  end
  local store, err = session:store()
  local address = seen.settings.store.address
  local kind = address:match("^%a+")
  if not store and err.missing then
    return "warn", kind .. ": does not exist yet",
      "Its first use makes it, such as your application's, or that of `debitura receive`."
  end
  if not store then return "fail", tostring(err), nil, status.of(err) end
  seen.store = store
  local tables = (kind == "sqlite" or kind == "postgresql") and (", tables of layout %d")
    :format(contract.layout) or ""
  local exposed = open_to_others(address)
  if exposed[1] then
    local paths = table.concat(exposed, " ")
    return "warn", ("%s, open to every user of this machine: %s"):format(kind .. tables, paths),
      "chmod o= " .. paths
  end
  if seen.settings.store.encryption_key then return "ok", kind .. tables .. ", encrypted" end
  return "warn", kind .. tables .. ", not encrypted",
    "Its readers see payloads and URLs: set DEBITURA_ENCRYPTION_KEY (openssl rand -base64 32)."
end

function checks.inbox(seen)
  if not seen.store then return "skip" end
  local dead, err = seen.store:inbox_list { state = "dead", limit = DEAD_COUNTED }
  if not dead then return "fail", tostring(err), nil, status.of(err) end
  if #dead == 0 then return "ok", "no webhook was given up" end
  return "warn", ("%d%s webhooks were given up"):format(#dead, #dead == DEAD_COUNTED and " or more"
    or ""),
    "`debitura inbox list --state dead`, then `debitura inbox retry --all`."
end

local OVERDUE = 86400 -- seconds after which what is due has plainly been left

--- What the oldest open job that needs something waits for since, in words.
-- @treturn[1] table|false the job, false when none is due
-- @treturn[2] nil
-- @treturn[2] table failure of the store
local function oldest_due(store, needs, now)
  local page, err = store:jobs { needs = needs, due_by = now, limit = 1 }
  if not page then return nil, err end
  return page[1] or false
end

--- What open jobs need, "" first: what any process can do.
local function needs_of(counts)
  local all = { "" }
  for _, row in ipairs(counts) do
    if row.of == "need" then all[#all + 1] = row.kind end
  end
  table.sort(all)
  return all
end

--- Whether what is due is done: which jobs wait, for what, and how long.
function checks.jobs(seen)
  if not seen.store then return "skip" end
  local now, waiting, worst = core.system.now(), {}, nil
  local counts, err = seen.store:counts()
  if not counts then return "fail", tostring(err), nil, status.of(err) end
  for _, needs in ipairs(needs_of(counts)) do
    local job
    job, err = oldest_due(seen.store, needs, now)
    if job == nil then return "fail", tostring(err), nil, status.of(err) end
    if job then
      waiting[#waiting + 1] = ("%s since %s"):format(needs == "" and "any process" or needs,
        text.moment(job.due_at))
      worst = math.max(worst or 0, now - job.due_at)
    end
  end
  if not worst then return "ok", "nothing that is due waits" end
  local said = "jobs that are due wait for " .. table.concat(waiting, ", ")
  local advice = "`debitura sweep` does them, in a process that has what they need."
  return worst > OVERDUE and "fail" or "warn", said, advice
end

function checks.secret(seen)
  if not seen.settings then return "skip" end
  local hook = seen.settings.webhook or {}
  if not hook.secret and not hook.secrets and not hook.secret_file then
    return "skip", "none is configured"
  end
  local found, err = secrets.read(hook)
  if not found then return "fail", err, nil, status.usage end
  local verifier
  verifier, err = verify.prepare(found)
  if not verifier then return "fail", err, nil, status.usage end
  return "ok", ("%d to verify webhooks with"):format(#found)
end

--- The subscription of a URL that hears real events: the one that is active where there are
-- several.
local function subscription_of(list, url)
  local found
  for _, dto in ipairs(list) do
    local mine = field(dto, "url") == url and not field(dto, "isTestMode")
    if mine and (not found or field(dto, "isActive")) then found = dto end
  end
  return found
end

local function wake(seen, session, dto, said)
  if session.arguments.dry_run then return "warn", said, "It would be woken." end
  local woken, err = seen.partner.webhooks:update(field(dto, "id"), { isActive = true })
  if not woken then return "fail", tostring(err), nil, status.of(err) end
  return "ok", "woken; " .. said
end

--- Whether Debitura sends events here; a subscription that was switched off is woken when that is
-- asked for.
function checks.subscription(seen, session)
  if not seen.answer then return "skip" end
  local url = session.arguments.url or (seen.settings.webhook or {}).url
  if not url then return "skip", "no webhook.url is configured, and no --url given" end
  local list, err = seen.partner.webhooks:list()
  if not list then return "fail", tostring(err), nil, status.of(err) end
  local dto = subscription_of(list, url)
  if not dto then
    return "fail", "nothing is sent to " .. url, ("`debitura webhooks ensure --url %s` subscribes.")
      :format(url)
  end
  if field(dto, "isActive") then
    return "ok", ("active, %d events to %s"):format(#(field(dto, "events") or {}), url)
  end
  local said = ("%s was switched off: %s")
    :format(url, text.of(field(dto, "disabledReason") or "Debitura does not say why"))
  if session.arguments.enable then return wake(seen, session, dto, said) end
  return "fail", said, "Let the receiver answer again, then `debitura doctor --enable`."
end

--- Walks through clients and cases for what no webhook has told.
local function make_up(seen, session)
  local bar = session:progress("clients and cases")
  local counts, err = catch_up.run {
    partner = seen.partner, store = seen.store, clock = core.system.now,
    on_progress = function(so_far) bar:update(so_far.clients + so_far.cases) end,
  }
  bar:finish()
  if not counts then return "fail", tostring(err), nil, status.of(err) end
  return "ok", ("caught up since %s: %d events put into the inbox")
    :format(text.moment(counts.since), counts.events),
    counts.events > 0 and "`debitura inbox work` processes them." or nil
end

--- Whether webhooks have come in; what was missed is made up for when that is asked for.
checks["last webhook"] = function(seen, session)
  if not seen.store then return "skip" end
  if session.arguments.catch_up and not session.arguments.dry_run then
    if not seen.answer then return "skip" end
    return make_up(seen, session)
  end
  local latest, err = seen.store:inbox_last()
  if latest == nil then return "fail", tostring(err), nil, status.of(err) end
  return "ok", (latest and "came in at " .. text.moment(latest.received_at) or "none ever came in")
    .. "; `debitura doctor --catch-up` makes up for what was missed"
end

--- The order in which the doctor asks.
checks.order = { "versions", "configuration", "connection", "key", "clock", "store", "inbox",
  "jobs", "secret", "subscription", "last webhook" }

return checks
