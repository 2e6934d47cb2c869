--- A store that notes what it is asked for.
--
--     local counting = counting_store.new(store)
--     counting.store                    to be handed to recipes
--     counting:during(function)         the verbs that it was asked for meanwhile, in order

local counting_store = {}

local Counting = {}
Counting.__index = Counting

--- Runs something.
-- @treturn table array of `{ verb, ... }`, the arguments after the verb
function Counting:during(run)
  local calls = {}
  self.calls = calls
  run()
  self.calls = nil
  return calls
end

--- The names of the verbs of some calls, in order.
function counting_store.verbs(calls)
  local verbs = {}
  for i, call in ipairs(calls) do verbs[i] = call[1] end
  return verbs
end

--- How many of some calls have read one record.
function counting_store.reads(calls, kind, tenant, name)
  local count = 0
  for _, call in ipairs(calls) do
    local verb, of, whose, named = call[1], call[2], call[3], call[4]
    if verb == "record" and of == kind and whose == tenant and named == name then
      count = count + 1
    elseif verb == "records_named" and of == kind and whose == tenant then
      for _, each in ipairs(named) do count = count + (each == name and 1 or 0) end
    elseif verb == "records" and of.kind == kind and (of.tenant or tenant) == tenant then
      count = count + 1
    end
  end
  return count
end

function counting_store.new(store)
  local self = setmetatable({}, Counting)
  self.store = setmetatable({}, { __index = function(_, verb)
    return function(_, ...)
      if self.calls then self.calls[#self.calls + 1] = { verb, ... } end
      return store[verb](store, ...)
    end
  end })
  return self
end

return counting_store
