local text = require("debitura.base.text")

describe("A text", function()
  it("is shown without a secret, wherever and however often it quotes it", function()
    assert.equal("[redacted] and [redacted].", text.redact("a%1(b) and a%1(b).", "a%1(b)"))
    assert.equal("nothing here", text.redact("nothing here", "secret"))
    assert.equal("whole", text.redact("whole", ""))
  end)
end)
