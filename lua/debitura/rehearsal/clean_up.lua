--- Removes what a rehearsal has made: from its list, the last thing first, so that what was made
-- with another goes before it. What is gone already is no fault.
-- @module debitura.rehearsal.clean_up

local null = require("debitura.base.null")
local operations = require("debitura.operations")
local redact = require("debitura.rehearsal.redact")
local sorted_keys = require("debitura.base.sorted_keys")
local subscription = require("debitura.webhook.subscription")

local clean_up = {}

local function call(self, name, path)
  return self.session:call(operations.get("partner", name), { path = path or {} }, { attempts = 1 })
end

--- Whether a call did what it should; that there is nothing is as good.
local function is_done(done, err)
  if done or err.status == 404 or err.status == 410 then return true end
  return nil, tostring(err)
end

local CLEAN = {}

--- A client that was made goes. An account that there was before goes only from a sandbox, or where
-- the operator says so: Debitura's reset ends more than the link.
function CLEAN.client(self, thing)
  local path = { externalTenantId = thing.name }
  if thing.made then return is_done(call(self, "clients.delete", path)) end
  local client, err = call(self, "clients.get", path)
  if not client then return is_done(client, err) end
  if self.sandbox or self.options.reset_accounts then
    return is_done(call(self, "clients.delete", path))
  end
  thing.stays = true
  return nil, "the account was there before, and is linked now; --clean --reset-accounts deletes it"
end

--- A subscription whose id never came is any of this URL that was not there before.
function CLEAN.subscription(self, thing)
  local ids, known = { thing.id }, {}
  if not thing.id then
    for _, id in ipairs(thing.before) do known[id] = true end
    local list, err = call(self, "webhooks.list")
    if not list then return nil, tostring(err) end
    for _, dto in ipairs(null.table(list)) do
      local id = subscription.field(dto, "id")
      if subscription.field(dto, "url") == thing.url and not known[id] then ids[#ids + 1] = id end
    end
  end
  for _, id in ipairs(ids) do
    local done, err = is_done(call(self, "webhooks.delete", { id = id }))
    if not done then return nil, err end
  end
  if thing.mark then return self.ears:drop(thing.mark) end
  return true
end

function CLEAN.setting(self, thing)
  return self.sandbox:control("POST", "settings", thing.body)
end

--- Whether a step that waits still needs a thing.
-- @tparam table self see debitura.rehearsal.stage
-- @tparam table thing
-- @treturn boolean
function clean_up.is_waited_for(self, thing)
  local results, names = self.progress.state.steps, thing.waits_for
  if names == true then names = sorted_keys(results) end
  for _, name in ipairs(names or {}) do
    if results[name] and results[name].waits then return true end
  end
  return false
end

--- Removes one thing; tells whether it is gone.
local function remove(self, thing)
  local done, err = CLEAN[thing.kind](self, thing)
  if not done then
    thing.problem = redact(tostring(err))
    self.progress:save()
    return false
  end
  self.progress:is_gone(thing)
  return true
end

--- Removes what no step waits for.
-- @tparam table self
-- @tparam[opt] boolean all what is waited for, too
-- @tparam[opt] string kind nothing of another one
-- @treturn number how many are gone
function clean_up.run(self, all, kind)
  local things, gone = self.progress.state.things, 0
  for index = #things, 1, -1 do
    local thing = things[index]
    local is_due = all or not clean_up.is_waited_for(self, thing)
    if is_due and (not kind or thing.kind == kind) and remove(self, thing) then gone = gone + 1 end
  end
  return gone
end

return clean_up
