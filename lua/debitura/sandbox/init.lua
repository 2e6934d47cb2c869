--- Debitura on this machine: starts the sandbox and gives it back when it accepts requests.
--
--     local sandbox = require("debitura.sandbox").start()
--     local partner = debitura.partner { api_key = sandbox.api_key, base_url = sandbox.url }
--     ...
--     sandbox:stop()
-- @module debitura.sandbox

local core = require("debitura.core")
local merged = require("debitura.base.merged")
local nginx = require("debitura.nginx_app")
local options = require("debitura.base.options")
local platform_player = require("debitura.sandbox.scenario.platform_player")
local player = require("debitura.sandbox.scenario.player")
local scenario = require("debitura.sandbox.scenario")
local seeds = require("debitura.sandbox.model.seeds")
local settings_module = require("debitura.sandbox.model.settings")

local sandbox = {}

local CONFIGURATION = [[
  client_max_body_size 27m;
  client_body_buffer_size 256k;
  keepalive_requests 1000000;
  lua_max_running_timers 4096;
  lua_max_pending_timers 4096;
  init_by_lua_block { require("debitura.sandbox.server.worker").load([=====[$OPTIONS]=====]) }
  init_worker_by_lua_block { require("debitura.sandbox.server.worker").start() }
  exit_worker_by_lua_block { require("debitura.sandbox.server.worker").stop() }
  server {
    listen $ADDRESS:$PORT;
    server_tokens off;
    lua_use_default_type off;
    location / { content_by_lua_block { require("debitura.sandbox.server.worker").serve() } }
    location @gzip {
      gzip on;
      gzip_types *;
      gzip_min_length 1;
      content_by_lua_block { require("debitura.sandbox.server.worker").serve(true) }
    }
    error_page 413 @too_large;
    location @too_large {
      default_type application/json;
      return 413 '{"error":"PayloadTooLarge","message":"The body is larger than 26 MB."}';
    }
  }
]]

--- The options of `start`, see docs/options.md.
sandbox.options = options.define("debitura.sandbox.start", {
  { "port", "count", "where it listens; else one that is free" },
  { "address", "text", default = "127.0.0.1", "the address it listens on" },
  { "host_names", "table", default = {},
    "names besides those of the loopback and the address that requests may ask for" },
  { "seed", "whole", "the same one gives the same ids and secrets; else a random one" },
  { "situations", "table", "names of situations, see docs/sandbox.md; else all" },
  { "accounts", "table", default = {}, "accounts that are there besides" },
  { "settings", "table", default = {}, "settings, see docs/sandbox.md" },
  { "state_file", "text", "a file that keeps the sandbox over restarts" },
})

local Sandbox = {}
Sandbox.__index = Sandbox

--- Stops the sandbox. Harmless when it is stopped already.
function Sandbox:stop()
  if self.engine then self.engine:close() end
  self.engine = nil
  if self.server then self.server:stop() end
end

--- Whether it is running.
-- @treturn boolean
function Sandbox:running()
  return self.server:running()
end

--- What the sandbox has logged: empty unless something went wrong.
-- @treturn string
function Sandbox:log()
  return self.server:log()
end

--- Sends a request to the sandbox, blocking.
-- @treturn[1] number status
-- @treturn[1] string body
-- @treturn[2] nil
-- @treturn[2] string what went wrong
local function send(self, method, target, headers, body)
  self.engine = self.engine or core.engine {}
  local transfer, err = self.engine:submit {
    method = method, url = self.url .. target, headers = headers,
    body = method ~= "GET" and body or nil, timeout = self.patience,
  }
  if not transfer then return nil, err.message end
  while not transfer:done() do self.engine:wait(1) end
  local answer
  answer, err = transfer:result()
  if not answer then return nil, err.message end
  return answer.status, answer.body
end

--- Asks one of the sandbox's own controls, blocking.
-- @tparam string method "GET" or "POST"
-- @tparam string name such as "clock"
-- @tparam[opt] table body
-- @treturn[1] table the decoded answer
-- @treturn[2] nil
-- @treturn[2] string what went wrong
function Sandbox:control(method, name, body)
  local status, answer = send(self, method, "/_sandbox/" .. name,
    { ["Content-Type"] = "application/json", Accept = "application/json" },
    body and assert(core.json.encode(body)) or "")
  if not status then return nil, answer end
  if status ~= 200 then return nil, ("status %d: %s"):format(status, answer) end
  local decoded, err = core.json.decode(answer)
  return decoded, err and err.message
end

--- Plays a scenario, with a platform of its own where it needs one.
-- @tparam string text JSON, see docs/testing.md
-- @treturn[1] table `{name, passed, played, steps}`, and `step`, `verb` and `problem` of the first
--   step that did not go as it should
-- @treturn[2] nil
-- @treturn[2] string what is wrong with the scenario
function Sandbox:play(text)
  local read, err = scenario.read(text)
  if not read then return nil, err end
  local make = scenario.needs_platform(read) and platform_player or player
  local made
  made, err = make.new {
    api_key = self.api_key, base_url = self.url,
    send = function(...) return send(self, ...) end,
  }
  if not made then return nil, err end
  return scenario.run(read, made)
