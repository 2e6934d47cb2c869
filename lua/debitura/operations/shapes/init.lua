--- The shapes of each API by name, read from their notation when first asked for.
-- @module debitura.operations.shapes

local notation = require("debitura.operations.notation")
local rules = require("debitura.operations.rules")

local FILES = {
  partner = { "debitura.operations.shapes.partner", "debitura.operations.shapes.partner_reporting",
    "debitura.operations.shapes.shared" },
  customer = { "debitura.operations.shapes.customer", "debitura.operations.shapes.customer_account",
    "debitura.operations.shapes.shared" },
}

local shapes = {}

--- A shape's text with what it includes, `...name`, in its place.
local function expanded(texts, text)
  return (text:gsub("%.%.%.(%S+)", function(name) return expanded(texts, texts[name]) end))
end

local function sources(api)
  local all = {}
  for _, file in ipairs(FILES[api]) do
    for name, source in pairs(require(file)) do all[name] = source end
  end
  return all
end

--- The shapes of one API.
-- @tparam string api "partner" or "customer"
-- @treturn table name to shape as `debitura.operations.notation` reads it, with `rule` where
--   `debitura.operations.rules` has one; a name that is none gives nil. It cannot be iterated: see
--   `names`.
function shapes.of(api)
  local texts
  return setmetatable({}, {
    __index = function(self, name)
      texts = texts or sources(api)
      if not texts[name] then return nil end
      local shape = notation.shape(name, expanded(texts, texts[name]))
      shape.rule = rules[api][name] or rules.shared[name]
      rawset(self, name, shape)
      return shape
    end,
  })
end

--- The names of an API's shapes, sorted.
-- @tparam string api "partner" or "customer"
-- @treturn table array of names
function shapes.names(api)
  local names = {}
  for name in pairs(sources(api)) do
    if name:find("^%u") then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

return shapes
