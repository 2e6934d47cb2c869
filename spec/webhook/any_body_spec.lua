-- Whatever is signed is acknowledged and kept; whatever is not is refused. Nothing raises.

local debitura = require "debitura"

local SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0"
local NOW, ROUNDS = 1769860800, 500
local PIECES = {
  "{", "}", "[", "]", '"', "id", '"id":', '"event":', '"data":', '"evt_1"', '"a.b"', "null",
  "1e400",
  "\\u0000", "\\ud83d", "\255", "\0", "\n", ",", ":", "-", "0", "1", " ", "\239\187\191", "ø",
  '{"id":"evt_1","event":"a.b","data":', '"externalTenantId":"t"',
}

local function random_body()
  local parts = {}
  for i = 1, math.random(0, 12) do parts[i] = PIECES[math.random(#PIECES)] end
  return table.concat(parts)
end

describe("a receiver that is sent anything", function()
  local store, receiver, now

  before_each(function()
    math.randomseed(13)
    now, store = NOW, assert(debitura.store.open("memory:"))
    receiver = debitura.webhook.receiver {
      secret = SECRET, store = store, clock = function() return now end,
      logger = function() end, on = { ["*"] = function() end },
    }
  end)

  local function deliver(body, signature)
    local status, text, headers = receiver:handle {
      method = "POST", body = body, headers = { ["X-Debitura-Signature"] = signature },
    }
    assert.is_true(type(text) == "string" and type(headers) == "table")
    return status
  end

  it("keeps each signed body byte for byte and processes or gives it up at once", function()
    local bodies, count = {}, 0
    for _ = 1, ROUNDS do
      local body = random_body()
      assert.equal(200, deliver(body, debitura.webhook.sign(body, SECRET, NOW)))
      if not bodies[body] then bodies[body], count = true, count + 1 end
    end
    local kept = 0
    for _, item in ipairs(store:inbox_list { limit = ROUNDS }) do
      local body = store:inbox_item(item.id).body
      assert.is_true(bodies[body])
      kept = kept + 1
    end
    -- Events with one id are kept once, and no other body is lost.
    assert.is_true(kept <= count and kept > count / 2)
    local counts = receiver:work { once = true, batch = 10 * ROUNDS }
    assert.equal(kept, counts.total)
    assert.equal(kept, (counts.done or 0) + (counts.dead or 0))
  end)

  it("refuses every other signature", function()
    for _ = 1, ROUNDS do
      local body = random_body()
      local good = debitura.webhook.sign(body, SECRET, NOW)
      local at = math.random(#good)
      local other = good:sub(1, at - 1) .. string.char((good:byte(at) + math.random(1, 255)) % 256)
        .. good:sub(at + 1)
      -- The case of hexadecimal digits is the one thing that may differ.
      if other:lower() ~= good then assert.equal(401, deliver(body, other)) end
    end
    assert.same({}, store:inbox_list {})
  end)
end)
