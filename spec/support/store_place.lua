--- Opens the store at another process's place.
--
--     local store = open_place(place.address, place.name)

local store = require("debitura.store")

--- By what a place is told from others of its server.
local OPTIONS = { postgresql = "schema", redis = "prefix" }

return function(address, name)
  local option = OPTIONS[address:match("^%a+")]
  return assert(store.open(address, option and { [option] = name } or {}))
end
