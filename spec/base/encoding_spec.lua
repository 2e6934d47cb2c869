local encoding = require("debitura.base.encoding")

local ALL = {}
for byte = 0, 255 do ALL[byte + 1] = string.char(byte) end
ALL = table.concat(ALL)

describe("Encodings", function()
  it("write bytes in hexadecimal", function()
    assert.equal("", encoding.hex(""))
    assert.equal("000a7f80ff", encoding.hex("\0\n\127\128\255"))
    assert.equal("\0\n\127\128\255", encoding.from_hex("000a7f80Ff"))
    assert.truthy(encoding.random_hex(16):find("^" .. ("%x"):rep(32) .. "$"))
  end)

  it("write Base64 as RFC 4648 shows it", function()
    local expected = {
      [""] = "", f = "Zg==", fo = "Zm8=", foo = "Zm9v", foob = "Zm9vYg==", fooba = "Zm9vYmE=",
      foobar = "Zm9vYmFy",
    }
    for bytes, text in pairs(expected) do assert.equal(text, encoding.base64(bytes)) end
    assert.equal("+/8=", encoding.base64("\251\255"))
  end)

  it("write Base64url without padding", function()
    assert.equal("-_8", encoding.base64url("\251\255"))
    assert.equal("Zg", encoding.base64url("f"))
  end)

  it("percent-encode all but what RFC 3986 calls unreserved", function()
    local unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
    assert.equal(unreserved, encoding.percent(unreserved))
    assert.equal("a%2Fb%20%25%00%C3%A6", encoding.percent("a/b %\0\195\166"))
    assert.equal(256 + 2 * (256 - #unreserved), #encoding.percent(ALL))
    assert.equal("a b%25", encoding.percent("a b%", "%%"))
  end)

  it("decode percent-encoding, and leave what is none", function()
    assert.equal(ALL, encoding.from_percent(encoding.percent(ALL)))
    assert.equal("/ /+%zz%4%", encoding.from_percent("%2F%20%2f+%zz%4%"))
  end)

  it("read forms", function()
    assert.same({ { "a b", "1+2" }, { "c", "" }, { "d", "x=y" }, { "a b", "3" } },
      encoding.form_pairs("a+b=1%2B2&&c&d=x=y&a%20b=3"))
    assert.same({ ["a b"] = { "1+2", "3" }, c = { "" } },
      encoding.form_values("a+b=1%2B2&c=&a+b=3"))
    assert.same({}, encoding.form_values(nil))
  end)

  it("make text safe in HTML", function()
    assert.equal("&lt;b class=&quot;x&quot;&gt;&#39;&amp;amp;",
      encoding.html([[<b class="x">'&amp;]]))
    assert.equal("1.5", encoding.html(1.5))
  end)

  it("tell UTF-8 from other bytes", function()
    assert.is_true(encoding.is_utf8("S\195\184ren \240\159\152\128"))
    for _, bytes in ipairs { "S\248ren", "\195", "\192\128", "\237\160\128", "\244\144\128\128" } do
      assert.is_false(encoding.is_utf8(bytes))
    end
  end)
end)
