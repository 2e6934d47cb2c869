-- The channels that need no network: a function, the browser that waits, a text.

local channels = require("debitura.channels")
local mistake = require("spec.support.mistake")

local MESSAGE = {
  key = "deliver/1", tenant = "tenant-1", generation = 2, variant = "approval",
  url = "https://referral.example/approve/0f3c",
}

describe("a plain channel", function()
  it("gives the message to a function, and what the function gives", function()
    local seen
    local channel = channels.callback(function(message)
      seen = message
      return nil, "the mailbox is full"
    end, { name = "crm" })
    assert.are.same({ nil, "the mailbox is full" }, { channel:deliver(MESSAGE) })
    assert.are.equal(MESSAGE, seen)
    assert.are.same({ "crm", "callback" }, { channel.name, channels.callback(print).name })
  end)

  it("gives the URL to the request that waits", function()
    assert.are.equal(MESSAGE.url, channels.redirect():deliver(MESSAGE))
    assert.are.same({ "redirect", true }, { channels.redirect().name, channels.redirect().inline })
  end)

  it("writes one line a message", function()
    local text
    assert.is_true(channels.print { write = function(line) text = line end }:deliver(MESSAGE))
    assert.are.equal(
      "For tenant-1 (approval, generation 2): https://referral.example/approve/0f3c\n",
      text)
  end)

  it("refuses options that it does not know, at the caller's line", function()
    for complaint, make in pairs {
      ["callback: a function expected, got nil"] = function() channels.callback() end,
      ["callback: unknown option 'nam', did you mean 'name'?"] = function()
        channels.callback(print, { nam = "crm" })
      end,
      ["redirect: unknown option 'url'"] = function()
        channels.redirect { url = "https://a.example/" }
      end,
      ["print: unknown option 'wrte', did you mean 'write'?"] = function()
        channels.print { wrte = print }
      end,
    } do
      assert.are.same({ "debitura.channels." .. complaint, "plain_spec.lua" }, { mistake(make) })
    end
  end)
end)
