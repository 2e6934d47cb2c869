-- What people see: texts on a terminal, tables, the bar.

local output = require "debitura.cli.output"
local progress = require "debitura.cli.progress"
local text = require "debitura.cli.text"

--- What is written to it.
local function new_stream()
  local stream = { written = {} }
  function stream:write(...)
    for _, part in ipairs { ... } do self.written[#self.written + 1] = part end
    return true
  end
  function stream.flush() end
  function stream:text() return table.concat(self.written) end
  return stream
end

describe("A text on the terminal", function()
  it("cannot steer it, or break its line", function()
    assert.equal(" [2Jgone  and on", text.clean("\27[2Jgone\r\nand on"))
    assert.equal("a b", text.clean("a\194\155b"))
    assert.equal("a b c\226\128\147לקוח", text.clean("a\226\128\174b\226\129\167c\226\128\147לקוח"))
  end)

  it("may have several lines where it is shown as a whole", function()
    assert.equal("{ }\n  [2J\n", text.clean_lines("{\9}\n\27 [2J\n"))
  end)

  it("is UTF-8, whatever came", function()
    for given, expected in pairs {
      ["Sørensen 日本"] = "Sørensen 日本", ["\255\254a"] = "??a", ["a\195"] = "a?",
      ["a\195\165\165b"] = "aå?b", ["\240\159\152"] = "???",
    } do assert.equal(expected, text.clean(given)) end
  end)

  it("is measured in columns, not in bytes", function()
    for given, expected in pairs { abc = 3, ["Sørensen"] = 8, ["日本"] = 4, ["e\204\129"] = 1,
      ["😀!"] = 3, [""] = 0 } do
      assert.equal(expected, text.width(given), given)
    end
  end)

  it("is filled up or cut to just so many columns", function()
    assert.same({ "ab   ", "Søre…", "日本…", "日… ", "abcde" }, {
      text.fit("ab", 5), text.fit("Sørensen", 5), text.fit("日本日本", 5), text.fit("日本日本", 4),
      text.fit("abcde", 5),
    })
  end)

  it("is what a value means", function()
    assert.same({ "", "yes", "no", "12", "0.5", "1500000000" }, {
      text.of(nil), text.of(true), text.of(false), text.of(12.0), text.of(0.5), text.of(1.5e9),
    })
    assert.equal("2026-01-31T12:00:00Z", text.moment(1769860800.7))
  end)

  it("is JSON in its own order, with its own numbers, in lines", function()
    local given =
      [[{"b":1.50,"a":{"list":[1,"two, \"2\": {"],"none":[], "nothing" : {} },"last":null}]]
    assert.equal([[
{
  "b": 1.50,
  "a": {
    "list": [
      1,
      "two, \"2\": {"
    ],
    "none": [],
    "nothing": {}
  },
  "last": null
}]], text.indented(given))
    -- Whatever came instead of JSON is shown as well.
    for _, other in ipairs { "<html>no</html>", '{"open', "}{]" } do
      assert.is_string(text.indented(other))
    end
  end)
end)

describe("A table", function()
  local COLUMNS = { { "ID", "id" }, { "NAME", function(item) return item.name:upper() end },
    { "OPEN", "open" } }

  local function print_table(options, rows)
    local stream = new_stream()
    local shown = output.new(stream, options):table(COLUMNS)
    for _, row in ipairs(rows) do shown:row(row) end
    return stream:text(), shown:close(), stream:text()
  end

  it("is aligned, and cut where the screen ends, but never in its first column", function()
    local rows = {
      { id = "first-identifier", name = "a rather long name of somebody", open = true },
      { id = "2", name = "Å", open = false },
    }
    local _, count, shown = print_table({ screen = 40 }, rows)
    assert.equal(2, count)
    assert.equal("ID                NAME              OPEN\n"
      .. "first-identifier  A RATHER LONG N…  yes\n"
      .. "2                 Å                 no\n", shown)
  end)

  it("begins before its end is known", function()
    local rows = {}
    for index = 1, 250 do rows[index] = { id = tostring(index), name = "name", open = true } end
    local meanwhile = print_table({ screen = 80 }, rows)
    assert.truthy(meanwhile:find("\n250  NAME  yes\n", 1, true))
  end)

  it("has no headings where it has no rows", function()
    assert.equal("", (select(3, print_table({ screen = 80 }, {}))))
  end)

  it("is cells between tabs, or JSON, for other programs", function()
    local rows = { { id = "1\t2", name = "a\nb", open = true } }
    assert.equal("1 2\tA B\tyes\n", (print_table({}, rows)))
    assert.equal('{"id":"1\\t2","name":"a\\nb","open":true}\n',
      (print_table({ json = true, screen = 80 }, rows)))
  end)
end)

describe("One thing, field by field", function()
  it("is safe in a spreadsheet, and as it is where a program needs it so", function()
    local stream = new_stream()
    output.new(stream, {}):record({ name = "=1+1", secret = "+c2Vj=" },
      { { "Name", "name" }, { "Secret", "secret", exact = true }, { "Note", "note" } })
    assert.equal("Name\t'=1+1\nSecret\t+c2Vj=\n", stream:text())
  end)
end)

describe("The bar", function()
  it("tells how far it is, how fast, and how long it will take", function()
    assert.equal("links  2500 of 10000  [#####---------------]  25%  50/s  2:30 left",
      progress.line("links", 2500, 10000, 50))
    assert.equal("links  7  0.5/s", progress.line("links", 7, nil, 14))
    assert.equal("links  0 of 10  [--------------------]  0%  0.0/s",
      progress.line("links", 0, 10, 0))
    assert.truthy(progress.line("links", 1, 7200, 1):find("1:59:59 left", 1, true))
  end)

  it("is drawn a few times a second, on a terminal only, and leaves nothing behind", function()
    local now, stream = 0, new_stream()
    local function clock() return now end
    local bar = progress.new { stream = stream, screen = 60, what = "links", total = 100,
      clock = clock }
    for index = 1, 100 do
      now = index / 100
      bar:update(index)
    end
    local _, drawn = stream:text():gsub("\r", "")
    assert.is_true(drawn >= 5 and drawn <= 11, drawn)
    bar:finish()
    assert.truthy(stream:text():find("\r" .. (" "):rep(59) .. "\r$"))

    stream = new_stream()
    bar = progress.new { stream = stream, what = "links", clock = clock }
    bar:update(1)
    bar:finish()
    assert.equal("", stream:text())
  end)
end)
