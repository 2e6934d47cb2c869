-- What the desk lists, on every store: by the beginning of a tenant, page by page.

local backends = require("spec.support.backends")
local lists = require("debitura.status.desk.lists")
local rows = require("spec.support.store_rows")

local T0 = rows.T0

--- In the order of their bytes.
local TENANTS = { "A", "a", "a%b", "a_b", "aa", "ab", "b", "b1", "bÿ", "é", "日本" }

for name, backend in pairs(backends) do
  local describe_store = backend.missing and pending or describe
  describe_store(("the %s store%s, at the desk,"):format(name, backend.missing or ""), function()
    local store, close

    setup(function()
      backend.setup()
      store, close = backend.open()
      for i, tenant in ipairs(TENANTS) do
        assert(store:record_move(rows.change(tenant, {
          rows.move("link", "", 0, { state = i % 2 == 0 and "linked" or "pending",
            undelivered_since = i % 3 == 0 and T0 or nil }),
          rows.move("case", "R1", 0, { state = "created" }),
          rows.move("case", "R2", 0, { state = "awaited" }),
        }, {
          rows.job("job-" .. i, T0 + i % 2, { needs = i % 2 == 0 and "channel:x" or "" }),
        }), T0))
        assert(rows.add(store, "evt-" .. i, i % 2 == 0 and "a" or tenant, T0 + i))
      end
      for _, job in ipairs(store:jobs_claim { now = T0 + 9, lease = 60, limit = 4 }) do
        assert(store:job_dead(job, T0 + 9, "store: away"))
      end
      for _, item in ipairs(store:inbox_claim { now = T0 + 99, lease = 60, limit = 3 }) do
        assert(store:inbox_dead(item, T0 + 99, "store: away"))
      end
    end)
    teardown(function()
      close()
      backend.teardown()
    end)

    --- What a filter finds, in pages of three.
    local function all(list, filter, of)
      local found, after, pages = {}, nil, 0
      repeat
        local page = assert(lists.read(list, store, filter, { after = after, limit = 3, now = T0 }))
        assert.is_false(page.foreign)
        for _, row in ipairs(page) do found[#found + 1] = of(row) end
        after, pages = page.after, pages + 1
      until not after
      assert.is_true(pages <= #found / 3 + 1)
      return table.concat(found, " ")
    end

    local function tenant(row) return row.tenant .. (row.name ~= "" and "/" .. row.name or "") end
    local function key(row) return row.key end
    local function event(row) return row.id .. "/" .. row.state end

    it("finds links by the beginning of their tenants", function()
      for given, expected in pairs {
        [""] = table.concat(TENANTS, " "), a = "a a%b a_b aa ab", b = "b b1 bÿ", ["a%"] = "a%b",
        a_ = "a_b", ["%"] = "", ["_"] = "", ["é"] = "é", ["\195"] = "", B = "",
      } do assert.equal(expected, all("links", { tenant = given }, tenant), given) end
      assert.equal("a a_b ab", all("links", { tenant = "a", state = "linked" }, tenant))
      assert.equal("a%b ab", all("links", { tenant = "a", undelivered = "1" }, tenant))
    end)

    it("finds cases of tenants, and those of a state", function()
      assert.equal("a/R1 a/R2 a%b/R1 a%b/R2", all("cases", { tenant = "a" }, tenant):sub(1, 23))
      assert.equal("b/R2 b1/R2 bÿ/R2", all("cases", { tenant = "b", state = "awaited" }, tenant))
    end)

    it("goes through jobs that were given up, that need something, that are a tenant's", function()
      assert.equal(4, select(2, all("jobs", {}, key):gsub("job", "")))
      local needing = all("jobs", { needs = "channel:x" }, key)
      assert.equal(5, select(2, needing:gsub("job", "")))
      assert.equal("job-2", all("jobs", { tenant = "a" }, key))
      assert.equal(0, #all("jobs", { state = "done" }, key))
    end)

    it("goes through events, those that were given up first", function()
      local found = all("inbox", {}, event)
      assert.equal(11, select(2, found:gsub("evt", "")))
      local states = found:gsub("evt%-%d+/", "")
      assert.truthy(states:find("^dead dead dead waiting [waiting ]*open [open ]*open$"), found)
      assert.equal(3, select(2, all("inbox", { state = "dead" }, event):gsub("evt", "")))
    end)
  end)
end
