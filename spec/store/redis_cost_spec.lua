-- What each verb costs inside Redis: as many commands in a store of 100,000 rows as in one of
-- 1,000. Commands are counted, never time.

local contract = require("debitura.store.contract")
local fill = require("spec.support.redis_filler")
local redis = require("spec.support.redis")
local rows = require("spec.support.store_rows")
local store = require("debitura.store")

local SMALL, LARGE, PAGE = 1000, 100000, 20

-- Half of everything belongs to the tenant "big", all of it is due at the same time; of every eight
-- jobs and events one is done and one is dead.
local FILL = [[
  local tenant = n % 2 == 1 and '=big' or '=t' .. n
  local needs = n % 2 == 1 and '=email' or '='
  record_move { tenant, '=1', '', '', '', '=1',
    '=case', '=R' .. n, '=0', '=e', '=evt-' .. n, '', '=4', '=state', '=created',
    '=generation', '=1',
    '=undelivered_since', n % 4 == 1 and '=' .. n or '', '=expires_at', '=' .. n * 9999,
    '=1', '=j' .. n, '=look', '=case', '=R' .. n, '=1', '', needs, '', '=5' }
  inbox_add { '=evt-' .. n, tenant, '=case.created', '={}', '=0', '=5' }
  if n % 10 == 0 then record_note { '=link', '=big', '=', '=1', '=e', '=evt-' .. n, '' } end
  if n % 8 == 0 then
    job_settle { '=j' .. n, '=0', '=done', '=6' }
    inbox_settle { '=evt-' .. n, '=0', '=done', '=6' }
  elseif n % 8 == 4 then
    job_settle { '=j' .. n, '=0', '=dead', '=6' }
    inbox_settle { '=evt-' .. n, '=0', '=dead', '=6' }
  end]]

-- What a script may run: none of these takes longer in a longer row or index but HGETALL, which
-- reads the counts, as many as there are kinds and states, and the slots of a counter.
local BOUNDED = {
  del = true, exists = true, expire = true, get = true, hdel = true, hexists = true, hget = true,
  hgetall = true, hincrby = true, hmget = true, hset = true, incr = true, set = true, setnx = true,
  zadd = true, zrange = true, zrangebylex = true, zrangebyscore = true, zrem = true,
  zcount = true, zrevrange = true,
}

local function keep_claim(s)
  return s:jobs_claim({ now = 10, lease = 60, can = { "email" }, limit = 1 })[1]
end
local function keep_item(s)
  return s:inbox_claim({ now = 10, lease = 60, limit = 1 })[1]
end

local CASE = { kind = "case", tenant = "big", name = "R1" }
local WINDOWS = { { name = "minute", slot = 9, first = 0, limit = 99 } }

