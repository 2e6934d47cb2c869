--- Ten days of four clients, two of whom get odd answers: what the specs of containment try.

local assert = require("luassert")
local core = require("debitura.core")
local desk_support = require("spec.support.desk")
local odd_answers = require("spec.support.odd_answers")
local rig = require("spec.support.rig")

local odd_life = {}

local ATTEMPTS = 8

--- Clients who have an account and have to approve, and new ones; the answers of two are odd.
odd_life.TENANTS = { "odd-old", "fine-old", "odd-new", "fine-new" }

function odd_life.is_odd(tenant) return tenant:find("^odd") ~= nil end

function odd_life.payload_of(tenant)
  local payload = desk_support.payload { externalTenantId = tenant }
  payload.client.supportEmail = ("office@%s.example"):format(tenant)
  payload.users[1].email = ("new@%s.example"):format(tenant)
  payload.cases = core.json.array { rig.case(tenant .. "/1"), rig.case(tenant .. "/2", "GB") }
  return payload
end

function odd_life.open(store)
  local bench = rig.new {
    store = store, reminders = { 0.5 }, directors = function()
      return { directorFullName = "Dana Director", directorHomeAddress = "1 Sample Street",
        directorDateOfBirth = "1980-01-01" }
    end,
  }
  for _, tenant in ipairs(odd_life.TENANTS) do
    if tenant:find("old") then
      bench:control("accounts", {
        name = tenant .. " Ltd", email = ("office@%s.example"):format(tenant), country = "Denmark",
        users = { { name = "Erin", email = ("erin@%s.example"):format(tenant) } },
      })
    end
  end
  return bench
end

--- Ten days of four clients: they are asked, approve, sign one thing after the other, and submit
-- cases of their own.
-- @treturn table the bench
-- @treturn table how often each operation was called
function odd_life.live(change, on_hour, store)
  local bench, called = odd_life.open(store), {}
  odd_answers.interpose(bench.debitura, function(operation, tenant, body, status)
    local is_good = status >= 200 and status <= 299
    if is_good then called[operation] = (called[operation] or 0) + 1 end
    if odd_life.is_odd(tenant) then return change(operation, body, is_good) end
  end)
  local function each(run)
    for _, tenant in ipairs(odd_life.TENANTS) do run(tenant, bench.recipes) end
    bench:work()
  end
  local function sign(tenant)
    bench:control("clients", { externalTenantId = tenant, action = "sign" })
  end
  each(function(tenant, all) all.approval:request(odd_life.payload_of(tenant)) end)
  -- The approvals are not heard of, so that the first reminder finds them.
  each(function(tenant)
    if tenant:find("old") then
      bench:control("requests", { externalTenantId = tenant, action = "approve" })
    end
    bench.debitura.inbox = {}
  end)
  bench:advance("4d")
  each(sign)
  each(function(tenant, all)
    local own, twin = rig.case(tenant .. "/own", "DE"), rig.case(tenant .. "/twin", "DE")
    own.allowPendingContracts, twin.allowPendingContracts = true, true
    all.submission:submit(tenant, own)
    bench.debitura:customer(tenant).cases:create(twin)
    all.submission:submit(tenant, twin)
  end)
  for hour = 1, 12 do
    if on_hour then on_hour(bench, hour) end
    if hour == 3 then each(function(tenant, all) all.signing:check(tenant) end) end
    if hour == 6 or hour == 9 then each(sign) end
    bench:advance("1h")
  end
  for _ = 1, 5 do bench:advance("1d") end
  return bench, called
end

--- Every job of a tenant, and every record.
local function all_of(bench, tenant)
  local jobs, records = {}, {}
  local last
  repeat
    local page = bench.store:jobs { tenant = tenant, after = last }
    for _, job in ipairs(page) do jobs[#jobs + 1], last = job, job end
  until #page == 0
  for _, kind in ipairs { "link", "case", "signing", "kyc" } do
    for _, record in ipairs(bench.store:records { kind = kind, tenant = tenant }) do
      records[#records + 1] = record
    end
  end
  return jobs, records
end

local function check_url(url)
  assert.is_string(url)
  assert.is_truthy(url:find("^https?://[^%s%c]+$"), url)
  assert.is_true(#url <= 8192)
end

--- Holds what is in the store after a life against what was promised.
function odd_life.check(bench)
  local now = bench.debitura:now()
  for _, tenant in ipairs(odd_life.TENANTS) do
    local jobs, records = all_of(bench, tenant)
    for _, job in ipairs(jobs) do
      local where = job.key .. ": " .. tostring(job.result)
      assert.is_nil((job.result or ""):find("raised an error", 1, true), where)
      if odd_life.is_odd(tenant) then
        assert.is_true(job.state ~= "dead" or job.attempt >= ATTEMPTS and job.result ~= "", where)
      else
        assert.is_true(job.state == "done" or job.state == "open" and job.due_at > now, where)
      end
    end
    for _, record in ipairs(records) do
      if record.url then check_url(record.url) end
      if not odd_life.is_odd(tenant) and record.kind == "case" then
        assert.are.equal("created", record.state, record.name)
      end
    end
  end
  assert.are.same({ "carried", 2, 0, 0 }, bench:standing("fine-old"))
  assert.are.same({ "onboarded", 2, 0, 0 }, bench:standing("fine-new"))
  for _, message in ipairs(bench.mail) do check_url(message.url) end
end

return odd_life
