--- One line for each request, response, repetition and webhook, for a logger of the application's.
-- A line holds operations, path templates, statuses, times, sizes, and ids of requests and events:
-- never a body, a filled-in path, a query, a credential or a hosted URL.
--
--     debitura response operation=clients.get attempt=1 method=GET status=200 seconds=0.052
-- @module debitura.base.log

local usage = require("debitura.base.usage")

local log = {}

--- What a line says of an event, in this order.
local FIELDS = {
  "operation", "attempt", "method", "path", "status", "kind", "seconds", "bytes_up", "bytes_down",
  "pause", "request_id", "field", "event", "id", "replay", "result", "reason", "cause",
}

local LONGEST_VALUE = 200 -- ids come from outside

local function number_text(value)
  return (value % 1 == 0 and "%d" or "%.3f"):format(value)
end

--- A value as logfmt has it: bare where nothing in it could be mistaken for something else, else in
-- quotes.
local function text_of(value)
  if type(value) == "number" then return number_text(value) end
  local text = tostring(value):sub(1, LONGEST_VALUE)
  if text:find("^[%w%._:/{}+-]+$") then return text end
  return '"' .. text:gsub('[%c"\\\127-\255]',
    function(byte) return ("\\x%02x"):format(byte:byte()) end) .. '"'
end

--- The line for an event.
-- @tparam string name "request", "response", "retry", "unknown_field", "difference" or "webhook"
-- @tparam table event what the hooks of debitura.client.session are given, or what became of a
--   webhook
-- @treturn string
function log.line(name, event)
  local parts = { "debitura " .. name }
  for _, field in ipairs(FIELDS) do
    local value = event[field]
    -- The path of an operation that has no template is the caller's own, with whatever is in it.
    if event.unlisted and (field == "operation" or field == "path") then
      value = field == "operation" and "unlisted" or nil
    end
    if value ~= nil then parts[#parts + 1] = field .. "=" .. text_of(value) end
  end
  return table.concat(parts, " ")
end

local LEVELS = { debug = 1, info = 2, warn = 3 }
--- The levels that an object of lua-logging can be set to.
local THRESHOLDS = { DEBUG = 1, INFO = 2, WARN = 3, ERROR = 4, FATAL = 5, OFF = 6 }

local function always() return true end

local function of_nginx(logger, ngx)
  local levels = { debug = ngx.DEBUG, info = ngx.INFO, warn = ngx.WARN }
  local errlog = require("ngx.errlog") -- there is none outside of nginx
  return {
    wants = function(level) return levels[level] <= errlog.get_sys_filter_level() end,
    write = function(level, line) logger(levels[level], line) end,
  }
end

local function of_object(logger)
  return {
    wants = function(level)
      return logger[level] ~= nil and LEVELS[level] >= (THRESHOLDS[logger.level] or 0)
    end,
    write = function(level, line)
      if logger[level] then logger[level](logger, line) end
    end,
  }
end

--- Makes a log out of a logger. It is asked for its level before a line is made for it.
-- @param logger an object with the methods `debug`, `info` and `warn`, and perhaps a `level`, as
--   those of lua-logging; or `ngx.log`; or a function that is given the level's name and the line
-- @treturn table `wants(level)` tells whether a line of "debug", "info" or "warn" would be kept,
--   `write(level, line)` writes one
function log.new(logger)
  local ngx = rawget(_G, "ngx")
  if ngx and logger == ngx.log then return of_nginx(logger, ngx) end
  if type(logger) == "function" then return { wants = always, write = logger } end
  if type(logger) == "table" and type(logger.info) == "function" then return of_object(logger) end
  usage.error("logger: an object with info, warn and debug, a function(level, line), or ngx.log "
    .. "expected")
end

return log
