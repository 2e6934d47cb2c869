--- Webhook secrets: read from where they are configured, and put into a file that only its owner
-- can read.
-- @module debitura.cli.secrets

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local input = require("debitura.cli.input")
local secret_file = require("debitura.webhook.secret_file")
local verify = require("debitura.webhook.verify")

local secrets = {}

local MOST = 16 -- as many as a verifier takes

--- The command that gets a secret and keeps it.
local function ensure_command(webhook, path)
  return ("type: debitura webhooks ensure%s%s"):format(webhook.url and "" or " --url URL",
    path == webhook.secret_file and path and ""
      or " --secret-file " .. (path and encoding.shell(path) or "FILE"))
end

--- The secrets as they are now, the newest first.
-- @tparam table webhook what is configured, see debitura.platform
-- @tparam ?string path a file chosen before all that is configured
-- @treturn[1] table array, not empty
-- @treturn[2] nil
-- @treturn[2] string what is missing, and what to type
function secrets.read(webhook, path)
  if not path and webhook.secrets then return webhook.secrets end
  if not path and webhook.secret then return { webhook.secret } end
  path = path or webhook.secret_file
  if not path then
    return nil, ("no webhook secret; %s, which keeps it there, and configure "
      .. "webhook.secret_file, or put the secret into DEBITURA_WEBHOOK_SECRET")
        :format(ensure_command(webhook, path))
  end
  local found, err = secret_file.read(path)
  if found then return found end
  return nil, ("no webhook secret: %s; %s"):format(err, ensure_command(webhook, path))
end

--- A verifier with the secrets that are meant.
-- @tparam table webhook see `secrets.read`
-- @tparam ?string path see `secrets.read`
-- @tparam[opt] number age that a signature may have
-- @treturn[1] table see debitura.webhook.verify
-- @treturn[1] number of secrets
-- @treturn[2] nil
-- @treturn[2] string what is wrong
function secrets.verifier(webhook, path, age)
  local found, err = secrets.read(webhook, path)
  if not found then return nil, err end
  local verifier
  verifier, err = verify.prepare(found, age, age)
  return verifier, verifier and #found or err
end

local Keeper = {}
Keeper.__index = Keeper

--- Puts a new secret before those that are there.
-- @tparam string secret
-- @tparam[opt] boolean alone without those that were there
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] string what is wrong
function Keeper:keep(secret, alone)
  local lines = { secret }
  for index = 1, alone and 0 or math.min(#self.present, MOST - 1) do
    lines[index + 1] = self.present[index]
  end
  self.kept = true
  return core.system.write_private(self.path, table.concat(lines, "\n") .. "\n")
end

--- Leaves no empty file behind, where no secret came.
function Keeper:close()
  if self.new and not self.kept then os.remove(self.path) end
end

--- Sees to it that a file can be written, before a secret is asked for that is shown only once. It
-- keeps its owner.
-- @tparam string path
-- @treturn[1] table with `keep(secret, alone)` and `close()`
-- @treturn[2] nil
-- @treturn[2] string what is wrong
function secrets.keeper(path)
  local new = core.system.permissions(path) == nil
  local text, err = ""
  if not new then
    text, err = input.read(path)
    if not text then return nil, err end
  end
  local written
  written, err = core.system.write_private(path, text)
  if not written then return nil, err end
  return setmetatable({ path = path, new = new, present = secret_file.words(text) }, Keeper)
end

return secrets
