--- Files as they are given: pipes that cannot be gone back in, workbooks, texts that are no UTF-8.
-- @module debitura.import.files

local encoding = require("debitura.base.encoding")

local files = {}

local CHUNK = 64 * 1024

--- What to do about a workbook.
files.SAVE_AS = "it is a workbook, not a text: in the spreadsheet choose File, Save As, "
  .. "\"CSV UTF-8 (comma delimited)\""

-- A pipe is copied. Standard input stays open, the copy is what is closed.
local function seekable(file)
  if file:seek("end") and file:seek("set") then return file end
  local copy, err = io.tmpfile()
  if not copy then return nil, err end
  while true do
    local part
    part, err = file:read(CHUNK)
    if err then return nil, err end
    if not part then break end
    copy:write(part)
  end
  if file ~= io.stdin then file:close() end
  copy:seek("set")
  return copy
end

--- Opens a file that can be gone back in.
-- @tparam string path "-" for standard input
-- @treturn[1] userdata
-- @treturn[2] nil
-- @treturn[2] string why not
function files.open(path)
  if path == "-" then return seekable(io.stdin) end
  local file, err = io.open(path, "rb")
  if not file then return nil, err end
  -- A directory opens, and fails at the first read.
  local _, unreadable = file:read(0)
  if unreadable then
    file:close()
    return nil, unreadable
  end
  return seekable(file)
end

--- What XLSX and XLS begin with.
local WORKBOOKS = { "PK\3\4", "\208\207\017\224" }

--- Whether a file is a workbook.
-- @tparam string head its first bytes
-- @treturn boolean
function files.is_workbook(head)
  return head:sub(1, 4) == WORKBOOKS[1] or head:sub(1, 4) == WORKBOOKS[2]
end

--- Where a text is no UTF-8, found before anything is sent.
-- @tparam userdata file
-- @tparam number start bytes of a mark before the text
-- @tparam number longest bytes of a line; a longer one is refused when it is read
-- @treturn ?number the line
function files.first_bad_line(file, start, longest)
  file:seek("set", start)
  local number, rest = 0, ""
  while true do
    local part = file:read(CHUNK)
    local block = rest .. (part or "")
    local last = part and block:match("^.*()\n") or #block
    if not last then
      rest = block
      if #rest > longest then return nil end
    else
      local whole = block:sub(1, last)
      if whole:find("[\128-\255]") and not encoding.is_utf8(whole) then
        for line in (whole .. "\n"):gmatch("(.-)\n") do
          number = number + 1
          if not encoding.is_utf8(line) then return number end
        end
      end
      number, rest = number + select(2, whole:gsub("\n", "")), block:sub(last + 1)
    end
    if not part then return nil end
  end
end

return files
