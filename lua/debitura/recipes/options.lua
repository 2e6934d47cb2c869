--- The options that all recipes share, checked: mistakes are raised at the caller of the recipe.
-- @module debitura.recipes.options

local hosted_url = require("debitura.recipes.hosted_url")
local link_machine = require("debitura.recipes.link")

local options_of = {}

local DAY, HOUR = 86400, 3600
local LEASE = 600 -- seconds; at least twice as long as a call with all its retries takes, see Runner:work
local FOLLOW_AFTER = HOUR -- seconds that the webhooks of carried cases have before they are asked for
local REMINDERS = { 0.5, -DAY }
local LEVEL = 5 -- of error(): whoever called the recipe's `new`

local function check_channels(channels)
  local by_name, names = {}, {}
  for i, channel in ipairs(channels or {}) do
    local name = type(channel) == "table" and channel.name
    if type(name) ~= "string" or not name:find("^[%w_-]+$") or type(channel.deliver) ~= "function" then
      error(("channels[%d]: a channel has a name (letters, digits, _ and -) and a function deliver"):format(i), LEVEL)
    end
    if by_name[name] then error(("channels: two are named %q"):format(name), LEVEL) end
    by_name[name], names[i] = channel, name
  end
  return by_name, names
end

local function check_window(days)
  local window = link_machine.window
  if days == nil then return window.default end
  if type(days) ~= "number" or not (days >= window.min and days <= window.max) then
    error(("window_days: from %d to %d"):format(window.min, window.max), LEVEL)
  end
  return days
end

--- Seconds after the URL was delivered at which the customer is reminded, in order. Points that fall together, or on the window's
-- ends, as they do in a short window, are left out.
local function reminder_times(points, window)
  local times, kept = {}, {}
  for i, point in ipairs(points or REMINDERS) do
    if type(point) ~= "number" or point == 0 or point >= 1 then
      error(("reminders[%d]: a part of the window such as 0.5, or seconds before its end such as -86400"):format(i), LEVEL)
    end
    times[i] = math.floor(point > 0 and point * window or window + point)
  end
  table.sort(times)
  for _, seconds in ipairs(times) do
    local last = kept[#kept] or 0
    if seconds >= last + HOUR and seconds <= window - HOUR then kept[#kept + 1] = seconds end
  end
  return kept
end

local function check_number(name, value, default)
  if value == nil then return default end
  if type(value) ~= "number" or value ~= value or value < 0 then error(name .. ": a number of seconds", LEVEL) end
  return value
end

local function check_function(name, value)
  if value ~= nil and type(value) ~= "function" then error(name .. ": a function expected", LEVEL) end
  return value
end

--- Reads a recipe's options.
-- @tparam table options `partner`, `store`, `clock` (a function that gives Unix seconds), `channels` (array, see debitura.channels),
--   `return_url` (text, or a function of the tenant), `window_days` (7; the partner's setting at Debitura, 1 to 30), `reminders`
--   ({ 0.5, -86400 }), `follow_after` (3600 seconds), `lease` (600 seconds), `permalink` (see debitura.permalink), `directors` (function
--   of the tenant that gives SubmitKycVerificationRequest), `fallback` and `escalate` (functions of a case that cannot be taken)
-- @treturn table what debitura.recipes.runner works with
function options_of.read(options)
  if type(options) ~= "table" then error("options table expected", LEVEL - 1) end
  for _, name in ipairs { "partner", "store" } do
    if type(options[name]) ~= "table" and type(options[name]) ~= "userdata" then error(name .. " is missing", LEVEL - 1) end
  end
  if type(options.clock) ~= "function" then error("clock: a function that gives Unix seconds", LEVEL - 1) end
  local return_url = options.return_url
  if return_url ~= nil and type(return_url) ~= "function" and not hosted_url.is_return_url(return_url) then
    error("return_url: an absolute http or https URL, or a function of the tenant that gives one", LEVEL - 1)
  end
  local channels, names = check_channels(options.channels)
  local days = check_window(options.window_days)
  return {
    partner = options.partner, store = options.store, clock = options.clock, channels = channels, channel_names = names,
    return_url = return_url, permalink = options.permalink, lease = check_number("lease", options.lease, LEASE),
    directors = check_function("directors", options.directors), fallback = check_function("fallback", options.fallback),
    escalate = check_function("escalate", options.escalate),
    policy = {
      channels = names, window_days = days, remind_after = reminder_times(options.reminders, days * DAY),
      follow_after = check_number("follow_after", options.follow_after, FOLLOW_AFTER),
      has_directors = options.directors ~= nil, has_fallback = options.fallback ~= nil, has_escalate = options.escalate ~= nil,
    },
  }
end

return options_of
