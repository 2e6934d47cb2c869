-- How the addresses of PostgreSQL are read.

local address_of = require("debitura.store.sql.address")

describe("a postgresql address", function()
  local function read(rest)
    return (assert(address_of.read(rest)))
  end
  local PATIENCE = "connect_timeout=10&tcp_user_timeout=30000&fallback_application_name=debitura"
    .. "&client_encoding=UTF8&target_session_attrs=read-write"

  it("asks for TLS that is verified, unless the server is this machine", function()
    assert.are.equal("postgresql://u@db.example/x?" .. PATIENCE .. "&sslmode=verify-full",
      read("//u@db.example/x"))
    assert.are.equal("postgresql://u@127.0.0.1:5432,[::1],127.0.0.2/x?" .. PATIENCE,
      read("//u@127.0.0.1:5432,[::1],127.0.0.2/x"))
    assert.matches("sslmode=verify%-full$", read("//u@localhost,db.example/x"))
    assert.matches("sslmode=verify%-full$", read("//localhost/x?host=db.example"))
    assert.matches("sslmode=verify%-full$", read("///x"))
  end)

  it("leaves what is said in it as it is", function()
    assert.are.equal("postgresql://db.example/x?sslmode=disable&connect_timeout=3"
      .. "&target_session_attrs=any&tcp_user_timeout=30000&fallback_application_name=debitura"
      .. "&client_encoding=UTF8",
      read("//db.example/x?sslmode=disable&connect_timeout=3&target_session_attrs=any"))
  end)

  it("keeps its secrets out of what libpq says", function()
    local _, secrets = address_of.read("//u:a%2Bb@localhost/x?sslpassword=c.d")
    assert.are.equal('bad "[redacted]" and "[redacted]" in [redacted]',
      address_of.scrub('bad "a%2Bb" and "a+b" in c.d', secrets))
  end)
end)
