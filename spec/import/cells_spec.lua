-- From the text of a cell to a value: nothing is guessed.

local cells = require("debitura.import.cells")

describe("a number", function()
  -- As it is read without the option, with a decimal point, with a decimal comma; false: refused.
  for written, expected in pairs {
    ["1000"] = { "1000", "1000", "1000" }, ["-5"] = { "-5", "-5", "-5" },
    ["1000.1"] = { "1000.1", "1000.1", false }, ["1000.10"] = { "1000.10", "1000.10", false },
    ["1000,10"] = { "1000.10", false, "1000.10" }, ["0.5"] = { "0.5", "0.5", false },
    ["1.234"] = { false, "1.234", "1234" }, ["1,234"] = { false, "1234", "1.234" },
    ["250.000"] = { false, "250.000", "250000" }, ["1234.567"] = { false, "1234.567", false },
    ["1.234,56"] = { "1234.56", false, "1234.56" }, ["1,234.56"] = { "1234.56", "1234.56", false },
    ["1.234.567"] = { "1234567", false, "1234567" },
    ["1,234,567"] = { "1234567", "1234567", false },
    ["1.234.567,8"] = { "1234567.8", false, "1234567.8" },
    ["1 234,50"] = { "1234.50", false, "1234.50" }, ["1 234"] = { "1234", "1234", "1234" },
    ["1\194\160234\194\160567,50"] = { "1234567.50", false, "1234567.50" },
    ["1\226\128\175234.50"] = { "1234.50", "1234.50", false },
    ["1'234.50"] = { "1234.50", "1234.50", false },
    ["1’234.567"] = { "1234.567", "1234.567", false },
    ["12.34.567"] = { false, false, false }, ["1.23"] = { "1.23", "1.23", false },
    ["1.2345,6"] = { false, false, false }, ["1,23,4"] = { false, false, false },
    ["1 23"] = { false, false, false }, ["100."] = { false, false, false },
    [".5"] = { false, false, false }, [""] = { false, false, false },
    ["."] = { false, false, false },
    ["€ 100"] = { false, false, false }, ["100-"] = { false, false, false },
    ["(100)"] = { false, false, false }, ["1e5"] = { false, false, false },
    ["0x10"] = { false, false, false }, ["ten"] = { false, false, false },
    ["１００"] = { false, false, false }, ["--5"] = { false, false, false },
  } do
    it(("%q"):format(written), function()
      assert.are.same(expected, {
        cells.number(written) or false, cells.number(written, "point") or false,
        cells.number(written, "comma") or false,
      })
    end)
  end

  it("is refused with both readings when there are two", function()
    assert.are.equal(
      "is ambiguous: 1.234 with a decimal point, 1234 with a decimal comma; the option "
      .. "decimal says which (--decimal point or comma)", select(2, cells.number("1.234")))
  end)

  it("may have no more decimals than its currency, zeros apart", function()
    for _, case in ipairs {
      { "1.234", "EUR", true }, { "1.230", "EUR", false }, { "1.5", "JPY", true },
      { "250.000", "JPY", false }, { "1.234", "KWD", false }, { "1.2345", "KWD", true },
      { "1.234", "XXX", false }, { "100.29", "EUR", false }, { "0.07", "EUR", false },
      { "1234567890123.45", "EUR", false }, { "1234567890.005", "EUR", true },
      { "999999999999.999", "KWD", false },
    } do
      assert.are.equal(case[3], cells.decimals_problem(tonumber(case[1]), case[2]) ~= nil,
        case[1] .. " " .. case[2])
    end
    assert.are.equal("has more decimals than EUR has (2): round it",
      cells.decimals_problem(0.001, "EUR"))
  end)

  it("may have as many digits as a number of JSON holds", function()
    assert.are.equal("1234567890123.45", cells.number("1234567890123.45"))
    assert.are.equal("000100.100000000000000000", cells.number("000100.100000000000000000"))
    for _, value in ipairs { "12345678901234.567", "1234567890123456", "0.1000000000000001" } do
      assert.are.same({ nil, "has too many digits: correct it" }, { cells.number(value, "point") })
    end
  end)
end)

