--- A file's lines, one after the other in bounded memory, as UTF-8, with their numbers. A line ends
-- with LF, CR LF, or CR where the file has no other.
-- @module debitura.import.lines

local decode = require("debitura.import.decode")

local lines = {}

local CHUNK = 64 * 1024

local Lines = {}
Lines.__index = Lines

-- What has been read and not been given yet begins at `from`.
function Lines:take(stop, ending)
  local text = self.buffer:sub(self.from, stop)
  self.offset, self.number = self.offset + #text + ending, self.number + 1
  self.from = stop + ending + 1
  if text:byte(-1) == 13 then text = text:sub(1, -2) end
  return text
end

-- By which sign lines end: told by the first one that there is.
function Lines:find_end(searched)
  if not self.sign then
    local at = self.buffer:find("[\r\n]", searched)
    local after = at and self.buffer:sub(at, at + 1)
    -- A CR at the end of what was read may be the half of an end.
    if not at or after == "\r" and not self.ended then return nil end
    self.sign = (after:sub(1, 1) == "\n" or after == "\r\n") and "\n" or "\r"
  end
  return self.buffer:find(self.sign, searched, true)
end

--- The next line, without its end.
-- @treturn[1] string
-- @treturn[2] nil at the end
-- @treturn[3] boolean false
-- @treturn[3] string the line is too long, or the file cannot be read
function Lines:next()
  local searched = self.from
  while true do
    local stop = self:find_end(searched)
    if stop then return self:take(stop - 1, 1) end
    if #self.buffer - self.from >= self.max_line then
      return false, ("is longer than %d bytes"):format(self.max_line)
    end
    if self.ended then return self.from <= #self.buffer and self:take(#self.buffer, 0) or nil end
    local part, err = self.file:read(CHUNK)
    if err then return false, err end
    self.ended = not part
    if part and self.decoder then part = self.decoder(part) end
    searched = math.max(1, #self.buffer - self.from + 2 - (self.sign and 0 or 1))
    self.buffer = self.buffer:sub(self.from) .. (part or "")
    self.from = 1
  end
end

--- Goes on somewhere else, where a line is known to begin.
-- @tparam number offset in bytes of UTF-8, as `offset` has told it
-- @tparam number number of lines before it
function Lines:seek(offset, number)
  self.buffer, self.from, self.ended = "", 1, false
  if not self.make_decoder then
    self.file:seek("set", self.start + offset)
    self.offset, self.number = offset, number
    return
  end
  -- Bytes of another encoding are not counted: its lines are.
  self.decoder = self.make_decoder()
  self.file:seek("set", self.start)
  self.offset, self.number = 0, 0
  while self.number < number and self:next() do end -- luacheck: ignore 542
end

function Lines:close()
  self.file:close()
end

--- Reads a file that is open.
-- @tparam userdata file
-- @tparam table options `max_line` (bytes that a line may have), `start` (bytes of a mark before
--   the text), `encoding`
-- @treturn table
function lines.new(file, options)
  local self = setmetatable({
    file = file, max_line = options.max_line, start = options.start,
    make_decoder = decode.decoders[options.encoding],
  }, Lines)
  self:seek(0, 0)
  return self
end

return lines
