-- The URLs of the permalink: made, found again, handed out anew, revoked.

local backends = require("spec.support.backends")
local debitura = require("debitura")
local stores = require("debitura.store")

local BASE, DAY = "https://platform.example/debitura/h/", 86400

describe("the permalink", function()
  local store, permalink, now

  before_each(function()
    store, now = assert(stores.open("memory:")), 1767225600
    permalink = debitura.permalink.new { url = BASE, store = store,
      clock = function() return now end, brand = { name = "Sample" } }
  end)

  --- Lets something happen while a URL is made, after the store was found to have none.
  local function meanwhile(happen)
    local token = store.token
    store.token = function(self, key, at)
      local found, err = token(self, key, at)
      if key:find("^permalink_of/") then
        store.token = nil
        happen()
      end
      return found, err
    end
  end

  local function leads(url) return permalink:find(url:match("%x+$")) and true end

  it("gives one URL to two processes that make it at the same moment", function()
    for _ = 1, 2 do
      local other
      meanwhile(function() other = permalink:url("acme-1", "approval") end)
      local url = permalink:url("acme-1", "approval")
      assert.are.equal(other, url)
      assert.is_true(leads(url))
      assert.are.equal(1, permalink:revoke("acme-1"))
      assert.is_false(leads(url))
    end
    assert.is_true(leads(permalink:url("acme-1", "approval")))
  end)

  it("hands no URL out again that was revoked while it was made", function()
    meanwhile(function() permalink:revoke("acme-1") end)
    local url = permalink:url("acme-1", "approval")
    assert.is_false(leads(url))
    local fresh = permalink:url("acme-1", "approval")
    assert.are_not.equal(url, fresh)
    assert.is_true(leads(fresh))
  end)

  it("revokes for good, and what was made afterwards lasts", function()
    local url = permalink:url("acme-1", "approval")
    permalink:revoke("acme-1")
    local fresh = permalink:url("acme-1", "approval")
    for _ = 1, 4 do
      now = now + 80 * DAY
      assert.are.equal(fresh, permalink:url("acme-1", "approval"))
      assert.are.same({ false, true }, { leads(url), leads(fresh) })
    end
  end)

  it("revokes one purpose, or by the variant of a message", function()
    local link, signing, kyc = permalink:url("acme-1", "choice"),
      permalink:url("acme-1", "signing"), permalink:url("acme-1", "kyc")
    assert.are.equal(1, permalink:revoke("acme-1", "approval"))
    assert.are.same({ false, true, true }, { leads(link), leads(signing), leads(kyc) })
    assert.are.equal(1, permalink:revoke("acme-1", "kyc"))
    assert.are.same({ true, false }, { leads(signing), leads(kyc) })
    assert.has_error(function() permalink:revoke("acme-1", "all") end,
      "permalink: there is nothing to revoke for the purpose all")
  end)

  it("takes any clock and any length of time", function()
    local precise = debitura.permalink.new {
      url = BASE, store = store, clock = function() return 1767225600.25 end,
      brand = { name = "Sample" }, days = 1.1,
    }
    local url = precise:url("acme-1", "approval")
    assert.are.equal(url, precise:url("acme-1", "approval"))
    assert.are.equal(1, precise:revoke("acme-1"))
    assert.is_false(precise:find(url:match("%x+$")))
  end)

  it("lets a URL last anew that is handed out again", function()
    local first = permalink:url("acme-1", "approval")
    now = now + 60 * DAY
    assert.are.equal(first, permalink:url("acme-1", "choice"))
    now = now + 60 * DAY
    assert.are.equal("acme-1", permalink:find(first:match("%x+$")).tenant)
    assert.are_not.equal(first, permalink:url("acme-1", "signing"))
    assert.are_not.equal(first, permalink:url("acme-2", "approval"))
  end)

  it("takes tenants of any name", function()
    local seen = {}
    for _, tenant in ipairs { "a/b", "a", "a b", "signing/a", "åäö-客户", "a\nb" } do
      local id = permalink:url(tenant, "approval"):match("%x+$")
      assert.is_nil(seen[id])
      seen[id] = true
      assert.are.equal(tenant, permalink:find(id).tenant)
    end
    local none, err = permalink:url("\255", "approval")
    assert.are.same({ nil, "validation" }, { none, err.kind })
    for _, wrong in ipairs { "", 7, false } do
      assert.has_error(function() permalink:url(wrong, "approval") end,
        "permalink: the client's externalTenantId expected")
      assert.has_error(function() permalink:revoke(wrong) end,
        "permalink: the client's externalTenantId expected")
    end
  end)

  it("keeps no id in the store that could be used", function()
    local path = os.tmpname()
    local kept = assert(stores.open("sqlite://" .. path,
      { encryption_key = "c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wMDE=" }))
    local id = debitura.permalink.new { url = BASE, store = kept, clock = os.time,
      brand = { name = "Sample" } }:url("acme-1", "approval")
    kept:close()
    for _, ending in ipairs { "", "-wal" } do
      local file = io.open(path .. ending, "rb")
      assert.is_nil(file and file:read("*a"):find(id:match("%x+$"), 1, true))
      if file then file:close() end
      os.remove(path .. ending)
    end
    os.remove(path .. "-shm")
  end)

  it("uses ids that cannot be guessed", function()
    local ids = {}
    for i = 1, 200 do
      local id = permalink:url("tenant-" .. i, "approval"):match("%x+$")
      assert.are.equal(36, #id)
      assert.is_nil(ids[id:sub(1, 18)])
      ids[id:sub(1, 18)] = true
    end
  end)
end)

for name, backend in pairs(backends) do
  describe("the permalink on " .. name, function()
    if backend.missing then return end
    setup(backend.setup)
    teardown(backend.teardown)

    it("keeps a URL until it is revoked, and the revocation", function()
      local store, close = backend.open()
      local now = 1767225600
      local function process()
        return debitura.permalink.new { url = BASE, store = store,
          clock = function() return now end, brand = { name = "Sample" } }
      end
      local function leads(url) return process():find(url:match("%x+$")) end
      local url = process():url("åäö / 客户", "signing")
      assert.are.equal(url, process():url("åäö / 客户", "signing"))
      assert.are.same({ tenant = "åäö / 客户", purpose = "signing" }, leads(url))
      assert.are.equal(1, process():revoke("åäö / 客户"))
      local fresh = process():url("åäö / 客户", "signing")
      assert.are_not.equal(url, fresh)
      now = now + 80 * DAY
      assert.are.same({ false, "signing" }, { leads(url), leads(fresh).purpose })
      assert.are.equal(fresh, process():url("åäö / 客户", "signing"))
      now = now + 91 * DAY
      assert.is_false(leads(fresh))
      close()
    end)
  end)
end
