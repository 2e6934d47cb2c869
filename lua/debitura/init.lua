--- The names of the library.
--
--     local debitura = require "debitura"
--     local partner = debitura.partner { api_key = key, environment = "test" }
--     local client, err = partner:create_client(payload)
--
-- What the world does comes back as `nil, err` (see `debitura.base.failure`); the programmer's
-- mistakes raise an error. What stands behind a name is loaded when the name is used.
-- @module debitura

local core = require("debitura.core")
local deprecation = require("debitura.base.deprecation")
local version = require("debitura.base.version")

--- Where each name leads: a module, and what is taken from it, if not all of it.
local PLACES = {
  partner = { "debitura.client.partner", "new" },
  customer = { "debitura.client.customer", "new" },
  parallel = { "debitura.async.parallel", "run" },
  limiter = { "debitura.client.limiter", "new" },
  webhook = { "debitura.webhook" },
  store = { "debitura.store" },
  recipes = { "debitura.recipes" },
  channels = { "debitura.channels" },
  permalink = { "debitura.permalink" },
  platform = { "debitura.platform", "new" },
  waiter = { "debitura.async.waiters" },
  is_failure = { "debitura.base.failure", "is" },
}

local debitura = {
  --- JSON null, the same value as `cjson.null` and `ngx.null`.
  null = core.null,
  --- This module's version.
  _VERSION = version.number,
}

--- Marks a table as a JSON array, so that an empty one becomes `[]`.
-- @tparam table list
-- @treturn table the same
-- @function array
debitura.array = core.json.array

--- Wraps a credential so that it shows itself nowhere.
-- @tparam string text
-- @treturn userdata
-- @function secret
debitura.secret = core.secret

--- Makes a partner object.
-- @function partner
-- @see debitura.client.partner.new

--- Makes an object for a creditor that acts for itself.
-- @function customer
-- @see debitura.client.customer.new

--- Runs many calls at once.
-- @function parallel
-- @see debitura.async.parallel.run

--- Makes a limiter.
-- @function limiter
-- @see debitura.client.limiter.new

--- Webhooks; see `debitura.webhook`.
-- @field webhook

--- The store of recipes and webhooks; see `debitura.store`.
-- @field store

--- Onboarding customers and bringing their cases; see `debitura.recipes`.
-- @field recipes

--- Ways to bring a URL to a customer; see `debitura.channels`.
-- @field channels

--- URLs of the platform's own that outlive Debitura's; see `debitura.permalink`.
-- @field permalink

--- Defines a platform once, for the application, its workers, cron and the command.
-- @function platform
-- @see debitura.platform.new

--- Ways to wait in event loops; see `debitura.waiter`.
-- @field waiter

--- Whether a value is a failure.
-- @function is_failure
-- @see debitura.base.failure.is

return setmetatable(debitura, {
  __index = function(self, name)
    local place = PLACES[name]
    if not place then
      local now = type(name) == "string" and deprecation.current("debitura: name ", name)
      return now and self[now] or nil
    end
    local module = require(place[1])
    if place[2] then module = module[place[2]] end
    self[name] = module
    return module
  end,
})
