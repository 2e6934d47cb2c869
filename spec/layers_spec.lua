-- Imports run downwards through the rooms and never in a circle. The name of a module stands in
-- full wherever it is used, so that grep finds it.

--- The rooms from the ground up. A module imports from its own room and from those above it in this
-- list.
local ROOMS = {
  "core", "base", "async", "operations", "client", "store", "webhook", "import", "workflow",
  "recipes", "channels", "permalink", "status", "platform", "init", "nginx_app", "sandbox",
  "rehearsal", "cli",
}

local RANK = {}
for rank, room in ipairs(ROOMS) do RANK[room] = rank end

-- Reading sources ---------------------------------------------------------------------------------

--- The pieces of a Lua source; the first pattern that fits counts. The last capture is where the
-- source goes on, the one before it the piece's text.
local PIECES = {
  { "skip", "^%s+()" },
  { "skip", "^%-%-%[(=*)%[.-%]%1%]()" },
  { "skip", "^%-%-[^\n]*()" },
  { "string", "^%[(=*)%[(.-)%]%1%]()" },
  { "word", "^([%a_][%w_]*)()" },
  { "join", "^%.%.()" },
  { "sign", "^([^%s\"'])()" },
}

--- A text between quotes, and where the source goes on.
local function quoted(source, from)
  local quote, at = source:sub(from, from), from + 1
  while source:sub(at, at) ~= quote do
    assert(at <= #source, "a text does not end")
    at = at + (source:sub(at, at) == "\\" and 2 or 1)
  end
  return { kind = "string", text = source:sub(from + 1, at - 1) }, at + 1
end

local function piece_at(source, at)
  if source:find("^[\"']", at) then return quoted(source, at) end
  for _, row in ipairs(PIECES) do
    local found = { source:match(row[2], at) }
    if found[1] then return { kind = row[1], text = found[#found - 1] }, found[#found] end
  end
end

--- The pieces of a source without white space and comments.
local function pieces_of(source)
  local pieces, at = {}, 1
  while at <= #source do
    local piece
    piece, at = piece_at(source, at)
    if piece.kind ~= "skip" then pieces[#pieces + 1] = piece end
  end
  return pieces
end

--- Whether `..` stands between a `require` and the parenthesis that closes behind it.
local function is_joined(pieces, at)
  local after = pieces[at + 1]
  if not after or after.text ~= "(" and after.text ~= "," then return false end
  for i = at + 1, #pieces do
    if pieces[i].text == ")" then return false end
    if pieces[i].kind == "join" then return true end
  end
  return false
end

--- Whether a text is the beginning of a name, to be put together by `..` or `format`.
local function is_beginning(text)
  return text:find("^debitura[%w_.]*%.$") ~= nil or text:find("^debitura[%w_.]*%%[%w_.%%]*$") ~= nil
end

--- Whether a text may be the name of a module: of the front door, whose name is also the project's,
-- only behind `require`. A table of options says whose it is by its first text.
local function is_name(pieces, at)
  local before = pieces[at - 1].text == "(" and pieces[at - 2] or pieces[at - 1]
  if pieces[at].text == "debitura" then return before.text == "require" end
  return before.text ~= "define"
end

--- What a source names.
-- @tparam string source
-- @treturn table the texts in it that may be names of modules, by themselves
-- @treturn boolean whether it puts a module's name together
local function read_source(source)
  local texts, joins, pieces = {}, false, pieces_of(source)
  for i, piece in ipairs(pieces) do
    if piece.kind == "string" then
      if is_name(pieces, i) then texts[piece.text] = true end
      joins = joins or is_beginning(piece.text)
    elseif piece.text == "require" then
      joins = joins or is_joined(pieces, i)
    end
  end
  return texts, joins
end

-- The modules -------------------------------------------------------------------------------------

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

--- The library's sources, by the names of their modules.
local function sources_of_library()
  local sources = {}
  local listing = assert(io.popen("cd lua && find debitura -name '*.lua'"))
  for path in listing:lines() do
    local name = path:gsub("%.lua$", ""):gsub("/init$", ""):gsub("/", ".")
    sources[name] = read_file("lua/" .. path)
  end
  listing:close()
  return sources
end

--- The room that a module stands in.
local function room_of(name)
  return name:match("^debitura%.([%w_]+)") or "init"
end

--- Every arrow from a module to another one: any text that is a module's name counts, so that
-- tables of names and imports on demand are seen, too.
local function arrows_of(sources)
  local arrows = {}
  for name, source in pairs(sources) do
    local texts = read_source(source)
    arrows[name] = {}
    for text in pairs(texts) do
      if sources[text] and text ~= name then arrows[name][text] = true end
    end
  end
  return arrows
end

--- The arrows that lead upwards, as `{ ["from -> to"] = true }`.
local function upward(arrows)
  local found = {}
  for from, targets in pairs(arrows) do
    for to in pairs(targets) do
      if RANK[room_of(to)] > RANK[room_of(from)] then found[from .. " -> " .. to] = true end
    end
  end
  return found
end

--- A circle of imports as a text, or nil.
local function circle(arrows)
  local state = {}
  local function visit(name, way)
    if state[name] == "done" then return nil end
    if state[name] then return way .. name end
    state[name] = "open"
    for target in pairs(arrows[name] or {}) do
      local found = visit(target, way .. name .. " -> ")
      if found then return found end
    end
    state[name] = "done"
  end
  for name in pairs(arrows) do
    local found = visit(name, "")
    if found then return found end
  end
end

describe("The rooms of the library", function()
  local sources = sources_of_library()
  local arrows = arrows_of(sources)

  it("are all in the list", function()
    for name in pairs(sources) do assert.is_number(RANK[room_of(name)], name) end
  end)

  it("are all on the page about the architecture", function()
    local page = read_file("docs/design/architecture.md")
    for name in pairs(sources) do
      local room = room_of(name)
      assert.truthy(page:find(("\n| `%s` |"):format(room), 1, true), room)
    end
  end)

  it("are imported downwards only", function()
    assert.same({}, upward(arrows))
  end)

  it("hold no circle", function()
    assert.is_nil(circle(arrows))
  end)

  it("write the names of modules in full", function()
    for name, source in pairs(sources) do
      local _, joins = read_source(source)
      assert.is_false(joins, name)
    end
  end)
end)

describe("The check of the rooms", function()
  it("finds an import upwards, also one that waits until it is needed", function()
    local arrows = arrows_of {
      ["debitura.base.log"] = [[local function later() return require "debitura.cli.text" end]],
      ["debitura.cli.text"] = [[local log = require("debitura.base.log")]],
    }
    assert.same({ ["debitura.base.log -> debitura.cli.text"] = true }, upward(arrows))
  end)

  it("finds a circle within a room", function()
    assert.is_string(circle(arrows_of {
      ["debitura.base.a"] = [[return require("debitura.base.b")]],
      ["debitura.base.b"] = [[local TABLE = { c = 'debitura.base.c' }]],
      ["debitura.base.c"] = "return require [[debitura.base.a]]",
    }))
  end)

  it("overlooks comments", function()
    assert.same({}, upward(arrows_of {
      ["debitura.base.log"] = "-- require(\"debitura.cli.text\")\n--[==[ 'debitura.cli.text' ]==]",
      ["debitura.cli.text"] = "return 1",
    }))
  end)

  it("finds names that are put together", function()
    for _, source in ipairs {
      [[require("debitura.store." .. kind)]], [[require('debitura.' .. a .. '.' .. b)]],
      [[pcall(require, prefix .. name)]], [[require(PREFIX .. name)]],
      [[local HOME = "debitura.cli."]], [[require(("debitura.store.%s"):format(kind))]],
    } do
      local _, joins = read_source(source)
      assert.is_true(joins, source)
    end
    for _, source in ipairs {
      [[require("debitura.store")]], [[error("debitura.store: " .. problem)]],
      [[local a = require "debitura.base.log" local b = "x" .. "y"]], [[require(MODULES[name])]],
    } do
      local _, joins = read_source(source)
      assert.is_false(joins, source)
    end
  end)
end)
