local time = require("debitura.base.time")

describe("Instants", function()
  it("are read as Debitura and others write them", function()
    local expected = {
      ["1970-01-01T00:00:00Z"] = 0,
      ["2000-02-29T23:59:59Z"] = 951868799,
      ["2026-01-31T12:00:00Z"] = 1769860800,
      ["2026-01-31T12:00:00"] = 1769860800,
      ["2026-01-31t12:00:00z"] = 1769860800,
      ["2026-01-31 12:00:00.25Z"] = 1769860800.25,
      ["2026-01-31T12:00Z"] = 1769860800,
      ["2026-01-31T13:00:00+01:00"] = 1769860800,
      ["2026-01-31T06:30:00-0530"] = 1769860800,
      ["2016-12-31T23:59:60Z"] = 1483228800,
      ["1900-03-01T00:00:00Z"] = -2203891200,
      ["9999-12-31T23:59:59Z"] = 253402300799,
    }
    for text, seconds in pairs(expected) do
      assert.same({ text, seconds, false }, { text, time.parse(text) })
    end
  end)

  it("are midnight where only a date is written, which is said", function()
    assert.same({ 1769817600, true }, { time.parse("2026-01-31") })
  end)

  it("are nil for what is none", function()
    for _, text in ipairs {
      "", "soon", "2026-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10",
      "2026-01-00", "2026-1-1",
      "2026-01-31T", "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z", "2026-01-31T12:00:61Z",
      "2026-01-31T12:00:00 CET",
      "2026-01-31T12:00:00+1", "2026-01-31T12:00:00Zx", "20260131", " 2026-01-31",
    } do
      assert.same({ text, nil }, { text, (time.parse(text)) })
    end
    for _, value in ipairs { 1, {}, true } do assert.is_nil(time.parse(value)) end
    assert.is_nil(time.parse(nil))
  end)

  it("are written to the second", function()
    assert.equal("2026-01-31T12:00:00Z", time.format(1769860800.75))
    assert.equal("1970-01-01T00:00:00Z", time.format(0))
  end)

  it("of every day for 800 years follow each other", function()
    local expected = time.days(1600, 1, 1)
    assert.equal(-135140, expected)
    for year = 1600, 2399 do
      for month = 1, 12 do
        for day = 1, 31 do
          local days = time.days(year, month, day)
          if days then
            assert(days == expected, ("%d-%d-%d"):format(year, month, day))
            expected = expected + 1
          end
        end
      end
    end
    assert.equal(157054, expected)
  end)

  it("are read from HTTP headers", function()
    assert.equal(784111777, time.parse_http("Sun, 06 Nov 1994 08:49:37 GMT"))
    assert.equal(951782400, time.parse_http("Tue, 29 Feb 2000 00:00:00 GMT"))
    for _, text in ipairs { "", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 +0000",
      "Sun, 31 Feb 2000 00:00:00 GMT",
      "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT" } do
      assert.is_nil(time.parse_http(text))
    end
    assert.is_nil(time.parse_http(nil))
  end)
end)

describe("Durations", function()
  it("are read in units and in seconds", function()
    local expected = {
      ["90s"] = 90, ["15m"] = 900, ["12h"] = 43200, ["7d"] = 604800, ["7d1h"] = 608400,
      ["1d 2h 3m 4s"] = 93784,
      ["45"] = 45, ["0"] = 0, ["1.5"] = 1.5,
    }
    for text, seconds in pairs(expected) do
      assert.same({ text, seconds }, { text, time.duration(text) })
    end
    assert.equal(2.5, time.duration(2.5))
  end)

  it("are nil for what is none", function()
    for _, value in ipairs { "", "d", "7 days", "-1", "-1d", "1w", "1d-2h", "1e3", "0x10", "inf",
      "nan", -1, math.huge, 0 / 0, {}, true } do
      assert.is_nil(time.duration(value))
    end
  end)

  it("are written with their two greatest units", function()
    local expected = { [0] = "0s", [59.9] = "59s", [3725] = "1h 2m", [604800] = "7d",
      [86399] = "23h 59m", [90000] = "1d 1h", [-5] = "0s" }
    for seconds, text in pairs(expected) do assert.equal(text, time.describe(seconds)) end
  end)
end)