end

--- Lets time pass. Returns when every event up to then has been delivered, or was tried as often as
-- the time allows.
-- @tparam string duration such as "7d1h"; "0s" only waits for what is under way
-- @treturn[1] table `{now}`
-- @treturn[2] nil
-- @treturn[2] string what went wrong
function Sandbox:advance(duration)
  return self:control("POST", "clock", { advance = duration })
end

--- The events that subscriptions of `sink_url` were sent, in their order.
-- @treturn[1] table array of `{id, event, body, headers, secret}`: the delivery's id, the event's
--   name, the raw body, the headers that are not signed, the subscription's secret
-- @treturn[2] nil
-- @treturn[2] string what went wrong
function Sandbox:events()
  return self:control("GET", "events")
end

--- Hands the events that came since the last call to a receiver in this process, signed at its own
-- clock: no server is needed.
-- @tparam table receiver see debitura.webhook.receiver
-- @treturn[1] number how many it took
-- @treturn[2] nil
-- @treturn[2] string what went wrong; the event that was refused comes first in the next call
function Sandbox:deliver(receiver)
  local events, err = self:events()
  if not events then return nil, err end
  local count = 0
  for _, event in ipairs(events) do
    if not self.handed_over[event.id] then
      local taken
      taken, err = player.hand_over(event, receiver)
      if not taken then return nil, err end
      self.handed_over[event.id], count = true, count + 1
    end
  end
  return count
end

--- What is wrong with what the options hold, or nil.
local function first_problem(given)
  for index, account in ipairs(given.accounts) do
    local name, messages = next(seeds.problems(account) or {})
    if name then return ("accounts[%d].%s: %s"):format(index, name, messages[1]) end
  end
  for _, name in ipairs(given.situations or {}) do
    if not seeds.situations[name] then return "unknown situation " .. tostring(name) end
  end
  local name, messages = next(settings_module.problems(given.settings) or {})
  if name then return ("settings.%s: %s"):format(name, messages[1]) end
end

local function random_seed()
  local first, second, third = core.system.random(3):byte(1, 3)
  return first * 65536 + second * 256 + third
end

--- Starts a sandbox. It ends by `stop`, and with this process.
-- @tparam[opt] table given `port` (default: a free one); `address` (default "127.0.0.1"); `seed`
--   (a whole number: the same one gives the same ids and secrets; default: a random one);
--   `situations` (names out of `debitura.sandbox.model.seeds`, default all); `settings` (see
--   `debitura.sandbox.model.settings`: `api_key`, `partner_name`, `ttl_days`, ...); `accounts`
--   (array of further accounts, as POST /_sandbox/accounts takes them); `state_file` (a file
--   that keeps the sandbox over restarts)
-- @treturn[1] table with `url` (partner API), `customer_url` (Customer API), `api_key`, `port`,
--   `sink_url` (acknowledges every webhook), and the methods above
-- @treturn[2] nil
-- @treturn[2] string what is missing, what is wrong with a setting, or what nginx said
function sandbox.start(given)
  given = sandbox.options:read(given)
  local err = first_problem(given)
  if err then return nil, err end
  local settings = merged({ api_key = "sandbox-key" }, given.settings)
  settings.base_url = settings.base_url or ("http://%s:$PORT"):format(given.address)
  local text = assert(core.json.encode {
    settings = settings, accounts = core.json.array(given.accounts),
    situations = given.situations and core.json.array(given.situations),
    host_names = core.json.array(given.host_names),
    seed = given.seed or random_seed(),
    state_file = given.state_file and nginx.absolute(given.state_file),
  })
  local server
  server, err = nginx.start {
    http = CONFIGURATION:gsub("%$(%u+)", { OPTIONS = text, ADDRESS = given.address }),
    port = given.port,
  }
  if not server then return nil, err end
  local self = sandbox.at(settings.base_url:gsub("%$PORT", tostring(server.port)),
    settings.api_key)
  self.server, self.port = server, server.port
  return self
end

--- A sandbox that runs already, such as one of `debitura sandbox`.
-- @tparam string url where it is, as `debitura sandbox` prints it
-- @tparam ?string api_key nil where nothing but the controls is used
-- @tparam[opt=600] number patience seconds for one answer
-- @treturn table with `url`, `customer_url`, `api_key`, `sink_url`, and the methods above but for
--   `running` and `log`; `stop` leaves it running
function sandbox.at(url, api_key, patience)
  url = url:gsub("/+$", "")
  return setmetatable({
    url = url, customer_url = url .. "/customer", api_key = api_key,
    sink_url = url .. "/_sandbox/sink", handed_over = {}, patience = patience or 600,
  }, Sandbox)
end

return sandbox
