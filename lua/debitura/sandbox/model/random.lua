--- Ids, references and secrets out of a seeded generator whose state is plain data, so that a run
-- can be repeated. Good for a stand-in on one machine; not for anything that has to resist
-- guessing.
-- @module debitura.sandbox.model.random

local random = {}

-- L'Ecuyer's combined generator: products stay below 2^53, so that every Lua computes the same
-- numbers.
local M1, A1 = 2147483563, 40014
local M2, A2 = 2147483399, 40692

--- @tparam number seed any whole number
-- @treturn table the generator's state
function random.new(seed)
  local self = { first = seed % (M1 - 1) + 1, second = (seed * 7 + 12345) % (M2 - 1) + 1 }
  for _ = 1, 8 do random.number(self) end -- neighbouring seeds start alike
  return self
end

--- @tparam table self a generator's state, moved on
-- @treturn number at least 0, less than 1
function random.number(self)
  self.first = A1 * self.first % M1
  self.second = A2 * self.second % M2
  return ((self.first - self.second) % (M1 - 1)) / (M1 - 1)
end

--- @tparam table self
-- @tparam number limit
-- @treturn number a whole number from 0 up to limit - 1
function random.below(self, limit)
  return math.floor(random.number(self) * limit)
end

--- @tparam table self
-- @tparam number count
-- @tparam string alphabet characters to draw from
-- @treturn string
function random.text(self, count, alphabet)
  local characters = {}
  for index = 1, count do
    local at = random.below(self, #alphabet) + 1
    characters[index] = alphabet:sub(at, at)
  end
  return table.concat(characters)
end

--- @tparam table self
-- @treturn string a UUID of version 4
function random.uuid(self)
  local hex = random.text(self, 30, "0123456789abcdef")
  return ("%s-%s-4%s-%s%s-%s"):format(hex:sub(1, 8), hex:sub(9, 12), hex:sub(13, 15),
    random.text(self, 1, "89ab"), hex:sub(16, 18), hex:sub(19, 30))
end

--- @tparam table self
-- @treturn string a case reference in Debitura's own form, such as "Q8OAXF3W"
function random.reference(self)
  return random.text(self, 8, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
end

--- @tparam table self
-- @tparam number count
-- @treturn string random bytes
function random.bytes(self, count)
  local bytes = {}
  for index = 1, count do bytes[index] = string.char(random.below(self, 256)) end
  return table.concat(bytes)
end

return random
