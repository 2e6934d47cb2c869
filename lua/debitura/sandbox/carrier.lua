--- Carries the sandbox in nginx: one worker holds the state, hands requests to the heart and does its effects.
-- @module debitura.sandbox.carrier

local ngx = ngx
local ffi = require("ffi")
local core = require("debitura.core")
local delivery = require("debitura.sandbox.delivery")
local heart = require("debitura.sandbox.heart")

local carrier = {}

local TICK = 0.5 -- seconds between looks at the clock
local SIGTERM = 15
local MAX_HEADERS = 100

local state, owner

-- Effects ----------------------------------------------------------------------------------------------------------

--- Sends deliveries, those to one address one after the other, so that they arrive in the order of their events.
local function deliver_all(effects)
  local by_url, threads = {}, {}
  for _, effect in ipairs(effects) do
    by_url[effect.url] = by_url[effect.url] or {}
    table.insert(by_url[effect.url], effect)
  end
  for _, queue in pairs(by_url) do
    threads[#threads + 1] = ngx.thread.spawn(function()
      for _, effect in ipairs(queue) do
        local sent, outcome = pcall(delivery.send, effect)
        if not sent then
          ngx.log(ngx.ERR, "sandbox delivery: ", outcome)
          outcome = { error = "sandbox" }
        end
        heart.delivered(state, effect.id, outcome, ngx.now())
      end
    end)
  end
  for _, thread in ipairs(threads) do ngx.thread.wait(thread) end
end

--- Logs what is to be logged; returns what is to be delivered.
local function split(effects)
  local deliveries = {}
  for _, effect in ipairs(effects) do
    if effect.kind == "log" then ngx.log(ngx.ERR, "sandbox: ", effect.text) else deliveries[#deliveries + 1] = effect end
  end
  return deliveries
end

--- Does effects in the background.
local function perform(effects)
  local deliveries = split(effects)
  if #deliveries == 0 then return end
  local started, reason = ngx.timer.at(0, function() deliver_all(deliveries) end)
  if not started then ngx.log(ngx.ERR, "sandbox: deliveries were not started: ", reason) end
end

-- Time -------------------------------------------------------------------------------------------------------------

--- Ends this nginx when the process that started it is gone, however it went.
local function follow_owner()
  if not owner then return end
  local file = io.open("/proc/" .. owner .. "/stat")
  if file then file:close() else ffi.C.kill(ffi.C.getppid(), SIGTERM) end
end

local function tick(premature)
  if premature then return end
  follow_owner()
  perform(heart.tick(state, ngx.now()))
end

--- Lets the time pass that was asked for, with every delivery that falls into it, before the answer goes out.
local function walk_time()
  local effects = heart.step(state, ngx.now())
  while effects do
    deliver_all(split(effects))
    effects = heart.step(state, ngx.now())
  end
end

--- Starts the sandbox in a worker: for init_worker_by_lua.
-- @tparam string text JSON of `settings`, `seed`, `situations` and `owner` (the id of the process to follow)
function carrier.start(text)
  ffi.cdef("int getppid(void); int kill(int pid, int signal);")
  local options = assert(core.json.decode(text))
  owner = options.owner
  state = heart.new(options, ngx.now())
  assert(ngx.timer.every(TICK, tick))
end

-- Requests ---------------------------------------------------------------------------------------------------------

local function read_body()
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
  local path, query = ngx.var.request_uri:gsub("^%a+://[^/]*", ""):match("^([^?]*)%??(.*)$")
  local headers = {}
  for name, value in pairs(ngx.req.get_headers(MAX_HEADERS)) do
    headers[name] = type(value) == "table" and value[1] or value
  end
  return { method = ngx.req.get_method(), path = path, query = query, headers = headers, body = read_body() }
end

local function send(response)
  local text = response.body
  if type(text) == "table" then
    local problem
    text, problem = core.json.encode(text)
    if not text then
      ngx.log(ngx.ERR, "sandbox: an answer could not be written: ", problem.message, " at ", problem.where)
      response.status, text = 418, '{"error":"SandboxError"}'
    end
  end
  ngx.status = response.status
  for name, value in pairs(response.headers) do ngx.header[name] = value end
  ngx.header["content-length"] = #text
  ngx.print(text)
end

--- Serves one request: for content_by_lua.
function carrier.serve()
  local response, effects = heart.handle(state, read_request(), ngx.now())
  perform(effects)
  if state.clock.pending > 0 then walk_time() end
  send(response)
end

return carrier
