-- Files of cases as spreadsheets and accounting systems write them. `check` reads one to its end.

local contract = require("debitura.store.contract")
local core = require("debitura.core")
local import = require("debitura.import")
local mistake = require("spec.support.mistake")

local unpack = rawget(table, "unpack") or unpack -- luacheck: ignore 113

local NAMES = {
  "creditorReference", "currencyCode", "amountToRecover", "date", "debtor.type", "debtor.name",
  "debtor.contactPerson", "debtor.countryAlpha2",
}
local CELLS = { "A1", "EUR", "100.50", "2025-10-01", "Company", "Møller", "Ann", "DE" }

describe("a file of cases", function()
  local paths

  before_each(function() paths = {} end)
  after_each(function()
    for _, path in ipairs(paths) do os.remove(path) end
  end)

  local function file(text, ending)
    local path = os.tmpname() .. (ending or ".csv")
    paths[#paths + 1] = path
    local out = assert(io.open(path, "wb"))
    out:write(text)
    out:close()
    return path
  end

  --- A table of the columns above, with some of its cells changed, by their numbers.
  local function table_of(separator, rows, header)
    local lines = { table.concat(header or NAMES, separator) }
    for index, changes in ipairs(rows) do
      local cells = {}
      for i, cell in ipairs(CELLS) do cells[i] = changes[i] or cell end
      if not changes[1] then cells[1] = "A" .. index end
      for i = #CELLS + 1, #NAMES + 9 do cells[i] = changes[i] end
      lines[index + 1] = table.concat(cells, separator)
    end
    return table.concat(lines, "\n") .. "\n"
  end

  --- Checks a file: the summary, and what is wrong by line.
  local function check(text, options, ending)
    local all, wrong = { external_tenant_id = "acme" }, {}
    for name, value in pairs(options or {}) do all[name] = value end
    if all.external_tenant_id == "none" then all.external_tenant_id = nil end
    all.on_wrong = function(record)
      for path, problems in pairs(record.fields) do
        wrong[#wrong + 1] = ("%d %s: %s"):format(record.line, path, problems[1])
      end
      table.sort(wrong)
    end
    local summary, problems = import.check(file(text, ending), all)
    return summary, summary and wrong or problems
  end

  local function first_case(text, options, ending)
    local all = { external_tenant_id = "acme" }
    for name, value in pairs(options or {}) do all[name] = value end
    local source = assert(import.open(file(text, ending), all))
    local record = source:next()
    source:close()
    return record.case, record.fields
  end

  describe("is summed up before anything is sent:", function()
    it("records, what is wrong, and the amounts of each currency, exact to the cent", function()
      local rows = {}
      for i = 1, 30 do rows[i] = { [3] = "0.10" } end
      rows[31], rows[32], rows[33] = { [2] = "JPY", [3] = "1000" }, { [3] = "x" },
        { [2] = "KWD", [3] = "1.234" }
      local summary, wrong = check(table_of(",", rows), { decimal = "point" })
      assert.are.same({
        records = 33, right = 32, wrong = 1, notes = {}, sums = {
          { currency = "EUR", count = 30, total = "3.00" },
          { currency = "JPY", count = 1, total = "1000" },
          { currency = "KWD", count = 1, total = "1.234" },
        },
      }, summary)
      assert.are.same({ '33 amountToRecover: "x" (column 3) is no number such as 1000.10' }, wrong)
    end)

    it("and what a spreadsheet would run as a formula, once", function()
      local summary = check(
        table_of(",", { {}, { [6] = "=HYPERLINK(1)" }, { [1] = "-7" }, { [6] = "+45" } }))
      assert.are.same({
        "3 cells begin with =, +, - or @, which a spreadsheet takes for formulas; the first in "
          .. "line 3, debtor.name",
      }, summary.notes)
      assert.matches("^1 cell begins with =", check(table_of(",", { { [6] = "=1" } })).notes[1])
    end)
  end)

  describe("is refused where a cell would have to be guessed:", function()
    for name, case in pairs {
      ["an amount with two readings"] = { { [3] = "1.234" }, nil,
        '"1.234" (column 3) is ambiguous' },
      ["more decimals than the currency has"] = {
        { [3] = "12.345" }, { decimal = "point" },
        '"12.345" (column 3) has more decimals than EUR has (2): round it',
      },
      ["a day in an unknown order"] = { { [4] = "01/02/2025" }, nil,
        '"01/02/2025" (column 4) is no date' },
      ["lost digits"] = { { [1] = "1.23457E+11" }, nil,
        '"1.23457E+11" (column 1) is rounded, the digits are lost: format the column as text' },
      ["an error"] = { { [6] = "#N/A" }, nil, '"#N/A" (column 6) is an error of the spreadsheet' },
      ["a currency that is none"] = { { [2] = "eur" }, nil, '"eur" (column 2) is no currency' },
      ["a country that is none"] = { { [8] = "Germany" }, nil,
        '"Germany" (column 8) is no country' },
      ["an invisible character in a reference"] = {
        { [1] = "A\226\128\1391" }, nil, "has an invisible character in it",
      },
      ["what the rest of the library refuses"] = {
        { [5] = "Firm" }, nil, '"Firm" (column 5) must be one of Company, Person, Private',
      },
      ["an amount of nothing"] = { { [3] = "0" }, nil, '"0" (column 3) must be more than 0' },
    } do
      it(name, function()
        local summary, wrong = check(table_of(";", { {}, case[1], { [1] = "B" } }),
          case[2])
        assert.are.same({ 1, 2 }, { summary.wrong, summary.right }, wrong[1])
        assert.are.equal("3 ", wrong[1]:sub(1, 2))
        assert.is_truthy(wrong[1]:find(case[3], 1, true), wrong[1])
      end)
    end

    it("a reference that is there twice, also with invisible characters around it", function()
      local _, wrong = check(
        table_of(",", { { "INV-1" }, { "INV-1\194\160" }, { "\226\128\139INV-1" }, { "inv-1" } }))
      assert.are.same({
        '3 creditorReference: "INV-1" (column 1) is twice in this file: remove one, or give it a '
          .. "reference of its own",
        '4 creditorReference: "INV-1" (column 1) is twice in this file: remove one, or give it a '
          .. "reference of its own",
      }, wrong)
    end)

    it("with the value cut, in one printable line", function()
      local _, wrong = check(table_of(",", { { [3] = '"' .. ("9\n"):rep(100) .. '"' } }))
      assert.are.equal(("%q"):format(("9 "):rep(20) .. "…"):gsub("\\\n", ""),
        wrong[1]:match('^2 amountToRecover: (".-")'))
    end)
  end)

  describe("is read as it was written:", function()
    it("with a line sep=", function()
      for _, first in ipairs { "sep=;\n", "SEP=;\r\n", "sep=;;;;;;;;\n", "sep=,;;;;;;;\n" } do
        assert.are.equal(100.5, first_case(first
          .. table_of(";", { { [3] = "100,50" } })).amountToRecover)
      end
      assert.are.equal("A1", first_case("sep=|\n" .. table_of("|", { {} })).creditorReference)
      assert.are.equal("A1", first_case('"sep=^"\n' .. table_of("^", { {} })).creditorReference)
      assert.are.equal("A1", first_case("sep=x\n" .. table_of("x", { {} })).creditorReference)
    end)

    it("with a header whose quoted names hold other separators", function()
      local header = { '"creditorReference"', unpack(NAMES, 2) }
      header[9] = '"Note, ours, not, for, the, customer, or, any, other"'
      local _, problems = check(table_of(";", { {} }, header))
      assert.are.same({ 'column 9: "Note, ours, not, for, the, customer, or,…" is no field of a '
        .. "case; a map can say what it is (--map)" }, problems)
    end)

    it("with bars, and after rows of nothing", function()
      assert.are.equal("A1", first_case("\n ||| \n" .. table_of("|", { {} })).creditorReference)
    end)

    it("with ends of lines of several kinds", function()
      local rows = table_of(",", { {}, {}, {}, {} })
      for _, ends in ipairs { { "\r\n", "\n" }, { "\n", "\r\n" }, { "\r", "\r\n" } } do
        local count = 0
        local text = rows:gsub("\n", function()
          count = count + 1
          return ends[count % 2 + 1]
        end)
        assert.are.same({ 4, 4 }, { check(text).records, check(text).right }, ends[1] .. ends[2])
      end
    end)

    it("with apostrophes in names, and amounts of 0 and 3 decimals", function()
      local case = first_case(table_of(";", {
        { [2] = "JPY", [3] = "1.234.000", [6] = "'t Hoen \226\128\153s BV" },
      }))
      assert.are.same({ 1234000, "'t Hoen \226\128\153s BV" },
        { case.amountToRecover, case.debtor.name })
      assert.are.equal(1234.567,
        first_case(table_of(",", { { [2] = "KWD", [3] = "1 234.567" } })).amountToRecover)
    end)

    it("with tabs and a decimal comma", function()
      assert.are.equal(100.5, first_case(table_of("\t", { { [3] = "100,50" } }), nil,
        ".tsv").amountToRecover)
    end)

    for name, ending in pairs { ["CR LF"] = "\r\n", ["CR alone"] = "\r" } do
      it("with lines that end with " .. name, function()
        local summary = check(
          (table_of(",", { {}, {}, { [6] = '"two\nlines"' } }):gsub("\n", ending)))
        assert.are.same({ 3, 3 }, { summary.records, summary.right })
      end)
    end

    it("in UTF-8 with a mark", function()
      assert.are.equal("Møller", first_case("\239\187\191" .. table_of(",", { {} })).debtor.name)
    end)

    it("in UTF-16 of either order, with what lies beyond 16 bits", function()
      -- "ø", "€" and U+1F600 in UTF-16.
      local units = { ["ø"] = { 0, 0xF8 }, ["€"] = { 0x20, 0xAC }, ["😀"] = { 0xD8, 0x3D, 0xDE, 0 } }
      for _, big in ipairs { true, false } do
        local text = table_of("\t", { { [6] = "Møller €😀" }, { [6] = ("ø"):rep(70000) } })
        local encoded = text:gsub("[%z\1-\127\194-\244][\128-\191]*", function(character)
          local bytes = units[character] or { 0, character:byte() }
          local out = {}
          for i = 1, #bytes, 2 do
            out[#out + 1] = big and string.char(bytes[i], bytes[i + 1])
              or string.char(bytes[i + 1], bytes[i])
          end
          return table.concat(out)
        end)
        local mark = big and "\254\255" or "\255\254"
        assert.are.equal("Møller €😀", first_case(mark .. encoded, nil, ".txt").debtor.name)
        assert.are.equal(2, check(mark .. encoded, nil, ".txt").right)
      end
    end)

    it("in Windows-1252, when that is said, and with one sentence for the file when not", function()
      local text = table_of(";", { { [6] = "M\248ller \128 \150" } })
      assert.are.equal("Møller € –", first_case(text, { encoding = "windows-1252" }).debtor.name)
      local summary, problems = check(text)
      assert.is_nil(summary)
      assert.are.equal(1, #problems)
      assert.matches("^line 2 is not UTF%-8: .*%-%-encoding windows%-1252", problems[1])
      assert.are.same(problems, select(2, import.map_template(file(text))))
      -- The mark of UTF-8 before it, as some programs write.
      text = "\239\187\191" .. text
      assert.are.same(problems, select(2, check(text)))
      assert.are.equal("Møller € –", first_case(text, { encoding = "windows-1252" }).debtor.name)
      -- Of a large file, and where lines end with CR.
      local rows = {}
      for i = 1, 5000 do rows[i] = {} end
      rows[4998][6] = "M\248ller"
      for _, ending in ipairs { "\n", "\r" } do
        summary, problems = check((table_of(",", rows):gsub("\n", ending)))
        assert.is_nil(summary)
        assert.matches("^line 4999 is not UTF%-8", problems[1])
      end
    end)

    it("in what systems of other countries and times write", function()
      for _, row in ipairs {
        { "windows-1250", "\163\243d\159 \175\243\179\230 \128", "Łódź Żółć €" },
        { "iso-8859-15", "\188uvre \166\184 \164", "Œuvre Šž €" },
        { "macintosh", "M\191ller \142 \219", "Møller é €" },
      } do
        assert.are.equal(row[3], first_case(table_of(",", { { [6] = row[2] } }),
          { encoding = row[1] }).debtor.name)
      end
    end)

    it("with empty columns and rows, which are dropped", function()
      local header = { unpack(NAMES) }
      header[9], header[10] = "", " "
      local text = table_of(",", { { [9] = "", [10] = "" }, {} }, header) .. ",,,,,,,,,\n\n , ,\n"
      assert.are.same({ 2, 2 }, { check(text).records, check(text).right })
      local _, wrong = check(table_of(",", { { [9] = "stray", [10] = "" } }, header))
      assert.are.same({
        '2 row: has "stray" in column 9, which has no name: give it one, or empty the cell',
      }, wrong)
      assert.are.equal(1, check(table_of(",", { { [9] = "", [10] = "" } })).right)
    end)

    it("with white space of every kind around cells, and with zeros that a formula keeps",
      function()
      local case = first_case(table_of(",", { {
        [1] = '"=""0012"""', [6] = " \194\160\227\128\128Møller\226\128\139\t", [7] = '"Ann"',
      } }))
      assert.are.same({ "0012", "Møller", "Ann" },
        { case.creditorReference, case.debtor.name, case.debtor.contactPerson })
      case = first_case(table_of(",", { { [1] = '="0012"', [6] = '=""', [7] = '="07" ' } }),
        { check = false })
      assert.are.same({ "0012", "07" }, { case.creditorReference, case.debtor.contactPerson })
    end)

    it("from a pipe and from standard input", function()
      local path = file(table_of(",", { {}, {} }))
      for _, name in ipairs { "-", "/dev/stdin" } do
        local program = 'print(require("debitura.import").check("%s", '
          .. '{ external_tenant_id = "a" }).right)'
        local pipe = assert(io.popen(("cat %s | scripts/lua %s -e '%s'"):format(path,
          rawget(_G, "jit") and "jit" or _VERSION:match("%d.%d"), program:format(name))))
        assert.are.equal("2", pipe:read("*a"):match("%d+"), name)
        pipe:close()
      end
    end)
  end)

  describe("that no option makes readable is named:", function()
    local header = table.concat(NAMES, ",") .. "\n"
    for name, case in pairs {
      ["HTML"] = { "<html><table>", "HTML or XML: open it in a spreadsheet and choose File" },
      ["XML with a mark"] = { '\239\187\191<?xml version="1.0"?>', "HTML or XML" },
      ["a PDF"] = { "%PDF-1.7\n", "a PDF" },
      ["compressed"] = { "\31\139\8\0", "an archive" },
      ["UTF-16 without a mark"] = { "c\0r\0e\0", "--encoding utf-16le" },
      ["UTF-16 of the other order"] = { "\0c\0r\0e", "--encoding utf-16be" },
      ["an object of JSON over lines"] = { '{\r\n  "creditorReference": "A1"\r\n}\r\n',
        "write each object in one line" },
      ["bytes"] = { header .. "A1\0\0\0", "no text" },
      ["an array of JSON"] = { '[{"creditorReference":"A1"}]', "write an object in each line" },
      ["nothing but a header's separators"] = { ",,,\n,,,\n", "it is empty" },
    } do
      it(name, function()
        local summary, problems = check(case[1])
        assert.is_nil(summary)
        assert.are.equal(1, #problems)
        assert.is_truthy(problems[1]:find(case[2], 1, true), problems[1])
      end)
    end
  end)

  describe("of which a value would change on the way is refused:", function()
    for expected, changes in pairs {
      ['"M\239\191\189ller" (column 6) has a character that was lost'] = {
        [6] = "M\239\191\189ller",
      },
      ['"12345678901234567.89" (column 3) has too many digits'] = { [3] = "12345678901234567.89" },
      ['"A<U+202E>1" (column 1) has an invisible character in it'] = { [1] = "A\226\128\1741" },
      ['"A 1" (column 1) has an invisible character in it'] = { [1] = "A\194\1601" },
      ['"########" (column 6) is what is shown of too narrow a column, the digits are lost: format '
        .. "the column as text"] = { [6] = "########" },
      ['"A<U+1D173>1" (column 1) has an invisible character in it'] = {
        [1] = "A\240\157\133\1791",
      },
      ['"A<U+FFF9>1" (column 1) has an invisible character in it'] = { [1] = "A\239\191\1851" },
      ['"a b" (column 6) has a control character in it'] = { [6] = "a\27b" },
      ['"Ann B" (column 7) has a control character in it'] = { [7] = "Ann\11B" },
      ['"(100.00)" (column 3) is no number such as 1000.10'] = { [3] = "(100.00)" },
      ['"€ 100" (column 3) is no number such as 1000.10'] = { [3] = "€ 100" },
      ['"100.001" (column 3) is ambiguous'] = { [3] = "100.001" },
    } do
      it(expected, function()
        local summary, wrong = check(table_of(",", { changes }))
        assert.are.equal(1, summary.wrong)
        assert.is_truthy(wrong[1]:find(expected, 1, true), wrong[1])
      end)
    end

    it("what Windows-1252 does not have, and half a character of UTF-16", function()
      local _, wrong = check(table_of(",", { { [6] = "M\129ller" } }),
        { encoding = "windows-1252" })
      assert.matches("has a character that was lost", wrong[1])
      local text = table_of("\t", { { [6] = "M!" } }):gsub(".", function(character)
        return character == "!" and "\0\216" or character .. "\0"
      end)
      _, wrong = check("\255\254" .. text)
      assert.matches("has a character that was lost", wrong[1])
    end)
  end)

  it("is noted to be UTF-8 where Windows-1252 was said", function()
    local text = table_of(",", { {} })
    assert.matches("looks like UTF%-8", check(text, { encoding = "windows-1252" }).notes[1])
    assert.are.same({}, check(text).notes)
    assert.are.same({}, check((text:gsub("ø", "o")), { encoding = "windows-1252" }).notes)
    assert.are.same({}, check((text:gsub("ø", "\248")), { encoding = "windows-1252" }).notes)
  end)

  it("with names longer than the store takes, or an invisible client, is refused", function()
    local header = { unpack(NAMES) }
    header[9] = "externalTenantId"
    local long = ("t"):rep(contract.longest_place)
    local _, wrong = check(table_of(",", { { [9] = long }, { [9] = "a\226\128\139b" } }, header),
      { external_tenant_id = "none" })
    assert.are.same({
      '2 creditorReference: "A1" (column 1) too long: externalTenantId and creditorReference may '
        .. ("have %d bytes together"):format(contract.longest_place),
      '3 externalTenantId: "a<U+200B>b" (column 9) has an invisible character in it: type it again',
    }, wrong)
  end)

  it("leaves a case's fields to Debitura where that is wanted, and no cell", function()
    local text = table_of(",", { { [5] = "Firm" }, { [3] = "1.234" } })
    assert.are.same({ 0, 2 }, { check(text).right, check(text).wrong })
    assert.are.same({ 1, 1 }, { check(text, { check = false }).right,
      check(text, { check = false }).wrong })
  end)

  it("that is a workbook is refused with how to save it", function()
    for _, head in ipairs { "PK\3\4", "\208\207\17\224" } do
      local summary, problems = check(head .. ("x"):rep(100), nil, ".xlsx")
      assert.is_nil(summary)
      assert.matches("CSV UTF%-8", problems[1])
    end
  end)

  it("of JSON lines is held to the same", function()
    local function line(changes)
      local case = {
        creditorReference = "A1", currencyCode = "EUR", amountToRecover = 100.5,
        date = "2025-10-01",
        debtor = { type = "Company", name = "Møller", contactPerson = "Ann", countryAlpha2 = "DE" },
      }
      for name, value in pairs(changes or {}) do case[name] = value end
      return assert(core.json.encode(case))
    end
    local text = table.concat({
      line(), line(), line { creditorReference = "A2", currencyCode = "EURO" },
      line { creditorReference = "A3", amountToRecover = 0.001 },
      line { creditorReference = " A4" },
      line { creditorReference = 5 }, '{"creditorReference":"A6","debtor":7}', "[1]", "{",
      line { creditorReference = "A7" },
    }, "\n")
    local summary, wrong = check(text, nil, ".jsonl")
    assert.are.same({ 10, 2, { { currency = "EUR", count = 2, total = "201.00" } } },
      { summary.records, summary.right, summary.sums })
    assert.same({
      '2 creditorReference: "A1" is twice in this file: remove one, or give it a reference of its '
        .. "own",
      '3 currencyCode: "EURO" is no currency of ISO 4217, such as EUR',
      '4 amountToRecover: "0.001" has more decimals than EUR has (2): round it',
      '5 creditorReference: " A4" has white space or an invisible character in it: type it again',
      '6 creditorReference: "5" required, to recognise the case: fill it in',
      "7 amountToRecover: required",
      "7 currencyCode: required", '7 debtor: "7" must be an object',
    }, { unpack(wrong, 1, 8) })
    assert.are.same(summary, (check(text, nil, ".data")))
  end)

  it("says whose each case is, where no client is named", function()
    local header = { unpack(NAMES) }
    header[9] = "externalTenantId"
    local text = table_of(",", {
      { "A1", [9] = "acme" }, { "A1", [9] = "other" }, { "A1", [9] = "acme" }, { "A2", [9] = "" },
    }, header)
    local _, wrong = check(text, { external_tenant_id = "none" })
    assert.are.same({
      '4 creditorReference: "A1" (column 1) is twice in this file: remove one, or give it a '
        .. "reference of its own",
      '5 externalTenantId: "" (column 9) required: fill it in',
    }, wrong)
  end)

  describe("of another system is read by a map", function()
    local MAP = {
      columns = {
        Invoice = "creditorReference", Due = "amountToRecover", Cur = "currencyCode",
        Customer = "debtor.name", Country = "debtor.countryAlpha2", Issued = "date",
        Memo = core.null,
        Person = "debtor.contactPerson",
      },
      constants = { ["debtor.type"] = "Company" },
      values = { ["debtor.countryAlpha2"] = { Holland = "NL" } },
      decimal = "comma", dates = "dmy",
    }
    local TEXT = "Invoice;Due;Cur;Customer;Country;Issued;Memo;Person\n"
      .. "R-1;1.234;EUR;Møller;Germany;31.10.2025;whatever;Ann\n"
      .. "R-2;5,5;EUR;Bakker;Holland;1.2.2025;;Bas\nR-3;7;EUR;Nobody;Atlantis;1.2.2025;;Eve\n"

    it("columns, constants, values and what its numbers and dates mean", function()
      local summary, wrong = check(TEXT, { map = MAP })
      assert.are.same({ { currency = "EUR", count = 2, total = "1239.50" } }, summary.sums)
      assert.are.equal(
        '4 debtor.countryAlpha2: "Atlantis" (column 5) is no country\'s code of ISO 3166, '
          .. "such as DK",
        wrong[1])
      assert.are.same({
        creditorReference = "R-1", amountToRecover = 1234, currencyCode = "EUR",
        date = "2025-10-31",
        debtor = { type = "Company", name = "Møller", countryAlpha2 = "DE", contactPerson = "Ann" },
      }, first_case(TEXT, { map = MAP }))
    end)

    it("whose options give way to those of the call", function()
      local _, fields = first_case(TEXT, { map = MAP, decimal = "point" })
      assert.matches("more decimals", fields.amountToRecover[1])
    end)

    it("and is refused where the map does not know a column", function()
      local summary, problems = check((TEXT:gsub("Memo", "Note")), { map = MAP })
      assert.is_nil(summary)
      assert.are.same({
        'column 7: "Note" is not in the map: give it a field, or null to leave it out',
      }, problems)
    end)

    it("whose constants are checked once, before any record", function()
      local map = {}
      for name, value in pairs(MAP) do map[name] = value end
      map.constants = { ["debtor.type"] = "", dueDate = "soon" }
      local summary, problems = check(TEXT, { map = map })
      table.sort(problems or {})
      assert.are.same({
        nil, {
          'the map\'s constant debtor.type is empty: fill it in, or take it out',
          'the map\'s constant dueDate: "soon" is no date such as 2026-01-31',
        },
      }, { summary, problems })
    end)

    it("in a file, of which every mistake is named", function()
      local path = file(assert(core.json.encode(MAP)), ".json")
      assert.are.same({ "comma", false }, { assert(import.map(path)).decimal,
        import.map(path).columns.Memo })
      local _, problems = import.map(file([[{ "colums": {}, "columns": { "A": "debtor.nam" },
        "constants": { "date": 1 }, "decimal": "." }]], ".json"))
      assert.are.same({
        'columns, "A": debtor.nam is no field of a case, did you mean debtor.name?',
        "constants: date: a text expected", 'decimal: one of "comma", "point" expected',
        'there is no "colums" in a map, did you mean "columns"?',
      }, problems)
      _, problems = import.map(file("[", ".json"))
      assert.matches("^it is no JSON object", problems[1])
      assert.is_nil(import.map("/nonexistent.json"))
    end)

    it("that begins as a template made of the file's header", function()
      local template = assert(import.map_template(file(TEXT)))
      local decoded = assert(core.json.decode(template))
      assert.are.same({
        Invoice = core.null, Due = core.null, Cur = core.null, Customer = "debtor.name",
        Country = "debtor.countryAlpha2", Issued = core.null, Memo = core.null, Person = core.null,
      }, decoded.columns)
      assert.are.same({
        amountToRecover = "", creditorReference = "", currencyCode = "", ["debtor.type"] = "",
      }, decoded.constants)
    end)

    it("such as the one that ships with an example", function()
      local summary = assert(import.check("examples/import/xero.csv", {
        external_tenant_id = "acme", map = assert(import.map("examples/import/xero.json")),
      }))
      assert.are.same({ 2, 2, { { currency = "GBP", count = 2, total = "2050.00" } } },
        { summary.records, summary.right, summary.sums })
    end)
  end)

  it("is read in time that grows with its length, whatever is in it", function()
    -- What takes quadratic time takes minutes here.
    local blanks = (" "):rep(200 * 1024)
    local summary = check(
      table_of(",", { { [6] = "a" .. blanks .. "b" }, { [6] = blanks .. "Møller" } }))
    assert.are.equal(2, summary.right)
    local _, wrong = check(
      table_of(",", { { [6] = '"' .. ("a\n"):rep(125 * 1024) .. '"' },
        { [3] = ("1,"):rep(60000) } }))
    assert.are.equal(1, #wrong)
    summary, wrong = check(("x,"):rep(100000))
    assert.are.same({ nil, { "it has 100001 columns, 1000 at most are read" } }, { summary, wrong })
    _, wrong = check(table_of(",", { { [6] = '"' .. ("\n"):rep(300 * 1024) .. '"' } }))
    assert.are.same({ '2 row: is longer than 262144 bytes: close its quote (column 6, "")' }, wrong)
  end)

  it("of very many records is read in the memory of a few megabytes", function()
    -- The faster interpreter reads the larger one.
    local count = rawget(_G, "jit") and 1000000 or 100000
    local path = file(table_of(",", {}))
    local out = assert(io.open(path, "ab"))
    for i = 1, count do
      out:write("INV-", i, ",EUR,1000.10,2025-10-01,Company,Sample Debtor,Dana Debtor,DK\n")
    end
    out:close()
    collectgarbage()
    local before, most = collectgarbage("count"), 0
    local source = assert(import.open(path, { external_tenant_id = "acme" }))
    local right = 0
    for record in function() return source:next() end do
      right = right + (record.case and 1 or 0)
      if right % (count / 20) == 0 then
        collectgarbage()
        most = math.max(most, collectgarbage("count") - before)
      end
    end
    source:close()
    assert.are.equal(count, right)
    assert.is_true(most < 15 * 1024, "kB: " .. most)
  end)

  it("goes on at a place that it told, also in another encoding, and knows what was before it",
    function()
    local text = table_of(",", { {}, {}, {}, { [1] = "A1" }, {} })
    for _, options in ipairs { {}, { encoding = "windows-1252", limit = 2 } } do
      local path = file(text)
      options.external_tenant_id = "a"
      local source = assert(import.open(path, options))
      source:next()
      source:next()
      local place = source:position()
      source:close()
      source = assert(import.open(path, options))
      source:rewind(place.line)
      local first, second, third = source:next(), source:next(), source:next()
      assert.are.same({ "A3", 4 }, { first.case.creditorReference, first.line })
      assert.matches("is twice in this file", second.fields.creditorReference[1])
      assert.are.equal(options.limit == nil, third ~= nil)
      source:rewind()
      assert.are.same({ "A1", 2 }, { source:next().case.creditorReference, 2 })
      source:close()
    end
  end)

  it("is opened with options that are checked at the caller's line", function()
    for complaint, options in pairs {
      ["unknown option 'decimals', did you mean 'decimal'?"] = { decimals = "comma" },
      ["option 'decimal': 'comma' or 'point' expected, got ','"] = { decimal = "," },
      ["option 'dates': 'iso' or 'dmy' or 'mdy' expected, got 'ymd'"] = { dates = "ymd" },
      ["option 'map': columns: an object expected"] = { map = {} },
    } do
      assert.are.same({ "debitura.import: " .. complaint, "file_spec.lua" },
        { mistake(function() import.open("/nonexistent", options) end) })
    end
  end)
end)
