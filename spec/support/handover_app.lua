-- What an nginx worker of the hand-over's spec holds: recipes on the ledger of a directory, against a sandbox.

local debitura = require("debitura")

local app, made = {}, nil

--- The recipes of this worker.
function app.recipes(directory, url, base)
  if made then return made end
  local ledger = assert(debitura.store.open("sqlite://" .. directory .. "/ledger.db"))
  made = debitura.recipes.new {
    partner = debitura.partner { api_key = "sandbox-key", base_url = url }, store = ledger, clock = os.time,
    handover = debitura.handover.new { url = base, store = ledger, clock = os.time, partner_name = "Sample Platform" },
    channels = { { name = "notes", deliver = function(_, message)
      local file = assert(io.open(directory .. "/delivered", "ab"))
      file:write(message.url, "\n")
      file:close()
      return true
    end } },
  }
  return made
end

return app
