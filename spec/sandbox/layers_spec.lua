-- The sandbox's layers: the model knows no API, the two APIs know the model and not each other, the
-- server knows all.

--- What each layer may import of the sandbox besides itself.
local BELOW = {
  model = {},
  api = { "model" },
  partner_api = { "model", "api" },
  customer_api = { "model", "api" },
  pages = { "model", "api" },
  scenario = {},
  server = { "model", "api", "partner_api", "customer_api", "pages", "scenario" },
}

local HOME = "lua/debitura/sandbox/"

local function sources()
  local found = {}
  local listing = assert(io.popen("find " .. HOME .. "* -mindepth 1 -name '*.lua'"))
  for path in listing:lines() do
    local file = assert(io.open(path, "rb"))
    found[path] = file:read("*a")
    file:close()
  end
  listing:close()
  return found
end

--- The imports that a layer is not meant to have, as texts.
local function wrong_imports(files)
  local wrong = {}
  for path, source in pairs(files) do
    local layer = path:sub(#HOME + 1):match("^[^/]+")
    local allowed = { [layer] = true }
    for _, name in ipairs(BELOW[layer]) do allowed[name] = true end
    for target in source:gmatch('"debitura%.sandbox%.([%w_]+)') do
      if not allowed[target] then wrong[#wrong + 1] = path .. " -> " .. target end
    end
  end
  return wrong
end

describe("The layers of the sandbox", function()
  it("import downwards only", function()
    local files = sources()
    assert.is_string(files[HOME .. "model/cases.lua"])
    assert.same({}, wrong_imports(files))
  end)

  it("are told apart by this spec", function()
    local path = HOME .. "model/cases.lua"
    local source = [[local reply = require("debitura.sandbox.api.reply")]]
    assert.same({ path .. " -> api" }, wrong_imports { [path] = source })
  end)
end)
