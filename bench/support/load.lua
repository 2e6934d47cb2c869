--- Load on a server by wrk, and what it says.
local server = require("spec.support.server")

local load = {}

local COMMAND = "wrk --latency --timeout 20s -t 1 -c %d -d %d %s"
local UNITS = { us = 1, ms = 1e3, s = 1e6 }

--- A command line.
-- @tparam string url
-- @tparam number connections
-- @tparam number seconds
-- @tparam[opt] string script and its arguments, as wrk takes them
-- @treturn string
function load.command(url, connections, seconds, script)
  return COMMAND:format(connections, seconds, server.quote(url)) .. (script or "")
end

--- What wrk said: requests a second that were answered with success, how many there were, and
-- percentiles of their times in microseconds (`p50`, `p99`).
-- @tparam string said
-- @treturn table
function load.read(said)
  assert(not said:find("Non-2xx", 1, true) and not said:find("Socket errors", 1, true), said)
  local found = {
    rate = assert(tonumber(said:match("Requests/sec:%s+([%d.]+)")), said),
    count = assert(tonumber(said:match("(%d+) requests in")), said),
  }
  for percent, number, unit in said:gmatch("(%d+)%%%s+([%d.]+)(%l+)") do
    found["p" .. percent] = tonumber(number) * UNITS[unit]
  end
  return found
end

--- Puts load on a server.
-- @return as `load.read`; the arguments are those of `load.command`
function load.put(...)
  return load.read((server.run(load.command(...))))
end

return load
