-- What operators are shown costs as many steps of Lua in a memory store of 10,000 rows of each kind
-- as in one of 1,000. Steps are counted, never time.

local rows = require("spec.support.store_rows")
local store = require("debitura.store")

local T0, DAY = rows.T0, 86400
local KINDS, NEEDS = { "deliver", "look", "remind" }, { "", "channel:email", "channel:letter" }

--- A store with links, jobs and events in every state, all of them at other times.
local function filled(count)
  local opened = assert(store.open("memory:"))
  for n = 1, count do
    local job = rows.job("j" .. n, T0 + n % 500, { kind = KINDS[n % 3 + 1],
      needs = NEEDS[n % 3 + 1] })
    assert(opened:record_move(rows.change("t" .. n, { rows.move("link", "", 0, {
      state = n % 2 == 0 and "pending" or "linked", expires_at = T0 + n * DAY / 200,
      undelivered_since = n % 4 == 0 and T0 - n or nil,
    }) }, { job }), T0))
    assert(rows.add(opened, "e" .. n, n % 10 == 0 and "t" .. n % 100 or nil, T0 + n))
  end
  local can = { "channel:email", "channel:letter" }
  for i, job in ipairs(opened:jobs_claim { can = can, now = T0 + 999, lease = 1,
    limit = count / 2 }) do
    assert(i % 2 == 0 and opened:job_done(job, T0) or opened:job_dead(job, T0 + i, "x"))
  end
  for i, item in ipairs(opened:inbox_claim { now = T0 + count, lease = 1, limit = count / 2 }) do
    assert(i % 2 == 0 and opened:inbox_done(item, T0) or opened:inbox_dead(item, T0, "x"))
  end
  return opened
end

--- How many instructions of Lua a call takes, by tens. What is compiled is not counted.
local function steps_of(call)
  local compiler, steps = rawget(_G, "jit"), 0
  if compiler then
    compiler.off()
    compiler.flush()
  end
  debug.sethook(function() steps = steps + 1 end, "", 10)
  local given = call()
  debug.sethook()
  if compiler then compiler.on() end
  assert.is_table(given)
  return steps
end

describe("a memory store of 10,000 rows", function()
  local small, large

  setup(function() small, large = filled(1000), filled(10000) end)

  it("has as much of everything as it was given", function()
    local summary = large:summary(T0 + 600)
    local counted = {}
    for _, row in ipairs(summary.counts) do
      local name = row.of .. " " .. row.state
      counted[name] = (counted[name] or 0) + row.count
    end
    assert.same({ ["record pending"] = 5000, ["record linked"] = 5000,
      ["undelivered pending"] = 2500, ["job open"] = 5000, ["job dead"] = 2500,
      ["need open"] = counted["need open"], ["event open"] = counted["event open"],
      ["event waiting"] = counted["event waiting"], ["event dead"] = 2500 }, counted)
    assert.equal(5000, counted["event open"] + counted["event waiting"])
    assert.same({ T0 - 10000, T0 + 1 }, { summary.oldest.undelivered, summary.oldest.dead_job })
    assert.equal(100, summary.expiring)
  end)

  for _, verb in ipairs { "summary", "counts", "totals", "inbox_last" } do
    it("answers " .. verb .. " as one of 1,000 does", function()
      local function cost(opened)
        return steps_of(function() return opened[verb](opened, T0 + 600) end)
      end
      local expected, found = cost(small), cost(large)
      assert.is_true(found <= expected * 1.2 + 10, ("%d and %d"):format(expected, found))
    end)
  end

  it("is looked through by a listing, which shows that steps are counted", function()
    local function cost(opened)
      return steps_of(function() return opened:records { kind = "link", state = "x" } end)
    end
    assert.is_true(cost(large) > cost(small) * 5)
  end)
end)
