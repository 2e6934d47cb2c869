--- The backends of the store, for specs that hold all of them to the same sentences.
--
--     for name, backend in pairs(backends) do
--       setup(backend.setup) teardown(backend.teardown)
--       local ledger, close = backend.open(options)          an empty store each time
--
-- Where a server is not installed its specs are pending, which `make test` counts as failed.

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
    local ledger = assert(store.open("sqlite://" .. path, options))
    return ledger, function()
      ledger:close()
      for _, suffix in ipairs { "", "-wal", "-shm" } do os.remove(path .. suffix) end
    end
  end,
}

--- A backend whose server is started for each spec file that uses it.
local function served(name)
  local server, missing
  backends[name] = {
    setup = function() server, missing = require("spec.support." .. name).start() end,
    teardown = function()
      if server then server:stop() end
    end,
    open = function(options)
      if not server then pending(missing) end
      local place = server:place()
      for option, value in pairs(options or {}) do place.options[option] = value end
      local ledger = assert(store.open(place.address, place.options))
      return ledger, function() ledger:close() end
    end,
  }
end

served("postgresql")
served("redis")

return backends
