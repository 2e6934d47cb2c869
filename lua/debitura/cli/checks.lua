--- What `debitura doctor` looks at, one check after the other.
--
-- A check is given what the doctor knows so far and gives "ok", "skip", "warn" or "fail", what it
-- has seen, and unless all is well what to do about it; one that fails gives the exit status as
-- well (default: refused). Or it gives an array of tables with these, as `check`, `result`, `said`,
-- `advice` and `code`. It may leave in `seen` what later checks need: `settings`, `sources`,
-- `partner`, `reached` (whether Debitura was), `answer` (of GET /me), `asked_at` and `answered_at`,
-- `store`.
-- @module debitura.cli.checks

local catch_up = require("debitura.recipes.catch_up")
local core = require("debitura.core")
local is_loopback = require("debitura.base.is_loopback")
local layouts = require("debitura.store.layouts")
local operations = require("debitura.operations")
local postgresql_address = require("debitura.store.sql.address")
local secrets = require("debitura.cli.secrets")
local status = require("debitura.cli.exit_status")
local subscription = require("debitura.webhook.subscription")
local text = require("debitura.cli.text")
local time = require("debitura.base.time")
local version = require("debitura.cli.version")

local field = subscription.field

local checks = {}

--- What comes of a problem: a failure, or a text about the configuration.
local function failed(err)
  return "fail", tostring(err), nil, status.of(err)
end

local PATIENCE = 20 -- seconds for one answer; the doctor tries nothing twice

function checks.versions()
  local versions = version.versions()
  return "ok", ("debitura %s, %s, libcurl %s, %s, cJSON %s"):format(
    versions.debitura, versions.lua, versions.libcurl, versions.openssl, versions.cjson)
end

function checks.configuration(seen, session)
  local loaded, err = session:config()
  if not loaded then return failed(err) end
  local platform
  platform, err = session:platform()
  if not platform then return failed(err) end
  seen.settings, seen.sources = platform.options, loaded.sources
  return "ok", loaded.path or "from the environment only"
end

--- Whether Debitura is there, behind a certificate that is its own.
function checks.connection(seen, session)
  local partner, err = session:partner()
  if not partner then return failed(err) end
  seen.partner = partner
  seen.asked_at = core.system.now()
  local _
  _, seen.refused, seen.answer = partner.session:call(operations.get("partner", "me"),
    { path = {} }, { attempts = 1, timeout = PATIENCE })
  seen.answered_at = core.system.now()
  local base = partner.session.base_url
  err = seen.refused
  seen.reached = not err or err.status ~= nil
  if not seen.reached then
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
  local date = time.parse_http(seen.answer.headers.date)
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

-- The store ---------------------------------------------------------------------------------------

function checks.store(seen, session)
  if not seen.settings.store then
    return "skip", "none is configured; recipes and the inbox need one"
  end
  local store, err = session:store()
  local kind = seen.settings.store.address:match("^%a+")
  if not store and err.missing then
    return "warn", kind .. ": does not exist yet",
      "Its first use makes it, such as your application's, or that of `debitura receive`."
  end
  if not store then return failed(err) end
  seen.store = store
  local layout
  layout, err = store:layout()
  if not layout then return failed(err) end
  local tables = kind == "memory" and "" or (", layout %d"):format(layout)
  if layout < layouts.latest() then
    return "warn", ("%s%s, and this release has layout %d"):format(kind, tables, layouts.latest()),
      "When all processes run this release, type: debitura store migrate"
  end
  if seen.settings.store.encryption_key then return "ok", kind .. tables .. ", encrypted" end
  -- PostgreSQL writes statements that fail or take long into its log, with what is in them.
  return kind == "postgresql" and "fail" or "warn", kind .. tables .. ", not encrypted",
    (kind == "postgresql" and "Its readers, and those of its log, see" or "Its readers see")
    .. " payloads and URLs: set DEBITURA_ENCRYPTION_KEY (openssl rand -base64 32)."
end

