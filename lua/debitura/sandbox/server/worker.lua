--- Carries the sandbox in nginx: one worker holds the state, hands requests to the model and does
-- its effects.
-- @module debitura.sandbox.server.worker

local ngx = ngx
local core = require("debitura.core")
local delivery = require("debitura.sandbox.server.delivery")
local dispatch = require("debitura.sandbox.server.dispatch")
local hosts = require("debitura.sandbox.server.hosts")
local snapshot = require("debitura.sandbox.server.snapshot")

local worker = {}

local TICK = 0.5 -- seconds between looks at the clock
local MAX_HEADERS = 100
local SLASH = 47
local NO_CONTENT, MISDIRECTED = 204, 421
local CLOSE = 444 -- nginx's own

local PATIENCE = 0.005 -- seconds between looks whether deliveries have come back
local SAVE_EVERY = 5 -- seconds, where the state is kept and something was asked of it

-- Kilobytes in use from which garbage is collected sooner: LuaJIT's hash looks at a few bytes of a
-- long string, so bodies that differ in a number alone are slow to tell apart while many of them
-- lie around.
local LARGE, SOON, USUAL = 64 * 1024, 120, 200

local state, state_file, host_names
local touched = false -- since it was last saved
local in_flight = 0 -- batches of deliveries

-- Effects -----------------------------------------------------------------------------------------

--- Makes one attempt; what fails in the sandbox itself is logged, and an outcome like any other.
local function attempt(effect)
  local sent, outcome = pcall(delivery.send, effect)
  if sent then return outcome end
  ngx.log(ngx.ERR, "sandbox: a delivery could not be made: ", outcome)
  return { error = "sandbox" }
end

--- Sends deliveries, those to one address one after the other, so that they arrive in the order of
-- their events.
local function deliver_all(effects)
  in_flight = in_flight + 1
  local by_url, threads = {}, {}
  for _, effect in ipairs(effects) do
    by_url[effect.url] = by_url[effect.url] or {}
    table.insert(by_url[effect.url], effect)
  end
  for _, queue in pairs(by_url) do
    threads[#threads + 1] = ngx.thread.spawn(function()
      for _, effect in ipairs(queue) do
        dispatch.delivered(state, effect.id, attempt(effect), ngx.now())
      end
    end)
  end
  for _, thread in ipairs(threads) do ngx.thread.wait(thread) end
  in_flight = in_flight - 1
end

--- Does effects in the background.
local function perform(effects)
  if #effects == 0 then return end
  in_flight = in_flight + 1 -- from now on, not from when the timer fires
  local started, err = ngx.timer.at(0, function()
    deliver_all(effects)
    in_flight = in_flight - 1
  end)
  if not started then
    in_flight = in_flight - 1
    ngx.log(ngx.ERR, "sandbox: deliveries were not started: ", err)
  end
end

-- Time --------------------------------------------------------------------------------------------

local function tick(premature)
  if premature then return end
  collectgarbage("setpause", collectgarbage("count") > LARGE and SOON or USUAL)
  local effects = dispatch.tick(state, ngx.now())
  touched = touched or #effects > 0
  perform(effects)
end

--- Waits until every delivery that is under way has come back.
local function settle()
  while in_flight > 0 do ngx.sleep(PATIENCE) end
end

--- Lets the time pass that was asked for, with every delivery that falls into it, before the answer
-- goes out.
local function walk_time()
  settle()
  local effects = dispatch.step(state, ngx.now())
  while effects do
    deliver_all(effects)
    settle()
    effects = dispatch.step(state, ngx.now())
  end
end

-- Beginning and end -------------------------------------------------------------------------------

local function save()
  if not state_file or not touched then return end
  touched = false
  local saved, err = snapshot.save(state_file, state)
  if not saved then ngx.log(ngx.ERR, "sandbox: the state was not saved: ", err) end
end

--- Makes the sandbox or reads it back: for init_by_lua, where a failure keeps nginx from starting.
-- @tparam string text JSON of `settings`, `seed`, `situations`, `accounts`, `state_file`,
--   `host_names`
function worker.load(text)
  local options = assert(core.json.decode(text))
  state_file, host_names = options.state_file, options.host_names
  state = dispatch.new(options, ngx.now())
  if not state_file then return end
  local found, err = snapshot.load(state_file, state)
  if found == nil then error(err, 0) end
  if not found then assert(snapshot.save(state_file, state)) end
end

