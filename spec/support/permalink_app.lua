-- What an nginx worker of the permalink's spec holds: recipes on the store of a directory, against
-- a sandbox.

local debitura = require("debitura")

local app, made = {}, nil

local function note(path, text)
  local file = assert(io.open(path, "ab"))
  file:write(text, "\n")
  file:close()
  return true
end

--- The recipes of this worker. In the directory "delivered" has a line for each message, "asked"
-- one for each POST /clients.
function app.recipes(directory, url, base)
  if made then return made end
  local store = assert(debitura.store.open("sqlite://" .. directory .. "/store.db"))
  local partner = debitura.partner { api_key = "sandbox-key", base_url = url }
  local create = partner.create_client
  function partner.create_client(...)
    note(directory .. "/asked", "POST /clients")
    return create(...)
  end
  made = debitura.recipes.new {
    partner = partner, store = store, clock = os.time,
    permalink = debitura.permalink.new {
      url = base, store = store, language = "en", brand = { name = "Sample Platform" },
    },
    channels = { { name = "notes", deliver = function(_, message)
      return note(directory .. "/delivered", message.url)
    end } },
  }
  return made
end

return app
