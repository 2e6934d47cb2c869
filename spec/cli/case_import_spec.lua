local command = require "spec.support.command"
local core = require "debitura.core"
local debitura = require "debitura"
local rig = require "spec.support.rig"
local sandbox = require "debitura.sandbox"
local support = require "spec.support.desk"

local HEADER =
  "creditorReference,currencyCode,amountToRecover,debtor.type,debtor.name,debtor.contactPerson,"
  .. "debtor.address,debtor.city,debtor.countryAlpha2,date\n"

local function row(reference, changes)
  local cells = {
    reference, "EUR", "100.50", "Company", "Sample Debtor", "Dana Debtor", "Sample Street 1",
    "Copenhagen", "DK", "2025-10-01",
  }
  for index, cell in pairs(changes or {}) do cells[index] = cell end
  return table.concat(cells, ",") .. "\n"
end

describe("debitura cases import", function()
  local service, desk, store

  setup(function()
    service = assert(sandbox.start())
    local partner = debitura.partner { api_key = service.api_key, base_url = service.url }
    local payload = support.payload { externalTenantId = "tenant-1", cases = core.json.array {} }
    payload.client.supportEmail, payload.users[1].email = "office@tenant-1.example",
      "ann@onboarded.example"
    assert(partner:create_client(payload))
    -- All that a Danish case needs is signed.
    local case = rig.case("FIRST")
    case.allowPendingContracts = true
    assert(partner:customer("tenant-1").cases:create(case))
    assert(service:control("POST", "clients", { externalTenantId = "tenant-1", action = "sign" }))
  end)

  teardown(function() service:stop() end)

  before_each(function()
    desk = command.desk(service)
    desk.environment.DEBITURA_STORE = "sqlite://" .. desk.directory .. "/store.db"
    desk.environment.DEBITURA_CONFIG = desk:file("config.json", '{"channels": [{"type": "print"}]}')
    assert(os.execute("chmod 600 " .. desk.directory .. "/config.json"))
    store = assert(debitura.store.open(desk.environment.DEBITURA_STORE))
  end)

  after_each(function()
    store:close()
    desk:close()
  end)

  local references = 0

  --- A reference that no other spec uses.
  local function reference()
    references = references + 1
    return "IMP-" .. references
  end

  local function import(flags, options)
    return desk:run("cases import --tenant tenant-1 " .. flags, options)
  end

  local function case(name)
    local record = assert(store:record("case", "tenant-1", name))
    return record.state, assert(core.json.decode(record.payload))
  end

  it("tells what is wrong by its line and what is right, submits that, and exits with 4", function()
    local good, other = reference(), reference()
    local path = desk:file("cases.csv",
      HEADER .. row(good) .. "broken\n" .. row(other, { [9] = "BR", [3] = "7" }))
    local ended = import(path)
    assert.same({
      4, "line 3: row: has 1 fields, the header has 10; the last is \"broken\": fill it up, or put "
        .. "fields that hold a line end into quotes\n"
        .. "Records: 2 right, 1 wrong, which are left out\nEUR 107.50 in 2 cases\n",
      "Records\t3\nCreated\t1\nUnsupported\t1\nWrong\t1\n",
    }, { ended.status, ended.err, ended.out })
    assert.equal("created", (case(good)))
    ended = import("--json " .. path)
    local counts, said = desk:objects(ended.out)[1], desk:objects(ended.err)
    assert.same({
      total = 3, created = 1, unsupported = 1, wrong = 1, skipped = 0,
      sums = { { currency = "EUR", count = 2, total = "107.50" } },
    }, counts)
    assert.same({ 3, "validation" }, { said[1].error.line, said[1].error.kind })
    assert.matches("has 1 fields", said[1].error.fields.row[1])
  end)

  it("--report takes what is wrong, and is empty where nothing is", function()
    local record = { externalTenantId = "tenant-1", case = rig.case(reference()) }
    local path = desk:file("cases.jsonl", assert(core.json.encode(record)) .. "\n")
    local report = desk:file("report")
    local ended = desk:run(("cases import --quiet --report %s %s"):format(report, path))
    assert.same({ 0, "Records\t1\nCreated\t1\n", "", "" },
      { ended.status, ended.out, ended.err, desk:read(report) })
    path = desk:file("bad.jsonl", "{}\n")
    ended = desk:run(("cases import --report %s %s"):format(report, path))
    assert.equal(1, ended.status)
    assert.equal("line 1: case: required\n", desk:read(report))
    ended = desk:run(("cases import --report - %s"):format(path))
    assert.equal("line 1: case: required\nRecords\t1\nWrong\t1\n", ended.out)
    desk:run(("cases import --json --report %s %s"):format(report, path))
    assert.same({ { error = { kind = "validation", line = 1, message = "the record is wrong",
      fields = { case = { "required" } } } } }, desk:objects(desk:read(report)))
  end)

  it("refuses in a dry run what the store refuses in the run, and writes nothing", function()
    local known, new = reference(), reference()
    assert.equal(0, import(desk:file("first.csv", HEADER .. row(known))).status)
    local path = desk:file("cases.csv", HEADER .. row(known, { [3] = "999.00" }) .. row(new))
    local dry = import("--dry-run " .. path)
    assert.equal(4, dry.status)
    assert.truthy(dry.err:find("this case was submitted with another body", 1, true),
      dry.err)
    assert.truthy(dry.out:find("Wrong\t1\n", 1, true), dry.out)
    assert.is_false(store:record("case", "tenant-1", new))
    local run = import(path)
    assert.equal(4, run.status)
    assert.truthy(run.err:find("this case was submitted with another body", 1, true))
    assert.equal("created", store:record("case", "tenant-1", new).state)
    assert.equal(0, import("--dry-run " .. desk:file("same.csv", HEADER .. row(known))).status)
  end)

  it("tells of a hundred wrong lines, and how many more there are", function()
    local lines = { HEADER }
    for i = 1, 103 do lines[i + 1] = row("W-" .. i, { [3] = "x" }) end
    local ended = import("--dry-run " .. desk:file("cases.csv", table.concat(lines)))
    assert.equal(1, ended.status)
    assert.matches('line 101: amountToRecover: "x" %(column 3%) is no number such as 1000.10\n… '
      .. "and 3 more lines; %-%-report FILE has them all%.\n$", ended.err)
  end)

  it("refuses a file whose columns are wrong, in a dry run as in the run", function()
    local path = desk:file("cases.csv", "creditorReference,amount\nINV,1\n")
    for _, flags in ipairs { "", "--dry-run " } do
      local ended = import(flags .. path)
      assert.equal(1, ended.status)
      assert.truthy(ended.err:find(path .. " cannot be imported, nothing was sent:\n"
        .. 'column 2: "amount" is no field of a case; a map can say what it is (--map)\n'
        .. "the column amountToRecover is missing", 1, true), ended.err)
      assert.truthy(ended.err:find("the column currencyCode is missing", 1, true))
      local missing = import(flags .. "/nonexistent.csv")
      assert.same({ 2, "debitura: /nonexistent.csv: No such file or directory\n" },
        { missing.status, missing.err })
      assert.equal(2, desk:run("cases import --tenant '' " .. flags .. path).status)
    end
    assert.equal(2, desk:run("cases import --format xml cases.csv").status)
  end)

  it("goes on where it was, records only, or tries without sending", function()
    local rows, names = {}, {}
    for i = 1, 5 do
      names[i] = reference()
      rows[i] = row(names[i])
    end
    local path = desk:file("cases.csv", HEADER .. table.concat(rows))
    local ended = import("--dry-run " .. path)
    assert.same({ 0, "Records\t5\nWrong\t0\nEUR\t502.50 in 5 cases\n", "" },
      { ended.status, ended.out, ended.err })
    assert.is_false(store:record("case", "tenant-1", names[1]))
    assert.equal("Records\t2\nRecorded\t2\n", import("--record-only --limit 2 " .. path).out)
    ended = import(path)
    assert.equal("Records\t3\nLines taken before\t3\nCreated\t3\n", ended.out)
    assert.equal("Records: 3 right, 0 wrong\nEUR 301.50 in 3 cases\n", ended.err)
    assert.equal(0, desk:run("sweep").status)
    for _, name in ipairs(names) do assert.equal("created", (case(name))) end
    assert.equal("Records\t5\nCreated\t5\n", import("--restart " .. path).out)
  end)

  it("--again takes what was corrected", function()
    local name = reference()
    local function file(country)
      return desk:file("cases.csv", HEADER .. row(name, { [9] = country }))
    end
    assert.equal("Records\t1\nUnsupported\t1\n", import(file("BR")).out)
    local ended = import(file("DK"))
    assert.same({ 1, "Records\t1\nWrong\t1\n" }, { ended.status, ended.out })
    assert.matches("line 2: .*submitted with another body", ended.err)
    ended = import("--again " .. file("DK"))
    assert.same({ 0, "Records\t1\nCreated\t1\n" }, { ended.status, ended.out })
  end)

  describe("reads what the flags say:", function()
    it("--decimal", function()
      local name = reference()
      local path = desk:file("cases.csv",
        ((HEADER .. row(name, { [3] = "1.234" })):gsub(",", ";")))
      local ended = import("--dry-run " .. path)
      assert.equal(1, ended.status)
      assert.truthy(ended.err:find('line 2: amountToRecover: "1.234" (column 3) is ambiguous: '
        .. "1.234 with a decimal point, 1234 with a decimal comma; the option decimal says which "
        .. "(--decimal point or comma)", 1, true), ended.err)
      assert.equal("Records\t1\nWrong\t0\nEUR\t1234.00 in 1 case\n",
        import("--dry-run --decimal comma " .. path).out)
      assert.equal(0, import("--decimal comma " .. path).status)
      local _, sent = case(name)
      assert.equal(1234, sent.amountToRecover)
      assert.equal(2, import("--decimal dot " .. path).status)
    end)

    it("--dates", function()
      local name = reference()
      local path = desk:file("cases.csv", HEADER .. row(name, { [10] = "01/02/2025" }))
      assert.matches("%-%-dates dmy or mdy", import(path).err)
      assert.equal(0, import("--dates mdy " .. path).status)
      local _, sent = case(name)
      assert.equal("2025-01-02", sent.date)
    end)

    it("--encoding", function()
      local name = reference()
      local path = desk:file("cases.csv", HEADER .. row(name, { [5] = "M\248ller \128" }))
      local ended = import(path)
      assert.equal(1, ended.status)
      assert.matches("line 2 is not UTF%-8: .*%-%-encoding windows%-1252", ended.err)
      assert.equal(0, import("--encoding windows-1252 " .. path).status)
      local _, sent = case(name)
      assert.equal("Møller €", sent.debtor.name)
    end)

    it("--map, which --map-template begins", function()
      local map = desk.directory .. "/map.json"
      local ended = import(("--map-template %s examples/import/xero.csv"):format(map))
      assert.same({ 0, "", map .. " is a first map: look it through, it is only guessed from the "
        .. "names.\n" }, { ended.status, ended.out, ended.err })
      local template = assert(core.json.decode(desk:read(map)))
      assert.same({ "debtor.name", core.null },
        { template.columns["*ContactName"], template.columns.Status })
      assert.equal(2, import(("--map-template %s examples/import/xero.csv"):format(map)).status)
      assert.same(template,
        assert(core.json.decode(import("--map-template - examples/import/xero.csv").out)))
      -- What it leaves open is asked for.
      ended = import(("--dry-run --map %s examples/import/xero.csv"):format(map))
      assert.equal(1, ended.status)
      assert.equal("Records\t2\nWrong\t0\nGBP\t2050.00 in 2 cases\n",
        import("--dry-run --map examples/import/xero.json examples/import/xero.csv").out)
      assert.equal(0, import("--dry-run --map - examples/import/xero.csv",
        { input = assert(io.open("examples/import/xero.json")):read("*a") }).status)
      ended = import("--map /nonexistent.json examples/import/xero.csv")
      assert.equal(2, ended.status)
    end)
  end)

  it("takes a pipe for a file", function()
    local name = reference()
    local text = HEADER .. row(name)
    for _, path in ipairs { "-", "/dev/stdin" } do
      assert.equal("Records\t1\nCreated\t1\n", import(path, { input = text }).out)
    end
    local path = desk:file("cases.csv", text)
    local pipe = desk.directory .. "/pipe"
    assert(os.execute(("mkfifo %s; cat %s >%s &"):format(pipe, path, pipe)))
    assert.equal("Records\t1\nCreated\t1\n", import(pipe).out)
  end)

  describe("asks before anything is sent", function()
    local path, name

    before_each(function()
      name = reference()
      path = desk:file("cases.csv",
        HEADER .. row(name) .. row(reference(), { [2] = "JPY", [3] = "7" }))
    end)

    it("on a terminal, with the count and the sum of each currency", function()
      local ended = import(path, { terminal = true, input = "no\n" })
      assert.equal(1, ended.status)
      assert.truthy(ended.out:find("2 cases are submitted: EUR 100.50, JPY 7.\nType yes to go on: ",
        1, true), ended.out)
      assert.truthy(ended.out:find("not confirmed; nothing was done", 1, true), ended.out)
      assert.is_false(store:record("case", "tenant-1", name))
      ended = import(path, { terminal = true, input = "yes\n" })
      assert.equal(0, ended.status, ended.out)
      assert.equal("created", (case(name)))
    end)

    it("but for --yes, a dry run, and what is all wrong", function()
      assert.equal(0, import("--yes " .. path, { terminal = true }).status)
      assert.equal("created", (case(name)))
      assert.is_nil(import("--dry-run " .. path, { terminal = true }).out:find("Type", 1, true))
      path = desk:file("cases.csv", HEADER .. row(name, { [3] = "x" }))
      assert.is_nil(import(path, { terminal = true }).out:find("Type", 1, true))
    end)

    it("in production also where there is no terminal, and then takes --yes alone", function()
      local ended = import(path, { environment = { DEBITURA_ENVIRONMENT = "production" } })
      assert.equal(1, ended.status)
      assert.matches("2 cases are submitted: EUR 100.50, JPY 7%. In production this must be "
        .. "confirmed: add %-%-yes", ended.err)
    end)
  end)

  it("tells of formulas once, and lets no spreadsheet run one that it prints", function()
    local name = reference()
    local path = desk:file("cases.csv", HEADER
      .. row("=1+" .. name, { [5] = "=HYPERLINK(A1)" }) .. row("@" .. name) .. row("-5")
      .. row("-" .. name .. "+1"))
    local ended = import(path)
    assert.equal(0, ended.status, ended.err)
    local _, times = ended.err:gsub("5 cells begin with =, %+, %- or @, which a spreadsheet takes "
      .. "for formulas; the first in line 2, creditorReference\n", "")
    assert.equal(1, times, ended.err)
    local listed = desk:run("cases list").out
    for _, shown in ipairs {
      "\t'=1+" .. name .. "\t", "\t'@" .. name .. "\t", "\t-5\t", "\t'-" .. name .. "+1\t",
    } do
      assert.truthy(listed:find(shown, 1, true), listed)
    end
    assert.truthy(desk:run(("cases show tenant-1 @%s"):format(name)).out
      :find("\nCase\t'@" .. name .. "\n", 1, true))
  end)

  it("ends soon after Ctrl-C, between two cases, and goes on from there", function()
    local lines = { HEADER }
    for i = 1, 400 do lines[i + 1] = row("STOP-" .. i) end
    local path = desk:file("cases.csv", table.concat(lines))
    local stop = desk:start("cases import --tenant tenant-1 " .. path, function()
      return store:record("case", "tenant-1", "STOP-1")
    end)
    local ended = stop()
    assert.equal(130, ended.status, ended.err)
    assert.matches("Stopped; the same command goes on from here", ended.err)
    local count = tonumber(ended.out:match("Created\t(%d+)\n"))
    assert.is_true(count >= 1 and count < 400, ended.out)
    ended = import("--record-only " .. path)
    assert.equal(("Records\t%d\nLines taken before\t%d\nRecorded\t%d\n")
      :format(400 - count, count + 1, 400 - count), ended.out)
  end)
end)
