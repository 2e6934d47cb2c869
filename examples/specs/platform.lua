--- The platform under test, as the application defines it; specs give what differs.

local debitura = require("debitura")

return function(given)
  return debitura.platform {
    name = "Sample Platform", base_url = given.base_url, api_key = given.api_key,
    store = "memory:", clock = given.clock,
    channels = { debitura.channels.callback(given.send_mail) },
    webhook = { secret = given.secret },
    on_change = given.on_change,
  }
end
