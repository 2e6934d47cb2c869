-- Looks up several clients at once under Copas: DEBITURA_API_KEY=...
--   DEBITURA_BASE_URL=http://127.0.0.1:8787 luajit examples/loops/copas.lua tenant-1 tenant-2
local copas = require("copas")
local debitura = require("debitura")

local partner = debitura.partner {
  api_key = os.getenv("DEBITURA_API_KEY"), base_url = os.getenv("DEBITURA_BASE_URL"),
  waiter = debitura.waiter.copas(),
}

local open = #arg
for _, id in ipairs(arg) do
  copas.addthread(function()
    local client, failed = partner:get_client(id)
    print(id, client and "found" or tostring(failed))
    open = open - 1
  end)
end
while open > 0 do copas.step() end
