--- Sweeps of expired links in a process of its own.
local backlog = require("spec.support.backlog")
local core = require("debitura.core")
local server = require("spec.support.server")
local stores = require("bench.support.stores")

local sweeps = {}

--- Sweeps so many links.
-- @tparam table service the sandbox
-- @tparam string name of the store
-- @tparam number count
-- @tparam[opt] table more `quick`: commits need not reach the disk; `minute`: calls in one, at
--   most; `counted`: so are statements and reads
-- @treturn table `seconds`, and kilobytes: `heap` of Lua, `memory` of the process; `statements` in
--   SQL, `reads` of the links' records
function sweeps.run(service, name, count, more)
  more = more or {}
  local place, close = stores.open(name)
  local opened = stores.connect(place)
  backlog.fill(opened, count)
  opened:close()
  local options = assert(core.json.encode {
    address = place.address, options = place.options, url = service.url, now = backlog.NOW,
    quick = more.quick, minute = more.minute, counted = more.counted,
  })
  local command = ("%s bench/support/sweeper.lua %s"):format(arg[-1], server.quote(options))
  local pipe = assert(io.popen(command))
  local seconds, done, heap, memory, statements, reads = pipe:read("*n", "*n", "*n", "*n", "*n",
    "*n")
  pipe:close()
  close()
  assert(done == count, "not all links were asked for")
  return {
    seconds = seconds, heap = heap, memory = memory, statements = statements, reads = reads,
  }
end

return sweeps
