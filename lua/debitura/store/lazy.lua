--- A store that is opened by the first verb that needs it, so that a module may hold one although
-- opening it waits.
-- @module debitura.store.lazy

local contract = require("debitura.store.contract")
local merged = require("debitura.base.merged")
local usage = require("debitura.base.usage")

local lazy = {}

local Store = {}
Store.__index = Store

--- The store behind, opened unless it is. Opening that failed is tried again by the next verb.
-- Where two coroutines open it at once, the first store is kept.
function Store:opened()
  if self.store then return self.store end
  usage.check(not self.closed, "the store is closed")
  local opened, err = self.make(self.given)
  if not opened then return nil, err end
  if self.store or self.closed then
    opened:close()
    return self:opened()
  end
  self.store = opened
  return opened
end

--- Opens it now.
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure
function Store:open()
  local opened, err = self:opened()
  return opened and true, err
end

--- From now on a store that does not exist yet is a failure with `missing`, and is not made.
function Store:require_existing()
  self.given = merged(self.given, { create = false })
end

--- An empty store in memory stands in for one that does not exist: for a trial.
function Store:stand_in()
  self.given = { address = "memory:" }
end

for _, verb in ipairs(contract.verbs) do
  Store[verb] = function(self, ...)
    local store, err = self:opened()
    if not store then return nil, err end
    return store[verb](store, ...)
  end
end

--- Ends what was opened; harmless when nothing was.
function Store:close()
  self.closed = true
  if self.store then self.store:close() end
end

--- Makes one.
-- @tparam function make given the options, gives a store, or nil and a failure
-- @tparam table given the store's options
-- @treturn table with all verbs of a store, `open`, `require_existing` and `stand_in`
function lazy.new(make, given)
  return setmetatable({ make = make, given = given }, Store)
end

return lazy
