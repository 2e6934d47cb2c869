--- Fills a store in Redis with many rows: the store's own scripts, run on the server.
--
--     local fill = require("spec.support.redis_filler")
--     fill(opened, { "inbox_add" }, "inbox_add { '=evt-' .. n, … }", 1000000, body)

local scripts = require("debitura.store.redis.scripts")

local CHUNK = 1000 -- rows for which Redis does nothing else

local LOOP = [[
for n = tonumber(ARGV[1]), tonumber(ARGV[2]) do
  local text = ARGV[3]
  %s
end]]

--- Runs Lua in Redis for each number from 1 to `count`.
-- @tparam table opened a store in Redis, as store.open gives it
-- @tparam table verbs the verbs that the Lua calls, each with the array of what its script takes
-- @tparam string lua for the number `n`; what is in `text` it has besides
-- @tparam number count
-- @tparam[opt] string text
return function(opened, verbs, lua, count, text)
  local parts = {}
  for i, verb in ipairs(verbs) do
    parts[i] = "local function " .. verb .. "(ARGV) " .. scripts[verb] .. " end"
  end
  parts[#parts + 1] = LOOP:format(lua)
  local script = table.concat(parts, "\n")
  for first = 1, count, CHUNK do
    local last = math.min(first + CHUNK - 1, count)
    local done, err = opened.backend.transport:call({
      "EVAL", script, "1", opened.backend.prefix, tostring(first), tostring(last), text or "",
    }, false)
    assert(done ~= nil, err)
  end
end
