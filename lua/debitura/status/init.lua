--- What operators have to see of a store: numbers, what is wrong, and what to type about it.
--
--     local status = platform.status
--     local seen = status:read()
--     seen.level                        -- "ok", "warn" or "fail"
--     for _, cause in ipairs(seen.causes) do print(cause.said, cause.type) end
--     ngx.print(status:metrics())       -- for Prometheus; see debitura.status.openresty
--
-- One evaluation (debitura.status.rules) stands behind the command's `status` and `doctor`, the
-- metrics and the alerts.
-- @module debitura.status

local alerts = require("debitura.status.alerts")
local core = require("debitura.core")
local metrics = require("debitura.status.metrics")
local options = require("debitura.base.options")
local report = require("debitura.status.report")

local status = {}

local Status = {}
Status.__index = Status

--- Reads the store, at the same cost whatever it holds.
-- @treturn[1] table
--
-- - `at`, `environment`, `layout` (of the store);
-- - `level`: the worst of the causes', "ok" when there is none;
-- - `causes`: array of `{ cause, level, count, since, said, type, alert }`, the worst first;
-- - `links`, `cases`, `signings`, `kyc`: counts by state;
-- - `undelivered`: `{ count, since, of }`, `of` by kind of record; `expiring`: links;
-- - `jobs`: array of `{ kind, open, dead, due_since }`; `dead_jobs`: `{ count, since }`;
-- - `needs`: array of `{ needs, open, due_since, served, served_last }`: whether a process that
--   sweeps has it, "some", "none" or "unknown";
-- - `events`: `{ open, waiting, dead, due_since, waiting_since, dead_since, last }`;
-- - `processes`: array of `{ id, role, host, pid, release, started_at, beat_at, ended_at, state,
--   can, does, outcome }`, `state` being "alive", "late", "gone" or "ended";
-- - `working`: whether processes `sweep`, `work` and `receive`: `{ state, last, gone }`;
-- - `last`: when what was marked happened last, by its name.
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Status:read()
  return report.read(self.store, self.clock())
end

--- The text that Prometheus reads; says so when the store cannot be read.
-- @treturn string
-- @treturn ?table failure of the store
function Status:metrics()
  local began = core.system.monotonic()
  local numbers, err = self:read()
  local totals
  if numbers then totals, err = self.store:totals() end
  local used = totals and self.used and self.used() or nil
  return metrics.text(totals and numbers, totals, core.system.monotonic() - began, used), err
end

--- Enqueues what `on_alert` is to be told.
-- @tparam boolean able whether this process has the function
-- @treturn[1] number how many causes there are
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function Status:alert(able)
  local numbers, err = self:read()
  if not numbers then return nil, err end
  return alerts.enqueue(self.store, numbers, able, self.clock())
end

--- What `status.new` takes.
status.options = options.define("debitura.status", {
  { "store", "object", required = true, "debitura.store" },
  { "clock", "function", required = true, "gives Unix seconds" },
  { "used", "function", annotation = "fun(): table<string, number>?",
    "gives what part of the limits on requests is used, by window; see debitura.limiter" },
})

--- Makes one.
-- @tparam table given see `status.options`
-- @treturn table with `read`, `metrics` and `alert`
function status.new(given)
  local read = status.options:read(given)
  return setmetatable({ store = read.store, clock = read.clock, used = read.used }, Status)
end

return status
