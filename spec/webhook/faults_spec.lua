-- Endpoint and workers are killed, and the store's server is restarted, at random points while
-- events stream in.
--
-- DEBITURA_FAULT_EVENTS says how many events there are for each store. By default the whole trial
-- runs on LuaJIT, and a short one on the other interpreters, whose part in it is the same.

local core = require "debitura.core"
local debitura = require "debitura"
local nginx = require "debitura.nginx_app"
local platform = require "spec.support.platform"
local server = require "spec.support.server"

local EVENTS = tonumber(os.getenv("DEBITURA_FAULT_EVENTS") or rawget(_G, "jit") and 10000 or 400)
-- Of so many events two kill their worker, in the middle of their work.
local DEADLY = math.max(40, EVENTS / 50)
local WORKERS, ENDPOINTS, AT_ONCE = 4, 2, 24
local TENANTS_AT_ONCE, EVENTS_PER_TENANT = 25, 20
local DUPLICATES = 0.1
local KILLS = 12 -- of endpoints, and as many of workers
-- How the server of the store is ended, in an orderly way and another.
local RESTARTS = { "INT", "KILL" }
-- Seconds after which an event that is not done is taken for lost.
local PATIENCE = 300 + EVENTS / 20

-- In memory where that can be had: the processes die here, the machine does not.
local DIRECTORY = "mktemp -d -p /dev/shm 2>/dev/null || mktemp -d"

local ENDPOINT = [[
  client_max_body_size 1m;
  server {
    listen 127.0.0.1:$PORT;
    location / {
      content_by_lua_block { require("spec.support.platform").serve([=====[$OPTIONS]=====]) }
    }
  }
]]

local places = {
  sqlite = function(directory)
    return { address = "sqlite://" .. directory .. "/store.db", options = { busy_timeout = 2 },
      stop = function() end }
  end,
}
for name, options in pairs { postgresql = {}, redis = { more = "appendfsync everysec" } } do
  places[name] = function()
    local running, missing = require("spec.support." .. name).start(options)
    if not running then return nil, missing end
    local place = running:place()
    return {
      address = place.address, options = place.options, stop = function() running:stop() end,
      restart = function(signal)
        running:halt(signal)
        running:start()
      end,
    }
  end
end

local Trial = {}
Trial.__index = Trial

local function kill(pid)
  server.run("kill -KILL " .. pid)
end

-- The platform ------------------------------------------------------------------------------------

function Trial:start_worker(index)
  local engine = os.getenv("DEBITURA_ENGINE")
  local worker = ("scripts/lua %s spec/support/platform_worker.lua %s"):format(
    engine == "luajit" and "jit" or engine:match("%d.*"), server.quote(self.text))
  local said = server.run(("sh -c %s >/dev/null 2>&1 </dev/null & echo $!"):format(
    server.quote(("while [ -e %s/effects.db ]; do %s; sleep 0.02; done"):format(self.directory,
      worker))))
  self.workers[index] = assert(said:match("%d+"), said)
end