--- The files with what is secret or personal.
local function files_of(seen)
  local paths, store = {}, seen.settings.store
  local database = store and store.address:match("^sqlite://(/.*)")
  for _, suffix in ipairs(database and { "", "-wal", "-shm" } or {}) do
    paths[#paths + 1] = database .. suffix
  end
  paths[#paths + 1] = (seen.settings.webhook or {}).secret_file
  return paths
end

--- Whether every user of this machine may read or write what is secret or personal.
function checks.files(seen)
  local paths, exposed = files_of(seen), {}
  if not paths[1] then return "skip", "none holds what is secret" end
  for _, path in ipairs(paths) do
    local mode = core.system.permissions(path)
    if mode and mode % 8 ~= 0 then exposed[#exposed + 1] = path end
  end
  if not exposed[1] then return "ok", "closed to other users of this machine" end
  local listed = table.concat(exposed, " ")
  return "fail", "open to every user of this machine: " .. listed, "chmod o= " .. listed
end

--- The host of an address without its user and port; "" where there is none.
local function host_of(address)
  local authority = address:match("^%a+://([^/?#]*)") or ""
  authority = authority:gsub("^.*@", "")
  return authority:match("^%[.-%]") or authority:match("^[^:]*")
end

local function stays_here(address)
  local host = host_of(address)
  return host == "" or is_loopback(host)
end

--- Whether the way to the store is open to those on the network.
local function is_open_way(address)
  local scheme, rest = address:match("^(%a+):(.*)$")
  if scheme == "redis" then return not stays_here(address) end
  return scheme == "postgresql" and select(3, postgresql_address.read(rest)) or false
end

--- Whether what goes over the network besides the calls of Debitura is encrypted.
function checks.tls(seen)
  local url = (seen.settings.webhook or {}).url
  if url and not url:find("^https:") and not stays_here(url) then
    return "fail", "webhook.url is not https: " .. url,
      "Debitura sends to https alone: TLS is the business of a proxy before the receiver."
  end
  local address = seen.settings.store and seen.settings.store.address
  if address and is_open_way(address) then
    return "fail", "what goes to the store is not encrypted on its way",
      address:find("^redis:") and "Write its address as rediss://."
        or "Write sslmode=verify-full in its address, or leave sslmode out."
  end
  return "ok", "what leaves this machine is encrypted"
end

-- What `debitura status` knows --------------------------------------------------------------------

--- What is wrong, a line each.
function checks.status(seen, session)
  local report, err = session:part("status")
  if report then seen.report, err = report:read() end
  if not seen.report then return failed(err) end
  if not seen.report.causes[1] then
    return "ok", "nothing is overdue, given up or undelivered"
  end
  local lines = {}
  for i, cause in ipairs(seen.report.causes) do
    lines[i] = { check = cause.cause, result = cause.level, said = cause.said,
      advice = cause.type }
  end
  return lines
end

--- Which processes are at work, and their releases.
function checks.processes(seen)
  local alive = {}
  for _, process in ipairs(seen.report.processes) do
    if process.state == "alive" then
      alive[#alive + 1] = ("%s on %s (%s)"):format(process.role, process.host, process.release)
    end
  end
  if alive[1] then return "ok", "alive: " .. text.clean(table.concat(alive, ", ")) end
  local last = seen.report.last.sweep
  return "ok", last and "none is alive; what is due was last done at " .. text.moment(last)
    or "none has ever worked on this store"
end

-- Ways out and in ---------------------------------------------------------------------------------

--- Whether the mail servers are there and take their users; nothing is sent.
function checks.mail(seen)
  local lines = {}
  for _, channel in ipairs(seen.settings.channels or {}) do
    if channel.greet then
      local greeted, err = channel:greet()
      lines[#lines + 1] = {
        result = greeted and "ok" or "fail", code = err and status.of(err),
        said = greeted and channel.name .. ": the mail server takes this user; nothing was sent"
          or ("%s: %s"):format(channel.name, tostring(err)),
        advice = not greeted
          and "Nothing is delivered by it until the server answers and takes the user." or nil,
      }
    end
  end
  if not lines[1] then return "skip", "no channel sends mail" end
  return lines
end

function checks.secret(seen)
  local hook = seen.settings.webhook or {}
  if not hook.secret and not hook.secrets and not hook.secret_file then
    return "skip", "none is configured"
  end
  local verifier, count = secrets.verifier(hook)
  if not verifier then return failed(count) end
  return "ok", ("%d to verify webhooks with"):format(count)
end

local function wake(seen, session, dto, said)
  if session.arguments.dry_run then return "warn", said, "It would be woken." end
  local woken, err = seen.partner.webhooks:update(field(dto, "id"), { isActive = true })
  if not woken then return failed(err) end
  return "ok", "woken; " .. said
end

--- Whether Debitura sends events here; a subscription that was switched off is woken when that is
-- asked for.
function checks.subscription(seen, session)
  local url = session.arguments.url or (seen.settings.webhook or {}).url
  if not url then return "skip", "no webhook.url is configured, and no --url given" end
  local list, err = seen.partner.webhooks:list()
  if not list then return failed(err) end
  local dto = subscription.of_url(list, url)
  if not dto then
    local tested = subscription.of_url(list, url, true)
    return "fail", tested and ("test events alone are sent to %s, %d kinds of them"):format(url,
        #(field(tested, "events") or {})) or "nothing is sent to " .. url,
      ("`debitura webhooks ensure --url %s` subscribes."):format(url)
  end
  if seen.store and not session.arguments.dry_run then
    session:platform().presence:note_subscription(field(dto, "isActive"))
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
  if not counts then return failed(err) end
  session:platform().presence:mark("catch_up")
  return "ok", ("caught up since %s: %d events put into the inbox")
    :format(text.moment(counts.since), counts.events),
    counts.events > 0 and "`debitura inbox work` processes them." or nil
end

--- Whether webhooks have come in; what was missed is made up for when that is asked for.
checks["last webhook"] = function(seen, session)
  if session.arguments.catch_up and not session.arguments.dry_run then
    if not seen.answer then return "skip" end
    return make_up(seen, session)
  end
  local latest, err = seen.store:inbox_last()
  if latest == nil then return failed(err) end
  return "ok", (latest and "came in at " .. text.moment(latest.received_at) or "none ever came in")
    .. "; `debitura doctor --catch-up` makes up for what was missed"
end

--- What a check is skipped without: the name of it in `seen`.
checks.needs = {
  connection = "settings", key = "reached", clock = "answer", store = "settings",
  files = "settings", tls = "settings", status = "store", processes = "report", mail = "settings",
  secret = "settings", subscription = "answer", ["last webhook"] = "store",
}

--- The order in which the doctor asks.
checks.order = { "versions", "configuration", "connection", "key", "clock", "store", "files", "tls",
  "status", "processes", "mail", "secret", "subscription", "last webhook" }

return checks
