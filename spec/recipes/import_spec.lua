-- Cases out of files: CSV as spreadsheets write it, JSON lines, and everything that can be wrong
-- with either.

local core = require("debitura.core")
local failure = require("debitura.base.failure")
local import_file = require("debitura.import")
local rig = require("spec.support.rig")

local HEADER =
  "creditorReference,currencyCode,amountToRecover,debtor.type,debtor.name,debtor.contactPerson,"
  .. "debtor.address,debtor.city,debtor.countryAlpha2,date"

local function row(reference, amount)
  local line = '%s,EUR,%s,Company,"Sample Debtor, A/S",Dana Debtor,Sample Street 1,Copenhagen,DK,'
    .. "2025-10-01"
  return line:format(reference, amount or "1000.10")
end

describe("importing cases", function()
  local bench, submission, paths

  local function file(name, text)
    local path = os.tmpname()
    os.remove(path)
    path = path .. "-" .. name
    paths[#paths + 1] = path
    local out = assert(io.open(path, "wb"))
    out:write(text)
    out:close()
    return path
  end

  --- Imports and gives the counts and the lines of the report.
  local function import(path, options)
    local report = {}
    options = options or { external_tenant_id = "acme" }
    options.on_error = function(line, err)
      local fields = {}
      for name, problems in pairs(err.fields or {}) do
        fields[#fields + 1] = name .. " " .. problems[1]
      end
      table.sort(fields)
      report[#report + 1] = ("%d: %s"):format(line, fields[1] or tostring(err))
    end
    local counts, err = submission:import(path, options)
    return counts, report, err
  end

  before_each(function()
    paths = {}
    bench = rig.new()
    submission = bench.recipes.submission
    bench:client("acme")
    bench:sign("acme")
    assert(submission:submit("acme", rig.case("FIRST")))
    bench:sign("acme")
    bench:advance("1h")
  end)

  after_each(function()
    for _, path in ipairs(paths) do os.remove(path) end
  end)

  it("submits each record of a CSV file once, however often it is imported", function()
    local path = file("a.csv", table.concat({ HEADER, row("INV-1"), row("INV-2", "87.5") }, "\n")
      .. "\n")
    assert.are.same({ total = 2, skipped = 0, created = 2 }, (import(path)))
    local counts, report = import(path)
    assert.are.same({ { total = 2, skipped = 0, created = 2 }, {} }, { counts, report })
    assert.are.same({ 1, 1 }, { bench:count("INV-1"), bench:count("INV-2") })
    local known = assert(bench.debitura:customer("acme").cases:by_creditor_reference("INV-1"))
    assert.are.same({ 1000.10, "Sample Debtor, A/S" }, { known.grossAmount, known.debtor.name })
  end)

  it("reads what spreadsheets write: a byte order mark, semicolons, decimal commas, CRLF, quotes, "
    .. "line ends in a field", function()
    local text = "\239\187\191" .. HEADER:gsub(",", ";") .. ";claimDescription\r\n"
      .. 'INV-1;EUR;1000,10;Company;"Sample ""Debtor"" A/S";Dana Debtor;Sample Street 1;'
      .. 'Copenhagen;DK;2025-10-01;"two\r\nlines"\r\n'
      .. "\r\nINV-2;EUR;5;Company;Sørensen & Søn;Dana Debtor;Sample Street "
      .. "1;Copenhagen;DK;2025-10-01;\r\n"
    assert.are.same({ total = 2, skipped = 0, created = 2 }, (import(file("a.csv", text))))
    local payload = core.json.decode(bench.store:record("case", "acme", "INV-1").payload)
    assert.are.same({ 1000.10, 'Sample "Debtor" A/S', "two\nlines" }, {
      payload.amountToRecover, payload.debtor.name, payload.claimDescription,
    })
    payload = core.json.decode(bench.store:record("case", "acme", "INV-2").payload)
    assert.are.same({ "Sørensen & Søn", nil }, { payload.debtor.name, payload.claimDescription })
  end)

  it("reads tabs, and a last line without an end", function()
    assert.are.same({ total = 1, skipped = 0, created = 1 },
      (import(file("a.CSV", HEADER:gsub(",", "\t") .. "\n"
      .. "INV-1\tEUR\t5\tCompany\tSample Debtor\tDana Debtor\tSample Street "
      .. "1\tCopenhagen\tDK\t2025-10-01"))))
  end)

  it("tells what is wrong with its line and field, and takes the others", function()
    local path = file("a.csv", table.concat({
      HEADER, row("INV-1", "1,000"), row("INV-2", "ten"), row("INV-3"),
      'INV-4,EUR,5,"Company"x,Sample,Dana,DK,2025-10-01', "INV-5,EUR", row(""),
      row("INV-7"):gsub("DK", "BR"), row("INV-8"):gsub("EUR", "EURO"), row("INV-3", "7"),
    }, "\n"))
    local counts, report = import(path)
    assert.are.same({ total = 9, skipped = 0, created = 1, unsupported = 1, wrong = 7 }, counts)
    assert.are.same({
      '2: row has 11 fields, the header has 10; the last is "2025-10-01": put fields that hold a '
        .. "separator into quotes",
      '3: amountToRecover "ten" (column 3) is no number such as 1000.10',
      '5: row has text after a closing quote (column 4, "Company"): write two quotes for one '
        .. "inside of a field",
      '6: row has 2 fields, the header has 10; the last is "EUR": fill it up, or put fields that '
        .. "hold a line end into quotes",
      '7: creditorReference "" (column 1) required, to recognise the case: fill it in',
      '9: currencyCode "EURO" (column 2) is no currency of ISO 4217, such as EUR',
    }, { report[1], report[2], report[3], report[4], report[5], report[6] })
    assert.are.equal('10: creditorReference "INV-3" (column 1) is twice in this file: remove one, '
      .. "or give it a reference of its own", report[7])
  end)

  it("counts lines from where a record begins, also after a field of several lines", function()
    local path = file("a.csv",
      table.concat({ HEADER .. ",comments", row("INV-1") .. ',"a\nb\nc"',
        row("INV-2", "x") .. "," }, "\n"))
    local _, report = import(path)
    assert.are.same({ '5: amountToRecover "x" (column 3) is no number such as 1000.10' }, report)
  end)

  it("refuses a file whose columns are wrong before anything is sent, naming all of it", function()
    local counts, _, err = import(file("a.csv", "creditorReference,amount,creditorReference\n"
      .. row("INV-1")))
    assert.is_nil(counts)
    assert.are.equal("validation", err.kind)
    assert.are.same({
      'column 2: "amount" is no field of a case; a map can say what it is (--map)',
      "column 3: creditorReference is there twice, in column 1, too: leave one out",
      "the column amountToRecover is missing: add it, or let a map say what it is",
    }, { err.fields.file[1], err.fields.file[2], err.fields.file[3] })
    local others = { "currencyCode", "debtor.countryAlpha2", "debtor.name", "debtor.type" }
    for i, name in ipairs(others) do
      assert.is_truthy(err.fields.file[3 + i]:find(name, 1, true))
    end
    assert.are.equal(7, #err.fields.file)
    assert.are.equal(0, bench:count("INV-1"))
  end)

  it("refuses nothing that the dry run has passed", function()
    local odd = {
      "", "0", "-", "=1", "1.234", "1e9", "#N/A", "'x", "eur", "EUR", "JPY", "DK", "dk", "Company",
      "firm", "2025-10-01", "31/10/2025", "45961", "true", "ø", "\194\160", "a\226\128\139b",
      ("x"):rep(60), ("x"):rep(500), "\239\191\189", "a\tb", "https://x.example", "a@b.example",
    }
    local count, lines = 0, { HEADER .. ",tag,returnUrl,collectionPartnerId,isTest" }
    for column = 1, 14 do
      for _, cell in ipairs(odd) do
        count = count + 1
        local cells = { "ODD-" .. count, "EUR", "5", "Company", "Sample", "Dana", "Street 1",
          "Copenhagen", "DK", "2025-10-01", "", "", "", "" }
        cells[column] = cell
        lines[count + 1] = table.concat(cells, ",")
      end
    end
    local path, reading = file("odd.csv", table.concat(lines, "\n")), {
      external_tenant_id = "acme",
    }
    local summary = assert(import_file.check(path, reading))
    local counts = import(path, { external_tenant_id = "acme", record_only = true })
    assert.are.same({ count, summary.wrong, summary.right },
      { counts.total, counts.wrong, counts.recorded })
    assert.is_true(summary.wrong > 100 and summary.right > 100)
  end)

  it("sums up the whole file before anything is sent, and may be stopped then", function()
    local path = file("a.csv", table.concat({ HEADER, row("INV-1"), row("INV-2", "x") }, "\n"))
    local seen
    local counts, report = import(path, { external_tenant_id = "acme",
      on_summary = function(summary)
        seen = { summary.right, summary.wrong, summary.sums[1].total, bench:count("INV-1") }
        return false
      end })
    assert.are.same({ 1, 1, "1000.10", 0 }, seen)
    assert.are.same({ total = 0, skipped = 0 }, counts)
    assert.are.equal(1, #report)
    assert.are.equal(0, bench:count("INV-1"))
    counts, report = import(path, { external_tenant_id = "acme", on_summary = function() end })
    assert.are.same({ { total = 2, skipped = 0, created = 1, wrong = 1 }, 1 }, { counts, #report })
  end)

  it("takes the options of reading", function()
    local path = file("a.csv", HEADER .. "\n" .. row("INV-1", "1.234") .. "\n")
    assert.are.equal(1, import(path, { external_tenant_id = "acme", decimal = "comma" }).created)
    assert.are.equal(1234,
      core.json.decode(bench.store:record("case", "acme", "INV-1").payload).amountToRecover)
  end)

  it("refuses what cannot be read at all", function()
    for text, expected in pairs {
      [""] = "it is empty",
      ['"creditorReference\n'] = "its header has a quote that is never closed: close it, or write "
        .. 'two (column 1, "creditorReference")',
      [("x"):rep(300 * 1024)] = "its first line is longer than 262144 bytes: shorten it",
    } do
      local counts, _, err = import(file("a.csv", text))
      assert.is_nil(counts)
      assert.are.same({ expected }, err.fields.file)
    end
    local _, _, err = import("/nonexistent/file.csv")
    assert.is_truthy(err.fields.file[1]:find("No such file", 1, true))
    _, _, err = import(os.getenv("HOME") or "/", { external_tenant_id = "acme", format = "csv" })
    assert.are.equal("validation", err.kind)
  end)

  it("takes no option that it does not know, and no file where no customer could be reached",
    function()
    local path = file("a.csv", table.concat({ HEADER, row("INV-1") }, "\n"))
    local _, problem = pcall(submission.import, submission, path, { recordonly = true })
    assert.is_truthy(tostring(problem):find("unknown option 'recordonly', did you mean "
      .. "'record_only'?", 1, true), problem)
    bench.options.channels = nil
    submission = require("debitura.recipes").new(bench.options).submission
    local counts, report, err = import(path)
    assert.are.same({ nil, {}, "configuration" }, { counts, report, err.kind })
  end)

  it("ends at a quote that is never closed, and says where it was opened", function()
    local path = file("a.csv", table.concat({ HEADER, row("INV-1"), 'INV-2,"EUR,5', "INV-3,EUR,5" },
      "\n"))
    local counts, report = import(path)
    assert.are.same({ 1, 1 }, { counts.created, counts.wrong })
    assert.are.same({
      '3: row has a quote that is never closed: close it, or write two (column 2, "EUR,5")',
    }, report)
  end)

  it("reads JSON lines, with the tenant in each where the file is of several", function()
    bench:client("other")
    local function line(tenant, reference)
      return assert(core.json.encode { externalTenantId = tenant, case = rig.case(reference) })
    end
    local path = file("a.jsonl", table.concat({
      line("acme", "INV-1"), "", "{broken", "[]", line("other", "INV-1"),
      '{"externalTenantId":"acme"}', line(nil, "INV-2"),
    }, "\n"))
    local counts, report = import(path, {})
    assert.are.same({ total = 6, skipped = 0, created = 1, parked = 1, wrong = 4 }, counts)
    assert.is_truthy(report[1]:find("^3: row is no JSON"))
    assert.are.same({ "6: case required", "7: externalTenantId required: fill it in" },
      { report[3], report[4] })
    local plain = file("b.jsonl", assert(core.json.encode(rig.case("INV-5"))))
    assert.are.equal(1, import(plain).created)
  end)

  it("goes on where it was stopped, in another process", function()
    local records = { HEADER }
    for i = 1, 250 do records[i + 1] = row("INV-" .. i) end
    local path = file("a.csv", table.concat(records, "\n"))
    local counts = import(path, { external_tenant_id = "acme", on_progress = function(step)
      return step.line < 181
    end })
    assert.are.same({ total = 180, skipped = 0, created = 180 }, counts)
    submission = require("debitura.recipes").new(bench.options).submission
    local first
    counts = import(path, { external_tenant_id = "acme", on_progress = function(step)
      first = first or step.line
    end })
    assert.are.same({ 182, { total = 70, skipped = 181, created = 70 } }, { first, counts })
    assert.are.same({ 1, 1 }, { bench:count("INV-180"), bench:count("INV-181") })
    counts = import(path, { external_tenant_id = "acme", restart = true, limit = 10 })
    assert.are.same({ total = 10, skipped = 0, created = 10 }, counts)
  end)

  it("records the rest for a sweep when Debitura cannot be reached", function()
    local records = { HEADER }
    for i = 1, 10 do records[i + 1] = row("INV-" .. i) end
    bench.debitura.interfere = function(request)
      if request.url:find("/customer/cases", 1, true) then
        return { code = "transport", message = "no route", sent = false }
      end
    end
    local counts = import(file("a.csv", table.concat(records, "\n")))
    assert.are.same({ total = 10, skipped = 0, submitting = 3, recorded = 7 }, counts)
    bench.debitura.interfere = nil
    bench:advance("1h")
    for i = 1, 10 do assert.are.equal("created", submission:status("acme", "INV-" .. i).state) end
  end)

  it("stops as the store fails, tells how far it was, and loses nothing", function()
    local path = file("a.csv", table.concat({ HEADER, row("INV-1"), row("INV-2") }, "\n"))
    local move, broken = bench.store.record_move, failure.new { kind = "store", message = "gone" }
    bench.store.record_move = function(self, change, now)
      if change.moves[1].name == "INV-2" then return nil, broken end
      return move(self, change, now)
    end
    local counts, err, so_far = submission:import(path, { external_tenant_id = "acme" })
    assert.is_nil(counts)
    assert.are.equal(broken, err)
    assert.are.equal(1, so_far.created)
    bench.store.record_move = nil
    assert.are.same({ total = 2, skipped = 0, created = 2 }, (import(path)))
  end)
end)
