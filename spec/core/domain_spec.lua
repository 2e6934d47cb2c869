-- Domain names of other scripts, as the network has them. Values: RFC 5891 and the IDNA test pages.

local core = require("debitura.core")

describe("core.ascii_domain", function()
  it("converts what is not ASCII, and leaves the rest as it is", function()
    for domain, ascii in pairs {
      ["bücher.example"] = "xn--bcher-kva.example", ["BÜCHER.example"] = "xn--bcher-kva.example",
      ["straße.de"] = "xn--strae-oqa.de", ["例え.jp"] = "xn--r8jz45g.jp",
      ["bu\204\136cher.example"] = "xn--bcher-kva.example", -- u and a combining diaeresis
      ["plain.example"] = "plain.example",
    } do
      assert.are.equal(ascii, core.ascii_domain(domain))
    end
  end)

  it("says so when there is no such domain", function()
    for _, domain in ipairs { "-ü.example", "ü\255", ("ü"):rep(300) .. ".de", "ü\0.example" } do
      local ascii, err = core.ascii_domain(domain)
      assert.is_nil(ascii)
      assert.are.equal("argument", err.code)
    end
  end)
end)
