--- A file's lines, one after the other in bounded memory, with their numbers and where they begin.
-- @module debitura.import.lines

local lines = {}

local CHUNK = 64 * 1024
local BOM = "\239\187\191"

local Lines = {}
Lines.__index = Lines

-- What has been read and not been given yet begins at `from`.
function Lines:take(stop, ending)
  local text = self.buffer:sub(self.from, stop)
  self.offset, self.number, self.from = self.offset + #text + ending, self.number + 1, stop + ending + 1
  return (text:gsub("\r$", ""))
end

--- The next line, without its end.
-- @treturn[1] string
-- @treturn[2] nil at the end
-- @treturn[3] boolean false
-- @treturn[3] string the line is too long, or the file cannot be read
function Lines:next()
  local searched = self.from
  while true do
    local stop = self.buffer:find("\n", searched, true)
    if stop then return self:take(stop - 1, 1) end
    if #self.buffer - self.from >= self.max_line then return false, ("is longer than %d bytes"):format(self.max_line) end
    local part, problem = self.file:read(CHUNK)
    if problem then return false, problem end
    if not part then return self.from <= #self.buffer and self:take(#self.buffer, 0) or nil end
    self.buffer = self.buffer:sub(self.from) .. part
    self.from, searched = 1, #self.buffer - #part + 1
  end
end

--- Goes on somewhere else, where a line is known to begin.
-- @tparam number offset in bytes
-- @tparam number number of lines before it
function Lines:seek(offset, number)
  self.file:seek("set", offset)
  self.buffer, self.from, self.offset, self.number = "", 1, offset, number
end

function Lines:close()
  self.file:close()
end

--- Opens a file.
-- @tparam string path
-- @tparam number max_line bytes that a line may have
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] string why not
function lines.open(path, max_line)
  local file, problem = io.open(path, "rb")
  if not file then return nil, problem end
  local self = setmetatable({ file = file, max_line = max_line }, Lines)
  -- A directory opens, and fails at the first read.
  local head, unreadable = file:read(#BOM)
  if unreadable then
    file:close()
    return nil, unreadable
  end
  self:seek(head == BOM and #BOM or 0, 0)
  return self
end

return lines