describe("a date", function()
  for written, expected in pairs {
    ["2025-10-31"] = { "2025-10-31", "2025-10-31", "2025-10-31" },
    ["2025-10-31T12:00:00Z"] = { "2025-10-31T12:00:00Z", "2025-10-31T12:00:00Z",
      "2025-10-31T12:00:00Z" },
    ["2025-10-31 00:00:00"] = { "2025-10-31", "2025-10-31", "2025-10-31" },
    ["2025-10-31 10:30:00"] = { "2025-10-31T10:30:00", "2025-10-31T10:30:00",
      "2025-10-31T10:30:00" },
    ["31/10/2025 00:00"] = { false, "2025-10-31", false },
    ["31/10/2025 0:00:00"] = { false, "2025-10-31", false },
    ["31/10/2025 10:00"] = { false, false, false }, ["45961.5"] = { false, false, false },
    ["20251031"] = { false, false, false },
    ["2025-02-29"] = { false, false, false }, ["2025-13-01"] = { false, false, false },
    ["31/10/2025"] = { false, "2025-10-31", false },
    ["31.10.2025"] = { false, "2025-10-31", false },
    ["1-2-2025"] = { false, "2025-02-01", "2025-01-02" },
    ["10/31/2025"] = { false, false, "2025-10-31" },
    ["01/02/2025"] = { false, "2025-02-01", "2025-01-02" }, ["1/2/25"] = { false, false, false },
    ["31/10.2025"] = { false, false, false }, ["45961"] = { false, false, false },
    ["2025/10/31"] = { false, false, false }, ["yesterday"] = { false, false, false },
    ["30/02/2025"] = { false, false, false },
  } do
    it(written, function()
      assert.are.same(expected, {
        cells.date(written) or false, cells.date(written, "dmy") or false,
        cells.date(written, "mdy") or false,
      })
    end)
  end

  it("is refused with what to do", function()
    assert.matches("say in which order day and month stand .*--dates dmy or mdy",
      select(2, cells.date("01/02/2025")))
    assert.matches("as a spreadsheet counts it", select(2, cells.date("45961", "dmy")))
    assert.matches("as a spreadsheet counts it", select(2, cells.date("45961,0")))
    assert.are.equal("is no day in the order mdy (--dates): correct it, or the order",
      select(2, cells.date("31/10/2025", "mdy")))
    assert.are.equal("is no day or time that there is: correct it, such as 2026-01-31",
      select(2, cells.date("2025-02-29")))
  end)
end)

describe("what a spreadsheet leaves behind", function()
  it("is taken off", function()
    assert.are.equal("0012", cells.unwrapped('="0012"'))
    assert.are.equal('12" pipe', cells.unwrapped('="12"" pipe"'))
    assert.are.equal("=1+2", cells.unwrapped("=1+2"))
  end)

  local LOST = "the digits are lost: format the column as text and save it anew"
  local ERROR = "is an error of the spreadsheet: correct the cell"
  for expected, values in pairs {
    ["is rounded, " .. LOST] = { "1.23457E+11", "4,5E+09", "-1.2E+15", "5E+10", "1.5E-07" },
    ["is what is shown of too narrow a column, " .. LOST] = { "########", "##", "#" },
    -- In English, German, French, Danish, Polish, Spanish, and of LibreOffice.
    [ERROR] = {
      "#N/A", "#REF!", "#value!", "#DIV/0!", "#NAME?", "#SPILL!", "#NV", "#BEZUG!", "#N/D",
      "#VALEUR!", "#I/T", "#VÆRDI!", "#ARG!", "#¡VALOR!", "Err:502",
    },
    ["has a character that was lost: save the file as \"CSV UTF-8\" where it is from"] = {
      "M\239\191\189ller",
    },
  } do
    it("is named: " .. expected, function()
      for _, value in ipairs(values) do assert.are.equal(expected, cells.artefact(value), value) end
    end)
  end

  it("is not seen in what only looks like it", function()
    for _, value in ipairs {
      "", "#1 Ltd", "# 5", "1.23457", "E+11", "12E Street", "1e11", "2025E-01", "1E-05", "#hash",
      "#1!", "Err: 5", "#WE ARE THE BEST OF ALL COMPANIES!",
    } do
      assert.is_nil(cells.artefact(value), value)
    end
  end)
end)

describe("a value in a report", function()
  it("is short and printable, and shows what is invisible", function()
    assert.are.equal('"A<U+200B>1<U+202E>"', cells.shown("A\226\128\1391\226\128\174"))
    assert.are.equal('"a b c d"', cells.shown("a\nb\tc\194\160d"))
    assert.are.equal('"<U+E0041><U+00AD>"', cells.shown("\243\160\129\129\194\173"))
    assert.are.equal('"' .. ("ø"):rep(40) .. '…"', cells.shown(("ø"):rep(1000)))
  end)
end)
