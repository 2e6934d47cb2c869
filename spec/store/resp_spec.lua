-- Redis's protocol, as debitura.store.redis.resp reads and writes it.

local resp = require("debitura.store.redis.resp")

local SEED, RUNS = 20260101, 20000

--- Reads a reply from a text, as a connection gives it that ends behind the text.
-- @treturn table what `resp.read` gives, and in `taken` how many bytes it took
local function read(text)
  local position, receives = 1, 0
  local result = { resp.read {
    receive = function(_, pattern)
      receives = receives + 1
      assert(receives <= 2 * #text + 2, "reads on behind the end")
      local piece
      local closing = 0
      if pattern == "*l" then
        piece, closing = text:match("^([^\n]*)\n", position), 1
      else
        piece = #text - position + 1 >= pattern and text:sub(position, position + pattern - 1)
      end
      if not piece then return nil, "closed" end
      position = position + #piece + closing
      return pattern == "*l" and piece:gsub("\r", "") or piece
    end,
  } }
  result.taken = position - 1
  return result
end

describe("Redis's protocol", function()
  local random

  before_each(function()
    local state = SEED -- the same numbers in every Lua
    function random(first, last)
      state = (state * 16807) % 2147483647
      return first + state % (last - first + 1)
    end
  end)

  local function random_text(alphabet, longest)
    local parts = {}
    for i = 1, random(0, longest) do
      local at = random(1, #alphabet)
      parts[i] = alphabet:sub(at, at)
    end
    return table.concat(parts)
  end

  local every_byte = {}
  for byte = 0, 255 do every_byte[#every_byte + 1] = string.char(byte) end
  every_byte = table.concat(every_byte)

  --- A reply and what is read of it.
  local function random_reply(depth)
    local kind = random(1, depth > 0 and 6 or 5)
    if kind == 1 then
      local text = random_text("OK PONG", 8)
      return "+" .. text .. "\r\n", text
    elseif kind == 2 then
      local number = random(-99999, 99999)
      return (":%d\r\n"):format(number), number
    elseif kind == 3 then
      return "$-1\r\n", false
    elseif kind == 4 then
      return "*-1\r\n", false
    elseif kind == 5 then
      local text = random_text(every_byte, 40)
      return ("$%d\r\n"):format(#text) .. text .. "\r\n", text
    end
    local items, values = {}, {}
    for i = 1, random(0, 5) do items[i], values[i] = random_reply(depth - 1) end
    return ("*%d\r\n"):format(#items) .. table.concat(items), values
  end

  --- What every reply that is read comes to: a value, or nil and a reason.
  local function assert_is_outcome(outcome, text)
    if outcome[1] ~= nil then return end
    local said = ("of %q"):format(text)
    assert.is_string(outcome[2], said)
    assert.is_true(#outcome[2] > 0, said)
    assert.is_true(outcome[3] == nil or outcome[3] == true, said)
  end

  it("carries texts of any bytes", function()
    assert.are.equal("*3\r\n$3\r\nSET\r\n$0\r\n\r\n$4\r\na\r\n\0\r\n",
      resp.encode { "SET", "", "a\r\n\0" })
    assert.are.equal("a\r\n\0", read("$4\r\na\r\n\0\r\n")[1])
  end)

  it("reads every kind of reply", function()
    assert.are.equal("OK", read("+OK\r\n")[1])
    assert.are.equal(-7, read(":-7\r\n")[1])
    assert.are.equal("", read("$0\r\n\r\n")[1])
    assert.is_false(read("$-1\r\n")[1])
    assert.is_false(read("*-1\r\n")[1])
    assert.are.same({ "a", { 1, {} } }, read("*2\r\n$1\r\na\r\n*2\r\n:1\r\n*0\r\n")[1])
    assert.are.same({ nil, "ERR no", true, taken = 9 }, read("-ERR no\r\n"))
  end)

  it("refuses what is no reply, or too large to be one", function()
    for text, problem in pairs {
      ["HTTP/1.1 400 Bad Request\r\n"] = "what it says is not Redis's protocol",
      ["\r\n"] = "what it says is not Redis's protocol",
      ["$2\r\nabcd"] = "what it says is not Redis's protocol",
      ["$536870913\r\n"] = "a text of an impossible length",
      ["$x\r\n"] = "a text of an impossible length",
      ["$-2\r\n"] = "a text of an impossible length",
      ["$\r\n"] = "a text of an impossible length",
      ["*99999999999\r\n"] = "an array of an impossible length",
      ["*-9\r\n"] = "an array of an impossible length",
      [("*1\r\n"):rep(9)] = "an array of an impossible length",
      [":\r\n"] = "a number that is none",
      [":1e9\r\n"] = "a number that is none",
      ["$5\r\nab"] = "closed",
      ["*2\r\n:1\r\n"] = "closed",
      ["+OK"] = "closed",
    } do
      local outcome = read(text)
      assert.are.same({ nil, problem }, { outcome[1], outcome[2] })
      assert.is_nil(outcome[3])
    end
  end)

  it("takes an error among the items of an array for the reply, and reads it to its end", function()
    local text = "*3\r\n:1\r\n-ERR first\r\n*2\r\n-ERR second\r\n$1\r\na\r\n"
    local outcome = read(text .. "+OK\r\n")
    assert.are.same({ nil, "ERR first", true, taken = #text }, outcome)
  end)

  it("gives back whatever a server says, and takes no byte of the next reply", function()
    for _ = 1, RUNS / 10 do
      local text, expected = random_reply(4)
      local outcome = read(text .. "+OK\r\n")
      assert.are.same(expected, outcome[1])
      assert.are.equal(#text, outcome.taken)
    end
  end)

  it("says of every reply that is cut short that the connection is closed", function()
    for _ = 1, RUNS / 100 do
      local text = random_reply(4)
      for length = 0, #text - 1 do
        local outcome = read(text:sub(1, length))
        assert.are.same({ nil, "closed" }, { outcome[1], outcome[2] })
        assert.is_nil(outcome[3])
      end
    end
  end)

  it("raises nothing and reads no further whatever comes instead of a reply", function()
    for _ = 1, RUNS do
      local text = random_text("+-:$*$*0123456789\r\n\r\n\r\nab\0\255", 30)
      assert_is_outcome(read(text), text)
      text = random_text(every_byte, 30)
      assert_is_outcome(read(text), text)
    end
  end)

  it("raises nothing when bytes of a reply are changed", function()
    for _ = 1, RUNS do
      local text = random_reply(3)
      local at, byte = random(1, #text), string.char(random(0, 255))
      text = text:sub(1, at - 1) .. byte .. text:sub(at + 1)
      assert_is_outcome(read(text), text)
    end
  end)
end)
