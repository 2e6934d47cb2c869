--- A real mail server (aiosmtpd) that keeps what it is given.

local core = require("debitura.core")
local origin = require("spec.support.origin")

local mail_server = {}

-- Debian's own interpreter: the one its package python3-aiosmtpd is for.
local PYTHON = os.getenv("DEBITURA_PYTHON") or "/usr/bin/python3"

local Server = {}
Server.__index = Server

--- The message with the number `n`: its first line says sender, recipients, tls or plain, user or
-- nobody.
-- @treturn[1] string that line
-- @treturn[1] string the message
-- @treturn[2] nil when there is none
function Server:message(n)
  local file = io.open(self.directory .. "/" .. n, "rb")
  if not file then return nil end
  local line, text = file:read("*l"), file:read("*a")
  file:close()
  return line, text
end

--- What Python's parser makes of the message with the number `n`: `names` of its headers, `from`,
-- `to`, `reply_to` (arrays of name and address), `subject`, `date` (Unix seconds), `id`,
-- `automatic`, `type`, `bodies` by type, `defects`.
-- @treturn table
function Server:parsed(n)
  local file = assert(io.open(self.directory .. "/" .. n .. ".json", "rb"))
  local text = file:read("*a")
  file:close()
  return assert(core.json.decode(text))
end

function Server:stop()
  os.execute("kill " .. self.pid)
  self.remove()
end

--- @tparam string mode "plain", "smtputf8", "passwords", "tokens", "starttls" or "smtps"
-- @tparam[opt] string pair path of certificate and key, without ".pem" and ".key"
function mail_server.start(mode, pair)
  local directory, remove = origin.directory()
  local files = pair and ("'%s.pem' '%s.key'"):format(pair, pair) or ""
  local said = origin.output(("%s spec/support/mail_server.py '%s' %s %s 2>&1")
    :format(PYTHON, directory, mode, files))
  local port, pid = said:match("^(%d+) (%d+)\n$")
  if not port then error("no mail server: " .. said) end
  return setmetatable({ port = tonumber(port), pid = pid, directory = directory, remove = remove },
    Server)
end

return mail_server
