--- A file that holds webhook secrets, one in each line, the newest first.
-- @module debitura.webhook.secret_file

local secret_file = {}

--- Bytes. A verifier takes 16 secrets, and none of them is longer than a line.
local MAX = 65536

--- Secrets as they are written: between white space.
-- @tparam string text
-- @treturn table array
function secret_file.words(text)
  local found = {}
  for word in text:gmatch("%S+") do found[#found + 1] = word end
  return found
end

--- Reads the secrets as they are now: the file may be rewritten at any time.
-- @tparam string path
-- @treturn[1] table array, not empty
-- @treturn[2] nil
-- @treturn[2] string what is wrong
function secret_file.read(path)
  local file, err = io.open(path, "rb")
  if not file then return nil, err end
  local text
  text, err = file:read(MAX)
  file:close()
  if err then return nil, ("%s: %s"):format(path, err) end
  local found = secret_file.words(text or "")
  if not found[1] then return nil, path .. " holds no secret" end
  return found
end

return secret_file