local CALLS = {
  { "record", function(s) return s:record("case", "big", "R1") end },
  { "jobs_named", function(s) return s:jobs_named { "no", "neither" } end },
  { "records_named", function(s) return s:records_named("case", "big", { "R1", "R3", "no" }) end },
  { "records", function(s) return s:records { kind = "case", limit = PAGE } end },
  { "records", function(s)
    return s:records { kind = "case", state = "created", after = CASE, limit = PAGE }
  end },
  { "records", function(s) return s:records { kind = "case", tenant = "big", limit = PAGE } end },
  { "records", function(s) return s:records { kind = "case", state = "none" } end },
  { "records", function(s)
    return s:records { kind = "case", undelivered = true, tenant = "big", limit = PAGE }
  end },
  { "record_move", function(s, held)
    local change = rows.change("big", {
      rows.move("case", "R1", 1, { state = "closed" }, "e", "evt-x"),
      rows.move("case", "new", 0, { state = "created" }),
    }, { rows.job("j1"), rows.job("new", 5, { needs = "email" }) })
    change.done = held
    return s:record_move(change, 11)
  end, keep_claim },
  { "record_note", function(s)
    return s:record_note(CASE, { event = "e", event_id = "evt-y" }, 11)
  end },
  { "record_history", function(s)
    return s:record_history { kind = "link", tenant = "big", name = "", limit = PAGE }
  end },
  { "record_history", function(s)
    return s:record_history { kind = "link", tenant = "big", name = "", after = 50, limit = PAGE }
  end },
  { "jobs", function(s) return s:jobs { state = "open", limit = PAGE } end },
  { "jobs", function(s)
    return s:jobs { state = "open", after = { due_at = 5, key = "j5" }, limit = PAGE }
  end },
  { "jobs", function(s) return s:jobs { state = "dead", due_by = 5, limit = PAGE } end },
  { "jobs", function(s) return s:jobs { tenant = "big", limit = PAGE } end },
  { "jobs", function(s) return s:jobs { needs = "email", due_by = 5, limit = PAGE } end },
  { "jobs", function(s) return s:jobs { needs = "letter" } end },
  { "jobs_claim", function(s)
    return s:jobs_claim { now = 10, lease = 60, can = { "email", "letter" }, limit = PAGE }
  end },
  { "jobs_claim", function(s)
    return s:jobs_claim { now = 10, lease = 60, can = { "email" }, keys = { "j901", "j902" } }
  end },
  { "jobs_claim", function(s) return s:jobs_claim { now = 4, lease = 60 } end },
  { "job_done", function(s, held) return s:job_done(held, 11) end, keep_claim },
  { "job_done", function(s, held) return s:job_done(held, 11, "x", true) end, function(s)
    return s:jobs_claim({ now = 10, lease = 60, can = { "email" }, keys = { "j905" } })[1]
  end },
  { "job_retry", function(s, held) return s:job_retry(held, 99, "x") end, keep_claim },
  { "job_release", function(s, held) return s:job_release(held, 99, "x") end, keep_claim },
  { "job_dead", function(s, held) return s:job_dead(held, 11, "x") end, keep_claim },
  { "job_revive", function(s) return s:job_revive({ key = "j4" }, 11) end },
  { "inbox_add", function(s) return rows.add(s, "evt-new", "big") end },
  { "inbox_add", function(s) return rows.add(s, "evt-1", "big") end },
  { "inbox_add_many", function(s)
    return s:inbox_add_many({
      { id = "evt-new", tenant = "big", event = "e", body = "{}" },
      { id = "evt-1", tenant = "big", event = "e", body = "{}" },
    }, 5)
  end },
  { "inbox_waiting", function(s) return s:inbox_waiting("big") end },
  { "inbox_claim", function(s) return s:inbox_claim { now = 10, lease = 60, limit = PAGE } end },
  { "inbox_claim", function(s) return s:inbox_claim { now = 4, lease = 60 } end },
  { "inbox_done", function(s, held) return s:inbox_done(held, 11) end, keep_item },
  { "inbox_done_many", function(s, held) return s:inbox_done_many({ held }, 11) end, keep_item },
  { "inbox_retry", function(s, held) return s:inbox_retry(held, 99, "x") end, keep_item },
  { "inbox_release", function(s, held) return s:inbox_release(held, 99, "x") end, keep_item },
  { "inbox_dead", function(s, held) return s:inbox_dead(held, 11, "x") end, keep_item },
  { "inbox_list", function(s) return s:inbox_list { limit = PAGE } end },
  { "inbox_list", function(s)
    return s:inbox_list { state = "waiting", after = 500, limit = PAGE }
  end },
  { "inbox_list", function(s) return s:inbox_list { tenant = "big", limit = PAGE } end },
  { "inbox_list", function(s) return s:inbox_list { tenant = "big", state = "dead" } end },
  { "inbox_item", function(s) return s:inbox_item("evt-1") end },
  { "inbox_last", function(s) return s:inbox_last() end },
  { "inbox_revive", function(s) return s:inbox_revive({ id = "evt-4" }, 11) end },
  { "inbox_forget", function(s) return s:inbox_forget(9, PAGE) end },
  { "forget", function(s)
    return s:forget { tenant = "leaving", kinds = { "link" }, now = 11 }
  end, function(s)
    assert(s:record_move(rows.change("leaving", {
      rows.move("link", "", 0, { state = "pending", payload = "x" }),
    }, { rows.job("leaving-1") }), 1))
    rows.add(s, "evt-leaving", "leaving")
    return {}
  end },
  { "counts", function(s) return s:counts() end },
  { "summary", function(s) return s:summary(10) end },
  { "totals", function(s) return s:totals() end },
  { "beat", function(s)
    return s:beat({
      id = "p1", role = "worker", host = "h", pid = 1, release = "1", about = "{}", started_at = 1,
      marks = { "sweep" },
      totals = { { of = "performed", kind = "deliver", state = "done", count = 1 } },
    }, 11)
  end },
  { "token", function(s) return s:token("key", 1) end },
  { "token_put", function(s) return s:token_put("key", "token", 9, 1) end },
  { "token_add", function(s) return s:token_add("other", "token", 9, 1) end },
  { "counter_add", function(s) return s:counter_add("key", WINDOWS) end },
  { "lease", function(s) return s:lease("name", "holder", 9, 1) end },
  { "lease_release", function(s) return s:lease_release("name", "holder") end },
  { "stamp", function(s) return s:stamp("test") end },
  { "restamp", function(s) return s:restamp("test") end },
  { "layout", function(s) return s:layout() end },
  { "migrate", function(s) return s:migrate() end },
}

local missing = redis.missing()
local describe_server = missing and pending or describe

describe_server("the verbs of a store in Redis" .. (missing or ""), function()
  local server

  setup(function() server = redis.start { appendonly = "no" } end)
  teardown(function() server:stop() end)

  local function open(count)
    local place = server:place()
    place.options.volatile = true
    local opened = assert(store.open(place.address, place.options))
    fill(opened, { "record_move", "record_note", "inbox_add", "job_settle", "inbox_settle" }, FILL,
      count)
    return opened
  end

  --- How often each command has run within scripts since the server was asked to forget it.
  local function commands()
    local counted = {}
    for name, calls in server:command("INFO", "commandstats"):gmatch("cmdstat_(%S-):calls=(%d+)") do
      local is_script = not (name == "evalsha" or name:find("^script") or name:find("^config"))
      if is_script then counted[name] = tonumber(calls) end
    end
    return counted
  end

  --- What a call costs: its commands, and how many rows it gives.
  local function cost_of(opened, call)
    local held = call[3] and call[3](opened)
    server:command("CONFIG", "RESETSTAT")
    local result, word = call[2](opened, held)
    assert(result ~= nil, word)
    local given = type(result) == "table" and #result or result
    return { commands = commands(), given = given, word = word }
  end

  it("cost as much in a store of 100,000 rows as in one of 1,000", function()
    local small, large = open(SMALL), open(LARGE)
    local covered = { close = true }
    for i, call in ipairs(CALLS) do
      local expected, cost = cost_of(small, call), cost_of(large, call)
      local said = ("%s, call %d"):format(call[1], i)
      assert.are.same(expected, cost, said)
      assert.is_truthy(next(cost.commands), said)
      for name in pairs(cost.commands) do assert.is_true(BOUNDED[name], said .. ": " .. name) end
      covered[call[1]] = true
    end
    for _, verb in ipairs(contract.verbs) do assert.is_true(covered[verb], verb) end
    small:close()
    large:close()
  end)
end)
