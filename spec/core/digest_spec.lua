-- The digests are what `printf '%s' ... | openssl dgst -sha256` prints.
local core = require("debitura.core")

local sha256 = core.digest.sha256
local ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

describe("digest.sha256", function()
  it("gives 64 lower-case hex digits, the same that OpenSSL prints", function()
    assert.are.equal(ABC, sha256("abc"))
    assert.are.equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", sha256(""))
    assert.are.equal("59b271ae1bbcb1d31d41929817f4b16fb439eb4f31520b5ad1d5ce98920a7138",
      sha256("a\0b"))
    assert.are.equal("939a89a33a6030eec46d41ab37e2bfc56410b1f8d3a7f70ee729a3bc6fc1e25b",
      sha256("S\195\184ren"))
  end)

  it("takes a secret as well", function()
    assert.are.equal(ABC, sha256(core.secret("abc")))
  end)

  it("raises for anything else", function()
    for _, value in ipairs({ false, 12, {}, core.null }) do
      assert.has_error(function() sha256(value) end)
    end
    assert.has_error(function() sha256() end)
  end)
end)
