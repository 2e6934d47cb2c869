--- Documents of the sizes that an integration meets: an event of 1 kB and a page of 45 kB.
local core = require("debitura.core")

local samples = {}

local function case(i)
  return {
    id = ("7f1c2a52-0000-4000-8000-%012d"):format(i), reference = ("SAMPLE%02d"):format(i),
    creditorReference = "INV-2024-" .. i, lifecycle = "Pending Verification", closeCode = core.null,
    isTestCase = false, amountToRecover = 1000.10 + i, currencyCode = "EUR",
    date = "2024-05-01T00:00:00Z", dueDate = "2024-06-01T00:00:00Z",
    dateCreated = "2024-07-01T10:11:12.123Z",
    claimDescription = 'Unpaid invoice for "services", line ' .. i,
    debtor = {
      type = "Company", name = "Sample Debtor " .. i, contactPerson = "S\195\184ren Sample",
      companyRegistrationNumber = "12345678", address = "Sample street 1", zipCode = "1000",
      city = "K\195\184benhavn", countryAlpha2 = "DK", email = "debtor@example.test",
      phone = "+45 00000000",
    },
    collectionPartner = { id = i, name = "Sample partner" },
    allocationOutstanding = { principal = 1000.1, interest = 0, reminderFees = 12.5,
      collectionFees = 0 },
    validation = { needsInfo = false },
    tags = core.json.array({}),
  }
end

local function page()
  local cases = {}
  for i = 1, 52 do cases[i] = case(i) end
  return { page = { totalResults = 520, pageSize = 52, currentPage = 1, responseCount = 52,
    totalPages = 10 }, cases = cases }
end

samples.event = core.json.encode({
  id = "evt_0001", specVersion = "1.0", event = "case.created",
  timestamp = "2024-07-01T10:11:12.123Z", data = case(1),
  links = { client = "https://api.example.test/clients/t-1" },
})
samples.page = core.json.encode(page())

return samples
