--- Answers at the platform's own URLs; `recipes:permalink_handler()` makes it. Knows no HTTP
-- server; `debitura.permalink.openresty` and `debitura.permalink.wsapi` are ways in.
--
-- GET shows a page and does nothing, so that a mail scanner triggers nothing. Only the button, a
-- POST, leads on: to Debitura's page while that is good, else to a new one that is asked for on the
-- spot.
-- @module debitura.permalink.handler

local core = require("debitura.core")
local hosted_url = require("debitura.recipes.hosted_url")
local link_jobs = require("debitura.recipes.link_jobs")
local letters = require("debitura.channels.letters")
local merged = require("debitura.base.merged")
local null = require("debitura.base.null")
local page = require("debitura.permalink.page")

local handler = {}

local HEADERS = {
  ["Cache-Control"] = "no-store", ["Referrer-Policy"] = "no-referrer",
  ["X-Robots-Tag"] = "noindex", ["X-Content-Type-Options"] = "nosniff",
}

--- What is shown for a record of each kind in each state; whatever is not here is gone.
local SHOWN = {
  link = {
    requesting = "link", pending = "link", expired = "link", exhausted = "link",
    onboarding = "link", linked = "done", incomplete = "done", carried = "done", onboarded = "done",
  },
  signing = { outstanding = "signing", done = "done" },
  kyc = { outstanding = "kyc", submitted = "done", done = "done" },
}

--- The states of a link in which a fresh URL can be asked for, and what asks for it.
local ASKS = { requesting = true, pending = true, expired = true, exhausted = true }

local STATUS = { later = 503, gone = 404 }

local Handler = {}
Handler.__index = Handler

function Handler.__tostring()
  return "debitura.permalink.handler"
end

local function decoded(text)
  return text and core.json.decode(text) or nil
end

-- The language that was promised, else the option's, else the client's country's, else the
-- browser's. What leads nowhere shows nothing of any client.
function Handler:texts_for(request, subject)
  local choice = self.permalink.language
  if not subject then
    choice = type(choice) == "string" and choice or nil
    return letters.choose(self.all, choice, {}, request.accept_language)
  end
  local payload = decoded(subject.payload)
  return letters.choose(self.all, choice, {
    tenant = subject.tenant, language = null.text(subject.terms, "language"),
    recipient = { country = null.text(null.field(payload, "client"), "country") },
  }, request.accept_language)
end

function Handler:answer(name, request, subject, extra)
  local texts = self:texts_for(request, name ~= "gone" and subject)
  local body = self.pages:render(name, texts)
  local headers = merged({
    ["Content-Type"] = "text/html; charset=utf-8", ["Content-Length"] = tostring(#body),
    ["Content-Language"] = texts.language, ["Content-Security-Policy"] = self.pages.policy,
  }, HEADERS, extra)
  return STATUS[name] or 200, request.method == "HEAD" and "" or body, headers
end

function Handler:answer_later(request, subject)
  return self:answer("later", request, subject, { ["Retry-After"] = "60" })
end

local function shown_of(purpose, subject)
  local shown = subject and SHOWN[purpose][subject.state] or "gone"
  -- A customer who approved before it was heard of is still to complete the account.
  if purpose == "link" then return shown == "done" and subject.url and "link" or shown end
  -- What was flagged without a URL has no page to lead to.
  return shown == purpose and not subject.url and "gone" or shown
end

--- What an id stands for: the record, and how it is shown.
-- @treturn[1] table|false
-- @treturn[1] string name of a page
-- @treturn[2] nil when the store fails
function Handler:find(id)
  local place = self.permalink:find(id)
  if not place then return place, "gone" end
  local record = self.runner:record(place.purpose, place.tenant, "")
  if record == nil then return nil end
  return record, shown_of(place.purpose, record)
end

--- A link as it is once a fresh URL was asked for, where it needs one.
function Handler:renewed(link)
  local runner, now = self.runner, self.runner.clock()
  if not ASKS[link.state] or link.state == "pending" and now < link.expires_at then return link end
  if link.state == "requesting" then
    local work = runner:begin()
    work:remember(link_jobs.requests(link, now), now)
    if not work:go_on() then return nil end
    return runner:record("link", link.tenant, "")
  end
  local word, moved = runner:apply_and_run(link, { name = "permalink.opened", notify = false })
  return word and moved
end

function Handler:lead_on(request, found, shown)
  local subject = found
  if shown == "link" then
    subject = self:renewed(found)
    shown = subject and shown_of("link", subject) or "later"
  end
  if shown == "done" or shown == "gone" then return self:answer(shown, request, subject) end
  if not subject or not subject.url then return self:answer_later(request, found) end
  return 303, "", merged({
    Location = hosted_url.for_tenant(self.runner.context, subject), ["Content-Length"] = "0",
    ["Content-Security-Policy"] = self.pages.policy,
  }, HEADERS)
end

--- Answers one request.
-- @tparam table request `method`, `path` (whose last part is the id), and if known
--   `accept_language` (the header)
-- @treturn number status
-- @treturn string body
-- @treturn table headers
function Handler:handle(request)
  local method = request.method
  if method ~= "GET" and method ~= "HEAD" and method ~= "POST" then
    local _, body, headers = self:answer("gone", request, false, { Allow = "GET, HEAD, POST" })
    return 405, body, headers
  end
  -- Anchored, so that a long path takes no more than its length.
  local subject, shown = self:find(request.path:match("^.*/(.*)$"))
  if subject == nil then return self:answer_later(request, false) end
  if method == "POST" and SHOWN[shown] then return self:lead_on(request, subject, shown) end
  return self:answer(shown, request, subject)
end

--- Makes it; `recipes:permalink_handler()` calls it.
-- @tparam table permalink see debitura.permalink
-- @tparam table runner see debitura.workflow.runner
-- @treturn table with `handle`
function handler.new(permalink, runner)
  return setmetatable({
    runner = runner, permalink = permalink, pages = page.new(permalink.brand),
    all = letters.with(permalink.texts),
  }, Handler)
end

return handler
