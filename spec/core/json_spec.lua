local core = require("debitura.core")

local json, null = core.json, core.null
-- Before Lua 5.3 there is one kind of number: whole ones count as integers there.
local math_type = rawget(math, "type") or function(n)
  return n == math.floor(n) and "integer" or "float"
end

local function is_array(value)
  return getmetatable(value) == json.array_mt
end

describe("json.decode", function()
  it("turns a document into tables, strings, numbers and booleans", function()
    local event = assert(
      json.decode(
        '{"id":"evt_1","data":{"cases":[{"amount":1000.10},{"amount":-2e3}],"test":false}}'))
    assert.are.same({ id = "evt_1", data = { cases = { { amount = 1000.1 }, { amount = -2000 } },
      test = false } }, event)
  end)

  it("tells null, an empty array and an empty object apart", function()
    local value = assert(json.decode('{"a":null,"b":[],"c":{}}'))
    assert.are.equal(null, value.a)
    assert.is_true(is_array(value.b))
    assert.is_nil(next(value.b))
    assert.is_nil(getmetatable(value.c))
    assert.is_nil(next(value.c))
  end)

  it("uses the null that lua-cjson uses", function()
    assert.are.equal(require("cjson").null, json.decode("null"))
  end)

  it("keeps whole numbers up to 2^53 as integers and others as floats", function()
    local values = assert(json.decode("[0,-7,1e3,9007199254740992,-9007199254740992,0.5,1e300]"))
    local kinds = {}
    for i, value in ipairs(values) do kinds[i] = math_type(value) end
    kinds[7] = nil -- 1e300 is whole, but no integer
    assert.are.same({ "integer", "integer", "integer", "integer", "integer", "float" }, kinds)
    assert.are.same({ 0, -7, 1000, 9007199254740992, -9007199254740992, 0.5, 1e300 }, values)
  end)

  it("keeps integers up to 2^63 - 1 where Lua has them", function()
    local text = "[9007199254740993,9223372036854775807,-9223372036854775808]"
    local values = assert(json.decode(text))
    -- Read by Lua itself: as integers or as doubles, whichever it has.
    assert.are.same({ 9007199254740993, 9223372036854775807, -9223372036854775807 - 1 }, values)
    if rawget(math, "type") then assert.are.equal(text, json.encode(values)) end
    assert.are.equal(2 ^ 63, json.decode("9223372036854775808"))
  end)

  it("takes numbers of any length that a double holds", function()
    local cases = {
      { "1" .. ("0"):rep(300), 1e300 },
      { "0." .. ("0"):rep(300) .. "25", 2.5e-301 },
      { "1." .. ("0"):rep(5000), 1 },
      { "1" .. ("0"):rep(5000) .. "e-5000", 1 },
      { "0." .. ("0"):rep(5000) .. "1e5001", 1 },
      { "0e999999999999999999999", 0 },
      { "1e-999999999999999999999", 0 },
      { "4.9406564584124654e-324", 5e-324 },
      { "2.2250738585072011e-308", 2.2250738585072011e-308 },
      { "1.7976931348623157e308", 1.7976931348623157e308 },
      { "1000.10", 1000.1 },
      { "123456789.123456789123456789", 123456789.12345679 },
      -- Between two doubles, and above the middle by one digit far behind.
      { "9007199254740993." .. ("0"):rep(900), 9007199254740992 },
      { "9007199254740993." .. ("0"):rep(900) .. "1", 9007199254740994 },
    }
    for _, case in ipairs(cases) do
      assert.are.equal(case[2], json.decode(case[1]))
      assert.are.equal(-case[2], json.decode("-" .. case[1]))
    end
  end)

  it("refuses a number beyond a double", function()
    local texts = {
      "1e400", "-1e400", "1" .. ("0"):rep(309), "1e999999999999999999999", "1.7976931348623159e308",
    }
    for _, text in ipairs(texts) do
      local value, err = json.decode(text)
      assert.is_nil(value)
      assert.are.equal("limit", err.code)
      assert.are.equal("JSON: a number is beyond the range of a double", err.message)
    end
  end)

  it("keeps the sign of -0", function()
    for _, text in ipairs { "-0", "-0.0", "-0e5" } do
      assert.are.equal(-math.huge, 1 / json.decode(text))
    end
    assert.are.equal(math.huge, 1 / json.decode("0.0"))
  end)

  it("keeps a NUL in texts and names, and gives it back", function()
    local value = assert(json.decode('{"a\\u0000b":"\\u0000"}'))
    assert.are.same({ ["a\0b"] = "\0" }, value)
    assert.are.equal('{"a\\u0000b":"\\u0000"}', json.encode(value))
  end)

  it("puts U+FFFD in the place of half a surrogate pair", function()
    local mark = "\239\191\189"
    local cases = {
      { "\\ud800", mark }, { "\\udc00", mark }, { "\\ud83dx", mark .. "x" },
      { "\\ud83d\\n", mark .. "\n" },
      { "\\ud83d\\u0041", mark .. "A" }, { "\\udc00\\ud83d", mark .. mark },
      { "\\ud83d\\ud83d\\ude00", mark .. "\240\159\152\128" },
    }
    for _, case in ipairs(cases) do
      assert.are.equal(case[2], json.decode('"' .. case[1] .. '"'))
    end
  end)

  it("decodes UTF-8 and every escape", function()
    assert.are.equal('S\195\184ren \226\130\172 \240\159\152\128 "\\/\b\f\n\r\t',
      json.decode('"S\195\184r\\u0065n \\u20AC \\ud83d\\uDE00 \\"\\\\\\/\\b\\f\\n\\r\\t"'))
  end)

  it("lets the last of several equal keys win, as lua-cjson does", function()
    assert.are.same({ a = 2 }, json.decode('{"a":1,"a":2}'))
  end)

  -- Names are kept from one document to the next, in places that several of them share.
  it("tells names apart that differ in no more than some bytes, in one document and the next",
    function()
      local names = { "aXbYc", "aQbZc", "aXbYd", "aXbY", "a", "", "aX\0Yc", "aX\\u0000Yc",
        ("n"):rep(32), ("n"):rep(33), ("n"):rep(31) .. "m" }
      for _ = 1, 3 do
        for index, name in ipairs(names) do
          local text = ('{"%s":%d}'):format(name:gsub("%z", "\\u0000"), index)
          local meant = name:gsub("\\u0000", "\0")
          assert.are.same({ [meant] = index }, json.decode(text))
          collectgarbage()
        end
      end
      assert.are.same({ aXbYc = 3, aQbZc = 2 }, json.decode('{"aXbYc":1,"aQbZc":2,"aXbYc":3}'))
    end)

  it("keeps no more names than have a place", function()
    local function kilobytes(count)
      for index = 1, count do json.decode(('{"name-%d":1}'):format(index)) end
      collectgarbage()
      collectgarbage()
      return collectgarbage("count")
    end
    local full = kilobytes(1000)
    -- Kept, they would take 7 MB and more; Lua's own table of strings grows by less than one.
    assert.is_true(kilobytes(100000) - full < 2048)
  end)

  it("skips a byte order mark", function()
    assert.are.same({ 1 }, json.decode("\239\187\191[1]"))
  end)

  it("returns the code, the byte and a message for what is not JSON", function()
    local value, err = json.decode('{"a":"\255"}')
    assert.is_nil(value)
    assert.are.same({ code = "syntax", message = "JSON: invalid UTF-8 at byte 7",
      where = "byte 7" }, err)
  end)

  it("refuses truncated text, trailing text and NUL bytes", function()
    for _, text in ipairs({ "", "[1", '{"a"', "[1]]", "[1] 2", "[1]\0", '"a\0"', "nul" }) do
      local value, err = json.decode(text)
      assert.is_nil(value)
      assert.are.equal("syntax", err.code)
    end
  end)

  it("limits bytes, depth and values, and names the option", function()
    local cases = {
      { "[1,2,3]", { max_bytes = 6 }, "max_bytes" },
      { "[[[1]]]", { max_depth = 2 }, "max_depth" },
      { "[1,2,3]", { max_values = 2 }, "max_values" },
      { ("["):rep(65) .. ("]"):rep(65), nil, "max_depth" },
      { ("["):rep(100000), nil, "max_depth" },
    }
    for _, case in ipairs(cases) do
      local value, err = json.decode(case[1], case[2])
      assert.is_nil(value)
      assert.are.same({ "limit", case[3] }, { err.code, err.where })
    end
    assert.is_table(json.decode(("["):rep(64) .. ("]"):rep(64)))
    assert.is_table(json.decode(("["):rep(1000) .. ("]"):rep(1000), { max_depth = 1000 }))
  end)

  it("raises for a programmer's mistake", function()
    assert.has_error(function() json.decode(nil) end)
    assert.has_error(function() json.decode({}) end)
    assert.has_error(function() json.decode("[]", { max_depth = 1001 }) end)
    assert.has_error(function() json.decode("[]", { max_bytes = "many" }) end)
  end)

  it("decodes a wide document without running out of stack", function()
    local numbers = {}
    for i = 1, 20000 do numbers[i] = i end
    local decoded = assert(json.decode("[" .. table.concat(numbers, ",") .. "]"))
    assert.are.equal(20000, #decoded)
    assert.are.equal(20000, decoded[20000])
  end)
end)

describe("json.pick", function()
  local text = '{"id":"e","data":{"n":[1,2],"\\u0061.b":1,"deep":{"x":null,'
    .. '"y":{"z":-0.5}}},"id":"f"}'

  --- Everything, nil included.
  local function picked(...)
    return { n = select("#", ...), ... }
  end

  it("gives the values at paths, the last of equal names, and nil where there is none", function()
    assert.same({ n = 7, true, "f", { 1, 2 }, -0.5, nil, nil, nil },
      picked(json.pick(text, "id", "data.n", "data.deep.y.z", "data.n.1", "id.x", "nothing")))
    assert.same({ n = 2, true, null }, picked(json.pick(text, "data.deep.x")))
    assert.is_true(is_array(select(2, json.pick(text, "data.n"))))
    assert.same({ n = 2, true, 1 }, picked(json.pick('{"\\u0061":1}', "a")))
    assert.same({ n = 1, true }, picked(json.pick(text)))
    for _, other in ipairs { "[1]", "null", '"id"', "7" } do
      assert.same({ n = 2, true, nil }, picked(json.pick(other, "id")))
    end
  end)

  it("refuses the whole of what decode refuses", function()
    for _, wrong in ipairs { "", "{", '{"id":1}x', '{"id":1,"b":tru}', '{"id":1,"b":"\255"}',
      ("["):rep(65) .. ("]"):rep(65) } do
      local _, expected = json.decode(wrong)
      local decoded, err = json.pick(wrong, "id")
      assert.is_nil(decoded)
      assert.same(expected, err)
    end
  end)

  it("takes nothing but text", function()
    for _, wrong in ipairs { 7, {}, true } do
      assert.has_error(function() json.pick(wrong, "id") end)
      assert.has_error(function() json.pick("{}", "id", wrong) end)
    end
  end)
end)

describe("json.encode", function()
  it("sorts keys, so that equal values give equal bytes", function()
    assert.are.equal('{"B":1,"a":{"x":1,"y":2},"ab":3,"b":2}',
      json.encode({ b = 2, ab = 3, a = { y = 2, x = 1 }, B = 1 }))
  end)

  it("writes numbers so that the same number comes back", function()
    local numbers = { 1000.10, 0.1, 1e15, 2 ^ 53, -2 ^ 53, 1 / 3, 5e-324, 1.7976931348623157e308,
      123456789.01, 1234.5600000000002 }
    assert.are.same(numbers, json.decode(json.encode(numbers)))
    assert.are.equal("[1000.1,0.1,1000000000000000,9007199254740992]",
      json.encode({ 1000.10, 0.1, 1e15, 2 ^ 53 }))
    assert.are.equal("-0", json.encode(-0.0))
  end)

  it("gives back what was decoded, byte for byte", function()
    for _, text in ipairs({
      '{"a":[],"b":{},"c":null,"d":[{"e":[[]]}],"f":false}',
      '["S\195\184ren","\240\159\152\128","\\"\\\\\\n\\t\\u0001/"]',
      "[0,-1,1000.1,9007199254740992,1e+300]",
      '"text"', "null", "true", "[]", "{}",
    }) do
      assert.are.equal(text, json.encode(json.decode(text)))
    end
  end)

  it("writes an unmarked empty table as an object and a marked one as an array", function()
    assert.are.equal("{}", json.encode({}))
    assert.are.equal("[]", json.encode(json.array()))
    assert.are.equal('{"cases":[]}', json.encode({ cases = json.array({}) }))
  end)

  it("reads tables without calling their metamethods", function()
    local hostile = setmetatable({ a = 1 }, {
      __index = function() error("called") end,
      __pairs = function() error("called") end,
      __len = function() error("called") end,
    })
    assert.are.equal('{"a":1}', json.encode(hostile))
  end)

  it("may meet the same table twice when it does not contain itself", function()
    local address = { city = "Sample" }
    assert.are.equal('{"from":{"city":"Sample"},"to":{"city":"Sample"}}',
      json.encode({ from = address, to = address }))
  end)

  local function refused(value)
    local text, err = json.encode(value)
    assert.is_nil(text)
    return { err.code, err.where or "", (err.message:gsub("^cannot be encoded as JSON: ", "")) }
  end

  it("names the place of a value that JSON cannot say, positions counted from 1", function()
    local function payload(value)
      return { externalTenantId = "t-1",
        cases = { { amount = 1 }, { debtor = { countryAlpha2 = value } } } }
    end
    local where = "cases[2].debtor.countryAlpha2"
    assert.are.same({ "unencodable", where, "NaN is not a JSON number" }, refused(payload(0 / 0)))
    assert.are.same({ "unencodable", where, "infinity is not a JSON number" },
      refused(payload(-math.huge)))
    assert.are.same({ "unencodable", where, "a function" }, refused(payload(print)))
    assert.are.same({ "unencodable", where, "a thread" },
      refused(payload(coroutine.create(function() end))))
    assert.are.same({ "unencodable", where, "a userdata" }, refused(payload(core.secret("s"))))
    assert.are.same({ "unencodable", where, "a string that is not UTF-8" },
      refused(payload("\255")))
  end)

  it("refuses tables that are neither an array nor an object", function()
    assert.are.same({ "unencodable", "tags", "an array with holes" },
      refused({ tags = { 1, nil, 3 } }))
    assert.are.same({ "unencodable", "", "an array with holes" }, refused({ [2] = "b" }))
    assert.are.same({ "unencodable", "", "an array with holes" }, refused({ [2 ^ 53] = "b" }))
    assert.are.same({ "unencodable", "[1]", "a table with both names and positions" },
      refused({ { 1, name = 2 } }))
    assert.are.same({ "unencodable", "", "a table with both names and positions" },
      refused(json.array({ name = 2 })))
    assert.are.same({ "unencodable", "", "a key that is neither a name nor a position: a boolean" },
      refused({ [true] = 1 }))
    assert.are.same({ "unencodable", "", "a key that is neither a name nor a position: a number" },
      refused({ [0] = 1 }))
    assert.are.same({ "unencodable", "", "a key that is neither a name nor a position: a number" },
      refused({ [1.5] = 1 }))
    assert.are.same({ "unencodable", "a", "a key that is not UTF-8" },
      refused({ a = { ["\255"] = 1 } }))
  end)

  it("refuses a table that contains itself", function()
    local case = { debtor = {} }
    case.debtor.cases = { case }
    assert.are.same({ "unencodable", "debtor.cases[1]", "a table that contains itself" },
      refused(case))
  end)

  it("limits depth and number of values, also when tables are shared", function()
    local deep = {}
    for _ = 1, 64 do deep = { deep } end
    assert.are.same({ "limit", ("[1]"):rep(42) .. "[", "nested too deeply (max_depth)" },
      refused(deep))
    local shared = { 1, 1 }
    for _ = 1, 40 do shared = { shared, shared } end
    assert.are.equal("limit", refused(shared)[1])
    local long = {}
    for i = 1, 20 do long[i] = ("x"):rep(1024 * 1024) end
    assert.are.same({ "limit", "[17]", "too many bytes (max_bytes)" }, refused(long))
  end)

  it("raises when there is no value at all", function()
    assert.has_error(function() json.encode() end)
  end)

  it("refuses nil", function()
    assert.are.same({ "unencodable", "", "a nil" }, refused(nil))
  end)
end)

describe("json.array", function()
  it("marks the table it is given and returns it", function()
    local list = { 1 }
    assert.are.equal(list, json.array(list))
    assert.is_true(is_array(list))
  end)

  it("raises for anything but a table", function()
    assert.has_error(function() json.array("x") end)
  end)
end)
