local is_loopback = require("debitura.base.is_loopback")

describe("A host", function()
  it("can only be this machine by its name or its address", function()
    for _, host in ipairs { "localhost", "[::1]", "127.0.0.1", "127.0.0.2", "127.255.10.0" } do
      assert.is_true(is_loopback(host), host)
    end
  end)

  it("is another where it only looks like this machine", function()
    for _, host in ipairs {
      "", "::1", "[::2]", "[::ffff:127.0.0.1]", "localhost.example", "127.0.0.1.example", "127.1",
      "127.0.0.256", "127.0.0.010", "127.0.0.1:80", "x127.0.0.1", "128.0.0.1", "10.127.0.1",
    } do assert.is_false(is_loopback(host), host) end
  end)
end)
