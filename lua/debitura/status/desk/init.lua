--- The desk: pages for the platform's own operators, from which they see every link and, where that
-- is allowed, act.
--
--     local desk = require("debitura.status.desk").new {
--       status = platform.status, recipes = platform.recipes, actions = true,
--       authorize = function(request)
--         if request.user == "nora" then return "act", request.user end
--         return request.user and "read", request.user
--       end,
--     }
--
-- or the option `desk` of debitura.platform. Knows no HTTP server; `debitura.status.openresty` and
-- `debitura.status.wsapi` are ways in. Its pages are data, drawn by debitura.status.desk.html; no
-- script runs in them, all addresses in them are relative, and no URL of a hosted page is shown.
-- @module debitura.status.desk

local acting = require("debitura.status.desk.acting")
local actions = require("debitura.status.desk.actions")
local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local flight = require("debitura.async.flight")
local hosted_url = require("debitura.recipes.hosted_url")
local html = require("debitura.status.desk.html")
local list_pages = require("debitura.status.desk.pages.lists")
local merged = require("debitura.base.merged")
local options = require("debitura.base.options")
local overview = require("debitura.status.desk.pages.overview")
local protected = require("debitura.async.protected")
local record_pages = require("debitura.status.desk.pages.record")
local usage = require("debitura.base.usage")
local task = require("debitura.async.task")
local waiters = require("debitura.async.waiters")

local desk = {}

--- Bytes that a form may have.
desk.max_body = 64 * 1024

--- Seconds for which the numbers of the overview stand: however many look, the store is asked once.
local FRESH = 1

local HEADERS = {
  ["Cache-Control"] = "no-store", ["Referrer-Policy"] = "no-referrer",
  ["X-Robots-Tag"] = "noindex", ["X-Content-Type-Options"] = "nosniff",
  ["X-Frame-Options"] = "DENY", ["Cross-Origin-Opener-Policy"] = "same-origin",
  ["Cross-Origin-Resource-Policy"] = "same-origin",
  ["Content-Type"] = "text/html; charset=utf-8", ["Content-Security-Policy"] = html.policy,
}

--- The pages by the last part of their path. Each is given a view: `desk`, `store`, `params` (of
-- the request), `now`, `actor` and `may(permission)`; it gives a page (see
-- debitura.status.desk.html), false where there is no such thing, or nil and a failure.
local PAGES = { [""] = overview, link = record_pages.link, case = record_pages.case,
  act = acting.ask }
