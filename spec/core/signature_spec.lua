-- The vectors come from other implementations, with "sample-webhook-secret-001" and -002 as keys:
--   printf '%s' '1720000000.{"id":"evt_1","event":"client.linked"}' | openssl dgst -sha256 -hmac
--   sample-webhook-secret-001 node: crypto.createHmac("sha256", Buffer.from(secret,
--   "base64")).update(t + "." + body).digest("hex")
local core = require("debitura.core")

local signature = core.signature

local SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0LTAwMQ=="
local NEXT_SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0LTAwMg=="
local BODY = '{"id":"evt_1","event":"client.linked"}'
local T = 1720000000
local MAC = "9a1a0f51e087da175b12820c2e7bb894cd224dd64ad4a8d2ea1d99ccdb951cab"
local NEXT_MAC = "51555dd96a7618ffd2a607b9ff86e751089759555647b2dd4914ceb9460fc373"
local HEADER = "t=1720000000,v1=" .. MAC
local ZEROS = ("0"):rep(64)

describe("signature.verifier", function()
  local verifier

  before_each(function() verifier = assert(signature.verifier({ secrets = { SECRET } })) end)

  it("accepts what OpenSSL and Node signed and returns the timestamp", function()
    assert.are.equal(T, verifier:verify(HEADER, BODY, T + 1))
    assert.are.equal("1720000000", tostring(verifier:verify(HEADER, BODY, T + 1)))
  end)

  it("accepts a body with NUL bytes, byte for byte", function()
    local header = assert(signature.sign(SECRET, "a\0b", T))
    assert.are.equal(T, verifier:verify(header, "a\0b", T))
    assert.are.equal("no_match", (select(2, verifier:verify(header, "a\0c", T))))
  end)

  it("takes several secrets and tells which one matched, for the time of a rotation", function()
    local both = assert(signature.verifier({ secrets = { SECRET, core.secret(NEXT_SECRET) } }))
    assert.are.same({ T, 1 }, { both:verify(HEADER, BODY, T) })
    assert.are.same({ T, 2 }, { both:verify("t=1720000000,v1=" .. NEXT_MAC, BODY, T) })
  end)

  it("takes several signatures in one header", function()
    assert.are.equal(T, verifier:verify("t=1720000000,v1=" .. ZEROS .. ",v1=" .. MAC, BODY, T))
  end)

  local function refusal(header, body, now, with)
    local value, reason, details = (with or verifier):verify(header, body, now)
    assert.is_nil(value)
    return reason, details
  end

  it("tells a missing header from a malformed one", function()
    assert.are.equal("missing", (refusal(nil, BODY, T)))
    assert.are.equal("missing", (refusal("", BODY, T)))
    for header, problem in pairs({
      [HEADER .. "," .. HEADER] = "more than one t",
      ["v1=" .. MAC] = "t is missing",
      ["t=1720000000"] = "v1 is missing",
      ["t=9223372036854775808,v1=" .. MAC] = "t is not a Unix time",
      ["t=1720000000,v1=" .. MAC:sub(2)] = "a v1 signature is not 64 hex digits",
      ["t=1720000000,v1=x" .. MAC:sub(2)] = "a v1 signature is not 64 hex digits",
      ["\0"] = "an item is not name=value",
    }) do
      local reason, details = refusal(header, BODY, T)
      assert.are.same({ "malformed", { problem = problem } }, { reason, details })
    end
  end)

  it("calls a header that came as a table malformed instead of raising", function()
    local reason, details = refusal({ HEADER, HEADER }, BODY, T)
    assert.are.same({ "malformed", { problem = "more than one header" } }, { reason, details })
  end)

  it("says what was tried when nothing matches", function()
    local reason, details = refusal("t=1720000000,v1=" .. ZEROS .. ",v1=" .. NEXT_MAC, BODY, T + 12)
    assert.are.equal("no_match", reason)
    assert.are.same({ timestamp = T, age = 12, signatures = 2, secrets = 1 }, details)
  end)

  it("refuses what is older than 300 seconds or more than 30 ahead, with the age", function()
    assert.are.equal(T, verifier:verify(HEADER, BODY, T + 300))
    assert.are.equal(T, verifier:verify(HEADER, BODY, T - 30))
    local reason, details = refusal(HEADER, BODY, T + 301)
    assert.are.same({ "too_old", 301 }, { reason, details.age })
    reason, details = refusal(HEADER, BODY, T - 31.5)
    assert.are.same({ "in_future", -31.5 }, { reason, details.age })
  end)

  it("judges the signature before the age", function()
    assert.are.equal("no_match", (refusal("t=1720000000,v1=" .. ZEROS, BODY, T + 9999)))
  end)

  it("takes other windows, and none", function()
    local strict = assert(signature.verifier({ secrets = { SECRET }, tolerance = 5, skew = 0 }))
    assert.are.equal("too_old", (refusal(HEADER, BODY, T + 6, strict)))
    assert.are.equal("in_future", (refusal(HEADER, BODY, T - 1, strict)))
    for _, off in ipairs({ false, math.huge }) do
      local open = assert(signature.verifier({ secrets = { SECRET }, tolerance = off, skew = off }))
      assert.are.equal(T, open:verify(HEADER, BODY, T + 1e9))
      assert.are.equal(T, open:verify(HEADER, BODY, 0))
    end
  end)

  it("returns an error that does not show the secret when one is not Base64", function()
    local cases = {
      ["c2FtcGxl!!"] = "webhook secret 2 of 2 is not Base64",
      ["c2FtcGxlLXdlYmhvb2s"] = "webhook secret 2 of 2 is not Base64",
      ["c2FtcGxl\n"] = "webhook secret 2 of 2 has white space in it or around it",
      [" c2FtcGxl"] = "webhook secret 2 of 2 has white space in it or around it",
      [""] = "webhook secret 2 of 2 is empty",
    }
    for secret, message in pairs(cases) do
      local made, err = signature.verifier({ secrets = { SECRET, secret } })
      assert.is_nil(made)
      assert.are.same({ code = "argument", message = message, where = "secrets[2]" }, err)
    end
  end)

  it("goes by the machine's clock unless it is told the time", function()
    assert.are.equal("too_old", (select(2, verifier:verify(HEADER, BODY))))
    local now = os.time()
    assert.are.equal(now, (verifier:verify(signature.sign(SECRET, BODY, now), BODY)))
  end)

  it("raises for a programmer's mistake", function()
    local function raises(options, message)
      local ok, err = pcall(signature.verifier, options)
      assert.is_false(ok)
      assert.is_truthy(tostring(err):find(message, 1, true), err)
    end
    raises(nil, "table expected")
    raises({}, "option 'secrets'")
    raises({ secrets = {} }, "1 to 16 secrets")
    raises({ secrets = { 42 } }, "option 'secrets[1]': string or secret expected, got number")
    raises({ secrets = { SECRET }, tolerance = -1 }, "tolerance")
    raises({ secrets = { SECRET }, skew = true }, "skew")
    assert.has_error(function() verifier:verify(HEADER, BODY, "soon") end)
    assert.has_error(function() verifier:verify(HEADER, BODY, 0 / 0) end)
    assert.has_error(function() verifier:verify(HEADER, nil, T) end)
  end)

  it("can be closed twice, and not be used afterwards", function()
    verifier:close()
    verifier:close()
    assert.has_error(function() verifier:verify(HEADER, BODY, T) end)
  end)
end)

describe("signature.sign", function()
  it("gives what OpenSSL gives", function()
    assert.are.equal(HEADER, signature.sign(SECRET, BODY, T))
    assert.are.equal("t=1720000000,v1=" .. NEXT_MAC, signature.sign(core.secret(NEXT_SECRET), BODY,
      T))
  end)

  it("drops the fraction of a second", function()
    assert.are.equal(HEADER, signature.sign(SECRET, BODY, T + 0.9))
  end)

  it("returns an error for a secret that is not Base64 and raises for a time that is none",
    function()
    local header, err = signature.sign("not base64", BODY, T)
    assert.is_nil(header)
    assert.are.equal("argument", err.code)
    assert.has_error(function() signature.sign(SECRET, BODY, -1) end)
    assert.has_error(function() signature.sign(SECRET, BODY, 0 / 0) end)
  end)
end)
