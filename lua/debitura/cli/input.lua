--- What commands read: a file, or standard input for "-".
-- @module debitura.cli.input

local core = require("debitura.core")

local input = {}

--- Bytes. The largest body that the APIs take is a file of 25 MB.
input.MAX = 26 * 1024 * 1024

--- Reads all of it.
-- @tparam string path "-" for standard input
-- @treturn[1] string
-- @treturn[2] nil
-- @treturn[2] string what is wrong
function input.read(path)
  local file, err = io.stdin
  if path ~= "-" then
    file, err = io.open(path, "rb")
    if not file then return nil, err end
  end
  local text = file:read(input.MAX + 1)
  if not text then
    -- At the end of an empty file there is nothing, too; of a directory nothing can be read.
    text, err = file:read("*a")
  end
  if path ~= "-" then file:close() end
  if not text then return nil, ("%s: %s"):format(path, err or "cannot be read") end
  if #text > input.MAX then return nil, ("%s: larger than %d bytes"):format(path, input.MAX) end
  return text
end

--- Reads a JSON object or array.
-- @tparam string path "-" for standard input
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string what is wrong, without what was read
function input.json(path)
  local text, err = input.read(path)
  if not text then return nil, err end
  local value
  value, err = core.json.decode(text)
  local name = path == "-" and "standard input" or path
  if err then return nil, ("%s: no JSON: %s"):format(name, err.message) end
  if type(value) ~= "table" then return nil, name .. ": a JSON object or array is expected" end
  return value
end

return input
