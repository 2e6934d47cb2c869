--- Answers at the platform's own URLs; `permalink:handler(recipes)` makes it. Knows no HTTP server; `debitura.permalink.openresty` and
-- `debitura.permalink.wsapi` are ways in.
--
-- GET shows a page and does nothing, so that a mail scanner triggers nothing. Only the button, a POST, leads on: to Debitura's page
-- while that is good, else to a new one that is asked for on the spot.
-- @module debitura.permalink.handler

local hosted_url = require("debitura.recipes.hosted_url")
local jobs = require("debitura.workflow.jobs")
local page = require("debitura.permalink.page")
local usage = require("debitura.base.usage")

local handler = {}

local HEADERS = {
  ["Cache-Control"] = "no-store", ["Referrer-Policy"] = "no-referrer", ["X-Robots-Tag"] = "noindex", ["X-Content-Type-Options"] = "nosniff",
  -- No form-action: browsers apply it to where the POST is redirected, too.
  ["Content-Security-Policy"] = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; style-src '" .. page.style_hash .. "'",
}

--- What is shown for a record of each kind in each state; whatever is not here is gone.
local SHOWN = {
  link = {
    requesting = "link", pending = "link", expired = "link", exhausted = "link", onboarding = "link", linked = "done",
    incomplete = "done", carried = "done", onboarded = "done",
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

function Handler:answer(name, method, extra)
  local body = page.render(name, self.partner_name)
  local headers = { ["Content-Type"] = "text/html; charset=utf-8", ["Content-Length"] = tostring(#body) }
  for _, more in ipairs { HEADERS, extra or {} } do
    for header, value in pairs(more) do headers[header] = value end
  end
  return STATUS[name] or 200, method == "HEAD" and "" or body, headers
end

local function shown_of(purpose, record)
  local shown = record and SHOWN[purpose][record.state] or "gone"
  -- Who approved before we heard of it is still to complete the account.
  if purpose == "link" then return shown == "done" and record.url and "link" or shown end
  -- What was flagged without a URL has no page to lead to.
  return shown == purpose and not record.url and "gone" or shown
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
  local runner = self.runner
  if not ASKS[link.state] or link.state == "pending" and runner.clock() < link.expires_at then return link end
  if link.state == "requesting" then
    local work, now = runner:begin(), runner.clock()
    work:remember({ jobs.new("request_link", link, now, { generation = link.generation + 1 }) }, now)
    if not work:go_on() then return nil end
    return runner:record("link", link.tenant, "")
  end
  local word, moved = runner:steer(link, { name = "permalink.opened", notify = false })
  return word and moved
end

function Handler:lead_on(record, shown)
  if shown == "link" then
    record = self:renewed(record)
    shown = record and shown_of("link", record) or "later"
  end
  if shown == "done" or shown == "gone" then return self:answer(shown) end
  if not record or not record.url then return self:answer("later", "POST", { ["Retry-After"] = "60" }) end
  local headers = { Location = hosted_url.for_tenant(self.runner.context, record), ["Content-Length"] = "0" }
  for name, value in pairs(HEADERS) do headers[name] = value end
  return 303, "", headers
end

--- Answers one request.
-- @tparam table request `method`, `path` (whose last part is the id)
-- @treturn number status
-- @treturn string body
-- @treturn table headers
function Handler:handle(request)
  local method = request.method
  if method ~= "GET" and method ~= "HEAD" and method ~= "POST" then
    local _, body, headers = self:answer("gone", method, { Allow = "GET, HEAD, POST" })
    return 405, body, headers
  end
  -- Anchored, so that a long path takes no more than its length.
  local record, shown = self:find(request.path:match("^.*/(.*)$"))
  if record == nil then return self:answer("later", method, { ["Retry-After"] = "60" }) end
  if method == "POST" and SHOWN[shown] then return self:lead_on(record, shown) end
  return self:answer(shown, method)
end

--- Makes it; `permalink:handler` calls it.
-- @tparam table permalink see debitura.permalink
-- @tparam table recipes see debitura.recipes; made with this permalink
-- @treturn table with `handle`
function handler.new(permalink, recipes)
  if recipes.runner.context.permalink ~= permalink then usage.error("permalink: the recipes were made without it") end
  return setmetatable({ runner = recipes.runner, permalink = permalink, partner_name = permalink.partner_name }, Handler)
end

return handler
