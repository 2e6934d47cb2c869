--- A file's lines, one after the other in bounded memory, as UTF-8, with their numbers. A line ends
-- with LF, CR LF or CR.
-- @module debitura.import.lines

local decode = require("debitura.import.decode")

local lines = {}

local CHUNK = 64 * 1024

local Lines = {}
Lines.__index = Lines

-- Reads on, and tells where an end of line is to be looked for. Every end of a line becomes LF.
function Lines:read_on()
  local part, err = self.file:read(CHUNK)
  if err then return nil, err end
  self.ended = not part
  part = part or ""
  self.read = self.read + #part
  if self.decoder then part = self.decoder(part) end
  part, self.held = self.held .. part, ""
  if part:find("\r", 1, true) then
    -- A CR at the end of what was read may be the half of an end.
    if not self.ended and part:byte(-1) == 13 then part, self.held = part:sub(1, -2), "\r" end
    part = part:gsub("\r\n?", "\n")
  end
  local rest = self.buffer:sub(self.from)
  self.buffer, self.from = rest .. part, 1
  return #rest + 1
end

--- The next line, without its end.
-- @treturn[1] string
-- @treturn[2] nil at the end
-- @treturn[3] boolean false
-- @treturn[3] string the line is too long, or the file cannot be read
function Lines:next()
  local searched = self.from
  while true do
    local from = self.from
    local stop = self.buffer:find("\n", searched, true)
    if not stop and self.ended and from <= #self.buffer then stop = #self.buffer + 1 end
    if stop then
      self.from, self.number = stop + 1, self.number + 1
      return self.buffer:sub(from, stop - 1)
    end
    if #self.buffer - from >= self.max_line then
      return false, ("is longer than %d bytes: shorten it"):format(self.max_line)
    end
    if self.ended then return nil end
    local err
    searched, err = self:read_on()
    if not searched then return false, err end
  end
end

--- How far it has come, nearly.
-- @treturn number bytes
function Lines:offset()
  return math.max(0, self.read - (#self.buffer - self.from + 1))
end

--- Begins anew.
function Lines:rewind()
  self.buffer, self.from, self.held, self.ended, self.number, self.read = "", 1, "", false, 0, 0
  self.decoder = self.make_decoder and self.make_decoder()
  self.file:seek("set", self.start)
end

function Lines:close()
  self.file:close()
end

--- Reads a file that is open.
-- @tparam userdata file
-- @tparam table options `max_line` (bytes that a line may have), `start` (bytes of a mark before
--   the text), `encoding`
-- @treturn table with the `number` of the line given last
function lines.new(file, options)
  local self = setmetatable({
    file = file, max_line = options.max_line, start = options.start,
    make_decoder = decode.decoders[options.encoding],
  }, Lines)
  self:rewind()
  return self
end

return lines
