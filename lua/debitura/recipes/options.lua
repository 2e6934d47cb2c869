--- The options that all recipes share, and what they become: the terms that new records get, and
-- what the steps work with.
--
-- Terms are what a customer was promised when a link was requested: they stay with its record,
-- whatever the options of the process that goes on with it. All else belongs to the process.
-- @module debitura.recipes.options

local failure = require("debitura.base.failure")
local hosted_url = require("debitura.recipes.hosted_url")
local lanes = require("debitura.workflow.lanes")
local link_machine = require("debitura.recipes.link")
local log = require("debitura.base.log")
local options = require("debitura.base.options")

local recipe_options = {}

local DAY, HOUR = 86400, 3600
local REMINDERS = { 0.5, -DAY }
local PAUSES = { 0, DAY }
local ONBOARDING_REMINDERS = { 2 * DAY, 7 * DAY, 21 * DAY }

local function check_channels(channels)
  local seen = {}
  for i, channel in ipairs(channels) do
    local name = type(channel) == "table" and channel.name
    if type(name) ~= "string" or not name:find("^[%w_-]+$")
      or type(channel.deliver) ~= "function" then
      return ("[%d]: a channel has a name (letters, digits, _ and -) and a function deliver")
        :format(i)
    end
    if seen[name] then return ("two are named %q"):format(name) end
    seen[name] = true
  end
end

local function check_window(days)
  local window = link_machine.window
  if not (days >= window.min and days <= window.max) then
    return ("from %d to %d"):format(window.min, window.max)
  end
end

local function check_reminders(points)
  for i, point in ipairs(points) do
    if type(point) ~= "number" or point == 0 or not (point < 1 and point > -math.huge) then
      return ("[%d]: a part of the window such as 0.5, or seconds before its end such as -86400")
        :format(i)
    end
  end
end

local function check_pauses(pauses)
  for i, pause in ipairs(pauses) do
    if type(pause) ~= "number" or not (pause >= 0 and pause < math.huge) then
      return ("[%d]: a number of seconds"):format(i)
    end
  end
end

local function check_return_url(url)
  if type(url) ~= "function" and not hosted_url.is_return_url(url) then
    return "an absolute http or https URL, or a function of the tenant that gives one"
  end
end

-- The webhooks that are done; a duplicate that comes later than this would be worked again.
local RETENTION = { inbox = 7 * DAY }
local RETAINED = { inbox = true, ended = true, payload = true }

--- Debitura repeats a webhook for an hour and a half, and a person may replay it; what has just
-- ended may have been ended by mistake.
local function check_retention(given)
  for name, seconds in pairs(given) do
    if not RETAINED[name] then
      return ("unknown: %s; there are ended, inbox and payload"):format(tostring(name))
    end
    local is_enough = type(seconds) == "number" and seconds >= DAY
    if not is_enough then return name .. ": seconds expected, a day (86400) at least" end
  end
end

recipe_options.recipes = options.define("recipes.new", {
  { "partner", "object", required = true, "debitura.partner" },
  { "store", "object", required = true, "debitura.store" },
  { "clock", "function", required = true, "a function that gives Unix seconds" },
  { "channels", "table", "ways to the customer, see debitura.channels",
    check = check_channels },
  { "window_days", "number", default = link_machine.window.default, check = check_window,
    "the approval window that Debitura has set for the partner, 1 to 30 days" },
  { "reminders", "table", default = REMINDERS, check = check_reminders,
    "when the customer is reminded: parts of the window, or seconds before its end as a "
      .. "negative number" },
  { "onboarding_reminders", "table", default = ONBOARDING_REMINDERS, check = check_pauses,
    "seconds after which a new customer is reminded of the onboarding" },
  { "max_generations", "count", default = 3,
    "how many URLs a customer is sent for one request of the platform" },
  { "pauses", "table", default = PAUSES, check = check_pauses,
    "seconds before the second, the third … URL is asked for; the last one repeats" },
  { "follow_after", "seconds", default = HOUR,
    "seconds that the webhooks of carried cases have before they are asked for" },
  { "return_url", "any", check = check_return_url,
    "where hosted pages send the customer afterwards; text, or a function of the tenant" },
  { "permalink", "table", "URLs of the platform's own, see debitura.permalink" },
  { "directors", "function",
    "of the tenant, gives the director's data (SubmitKycVerificationRequest) or nil" },
  { "fallback", "function", "of a case that no collection partner takes" },
  { "escalate", "function", "of a case whose creditor Debitura has blocked" },
  { "on_change", "function", "is called for every move of a record, at least once" },
  { "on_alert", "function",
    "of what a person has to look at, is called once for each cause and day; see "
      .. "docs/monitoring" },
  { "retention", "table", default = RETENTION, check = check_retention,
    annotation = "{ ended?: number, inbox?: number, payload?: number }",
    "for how many seconds is kept what a sweep drops, a day at least: `inbox`, webhooks "
      .. "since they were done (7 days); `payload`, payloads and URLs of what has ended since "
      .. "then, and `ended`, clients since all of them has ended (for ever)" },
  { "debitura_support", "text",
    "Debitura's address for customers, named in what they are given as advice" },
  { "logger", "table|function", check = function(logger) log.new(logger) end,
    "is warned of settings that differ from Debitura's; see debitura.base.log" },
  { "lease", "positive", default = 600,
    "seconds that a process has for a job before another takes it; at least twice as long "
    .. "as a call with all its retries" },
})

