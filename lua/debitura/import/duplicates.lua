--- Knows again what it was given before, in a few bytes each: of a million references it keeps
-- eight megabytes. Two that differ are taken for the same once in a million files of a million.
-- @module debitura.import.duplicates

local core = require("debitura.core")

local duplicates = {}

local KEY = "debitura.import.duplicates"
local MARK = 6 -- bytes kept of each, beside the two by which its bucket is found

local Set = {}
Set.__index = Set

--- Adds a text.
-- @tparam string text
-- @treturn boolean whether it was there
function Set:add(text)
  local digest = core.signature.hmac(KEY, text)
  local first, second = digest:byte(1, 2)
  local bucket, mark = first * 64 + second % 64, digest:sub(3, 2 + MARK)
  local known = self.buckets[bucket]
  if not known then
    self.buckets[bucket] = mark
    return false
  end
  local at = known:find(mark, 1, true)
  while at do
    if at % MARK == 1 then return true end
    at = known:find(mark, at + 1, true)
  end
  self.buckets[bucket] = known .. mark
  return false
end

--- @treturn table
function duplicates.new()
  return setmetatable({ buckets = {} }, Set)
end

return duplicates