--- Kills a process that was started by another, which starts it again.
local function kill_child(parent)
  local pids = {}
  for pid in server.run("ps -o pid= --ppid " .. parent):gmatch("%d+") do pids[#pids + 1] = pid end
  if pids[1] then kill(pids[math.random(#pids)]) end
end

function Trial:kill_worker()
  kill_child(self.workers[math.random(WORKERS)])
end

function Trial:kill_endpoint()
  kill_child(self.endpoint.pid)
end

local function start(place, directory)
  local options = { address = place.address, options = place.options, effects = directory
    .. "/effects.db", deadly = DEADLY }
  local self = setmetatable({
    place = place, directory = directory, effects = platform.effects(options.effects),
    engine = assert(core.engine {}),
    text = assert(core.json.encode(options)), workers = {}, acknowledged = {}, queue = {},
    refused = 0,
  }, Trial)
  self.store = assert(debitura.store.open(place.address, place.options))
  self.endpoint = assert(nginx.start {
    main = nginx.thread_pool("debitura", 2), workers = ENDPOINTS,
    http = ENDPOINT:gsub("%$OPTIONS", function() return self.text end),
  })
  for index = 1, WORKERS do self:start_worker(index) end
  return self
end

function Trial:stop()
  for _, pid in ipairs(self.workers) do
    local children = server.run("ps -o pid= --ppid " .. pid):gsub("%s+", " ")
    kill(pid .. " " .. children) -- what is started in between ends with the directory
  end
  self.endpoint:stop()
  self.engine:close()
  self.store:close()
  self.effects.close()
end

-- Debitura ----------------------------------------------------------------------------------------

local function new_event(index)
  local group = math.floor((index - 1) / (TENANTS_AT_ONCE * EVENTS_PER_TENANT))
  local tenant = ("tenant-%d"):format(group * TENANTS_AT_ONCE + index % TENANTS_AT_ONCE)
  local event, body = debitura.webhook.example("case.created",
    { id = "evt-" .. index, data = { externalTenantId = tenant } })
  return { id = event.id, body = body }
end

function Trial:submit(delivery)
  delivery.transfer = assert(self.engine:submit {
    method = "POST", url = self.endpoint.url .. "/", body = delivery.body, timeout = 20,
    headers = { ["X-Debitura-Signature"] = debitura.webhook.sign(delivery.body, platform.SECRET) },
  })
  self.under_way[#self.under_way + 1] = delivery
end

--- Takes an outcome: what was not acknowledged comes again, and some of what was as well.
function Trial:take(delivery)
  local answer = delivery.transfer:result()
  if not answer or answer.status ~= 200 then
    self.refused = self.refused + 1
    table.insert(self.queue, delivery)
  elseif not self.acknowledged[delivery.id] then
    self.acknowledged[delivery.id], self.count = true, self.count + 1
    if math.random() < DUPLICATES then
      table.insert(self.queue, { id = delivery.id, body = delivery.body })
    end
  end
end

--- Sends all events, and lets something happen after every so many that were acknowledged.
function Trial:deliver_all(accidents)
  for index = 1, EVENTS do self.queue[index] = new_event(index) end
  self.under_way, self.count = {}, 0
  local deadline = core.system.monotonic() + PATIENCE
  while #self.queue > 0 or #self.under_way > 0 do
    assert(core.system.monotonic() < deadline, "not everything was acknowledged in time")
    while #self.queue > 0 and #self.under_way < AT_ONCE do
      self:submit(table.remove(self.queue, 1))
    end
    self.engine:wait(0.1)
    local open = {}
    for _, delivery in ipairs(self.under_way) do
      if delivery.transfer:done() then self:take(delivery) else open[#open + 1] = delivery end
    end
    self.under_way = open
    while accidents[1] and self.count >= accidents[1].after do
      local accident = table.remove(accidents, 1)
      accident.happen(self, accident.turn)
    end
  end
end

--- Something for each part of the way, at random within it.
local function spread(accidents, number, happen)
  for n = 1, number do
    table.insert(accidents, { after = math.floor((n - math.random()) * EVENTS / number),
      happen = happen, turn = n })
  end
end

local function accidents_for(place)
  local accidents = {}
  spread(accidents, KILLS, Trial.kill_endpoint)
  spread(accidents, KILLS, Trial.kill_worker)
  if place.restart then
    spread(accidents, #RESTARTS, function(self, turn) self.place.restart(RESTARTS[turn]) end)
  end
  table.sort(accidents, function(a, b) return a.after < b.after end)
  return accidents
end

local function is_done(store)
  for _, state in ipairs { "open", "waiting" } do
    local page = store:inbox_list { state = state, limit = 1 }
    if not page or page[1] then return false end
  end
  return true
end

--- Waits until everything is processed; the workers are killed now and then meanwhile.
function Trial:await()
  local deadline, next_kill = core.system.monotonic() + PATIENCE, core.system.monotonic() + 1
  while not is_done(self.store) do
    assert(core.system.monotonic() < deadline, "not everything was processed in time")
    if self.count > EVENTS / 2 and core.system.monotonic() > next_kill then
      self:kill_worker()
      next_kill = next_kill + 1 + math.random() * 2
    end
    core.system.sleep(0.05)
  end
end

local function ids_by_tenant(rows)
  local by_tenant = {}
  for _, row in ipairs(rows) do
    by_tenant[row.tenant] = by_tenant[row.tenant] or {}
    table.insert(by_tenant[row.tenant], row.id)
  end
  return by_tenant
end

for name, open in pairs(places) do
  describe("webhooks kept in " .. name .. ", while everything dies now and then,", function()
    it("are all processed, each with one effect, in the order of each tenant", function()
      math.randomseed(os.time())
      local directory = server.run(DIRECTORY):gsub("%s+$", "")
      local place, missing = open(directory)
      if not place then pending(missing) end
      local trial = start(place, directory)
      finally(function()
        trial:stop()
        place.stop()
        server.run("rm -rf " .. directory)
      end)
      trial:deliver_all(accidents_for(place))
      trial:await()

      assert.equal(EVENTS, trial.count)
      local items = assert(trial.store:inbox_list { limit = EVENTS * 2 })
      assert.equal(EVENTS, #items)
      for _, item in ipairs(items) do
        assert.is_true(trial.acknowledged[item.id])
        assert.equal("done", item.state)
      end
      local effects = trial.effects.run("select id, tenant from effects order by seq")
      assert.equal(EVENTS, #effects)
      assert.same(ids_by_tenant(items), ids_by_tenant(effects))
      local attempts = trial.effects.run(
        "select count(*) as all_of_them, max(attempt) as most from attempts")[1]
      -- Some have died in the middle of their work, or this was no trial.
      assert.is_true(tonumber(attempts.most) > 1)
      if os.getenv("DEBITURA_FAULT_EVENTS") then
        print(("%s: %d events, %d attempts, %d at most for one; %d deliveries repeated"):format(
          name, EVENTS, attempts.all_of_them, attempts.most, trial.refused))
      end
    end)
  end)
end
