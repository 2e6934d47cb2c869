local notation = require "debitura.operations.notation"

describe("the notation of fields", function()
  it("reads a name and a type", function()
    assert.same({ name = "city", type = "string" }, notation.field("city string"))
    assert.same({ name = "id", type = "string", format = "uuid" }, notation.field("  id    uuid"))
    assert.same({ name = "File", type = "binary" }, notation.field("File binary"))
    assert.same({ name = "client", type = "shape", shape = "Clients.CreditorDto" },
      notation.field("client Clients.CreditorDto"))
  end)

  it("reads what is required and what may be null", function()
    assert.same({ name = "currencyCode", type = "string", required = true, nullable = true },
      notation.field("currencyCode! string?"))
  end)

  it("reads arrays and maps", function()
    assert.same({ name = "ids", type = "array", items = { type = "string", format = "uuid" } },
      notation.field("ids [uuid]"))
    assert.same({ name = "errors", type = "map",
      items = { type = "array", items = { type = "string" } }, nullable = true },
      notation.field("errors {[string]}?"))
  end)

  it("reads ranges", function()
    local function range(line)
      local field = notation.field(line)
      return { field.min, field.max }
    end
    assert.same({ 1, 255 }, range("a string 1..255"))
    assert.same({ nil, 50 }, range("a string? ..50"))
    assert.same({ 0.01 }, range("a! number 0.01.."))
    assert.same({}, range("a string ~ b..c"))
  end)

  it("reads closed and open values, those of an array as those of its items", function()
    assert.same({ name = "status", type = "string", values = { "Open", "Closed:Not paid" } },
      notation.field("status string = Open | Closed:Not paid"))
    assert.same({ name = "events", type = "array", min = 1,
      items = { type = "string", values = { "a", "b" }, open = true } },
      notation.field("events [string] 1.. ~ a | b"))
  end)

  it("reads numbers with their names", function()
    assert.same({ name = "state", type = "integer", values = { 0, 1 },
      value_names = { [0] = "Unpaid" } },
      notation.field("state integer = 0 Unpaid | 1"))
  end)

  it("reads flags and notes", function()
    assert.same({ name = "old", type = "boolean", deprecated = true, note = "gone - soon" },
      notation.field("old boolean (deprecated)  -- gone - soon"))
    assert.same({ name = "total", type = "integer", read_only = true },
      notation.field("total integer (read-only)"))
    assert.same({ name = "size", type = "integer", min = 1, max = 100, default = 10 },
      notation.field("size integer 1..100 (default 10)"))
    assert.same({ name = "send", type = "boolean", default = false },
      notation.field("send boolean (default false)"))
    assert.same({ name = "kind", type = "string", default = "A", values = { "A", "B" } },
      notation.field("kind string (default A) = A | B"))
  end)

  it("reads a block in its order, and values over several lines", function()
    local fields = notation.fields("\n  a! string ~ x\n    | y\n  b  integer\n")
    assert.same({
      { name = "a", type = "string", required = true, values = { "x", "y" }, open = true },
      { name = "b", type = "integer" },
    }, fields)
    assert.same({}, notation.fields(nil))
  end)

  it("reads fields that share a line", function()
    assert.same({
      { name = "a", type = "string", nullable = true, max = 9, note = "b, c" },
      { name = "d", type = "string", nullable = true, max = 9, required = true, note = "b, c" },
      { name = "e", type = "integer" },
    }, notation.fields("  a, d!  string? ..9  -- b, c\n  e integer"))
  end)

  it("reads an enumeration as a shape", function()
    assert.same({ name = "Stage", type = "string", values = { "A", "B" } },
      notation.shape("Stage", "enum string = A\n  | B"))
    assert.same({ name = "Point", type = "object", fields = { { name = "x", type = "number" } } },
      notation.shape("Point", "  x number\n"))
  end)

  it("raises for a type that is none", function()
    assert.has_error(function() notation.field("a text") end)
    assert.has_error(function() notation.field("lonely") end)
  end)
end)
