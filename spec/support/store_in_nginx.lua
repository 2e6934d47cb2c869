--- A store that is opened in a worker of nginx, for specs that are outside of it.
--
--     local web = store_in_nginx.start()      the nginx that it is opened in
--     local store = web:open(place)           with all verbs
--     web:stop()

-- luacheck: read globals ngx

local contract = require("debitura.store.contract")
local core = require("debitura.core")
local failure = require("debitura.base.failure")
local lua_text = require("spec.support.lua_text")
local nginx = require("debitura.nginx_app")
local store = require("debitura.store")

local unpack = table.unpack or unpack -- luacheck: ignore

local in_nginx = {}

in_nginx.THREADS = "thread_pool debitura threads=2;"

local CONFIGURATION = [[
  client_body_buffer_size 16m;
  client_max_body_size 16m;
  server {
    listen 127.0.0.1:$PORT;
    location = /call {
      content_by_lua_block {
        require("debitura.store.lanes").patience = 50 -- a busy machine may need long
        require("spec.support.store_in_nginx").serve()
      }
    }
    location = /begun {
      content_by_lua_block { ngx.print(require("spec.support.store_in_nginx").begun()) }
    }
    location = /ping { content_by_lua_block { ngx.print("pong") } }
    $MORE
  }
]]

local function pack(...) return { n = select("#", ...), ... } end

local opened, begun = {}, 0

--- In the worker: the store of a place.
function in_nginx.store(place)
  local key = place.address .. lua_text.of(place.options)
  opened[key] = opened[key] or assert(store.open(place.address, place.options))
  return opened[key], key
end

--- In the worker: runs the verb that a request names.
function in_nginx.serve()
  ngx.req.read_body()
  local call = lua_text.read(ngx.req.get_body_data())
  local ours, key = in_nginx.store(call.place)
  begun = begun + 1
  local results = pack(pcall(ours[call.verb], ours, unpack(call, 1, call.n)))
  if call.verb == "close" then opened[key] = nil end
  if not results[1] then results[2] = tostring(results[2]) end
  if failure.is(results[3]) then
    local plain = {}
    for name, value in pairs(results[3]) do plain[name] = value end
    results[3], results.failed = plain, true
  end
  ngx.print(lua_text.of(results))
end

--- In the worker: how many verbs were asked of it.
function in_nginx.begun()
  return begun
end

local Store = {}
Store.__index = Store

--- Begins a verb.
-- @treturn table what `finish` takes
function Store:begin(verb, ...)
  local call = pack(...)
  call.verb, call.place = verb, self.place
  return self.web:submit("/call", lua_text.of(call))
end

--- Waits for a verb that was begun.
-- @return what it gave
function Store:finish(transfer)
  local text, status = self.web:answer(transfer)
  assert(status == 200, text)
  local results = lua_text.read(text)
  if not results[1] then error(results[2], 0) end
  if results.failed then results[3] = failure.new(results[3]) end
  return unpack(results, 2, results.n)
end

for _, verb in ipairs(contract.verbs) do
  Store[verb] = function(self, ...) return self:finish(self:begin(verb, ...)) end
end

local Web = {}
Web.__index = Web

--- Begins a request.
function Web:submit(path, body)
  return assert(self.engine:submit {
    method = body and "POST" or "GET", url = self.server.url .. path, body = body, timeout = 60,
  })
end

--- Waits for a request.
-- @treturn string the body of its answer
-- @treturn number its status
function Web:answer(transfer)
  while not transfer:done() do self.engine:wait(1) end
  local response = assert(transfer:result())
  return response.body, response.status
end

function Web:fetch(path, body)
  local text, status = self:answer(self:submit(path, body))
  assert(status == 200, text)
  return text
end

function Web:open(place)
  local remote = setmetatable({ web = self, place = place }, Store)
  remote.backend = remote
  return remote
end

function Web:stop()
  self.engine:close()
  self.server:stop()
end

--- Starts an nginx.
-- @tparam[opt] table options `more` locations; `http` text outside of the server; `main` text, else
--   the line of the threads
function in_nginx.start(options)
  options = options or {}
  local http = CONFIGURATION:gsub("%$MORE", function() return options.more or "" end)
  return setmetatable({
    server = assert(nginx.start {
      http = (options.http or "") .. http, main = options.main or in_nginx.THREADS,
    }),
    engine = assert(core.engine {}),
  }, Web)
end

return in_nginx
