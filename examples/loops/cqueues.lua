-- Looks up several clients at once under cqueues: DEBITURA_API_KEY=...
--   DEBITURA_BASE_URL=http://127.0.0.1:8787 lua5.4 examples/loops/cqueues.lua tenant-1 tenant-2
local cqueues = require("cqueues")
local debitura = require("debitura")

local partner = debitura.partner {
  api_key = os.getenv("DEBITURA_API_KEY"), base_url = os.getenv("DEBITURA_BASE_URL"),
  waiter = debitura.waiter.cqueues(),
}

local controller = cqueues.new()
for _, id in ipairs(arg) do
  controller:wrap(function()
    local client, failed = partner:get_client(id)
    print(id, client and "found" or tostring(failed))
  end)
end
assert(controller:loop())
