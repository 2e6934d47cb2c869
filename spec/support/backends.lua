--- The backends of the store, for specs that hold all of them to the same sentences.
--
--     for name, backend in pairs(backends) do
--       setup(backend.setup) teardown(backend.teardown)
--       local ledger, close = backend.open(options)          an empty store each time

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

return backends
