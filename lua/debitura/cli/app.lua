--- A Lua file of the application's that defines its platform: `debitura --app FILE`.
-- @module debitura.cli.app

local core = require("debitura.core")
local input = require("debitura.cli.input")
local platform = require("debitura.platform")

local app = {}

local GROUP_AND_OTHERS = 64 -- 0100 octal: what stands below it is not the owner's
local SHORTEST = 8 -- bytes; what is shorter is a word, not a secret

--- Names that hold what is secret.
local NAMES = { "_keys?$", "^keys?$", "secrets?$", "password$" }

local function is_secret_name(name)
  for _, pattern in ipairs(NAMES) do
    if name:lower():find(pattern) then return true end
  end
  return false
end

--- Whether a key, a secret or a password is written in a Lua source.
-- @tparam string source
-- @treturn boolean
function app.holds_secret(source)
  -- An address with a password in it.
  if source:find("://[^%s/:@\"']*:[^%s/@\"']+@") then return true end
  for name, at in source:gmatch("([%w_]+)%s*=%s*{?%s*()") do
    -- The text itself, the first of a list, or what debitura.secret is given.
    local value = source:match("^[%w_.]*secret%s*%(?%s*()", at) or at
    local literal = source:match("^[\"']([^\"'\n]*)[\"']", value)
    if literal and #literal >= SHORTEST and is_secret_name(name) then return true end
  end
  return false
end

--- Whether only those can read a file that may read what stands in it.
local function check_readers(path, source)
  local mode, err = core.system.permissions(path)
  if not mode then return nil, err end
  if mode % GROUP_AND_OTHERS == 0 or not app.holds_secret(source) then return true end
  return nil,
    ("%s can be read by others and holds a key or secret: chmod 600 '%s', or take it from "
    .. "the environment"):format(path, path:gsub("'", "'\\''"))
end

--- Loads the platform that a file defines.
-- @tparam string path
-- @treturn[1] table see debitura.platform
-- @treturn[2] nil
-- @treturn[2] string what is wrong, in one sentence
function app.load(path)
  local source, err = input.read(path)
  if not source then return nil, err end
  local private
  private, err = check_readers(path, source)
  if not private then return nil, err end
  local chunk
  chunk, err = (rawget(_G, "loadstring") or load)(source, "@" .. path)
  if not chunk then return nil, err end
  local ran, value = pcall(chunk)
  if not ran then
    local said = tostring(value)
    -- Ctrl-C comes as an error, too.
    if said:find("interrupted!", 1, true) then error(value, 0) end
    -- A file that returns debitura.platform { … } is a tail call: the place is not its own.
    said = said:match("^[^\n]*"):gsub("^.-:%d+: (debitura%.)", "%1")
    return nil, ("%s: it raised an error: %s"):format(path, said)
  end
  if platform.is(value) then return value end
  return nil, path .. " returns no platform; it ends with: return debitura.platform { … }"
end

return app
