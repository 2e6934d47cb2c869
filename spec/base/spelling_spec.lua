local spelling = require("debitura.base.spelling")

local KNOWN = { "externalTenantId", "supportEmail", "name", "city", "address", "cases" }

describe("A name", function()
  it("was certainly meant to be another in other letters, or with one letter wrong", function()
    local expected = {
      external_tenant_id = "externalTenantId", ExternalTenantID = "externalTenantId",
      ["external-tenant-id"] = "externalTenantId", externalTenantld = "externalTenantId",
      suportEmail = "supportEmail", support_emails = "supportEmail", adress = "address",
      Name = "name",
    }
    for name, meant in pairs(expected) do
      assert.same({ name, meant }, { name, spelling.meant(name, KNOWN) })
    end
  end)

  it("may be one of its own", function()
    for _, name in ipairs { "names", "nam", "case", "colour", "supportMail2", "tenantId", "" } do
      assert.same({ name, nil }, { name, (spelling.meant(name, KNOWN)) })
    end
  end)

  it("is near another for a question", function()
    assert.equal("supportEmail", spelling.nearest("supportMail", KNOWN))
    assert.equal("cases", spelling.nearest("case", KNOWN))
    assert.is_nil(spelling.nearest("colour", KNOWN))
  end)
end)
