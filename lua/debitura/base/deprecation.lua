--- Names that are on their way out. They work on, and say so once in each process, for at least one
-- minor release; see docs/compatibility.md.
-- @module debitura.base.deprecation

local log = require("debitura.base.log")
local version = require("debitura.base.version")

local deprecation = {}

--- By the name in full, which is one of
--
-- - `debitura: name NAME`, of the front door;
-- - `CONSTRUCTOR: option NAME`, with the constructor as errors say it;
-- - `debitura WORD`, of the command:
--
-- `instead` (the last part of the new name), `since`, and `gone` (the release that takes it away).
-- A row stands in CHANGELOG.md as well, under Deprecated.
deprecation.names = {}

-- What was said in this process.
local said = {}

--- The new name in place of one that is deprecated.
-- @tparam string owner what stands before the name
-- @tparam string name
-- @treturn[1] string the new name
-- @treturn[1] ?string what is to be said of it, the first time
-- @treturn[2] nil
function deprecation.find(owner, name)
  local full = owner .. name
  local row = deprecation.names[full]
  if not row then return nil end
  if said[full] then return row.instead end
  said[full] = true
  return row.instead, ("debitura %s: %s is deprecated since %s and goes with %s; use %s"):format(
    version.number, full, row.since, row.gone, row.instead)
end

--- The same, and says it: to a logger, else into nginx's log or on standard error.
-- @tparam string owner
-- @tparam string name
-- @param[opt] logger as debitura.base.log takes it
-- @treturn ?string the new name
function deprecation.current(owner, name, logger)
  local instead, line = deprecation.find(owner, name)
  if line and not logger and not rawget(_G, "ngx") then
    io.stderr:write(line, "\n")
  elseif line then
    log.new(logger or ngx.log).write("warn", line) -- luacheck: ignore 113
  end
  return instead
end

return deprecation
