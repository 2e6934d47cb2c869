--- The layouts of tables and keys. A store carries the number of its own; a release reads several,
-- makes new stores in the latest, and leaves the others as they are until `migrate` is called.
--
-- A layout comes from the one before by steps that only add. What a release of the layout before
-- reads and writes stays until the layout after: its processes may run on during a migration.
-- A row of `layouts.list` has
--
-- - `since`, the first release that reads the layout;
-- - `adds`, what it adds, in words;
-- - `sql`, an array of statements, see debitura.store.sql.schema. What tables do by themselves is
--   made anew by each migration;
-- - `redis`, what a script does, see debitura.store.redis.scripts. A new field of a hash needs
--   nothing.
--
-- A column that a layout adds stands in debitura.store.contract with `since`, the layout's number,
-- and may be empty: SQL stores of earlier layouts have nothing in it, whatever is written to it.
-- @module debitura.store.layouts

local version = require("debitura.base.version")

local layouts = {}

layouts.list = {
  { since = "1.0.0" },
}

--- The oldest layout that this release reads.
layouts.oldest = 1

--- The number of the latest layout.
function layouts.latest() return #layouts.list end

--- A number as a store keeps it. Checkouts before 1.0.0 kept bare numbers.
function layouts.text(number) return ("v%d"):format(number) end

local NOTHING = "; nothing was changed: "

--- The number that a store keeps.
-- @tparam string|boolean|nil text
-- @treturn[1] number
-- @treturn[2] nil
-- @treturn[2] string why this release does not read it
function layouts.read(text)
  local number = tonumber((tostring(text):match("^v(%d+)$")))
  if not number then
    return nil, "a checkout before 1.0.0 made it, and no release reads that" .. NOTHING
      .. "name another place"
  end
  local latest = layouts.latest()
  if number >= layouts.oldest and number <= latest then return number end
  local reads = layouts.oldest == latest and "layout %d alone" or "the layouts %d to %d"
  return nil, ("it has layout %d, and debitura %s reads %s"):format(number, version.number,
    reads:format(layouts.oldest, latest)) .. NOTHING
    .. (number > latest and "install the release that migrated it, or a later one"
      or "migrate it with an earlier release first")
end

--- Whether a release reads a layout.
-- @tparam string release such as "1.0.0"
-- @tparam number layout
-- @treturn boolean
function layouts.is_read_by(release, layout)
  local function parts(text) return text:match("^(%d+)%.(%d+)%.(%d+)") end
  local own, since = { parts(release) }, { parts(layouts.list[layout].since) }
  for i = 1, 3 do
    local a, b = tonumber(own[i] or 0), tonumber(since[i])
    if a ~= b then return a > b end
  end
  return true
end

return layouts
