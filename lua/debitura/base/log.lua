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
-- @tparam string name "request", "response", "retry", "unknown_field" or "webhook"
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

local function level_of(name, event)
  if name == "request" then return "debug" end
  return (event.kind or name == "retry" or name == "unknown_field") and "warn" or "info"
end

--- Makes a function that writes a line with a level of "debug", "info" or "warn", given the level
-- and the line.
-- @param logger an object with the methods `debug`, `info` and `warn`, as those of lua-logging; or
--   `ngx.log`; or a function that is given the level's name and the line
-- @treturn function
function log.writer(logger)
  local ngx = rawget(_G, "ngx")
  if ngx and logger == ngx.log then
    local levels = { debug = ngx.DEBUG, info = ngx.INFO, warn = ngx.WARN }
    return function(level, line) logger(levels[level], line) end
  end
  if type(logger) == "function" then return logger end
  if type(logger) == "table" and type(logger.info) == "function" then
    return function(level, line)
      if logger[level] then logger[level](logger, line) end
    end
  end
  usage.error("logger: an object with info, warn and debug, a function(level, line), or ngx.log "
    .. "expected")
end

--- Makes what a session tells its events.
-- @param logger see `log.writer`
-- @treturn function of the event's name and the event
function log.new(logger)
  local write = log.writer(logger)
  return function(name, event) write(level_of(name, event), log.line(name, event)) end
end

return log