local MENU = { { name = "", text = "Overview", href = "./" } }
for _, name in ipairs { "links", "cases", "inbox", "jobs" } do
  PAGES[name] = list_pages.of(name)
  MENU[#MENU + 1] = { name = name, text = name:sub(1, 1):upper() .. name:sub(2), href = name }
end

--- What the page is told that an action has led to.
local SAID = {
  moved = { "done", "It was done; what became of it is below." },
  recorded = { "warn", "Nothing was to be done about it." },
}

local Desk = {}
Desk.__index = Desk

function Desk.__tostring()
  return "debitura.status.desk"
end

-- Numbers -----------------------------------------------------------------------------------------

local function read(self)
  local seen, err = self.status:read()
  if seen then self.seen, self.seen_at = seen, core.system.monotonic() end
  return seen, err
end

-- How the store stands: read at most once a second, and once for all that ask meanwhile.
function Desk:numbers()
  if self.seen and core.system.monotonic() - self.seen_at < FRESH then return self.seen end
  local waiter = task.waiter() or (waiters.auto())
  if not waiter then return read(self) end
  local reading = self.reading
  if not reading or reading.landed then
    reading = flight.new(waiter, core.system.monotonic, read, self)
    self.reading = reading
    reading:begin()
  end
  reading:wait(waiter)
  if reading.raised then error(reading.raised[1], 0) end
  return reading.results[1], reading.results[2]
end

-- Who is let in -----------------------------------------------------------------------------------

--- What an operator may do, as a set, by what `authorize` gave; nil for nothing.
local function granted(given)
  if not given then return nil end
  if given == "read" then return {} end
  if given == "act" then return actions.permissions end
  local set = {}
  usage.check(type(given) == "table",
    'desk: authorize gives nil, "read", "act" or an array of actions, not ' .. tostring(given))
  for _, name in ipairs(given) do
    usage.check(actions.permissions[name], "desk: there is no action " .. tostring(name))
    set[name] = true
  end
  return set
end

--- Parameters by their names, of the address and then of the form: of several with one name the
-- first counts.
local function parameters(request)
  local params = {}
  for _, text in ipairs { request.query or "", request.method == "POST" and request.body or "" } do
    for _, pair in ipairs(encoding.form_pairs(text)) do
      if params[pair[1]] == nil then params[pair[1]] = pair[2] end
    end
  end
  return params
end

-- What pages and actions are given; nil when the operator is not let in.
function Desk:view(request)
  local sound, results = protected(function() return self.authorize(request) end)
  if not sound then error(results[1], 0) end
  local may, actor = granted(results[1]), results[2]
  if not may then return nil end
  actor = type(actor) == "string" and actor ~= "" and actor or "an operator without a name"
  return {
    desk = self, store = self.store, now = self.clock(), actor = actor:gsub("%c", " "):sub(1, 200),
    may = function(permission) return self.actions and may[permission] == true end,
    params = parameters(request),
  }
end

-- Answering ---------------------------------------------------------------------------------------

-- A page as HTML. What was drawn of the latest numbers is kept: an overview takes longer to draw
-- than all the rest of an answer, and the other requests of a worker of nginx wait for that.
function Desk:draw(page, view, current, said)
  local about, kept = view and view.actor or "Debitura desk", self.drawn
  local is_kept = page.lasts and not said
  if is_kept and kept and kept.page == page and kept.about == about then return kept.body end
  local body = html.draw(page, {
    menu = view and MENU, current = current, now = view and view.now or self.clock(), about = about,
    said = said,
  })
  if is_kept then self.drawn = { page = page, about = about, body = body } end
  return body
end

-- An answer: a page drawn, or where to go.
function Desk:answer(page, view, current, method)
  local headers = merged(HEADERS, page.headers)
  if page.location then
    headers.Location, headers["Content-Length"] = page.location, "0"
    return page.status, "", headers
  end
  local said = view and method ~= "POST" and SAID[view.params.said] or nil
  local body = self:draw(page, view, current, said)
  headers["Content-Length"] = tostring(#body)
  return page.status or 200, method == "HEAD" and "" or body, headers
end

--- What becomes of a view: a page in any case.
local function page_of(produce, view)
  local page, err = produce(view)
  if page then return page end
  if page == false then
    return acting.refusal(404, "Not found", "There is no such thing in the store.")
  end
  return { status = 503, title = "Out of order", headers = { ["Retry-After"] = "10" },
    notices = { { "fail", "The store did not answer: " .. hosted_url.redacted(tostring(err)) } } }
end

--- Why a form is not read, if it is not: only this desk's own pages may send it.
local function foreign(request)
  if request.headers["sec-fetch-site"] ~= "same-origin" then
    return "Forms are taken from this desk's own pages alone: the browser did not say "
      .. "Sec-Fetch-Site: same-origin."
  end
  local kind = request.headers["content-type"]
  if type(kind) ~= "string" or not kind:find("^application/x%-www%-form%-urlencoded") then
    return "Only a form is read."
  end
end

local function act(view)
  return page_of(acting.act, view)
end

--- Answers one request.
-- @tparam table request `method`, `path` (whose last part names the page), `query` and `body` as
--   they came, `headers` by their lower-case names, and for `authorize` what else the way in knows:
--   `user` (whom the server has authenticated), `address`
-- @treturn number status
-- @treturn string body
-- @treturn table headers
function Desk:handle(request)
  local method, current = request.method, request.path:match("[^/]*$")
  if method ~= "GET" and method ~= "HEAD" and method ~= "POST" then
    return self:answer({ status = 405, title = "Not allowed",
      headers = { Allow = "GET, HEAD, POST" } }, nil, current, method)
  end
  local view = self:view(request)
  if not view then
    return self:answer(acting.refusal(403, "Not for you", "You may not see this desk."), nil,
      current, method)
  end
  if method ~= "POST" then
    return self:answer(page_of(PAGES[current] or function() return false end, view), view, current,
      method)
  end
  local problem = current ~= "act" and "Nothing is sent here." or foreign(request)
  local page = problem and acting.refusal(403, "Refused", problem) or flight.run(act, view)
  return self:answer(page, view, current, method)
end

--- Answers a form that is too large to be read.
-- @treturn number status
-- @treturn string body
-- @treturn table headers
function Desk:refuse_large()
  return self:answer({ status = 413, title = "Too large" }, nil, "", "POST")
end

--- The options of a desk, see docs/options.md.
desk.own_options = {
  { "authorize", "function", required = true,
    "given the request (`method`, `path`, `query`, `headers`, `user`, `address`), gives nil, "
      .. '"read", "act" or an array of actions, and who it is' },
  { "actions", "boolean", default = false,
    "true: operators may act, those whom `authorize` lets" },
  { "personal", "boolean", default = false,
    "true: shows names, masked addresses, and what was said of failures" },
}
desk.options = options.define("debitura.status.desk", {
  { "status", "object", required = true, "debitura.status" },
  { "recipes", "object", "debitura.recipes; needed for actions" },
}, desk.own_options)

--- Makes one.
-- @tparam table given see `desk.options`
-- @treturn table with `handle`
-- @raise when an option is missing or wrong: above all without `authorize`
function desk.new(given)
  local chosen = desk.options:read(given)
  if chosen.actions and not chosen.recipes then
    desk.options:complain("recipes", "missing: actions are done by them")
  end
  return setmetatable({
    status = chosen.status, store = chosen.status.store, clock = chosen.status.clock,
    recipes = chosen.recipes, authorize = chosen.authorize, actions = chosen.actions,
    personal = chosen.personal, max_body = desk.max_body,
  }, Desk)
end

return desk
