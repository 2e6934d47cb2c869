--- Makes an object with methods out of operation rows: the row `clients.create` becomes
-- `clients:create(...)`, the row `me` becomes `me()`, and a row whose response is a page makes a
-- listing (debitura.client.pagination). Both APIs are built by it; it knows neither.
-- @module debitura.client.methods

local client_options = require("debitura.client.options")
local operations = require("debitura.operations")
local pagination = require("debitura.client.pagination")
local request = require("debitura.client.request")
local usage = require("debitura.base.usage")

local methods = {}

local NO_OPTIONS = client_options.call:read()
local WITH_BODY = { POST = true, PUT = true, PATCH = true }

local function method_of(row)
  local short = request.short(row)
  return function(self, ...)
    local path = short and short(...)
    if path then
      return self.session:send(row, NO_OPTIONS, path,
        { Accept = "application/json", XApiKey = nil }) -- room for a credential
    end
    local arguments, given = request.arguments(row, ...)
    local options = given and client_options.call:read(given, row.name) or NO_OPTIONS
    if row.pages then return pagination.new(self.session, row, arguments, options) end
    return self.session:call(row, arguments, options)
  end
end

--- Fills the class of an API: `call`, a method for each row without a dot. Returns its groups of
-- methods.
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
  for _, of_group in pairs(groups) do of_group.__index = of_group end

  --- Reaches every operation, also one that this library does not know.
  -- @tparam string method "GET", "POST", ...
  -- @tparam string path a template ("/clients/{externalTenantId}", filled from `options.path`) or a
  --   path as it is sent ("/clients/tenant-1"), its parameters percent-encoded
  -- @tparam[opt] table body for POST, PUT and PATCH the body, else the query parameters
  -- @tparam[opt] table options of this call; `path` and `query` hold parameters by name
  -- @treturn as every operation's method
  function class:call(method, path, body, options)
    usage.check(type(method) == "string", "call: the method expected, such as \"GET\"")
    usage.check(type(path) == "string", "call: the path expected, such as \"/clients/tenant-1\"")
    local read = client_options.generic_call:read(options)
    local row, found = operations.find(name, method, path)
    row = row or operations.unlisted(name, method, path)
    local arguments = { path = read.path or found or {}, query = read.query }
    if row.form then
      arguments.form = body
    elseif WITH_BODY[method] then
      arguments.body = body
    else
      arguments.query = arguments.query or body
    end
    return self.session:call(row, arguments, read)
  end

  --- What `observe` has seen: how answers differ from the documents.
  -- @treturn[1] table see `debitura.client.observer.read`
  -- @treturn[2] nil
  -- @treturn[2] table failure of the store
  -- @raise at the caller's line, when the object does not observe
  function class:differences()
    usage.check(self.session.observer, "differences: the object was made without observe = true")
    return self.session.observer:told()
  end

  return groups
end

--- Makes the constructor of an API's objects. The operations are read when the first object is
-- made.
-- @tparam string name "partner" or "customer"
-- @tparam table class further methods of the objects
-- @treturn function from a session to an object
function methods.constructor(name, class)
  local groups
  local metatable = {
    __index = class,
    __tostring = function(self) return ("debitura.%s (%s)"):format(name, self.session.base_url) end,
  }
  return function(session)
    groups = groups or fill_class(name, class)
    local object = setmetatable({ session = session }, metatable)
    for group, of_group in pairs(groups) do
      object[group] = setmetatable({ session = session }, of_group)
    end
    return object
  end
end

return methods
