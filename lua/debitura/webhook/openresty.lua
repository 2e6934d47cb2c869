--- The receiver as a location of nginx with its Lua module.
--
--     location = /webhooks {
--       client_max_body_size 8m;
--       content_by_lua_block {
--         require("debitura.webhook.openresty").serve(require("app.webhooks"))
--       }
--     }
--
-- where the module app.webhooks returns a receiver. It is loaded by a worker's first request:
-- connections do not survive the fork of nginx's workers, so it must not be loaded in init_by_lua.
--
-- Waits without blocking for the body and for the store. SQLite and PostgreSQL do so in threads,
-- which the main part of nginx.conf must have:
--
--     thread_pool debitura threads=2;
--
-- Without that line they block the worker until their server or the disk answers. What blocks it
-- for a moment is the read of a body that nginx has spooled to a file of this machine (`max_body`
-- bytes at most).
-- @module debitura.webhook.openresty

-- luacheck: globals ngx

local core = require("debitura.core")
local merged = require("debitura.base.merged")
local protected = require("debitura.async.protected")

local openresty = {}

local MAX_HEADERS = 100
-- Seconds after which a timer makes room for a new one: what nginx allots in a timer it frees at
-- its end.
local RUN = 60
local NOT_PROCESSED = "debitura: webhooks are not processed: "
local PAUSE = 1 -- seconds before a worker that could not be made is tried again

--- A body that nginx has spooled; nil when it is too large.
local function read_spooled(path, max_body)
  local file = assert(io.open(path, "rb"))
  local body = file:seek("end") <= max_body and file:seek("set") and file:read("*a")
  file:close()
  return body or nil
end

--- The whole body of the request.
-- @tparam ?string announced the header Content-Length
-- @tparam number max_body bytes
-- @treturn ?string nil when it is too large, which a body of announced length shows before it is
--   read
function openresty.read_body(announced, max_body)
  if (tonumber(announced) or 0) > max_body then return nil end
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  if body then return body end
  local path = ngx.req.get_body_file()
  return path and read_spooled(path, max_body) or not path and "" or nil
end

local function send(status, body, headers)
  ngx.status = status
  for name, value in pairs(headers) do ngx.header[name] = value end
  ngx.header["Content-Type"] = "text/plain"
  ngx.header["Content-Length"] = #body
  ngx.print(body)
end

--- Receives one delivery: for content_by_lua.
-- @tparam table receiver see debitura.webhook.receiver
-- @tparam[opt] string subscription what the receiver's function `secret` is given, such as a part
--   of the path
function openresty.serve(receiver, subscription)
  local method, headers, body = ngx.req.get_method(), ngx.req.get_headers(MAX_HEADERS), ""
  if method == "POST" then
    body = openresty.read_body(headers["content-length"], receiver.max_body)
  end
  if body then
    send(receiver:handle {
      method = method, headers = headers, lower_case = true, body = body,
      subscription = subscription,
    })
  else
    send(receiver:refuse_large())
  end
end

--- Says when a worker has to stop: after some seconds, or when nginx wants to exit.
local function stop_after(seconds)
  local deadline = core.system.monotonic() + seconds
  return function() return ngx.worker.exiting() or core.system.monotonic() > deadline end
end

--- Processes the inbox in the background, until nginx exits: for init_worker_by_lua.
-- @tparam function make gives the receiver; called in a timer, where also stores that need a
--   cosocket can be opened
-- @tparam[opt] table options see debitura.webhook.worker
function openresty.work(make, options)
  local receiver, run
  local chosen = merged(options)
  local function again(seconds)
    if ngx.worker.exiting() then return end -- a timer without delay would be started all the same
    local started, err = ngx.timer.at(seconds, run)
    if not started then ngx.log(ngx.ERR, NOT_PROCESSED, err) end
  end
  function run(premature)
    if premature then return end
    chosen.stop = stop_after(RUN)
    local sound, results = protected(function()
      receiver = receiver or make()
      receiver:work(chosen)
    end)
    if not sound then ngx.log(ngx.ERR, NOT_PROCESSED, tostring(results[1])) end
    again(sound and 0 or PAUSE)
  end
  again(0)
end

return openresty
