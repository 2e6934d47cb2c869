--- Carries a receiver in nginx for `debitura receive`: what its workers run.
-- @module debitura.webhook.carrier

local core = require("debitura.core")
local openresty = require("debitura.webhook.openresty")
local owner = require("debitura.nginx.owner")
local receiver = require("debitura.webhook.receiver")
local store = require("debitura.store")

local carrier = {}

--- Names of the variables that hold what must not stand in a command line.
carrier.variables = { secret = "DEBITURA_WEBHOOK_SECRET", store = "DEBITURA_STORE", key = "DEBITURA_ENCRYPTION_KEY" }

local BUSY_TIMEOUT = 2 -- seconds; Debitura waits 10 for an answer, and other requests wait meanwhile

local options, received

--- The secrets of a text, separated by white space, the newest first.
local function secrets_of(text)
  local secrets = {}
  for secret in text:gmatch("%S+") do secrets[#secrets + 1] = secret end
  return secrets
end

--- The secrets as they are now: a file may be rewritten at any time.
-- @tparam ?string path of the file; else the environment has them
-- @treturn[1] table array, not empty
-- @treturn[2] nil
-- @treturn[2] string what is missing
function carrier.secrets(path)
  local text, place = os.getenv(carrier.variables.secret), carrier.variables.secret
  if path then
    local file, reason = io.open(path, "rb")
    if not file then return nil, reason end
    text, place = file:read("*a"), path
    file:close()
  end
  local secrets = secrets_of(text or "")
  if #secrets == 0 then return nil, place .. " holds no secret" end
  return secrets
end

--- Opens the store that options or the environment name.
-- @tparam ?string address
-- @treturn[1] table store
-- @treturn[2] nil
-- @treturn[2] string|table what is wrong
function carrier.open(address)
  address = address or os.getenv(carrier.variables.store)
  if not address then return nil, "no store: give --store or " .. carrier.variables.store end
  return store.open(address, { encryption_key = os.getenv(carrier.variables.key), busy_timeout = BUSY_TIMEOUT })
end

--- Takes what the command was given: for init_by_lua.
-- @tparam string text JSON of `store`, `secret_file`, `accept_late`, `owner`
function carrier.load(text)
  options = assert(core.json.decode(text))
end

--- For init_worker_by_lua.
function carrier.start()
  owner.follow(options.owner, "QUIT")
end

local function make()
  local opened, reason = carrier.open(options.store)
  if not opened then error(tostring(reason), 0) end
  return receiver.new {
    store = opened, accept_late = options.accept_late,
    secret = function() return assert(carrier.secrets(options.secret_file)) end,
  }
end

--- Serves one request: for content_by_lua. A worker opens its own connection, with its first request.
function carrier.serve()
  received = received or make()
  openresty.serve(received)
end

return carrier