--- The options of every `sweep`.
recipe_options.sweep = options.define("sweep", {
  { "limit", "count", "how many steps at most" },
  {
    "at_once", "count", default = lanes.WIDTH,
    "clients whose steps are done side by side, while calls wait for their answers; the "
      .. "steps of one client keep their order",
  },
  { "dry_run", "boolean", "true: tell what is due and do nothing" },
  { "on_progress", "function",
    "is called with each step, and ends the sweep by returning false" },
})

--- Seconds after the URL was delivered at which the customer is reminded, in order. Points that
-- fall together, or on the window's ends, as they do in a short window, are left out.
local function reminder_times(points, window)
  local times, kept = {}, {}
  for i, point in ipairs(points) do
    times[i] = math.floor(point > 0 and point * window or window + point)
  end
  table.sort(times)
  for _, seconds in ipairs(times) do
    local last = kept[#kept] or 0
    if seconds >= last + HOUR and seconds <= window - HOUR then kept[#kept + 1] = seconds end
  end
  return kept
end

--- What jobs may need: a channel, or a function of the platform.
-- @tparam table read options
-- @treturn table those that a process with these options has
-- @treturn table the names of its channels
-- @treturn table the channels by their names
function recipe_options.abilities(read)
  local can, names, by_name = {}, {}, {}
  for i, channel in ipairs(read.channels or {}) do
    names[i], by_name[channel.name] = channel.name, channel
    can[i] = "channel:" .. channel.name
  end
  for _, name in ipairs { "directors", "fallback", "escalate", "on_change", "on_alert" } do
    if read[name] then can[#can + 1] = name end
  end
  return can, names, by_name
end

--- Options that are terms as they are, and functions that a customer may count on.
local TERMS = { "window_days", "max_generations", "pauses", "follow_after", "onboarding_reminders" }
local PROMISED = { "directors", "fallback", "escalate", "on_change" }

--- Reads a recipe's options.
-- @tparam table given see `recipe_options.recipes`
-- @treturn table `store`, `clock`, `lease`, `can`, `terms` and `context` (the options, as the steps
--   work with them), for debitura.workflow.runner
-- @raise at the caller's line, for an option that is unknown or wrong
function recipe_options.read(given)
  local context = recipe_options.recipes:read(given)
  local can, names, by_name = recipe_options.abilities(context)
  local terms = { channels = names,
    remind_after = reminder_times(context.reminders, context.window_days * DAY) }
  for _, name in ipairs(TERMS) do terms[name] = context[name] end
  for _, name in ipairs(PROMISED) do terms[name] = context[name] ~= nil end
  local kept = context.retention
  context.retention = { inbox = kept.inbox or RETENTION.inbox, ended = kept.ended,
    payload = kept.payload }
  context.channels, context.channel_names = by_name, names
  context.write = context.logger and log.new(context.logger).write
  return { store = context.store, clock = context.clock, lease = context.lease, can = can,
    terms = terms, context = context }
end

--- Why a customer could not be given a URL: there is no channel, and no URL of the platform's own
-- that stands for it.
-- @tparam table context
-- @tparam string operation
-- @treturn ?table failure of kind "configuration"
function recipe_options.unreachable(context, operation)
  if context.channel_names[1] or context.permalink then return nil end
  return failure.new {
    kind = "configuration", operation = operation,
    message = "no channel would carry the customer's URL, nothing was sent; configure channels "
      .. "(such as debitura.channels.email), or a permalink",
  }
end

return recipe_options
