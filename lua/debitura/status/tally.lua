--- What a process has counted since its last beat.
-- @module debitura.status.tally

local example = require("debitura.webhook.example")

local tally = {}

--- Upper bounds, in seconds, of what durations are counted under.
tally.BUCKETS = {
  waited = { 0.1, 1, 5, 30, 60, 300, 1800, 3600 },
  took = { 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30 },
  called = { 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30 },
}

--- What webhooks are counted under: a name that Debitura does not have would be one more series.
tally.EVENTS = example.names()
tally.EVENTS[#tally.EVENTS + 1] = "other"

local KNOWN = {}
for _, name in ipairs(tally.EVENTS) do KNOWN[name] = true end

--- What calls of the API may come to.
tally.OUTCOMES = { "ok", "refused", "rate_limited", "server", "timeout", "transport" }

local OUTCOMES = {}
for _, outcome in ipairs(tally.OUTCOMES) do OUTCOMES[outcome] = outcome end

--- How a bound is written.
function tally.bound(seconds)
  return ("%g"):format(seconds)
end

local Tally = {}
Tally.__index = Tally

--- Counts something.
-- @tparam string of
-- @tparam string kind
-- @tparam string state
-- @tparam[opt=1] number count
function Tally:add(of, kind, state, count)
  local place = table.concat({ of, kind, state }, "\0")
  local row = self.rows[place]
  if not row then
    row = { of = of, kind = kind, state = state, count = 0 }
    self.rows[place] = row
  end
  row.count = row.count + (count or 1)
end

--- Counts a webhook.
-- @tparam string of
-- @tparam string event its name
-- @tparam string outcome
function Tally:event(of, event, outcome)
  self:add(of, KNOWN[event] and event or "other", outcome)
end

--- Counts an attempt of a call.
-- @tparam table event what the hook `on_response` of debitura.partner is given
function Tally:call(event)
  self:add("requested", "", event.kind and (OUTCOMES[event.kind] or "refused") or "ok")
  if event.seconds then
    self:time("called", event.unlisted and "unlisted" or event.operation, event.seconds)
  end
end

--- Counts a duration: under the first bound that it does not pass, and in the sum, which is kept
-- in milliseconds.
-- @tparam string of a name of `tally.BUCKETS`
-- @tparam string kind
-- @tparam number seconds
function Tally:time(of, kind, seconds)
  local under = "more"
  for _, bound in ipairs(tally.BUCKETS[of]) do
    if seconds <= bound then
      under = tally.bound(bound)
      break
    end
  end
  self:add(of, kind, under)
  self:add(of, kind, "milliseconds", math.floor(math.max(0, seconds) * 1000 + 0.5))
end

--- Gives what was counted, and begins anew.
-- @treturn table array of `{ of, kind, state, count }`
function Tally:take()
  local rows = {}
  for _, row in pairs(self.rows) do rows[#rows + 1] = row end
  self.rows = {}
  return rows
end

--- Counts again what could not be kept.
-- @tparam table rows
function Tally:put_back(rows)
  for _, row in ipairs(rows) do self:add(row.of, row.kind, row.state, row.count) end
end

--- Makes one.
function tally.new()
  return setmetatable({ rows = {} }, Tally)
end

return tally
