--- Knows again what it was given before, in a few bytes each: of a million references it keeps
-- seven megabytes. Two that differ are taken for the same once in a million files of a million.
-- @module debitura.import.duplicates

local core = require("debitura.core")

local duplicates = {}

local KEY = "debitura.import.duplicates"
local MARK = 6 -- bytes kept of each, beside the 12 bits by which its bucket is found
-- Bytes of a block; those that are full stay as they are, so that memory is not fragmented.
local BLOCK = 64 * MARK

local Set = {}
Set.__index = Set

local function holds(block, mark)
  local at = block:find(mark, 1, true)
  while at and at % MARK ~= 1 do at = block:find(mark, at + 1, true) end
  return at ~= nil
end

--- Adds a text.
-- @tparam string text
-- @treturn boolean whether it was there
function Set:add(text)
  local digest = core.signature.hmac(KEY, text)
  local first, second = digest:byte(1, 2)
  local bucket, mark = first * 16 + second % 16, digest:sub(3, 2 + MARK)
  local blocks = self.buckets[bucket]
  if not blocks then
    self.buckets[bucket] = { mark }
    return false
  end
  local count = #blocks
  for i = 1, count do
    if holds(blocks[i], mark) then return true end
  end
  if #blocks[count] < BLOCK then
    blocks[count] = blocks[count] .. mark
  else
    blocks[count + 1] = mark
  end
  return false
end

--- @treturn table
function duplicates.new()
  return setmetatable({ buckets = {} }, Set)
end

return duplicates
