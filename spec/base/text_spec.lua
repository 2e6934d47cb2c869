local text = require("debitura.base.text")

describe("A text", function()
  it("is shown without a secret, wherever and however often it quotes it", function()
    assert.equal("[redacted] and [redacted].", text.redact("a%1(b) and a%1(b).", "a%1(b)"))
    assert.equal("nothing here", text.redact("nothing here", "secret"))
    assert.equal("whole", text.redact("whole", ""))
  end)

  it("of an address shows its first letter and its domain", function()
    for address, expected in pairs {
      ["nora@new.example"] = "n***@new.example", ["x@new.example"] = "x***@new.example",
      ["ærø@new.example"] = "æ***@new.example", ['"a@b"@new.example'] = '"***@new.example',
      ["@new.example"] = "***", ["nora"] = "***", [""] = "***",
    } do assert.equal(expected, text.masked(address)) end
  end)
end)
