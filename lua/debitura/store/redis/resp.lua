--- The protocol of Redis (RESP2) over anything that sends and receives as LuaSocket does.
-- @module debitura.store.redis.resp

local resp = {}

-- What a reply may be at most; the store asks for pages, so that none comes near it.
local MAX_BYTES = 512 * 1024 * 1024 -- of one text: Redis's own bound
local MAX_ITEMS = 1024 * 1024
local MAX_DEPTH = 8

local FOREIGN = "what it says is not Redis's protocol"

--- A command as it is sent.
-- @tparam table arguments array of strings
-- @treturn string
function resp.encode(arguments)
  local parts = { ("*%d\r\n"):format(#arguments) }
  for i, argument in ipairs(arguments) do
    parts[i + 1] = ("$%d\r\n"):format(#argument) .. argument .. "\r\n"
  end
  return table.concat(parts)
end

local read

--- A length; -1 stands for no text or array.
local function read_length(text, limit)
  local length = (text:find("^%d+$") or text == "-1") and tonumber(text)
  if length and length <= limit then return length end
end

local readers = {}

readers["+"] = function(_, text) return text end

readers["-"] = function(_, text)
  return nil, text ~= "" and text or "the server refused the command and does not say why", true
end

readers[":"] = function(_, text)
  local number = text:find("^[+-]?%d+$") and tonumber(text)
  if not number then return nil, "a number that is none" end
  return number
end

readers["$"] = function(socket, text)
  local length = read_length(text, MAX_BYTES)
  if not length then return nil, "a text of an impossible length" end
  if length < 0 then return false end
  local bytes, err = socket:receive(length)
  if not bytes then return nil, err end
  local closing
  closing, err = socket:receive(2)
  if not closing then return nil, err end
  if closing ~= "\r\n" then return nil, FOREIGN end
  return bytes
end

--- An error among the items is the reply; what follows it is read, so that no reply is left over.
readers["*"] = function(socket, text, depth)
  local count = read_length(text, MAX_ITEMS)
  if not count or depth == MAX_DEPTH then return nil, "an array of an impossible length" end
  if count < 0 then return false end
  local items, refusal = {}, nil
  for i = 1, count do
    local item, err, refused = read(socket, depth + 1)
    if item == nil and not refused then return nil, err end
    refusal, items[i] = refusal or err, item
  end
  if refusal then return nil, refusal, true end
  return items
end

function read(socket, depth)
  local line, err = socket:receive("*l")
  if not line then return nil, err end
  local reader = readers[line:sub(1, 1)]
  if not reader then return nil, FOREIGN end
  return reader(socket, line:sub(2), depth)
end

--- Reads one reply.
-- @tparam table socket with `receive(pattern)`
-- @treturn[1] string|number|table|boolean the reply; false for none
-- @treturn[2] nil
-- @treturn[2] string what went wrong, or what the server said
-- @treturn[2] boolean true when it is the server that refused the command
function resp.read(socket)
  return read(socket, 1)
end

return resp
