--- Redis in nginx: lua-resty-redis, whose cosockets never block the worker. What comes while
-- commands are on their way goes together in the next pipeline. A pipeline takes a connection from
-- the worker's pool and gives it back, since a cosocket belongs to one request or timer.
-- @module debitura.store.redis.nginx

-- luacheck: read globals ngx

local able = require("debitura.async.waiters.nginx").able
local lane = require("debitura.store.lanes.lane")

local unpack = table.unpack or unpack -- luacheck: ignore

local transport = {}
transport.__index = transport

local IDLE = 60000 -- milliseconds a connection waits for its next use
local POOL, WAITING = 64, 4096 -- connections for each worker and address, and who waits for one
local PIPELINES = 16 -- at once, of a store in a worker, each over a connection of its own
-- Bytes of a pipeline: Redis reads 16 KiB of a connection at a time, and what it has read of all of
-- them is one commit.
local ROOM = 14000
local FIRST_WITH_TLS = 0.28 -- older ones ignore the options, and would talk in plain text
local INSTALL_HINT = "install lua-resty-redis: opm get openresty/lua-resty-redis, "
  .. "or on Debian apt-get install lua-nginx-redis"

--- A reply in which false stands for none, as debitura.store.redis.resp has it.
local function without_null(reply)
  if reply == ngx.null then return false end
  if type(reply) == "table" then
    for i, item in ipairs(reply) do reply[i] = without_null(item) end
  end
  return reply
end

--- Sends one command.
local function tell(connection, arguments)
  local name = arguments[1]:lower()
  local reply, err = connection[name](connection, unpack(arguments, 2))
  return reply, err, reply == false
end

--- Begins TLS. lua-resty-core may stumble over its own assertion where a handshake fails.
local function shake_hands(socket, host)
  local sound, secured, err = pcall(socket.sslhandshake, socket, nil, host, true)
  if sound then return secured, err end
  return nil, "TLS: the handshake failed; is the certificate one that lua_ssl_trusted_certificate "
    .. "trusts?"
end

function transport:connect()
  local connection = self.driver:new()
  connection:set_timeout(self.timeout * 1000)
  local connected, err = connection:connect(self.place.host, self.place.port, self.options)
  if not connected then return nil, err end
  if connection:get_reused_times() > 0 then return connection end
  if self.place.tls and not self.options.ssl then
    local secured
    secured, err = shake_hands(connection._sock, self.place.host)
    if not secured then
      connection:close()
      return nil, err
    end
  end
  for _, command in ipairs(self.greeting) do
    local answer, refused
    answer, err, refused = tell(connection, command)
    if not answer then
      connection:close()
      return nil, err, refused
    end
  end
  return connection
end

--- Gives a connection back, unless it is of no more use. A server that has become a replica refuses
-- writes for ever: the address may lead to another one by now.
local function give_back(connection, outcomes)
  for _, outcome in ipairs(outcomes) do
    if outcome.refused and outcome.err:find("^READONLY") then return connection:close() end
  end
  connection:set_keepalive(IDLE)
end

--- The outcome of each call when none has a reply.
local function all_failed(calls, err, refused)
  local outcomes = {}
  for i in ipairs(calls) do outcomes[i] = { err = err, refused = refused } end
  return outcomes
end

--- Sends commands together and reads their replies.
-- @tparam table connection
-- @tparam table calls array of `{ arguments =, repeatable = }`
-- @treturn[1] table array of `{ reply =, err =, refused = }`
-- @treturn[2] nil
-- @treturn[2] string why the connection is of no more use
local function exchange(connection, calls)
  connection:init_pipeline(#calls)
  for _, call in ipairs(calls) do
    local name = call.arguments[1]:lower()
    connection[name](connection, unpack(call.arguments, 2))
  end
  local replies, err = connection:commit_pipeline()
  if not replies then return nil, err end
  local outcomes = {}
  for i in ipairs(calls) do
    local reply = replies[i]
    if type(reply) == "table" and reply[1] == false and type(reply[2]) == "string" then
      outcomes[i] = { err = reply[2], refused = true }
    else
      outcomes[i] = { reply = without_null(reply) }
    end
  end
  return outcomes
end

--- Sends once more what may be sent twice.
function transport:send_again(calls, err)
  local outcomes, again, places = all_failed(calls, err), {}, {}
  for i, call in ipairs(calls) do
    if call.repeatable then
      again[#again + 1], places[#places + 1] = { arguments = call.arguments }, i
    end
  end
  if #again > 0 then
    for i, outcome in ipairs(self:send(again)) do outcomes[places[i]] = outcome end
  end
  return outcomes
end

--- Sends commands over a connection of the pool.
-- @treturn table their outcomes
function transport:send(calls)
  local connection, err, refused = self:connect()
  if not connection then return all_failed(calls, err, refused) end
  local kept = connection:get_reused_times() > 0
  local outcomes
  outcomes, err = exchange(connection, calls)
  if outcomes then
    give_back(connection, outcomes)
    return outcomes
  end
  connection:close()
  if kept and err ~= "timeout" then return self:send_again(calls, err) end
  return all_failed(calls, err)
end

function transport:outcome_of(call)
  if not self.lane then return self:send({ call })[1] end
  local bytes = 0
  for _, argument in ipairs(call.arguments) do bytes = bytes + #argument end
  return self.lane:call(call, bytes)
end

--- Sends a command and reads its reply; as debitura.store.redis.socket has it.
function transport:call(arguments, repeatable)
  local allowed, err = able()
  if not allowed then return nil, err.message end
  local outcome
  outcome, err = self:outcome_of { arguments = arguments, repeatable = repeatable }
  if not outcome then return nil, err end
  return outcome.reply, outcome.err, outcome.refused
end

--- Goes to another server from the next command on.
function transport:move(host, port)
  local place = self.place
  place.host, place.port = host, port
  local knows_tls = (tonumber(self.driver._VERSION) or 0) >= FIRST_WITH_TLS
  self.options = {
    -- The user and the database stay with a connection, so it must not come from another's pool.
    pool = table.concat({
      host, port, place.database, place.user or "", place.tls and "tls" or "",
    }, ":"),
    pool_size = POOL, backlog = WAITING,
    ssl = place.tls and knows_tls or nil, ssl_verify = place.tls or nil,
    server_name = place.tls and host or nil,
  }
end

function transport.close() end

-- Shares no local with the coroutine that opens the store.
local function new_lane(self, batch)
  return lane.new {
    most = batch, room = ROOM, width = PIPELINES, patience = self.timeout,
    send = function(calls) return self:send(calls) end,
  }
end

--- Makes a transport; as debitura.store.redis.socket has it.
-- @tparam table place
-- @tparam table greeting
-- @tparam number timeout
-- @tparam number batch how many commands go together
function transport.new(place, greeting, timeout, batch)
  local found, driver = pcall(require, "resty.redis")
  if not found then found, driver = pcall(require, "nginx.redis") end -- Debian's name for it
  if not found then return nil, INSTALL_HINT end
  local self = setmetatable({
    driver = driver, place = place, greeting = greeting, timeout = timeout,
  }, transport)
  self:move(place.host, place.port)
  if batch > 1 then self.lane = new_lane(self, batch) end
  return self
end

return transport
