--- The backends of spec.support.backends, and the SQL stores as nginx has them.

local backends = require("spec.support.backends")
local in_nginx = require("spec.support.store_in_nginx")

local everywhere = {}

for name, backend in pairs(backends) do everywhere[name] = backend end

for _, name in ipairs { "sqlite", "postgresql" } do
  local backend, web = backends[name], nil
  everywhere[name .. " in nginx"] = {
    missing = backend.missing,
    setup = function()
      backend.setup()
      web = in_nginx.start()
    end,
    teardown = function()
      web:stop()
      backend.teardown()
    end,
    open = function(options)
      local place, close = backend.place(options)
      local opened = web:open(place)
      return opened, function()
        opened:close()
        close()
      end, place
    end,
  }
end

return everywhere
