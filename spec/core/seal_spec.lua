local core = require("debitura.core")

-- The records were made by Node's crypto (createCipheriv "aes-256-gcm"); spec/c/seal_test.c says
-- how.
local KEY_1 = "c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wMDE="
local KEY_2 = "c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wMDI="
local PLACE, TEXT = "links/payload/acme-1", '{"name":"Sample Ltd"}'
local RECORD_1 = "s1.51d16184.c2FtcGxlLW5vbmNlH1k1wyNzTNZrE899vKalqz7G9OwP25txEa6P0PiuCJcBf0x23A=="
local RECORD_2 = "s1.5575d86e.c2FtcGxlLW5vbmNlskVWIhQJeDA/DI9gSa66mY/Q1KHxzFJohKkUjs28bYquMIO4Sg=="

describe("core.sealer", function()
  it("seals a text as another implementation does, and opens what that one sealed", function()
    local sealer = core.sealer { keys = { KEY_1 } }
    assert.are.equal(RECORD_1, sealer:seal(PLACE, TEXT, "sample-nonce"))
    assert.are.equal(TEXT, sealer:open(PLACE, RECORD_1))
  end)

  it("seals with the first key and opens with any, so that keys can be replaced", function()
    local sealer = core.sealer { keys = { core.secret(KEY_2), KEY_1 } }
    assert.are.equal(RECORD_2, sealer:seal(PLACE, TEXT, "sample-nonce"))
    assert.are.equal(TEXT, sealer:open(PLACE, RECORD_1))
    assert.are.equal(TEXT, sealer:open(PLACE, RECORD_2))
  end)

  it("never seals a text twice in the same way", function()
    local sealer = core.sealer { keys = { KEY_1 } }
    local seen = {}
    for _ = 1, 100 do
      local record = sealer:seal(PLACE, TEXT)
      assert.is_nil(seen[record])
      seen[record] = true
      assert.are.equal(TEXT, sealer:open(PLACE, record))
    end
  end)

  it("keeps every byte of a text of any length", function()
    local sealer = core.sealer { keys = { KEY_1 } }
    local text = {}
    for i = 0, 255 do text[i + 1] = string.char(i) end
    text = table.concat(text)
    for _, length in ipairs { 0, 1, 2, 3, 15, 16, 17, 255, 256 } do
      local part = text:sub(1, length)
      assert.are.equal(part, sealer:open(PLACE, sealer:seal(PLACE, part)))
    end
    local long = text:rep(4096)
    assert.are.equal(long, sealer:open(PLACE, sealer:seal(PLACE, long)))
  end)

  it("says why it does not open a text", function()
    local sealer = core.sealer { keys = { KEY_1 } }
    assert.are.same({ nil, "absent" }, { sealer:open(PLACE, TEXT) })
    assert.are.same({ nil, "malformed" }, { sealer:open(PLACE, "s1.51d16184.what?") })
    assert.are.same({ nil, "unknown_key", "5575d86e" }, { sealer:open(PLACE, RECORD_2) })
    assert.are.same({ nil, "broken" }, { sealer:open("links/payload/acme-2", RECORD_1) })
    assert.are.same({ nil, "broken" }, { sealer:open(PLACE, (RECORD_1:gsub("H1k1", "H1k2"))) })
  end)

  it("refuses a key that is none, and does not show it", function()
    local sealer, why = core.sealer { keys = { KEY_1, "sample-encryption-key-number-001" } }
    assert.is_nil(sealer)
    assert.are.same({
      code = "argument", where = "keys[2]",
      message = "encryption key 2 of 2 is not 32 bytes in Base64 (44 characters, nothing around "
        .. "them)",
    }, why)
    assert.has_error(function() core.sealer { keys = {} } end,
      "option 'keys': 1 to 16 keys expected")
    assert.has_error(function() core.sealer { keys = { 42 } } end,
      "option 'keys[1]': string or secret expected, got number")
    assert.has_error(function() core.sealer {} end, "option 'keys': table expected, got nil")
  end)

  it("refuses a text that is too long to be kept", function()
    local sealer = core.sealer { keys = { KEY_1 } }
    local record, why = sealer:seal(("p"):rep(64 * 1024 + 1), "")
    assert.is_nil(record)
    assert.are.same({ "limit", "place" }, { why.code, why.where })
    assert.has_error(function() sealer:seal(PLACE, TEXT, "short") end)
  end)

  it("can be closed twice, and is of no use then", function()
    local sealer = core.sealer { keys = { KEY_1 } }
    sealer:close()
    sealer:close()
    assert.has_error(function() sealer:seal(PLACE, TEXT) end)
  end)
end)
