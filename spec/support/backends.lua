--- The backends of the store, for specs that hold all of them to the same sentences.
--
--     for name, backend in pairs(backends) do
--       backend.missing        what is not installed, or nil: then there is nothing to run
--       setup(backend.setup) teardown(backend.teardown)
--       local store, close, place = backend.open(options)   an empty store each time; other
--                                   processes reach it by place.address and place.options
--       local place, close = backend.place(options)         where the store does not exist yet
--
-- Memory has no `place`. Another process opens one with spec.support.store_place.

local store = require("debitura.store")

local backends = {}

--- An empty store at a new place.
local function open_new(backend)
  return function(options)
    local place, remove = backend.place(options)
    local opened = assert(store.open(place.address, place.options))
    return opened, function()
      opened:close()
      remove()
    end, place
  end
end

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
  place = function(options)
    local path = os.tmpname()
    os.remove(path)
    return { address = "sqlite://" .. path, options = options or {}, name = "" }, function()
      for _, suffix in ipairs { "", "-wal", "-shm" } do os.remove(path .. suffix) end
    end
  end,
}
backends.sqlite.open = open_new(backends.sqlite)

--- A backend whose server is started for each spec file that uses it.
local function served(name, option)
  local support, server = require("spec.support." .. name), nil
  local backend = {
    missing = support.missing(),
    setup = function() server = support.start() end,
    teardown = function() server:stop() end,
    place = function(options)
      local place = server:place()
      for given, value in pairs(options or {}) do place.options[given] = value end
      place.name = place.options[option]
      return place, function() end
    end,
  }
  backend.open = open_new(backend)
  backends[name] = backend
end

served("postgresql", "schema")
served("redis", "prefix")

return backends
