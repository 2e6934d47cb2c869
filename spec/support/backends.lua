--- The backends of the store, for specs that hold all of them to the same sentences.
--
--     for name, backend in pairs(backends) do
--       backend.missing                                      what is not installed, or nil: then there is nothing to run
--       setup(backend.setup) teardown(backend.teardown)
--       local ledger, close, place = backend.open(options)   an empty store each time; other processes reach it by
--                                                            place.address and place.options, except for memory

local store = require("debitura.store")

local backends = {}

backends.memory = {
  setup = function() end,
  teardown = function() end,
  open = function(options)
    return assert(store.open("memory:", options)), function() end
  end,
}

backends.sqlite = {
  setup = function() end,
  teardown = function() end,
  open = function(options)
    local path = os.tmpname()
    local place = { address = "sqlite://" .. path, options = options or {} }
    local ledger = assert(store.open(place.address, place.options))
    return ledger, function()
      ledger:close()
      for _, suffix in ipairs { "", "-wal", "-shm" } do os.remove(path .. suffix) end
    end, place
  end,
}

--- A backend whose server is started for each spec file that uses it.
local function served(name)
  local support, server = require("spec.support." .. name), nil
  backends[name] = {
    missing = support.missing(),
    setup = function() server = support.start() end,
    teardown = function() server:stop() end,
    open = function(options)
      local place = server:place()
      for option, value in pairs(options or {}) do place.options[option] = value end
      local ledger = assert(store.open(place.address, place.options))
      return ledger, function() ledger:close() end, place
    end,
  }
end

served("postgresql")
served("redis")

return backends
