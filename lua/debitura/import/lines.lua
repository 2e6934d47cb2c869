--- A file's lines, one after the other in bounded memory, as UTF-8, with their numbers. A line ends
-- with LF, CR LF, or CR where the file has no other.
-- @module debitura.import.lines

local decode = require("debitura.import.decode")

local lines = {}

local CHUNK = 64 * 1024

local Lines = {}
Lines.__index = Lines

-- By which sign lines end: told by the first one that there is.
function Lines:find_sign(searched)
  local at = self.buffer:find("[\r\n]", searched)
  local after = at and self.buffer:sub(at, at + 1)
  -- A CR at the end of what was read may be the half of an end.
  if not at or after == "\r" and not self.ended then return nil end
  self.sign = (after:sub(1, 1) == "\n" or after == "\r\n") and "\n" or "\r"
end

-- Reads on, and tells where an end of line is to be looked for.
function Lines:read_on()
  local part, err = self.file:read(CHUNK)
  if err then return nil, err end
  self.ended = not part
  if part and self.decoder then part = self.decoder(part) end
  local searched = math.max(1, #self.buffer - self.from + 2 - (self.sign and 0 or 1))
  self.buffer, self.from = self.buffer:sub(self.from) .. (part or ""), 1
  return searched
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
    if not self.sign then self:find_sign(searched) end
    local stop = self.sign and self.buffer:find(self.sign, searched, true)
    if not stop and self.ended and from <= #self.buffer then stop = #self.buffer + 1 end
    if stop then
      self.from, self.number, self.offset = stop + 1, self.number + 1, self.offset + stop + 1 - from
      if self.buffer:byte(stop - 1) == 13 and stop > from then stop = stop - 1 end
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

--- Begins anew.
function Lines:rewind()
  self.buffer, self.from, self.ended, self.number, self.offset = "", 1, false, 0, 0
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
-- @treturn table with `number` of the line given last, and the `offset` after it in bytes of UTF-8
function lines.new(file, options)
  local self = setmetatable({
    file = file, max_line = options.max_line, start = options.start,
    make_decoder = decode.decoders[options.encoding],
  }, Lines)
  self:rewind()
  return self
end

return lines
