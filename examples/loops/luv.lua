-- Looks up several clients at once under luv (libuv): DEBITURA_API_KEY=...
--   DEBITURA_BASE_URL=http://127.0.0.1:8787 luajit examples/loops/luv.lua tenant-1 tenant-2
local uv = require("luv")
local debitura = require("debitura")

local partner = debitura.partner {
  api_key = os.getenv("DEBITURA_API_KEY"), base_url = os.getenv("DEBITURA_BASE_URL"),
  waiter = debitura.waiter.luv(),
}

for _, id in ipairs(arg) do
  coroutine.wrap(function()
    local client, failed = partner:get_client(id)
    print(id, client and "found" or tostring(failed))
  end)()
end
uv.run()
