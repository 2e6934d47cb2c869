--- Makes an object with methods out of operation rows: the row `clients.create` becomes `api.clients:create(...)`,
-- the row `me` becomes `api:me()`, and a row whose answer is a page makes a listing (debitura.client.pagination). Both APIs are built
-- by it; it knows neither.
-- @module debitura.client.methods

local operations = require("debitura.operations")
local pages = require("debitura.client.pagination")
local request = require("debitura.client.request")

local api = {}

local function method_of(row)
  return function(self, ...)
    local arguments, options = request.arguments(row, ...)
    if row.pages then return pages.new(self.session, row, arguments, options) end
    return self.session:call(row, arguments, options)
  end
end

--- Fills the class of an API: `call`, a method for each row without a dot. Returns its groups of methods.
local function fill_class(name, class)
  local groups = {}
  for _, row in operations.each(name) do
    local group, method = row.name:match("^(.-)%.(.+)$")
    if group then
      groups[group] = groups[group] or {}
      groups[group][method] = method_of(row)
    else
      class[row.name] = method_of(row)
    end
  end
  for _, methods in pairs(groups) do methods.__index = methods end

  --- Reaches every operation, also one that this library does not know.
  -- @tparam string method "GET", "POST", ...
  -- @tparam string path a template ("/clients/{externalTenantId}", filled from `options.path`) or a path as it is sent
  --   ("/clients/tenant-1"), its parameters percent-encoded
  -- @tparam[opt] table body for POST, PUT and PATCH the body, else the query parameters
  -- @tparam[opt] table options of this call; `path` and `query` hold parameters by name
  -- @treturn as every operation's method
  function class:call(method, path, body, options)
    options = options or {}
    local row, found = operations.find(name, method, path)
    row = row or operations.unlisted(name, method, path)
    local arguments = { path = options.path or found or {}, query = options.query }
    if row.form then
      arguments.form = body
    elseif method == "POST" or method == "PUT" or method == "PATCH" then
      arguments.body = body
    else
      arguments.query = arguments.query or body
    end
    return self.session:call(row, arguments, options)
  end

  return groups
end

--- Makes the constructor of an API's objects. The operations are read when the first object is made.
-- @tparam string name "partner" or "customer"
-- @tparam table class further methods of the objects
-- @treturn function from a session to an object
function api.constructor(name, class)
  local groups
  local metatable = {
    __index = class,
    __tostring = function(self) return ("debitura.%s (%s)"):format(name, self.session.base_url) end,
  }
  return function(session)
    groups = groups or fill_class(name, class)
    local object = setmetatable({ session = session }, metatable)
    for group, methods in pairs(groups) do object[group] = setmetatable({ session = session }, methods) end
    return object
  end
end

return api
