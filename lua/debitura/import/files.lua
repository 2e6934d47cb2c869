--- Files as they are given: pipes that cannot be gone back in, workbooks, texts that are no UTF-8.
-- @module debitura.import.files

local encoding = require("debitura.base.encoding")

local files = {}

local CHUNK = 64 * 1024

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
    local written
    written, err = copy:write(part)
    if not written then return nil, err end
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

local SAVE_AS = "it is %s: open it in a spreadsheet and choose File, Save As, \"CSV UTF-8 (comma "
  .. "delimited)\""

--- What files begin with that are no tables of text.
local OTHERS = {
  { "^PK\3\4", "a workbook or an archive, no text" },
  { "^\208\207\017\224", "a workbook, no text" },
  { "^%s*<", "HTML or XML" }, { "^%%PDF", "a PDF" }, { "^\31\139", "an archive, no text" },
}

--- What is wrong with a file that is no text to be read.
-- @tparam string head its first bytes
-- @tparam ?string known the encoding, if it is
-- @treturn ?string
function files.head_problem(head, known)
  for _, row in ipairs(OTHERS) do
    if head:gsub("^\239\187\191", ""):find(row[1]) then return SAVE_AS:format(row[2]) end
  end
  if (known or ""):find("^utf%-16") then return nil end
  if head:find("^%s*%[") then return "it is an array of JSON: write an object in each line" end
  if head:find("^%s*{[ \t]*[\r\n]") then
    return "it is JSON over several lines: write each object in one line"
  end
  local zero = head:find("%z")
  if not zero then return nil end
  return zero <= 4 and ("it looks like UTF-16 without a mark: say so with the option encoding "
    .. "(--encoding utf-16%s)"):format(zero % 2 == 1 and "be" or "le")
    or SAVE_AS:format("no text")
end

--- What of UTF-8 there is in a file; found before anything is sent.
-- @tparam userdata file
-- @tparam number start bytes of a mark before the text
-- @treturn boolean whether all of it is UTF-8
-- @treturn boolean whether there is more than ASCII
function files.utf8(file, start)
  file:seek("set", start)
  local rest, has_others = "", false
  while true do
    local part = file:read(CHUNK)
    local block = rest .. (part or "")
    -- A character may go on in the next part.
    rest = part and block:match("[\192-\247][\128-\191]?[\128-\191]?$") or ""
    block = block:sub(1, -#rest - 1)
    if block:find("[\128-\255]") then
      has_others = true
      if not encoding.is_utf8(block) then return false, true end
    end
    if not part then return true, has_others end
  end
end

return files
