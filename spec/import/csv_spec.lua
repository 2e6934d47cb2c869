-- The CSV reader, on records made at random: what was written is what is read, and nothing raises.

local csv = require("debitura.import.csv")
local lines = require("debitura.import.lines")

local ROUNDS = 300
local PIECES = { "a", "7", " ", '"', ",", ";", "\t", "\n", "\r\n", "ø", "\226\130\172", "=", "#" }

local function random_text(most)
  local parts = {}
  for i = 1, math.random(0, most) do parts[i] = PIECES[math.random(#PIECES)] end
  return table.concat(parts)
end

local function quoted(field)
  return '"' .. field:gsub('"', '""') .. '"'
end

--- A field as RFC 4180 writes it: in quotes where it has to be, and sometimes where not.
local function written(field, separator)
  local plain = not field:find('["\r\n]') and not field:find(separator, 1, true)
  return plain and math.random(3) > 1 and field or quoted(field)
end

local function reader_of(text, separator)
  local file = assert(io.tmpfile())
  file:write(text)
  file:seek("set")
  return csv.open(lines.new(file, { max_line = 4096, start = 0, encoding = "utf-8" }), separator)
end

describe("the CSV reader", function()
  it("gives back every record that was written", function()
    math.randomseed(4180)
    for _ = 1, ROUNDS do
      local separator = ({ ",", ";", "\t" })[math.random(3)]
      local records, text = {}, { table.concat({ "a", "b", "c" }, separator) }
      for i = 1, math.random(1, 6) do
        local fields, cells = {}, {}
        for n = 1, 3 do
          fields[n] = random_text(6)
          cells[n] = written(fields[n], separator)
          -- A line end within a field is read as LF.
          fields[n] = fields[n]:gsub("\r\n", "\n")
        end
        records[i], text[i + 1] = fields, table.concat(cells, separator)
      end
      local reader = assert(reader_of(table.concat(text, "\n") .. "\n", separator))
      for _, expected in ipairs(records) do
        local fields, line, problem = reader:next()
        assert.are.same(expected, fields, ("line %s: %s"):format(tostring(line), tostring(problem)))
      end
      assert.is_nil((reader:next()))
      reader.lines:close()
    end
  end)

  it("ends with whatever it is given, and says on which line it stopped", function()
    math.randomseed(20)
    for _ = 1, ROUNDS do
      local text = random_text(60)
      local reader = reader_of("a,b\n" .. text, ",")
      local steps = 0
      repeat
        local fields, line, problem, fatal = reader:next()
        steps = steps + 1
        assert.is_true(steps <= #text + 2)
        if fields == false then
          assert.is_true(type(line) == "number" and type(problem) == "string")
        end
      until fields == nil or fatal
      reader.lines:close()
    end
  end)
end)
