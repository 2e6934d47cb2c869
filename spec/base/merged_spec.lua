local merged = require("debitura.base.merged")

describe("Tables put together", function()
  it("have the fields of all, and where a name is in several that of the last", function()
    assert.same({ a = 1, b = 4, c = false, "one" },
      merged({ a = 1, b = 2, "one" }, { b = 3 }, { b = 4, c = false }))
  end)

  it("may be missing, anywhere", function()
    assert.same({ a = 1, b = 2 }, merged(nil, { a = 1 }, nil, { b = 2 }, nil))
    assert.same({}, merged(nil))
    assert.same({}, merged())
  end)

  it("stay as they are", function()
    local first, second = setmetatable({ a = 1 }, { __index = { c = 3 } }), { b = 2 }
    local all = merged(first, second)
    all.a = 9
    assert.same({ 1, 2, nil }, { first.a, second.b, first.b })
    assert.is_nil(getmetatable(all))
    assert.is_nil(all.c)
  end)
end)