--- Starts what the worker does by itself: for init_worker_by_lua.
function worker.start()
  assert(ngx.timer.every(TICK, tick))
  if state_file then assert(ngx.timer.every(SAVE_EVERY, save)) end
end

--- Saves for the last time: for exit_worker_by_lua.
worker.stop = save

-- Requests ----------------------------------------------------------------------------------------

local function read_body(headers)
  if not headers["content-length"] and not headers["transfer-encoding"] then return "" end
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  if body then return body end
  local path = ngx.req.get_body_file() -- what did not fit into nginx's buffer
  local file = path and io.open(path, "rb")
  if not file then return "" end
  body = file:read("*a")
  file:close()
  return body
end

local function read_request()
  -- Its metatable would look a second time for each header that is not there.
  local target, headers = ngx.var.request_uri, setmetatable(ngx.req.get_headers(MAX_HEADERS), nil)
  if target:byte() ~= SLASH then target = target:gsub("^%a+://[^/]*", "") end
  for name, value in pairs(headers) do
    -- of a header that came several times
    if type(value) == "table" then headers[name] = value[1] end
  end
  local path, query = target:match("^([^?]*)%??(.*)$")
  return { method = ngx.req.get_method(), path = path, query = query, headers = headers,
    body = read_body(headers) }
end

--- The answer as bytes.
local function body_of(response)
  if response.log then ngx.log(ngx.ERR, "sandbox: ", response.log) end
  if type(response.body) ~= "table" then return response.body end
  local text, err = core.json.encode(response.body)
  if text then return text end
  ngx.log(ngx.ERR, "sandbox: an answer could not be written: ", err.message, " at ",
    err.where)
  response.status = 418
  return '{"error":"SandboxError"}'
end

--- Sends the body in one or in two halves, or as much of it as a fault leaves.
local function send_body(response, text, transfer)
  local plain = transfer == "plain" or text == ""
  if plain and response.status ~= NO_CONTENT then ngx.header["content-length"] = #text end
  if plain and not response.cut then return ngx.print(text) end
  local half = math.floor(#text / 2)
  ngx.print(text:sub(1, half))
  ngx.flush(true)
  if response.cut then return ngx.exit(ngx.ERROR) end -- with half of the body still owed
  ngx.print(text:sub(half + 1))
end

--- Answers as an old proxy does: the end of the connection is the end of the body. nginx writes no
-- HTTP/1.0 of its own.
local function send_http10(response, text)
  local lines = { ("HTTP/1.0 %d Sandbox"):format(response.status) }
  for name, value in pairs(response.headers) do lines[#lines + 1] = name .. ": " .. value end
  local socket = assert(ngx.req.socket(true))
  socket:send(table.concat(lines, "\r\n") .. "\r\n\r\n" .. text)
  return ngx.exit(CLOSE)
end

local function send(response, transfer)
  if response.lost then return ngx.exit(CLOSE) end
  local text = body_of(response)
  if transfer == "http10" and not response.cut then return send_http10(response, text) end
  ngx.status = response.status
  for name, value in pairs(response.headers) do ngx.header[name] = value end
  return send_body(response, text, response.cut and "plain" or transfer)
end

--- A request that the sandbox makes to itself, with all that it causes done when it returns.
local function request_of_own(method, target, headers, body)
  local path, query = target:match("^([^?]*)%??(.*)$")
  local response, effects = dispatch.handle(state,
    { method = method, path = path, query = query, headers = headers, body = body }, ngx.now())
  deliver_all(effects)
  if response.settles then walk_time() end
  if response.await then response = response.finish(attempt(response.await)) end
  return response.status, body_of(response)
end

--- Serves one request: for content_by_lua.
-- @tparam[opt] boolean compressing whether this is the location in which nginx does
function worker.serve(compressing)
  if not hosts.known(ngx.var.http_host, ngx.var.server_addr, host_names) then
    ngx.status = MISDIRECTED
    return ngx.say("This sandbox answers to names of this machine; --host-name adds one.")
  end
  local transfer = compressing and "gzip" or dispatch.transfer(state, ngx.var.uri)
  if transfer == "gzip" and not compressing then return ngx.exec("@gzip") end
  local response, effects = dispatch.handle(state, read_request(), ngx.now())
  touched = true
  perform(effects)
  if response.settles then walk_time() end
  if response.delay then ngx.sleep(response.delay) end
  if response.await then response = response.finish(attempt(response.await)) end
  if response.play then response = response.play(request_of_own) end
  send(response, transfer)
end

return worker
