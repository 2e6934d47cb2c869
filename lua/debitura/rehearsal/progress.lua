--- What a rehearsal has done, in a file of its owner's: verdicts, what later steps go on with, and
-- what is still to be cleaned up. It is written before anything is made, so that a process that
-- dies leaves nothing behind that is not in it.
-- @module debitura.rehearsal.progress

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local merged = require("debitura.base.merged")

local progress = {}

local VERSION = 1
local MOST = 4 * 1024 * 1024 -- bytes of the file
local FIELDS = { run = "string", begun_at = "number", account = "string", base_url = "string",
  steps = "table", facts = "table", things = "table", differences = "table",
  noted = "table", rounds = "table" }

local Progress = {}
Progress.__index = Progress

--- Writes the file; a process that dies meanwhile leaves the one before.
-- @raise where it cannot be written: nothing may be made then
function Progress:save()
  local text = assert(core.json.encode(self.state))
  local beside = self.path .. ".new"
  local written, err = core.system.write_private(beside, text .. "\n")
  if written then written, err = os.rename(beside, self.path) end
  if not written then error({ unsaved = ("%s: %s"):format(self.path, err) }, 0) end
end

--- Notes something that is about to be made.
-- @tparam table thing `kind`, and what finds it again
-- @treturn table the same
function Progress:will_make(thing)
  for _, present in ipairs(self.state.things) do
    if thing.kind == present.kind and thing.name and thing.name == present.name then
      return present
    end
  end
  table.insert(self.state.things, thing)
  self:save()
  return thing
end

--- Notes that something is gone.
-- @tparam table thing
function Progress:is_gone(thing)
  for index, present in ipairs(self.state.things) do
    if present == thing then table.remove(self.state.things, index) end
  end
  for _, fact in ipairs(thing.facts or {}) do self.state.facts[fact] = nil end
  self:save()
end

local function problem_of(state)
  if type(state) ~= "table" or state.version ~= VERSION then
    return "is no rehearsal of this release"
  end
  for name, kind in pairs(FIELDS) do
    if type(state[name]) ~= kind then return "is damaged: " .. name end
  end
end

--- Reads a rehearsal.
-- @tparam string path
-- @treturn[1] table|false false where there is none
-- @treturn[2] nil
-- @treturn[2] string
function progress.read(path)
  local file = io.open(path, "rb")
  if not file then return false end
  local text = file:read(MOST)
  file:close()
  local state = core.json.decode(text or "")
  local problem = problem_of(state)
  if problem then return nil, ("%s %s"):format(path, problem) end
  return setmetatable({ path = path, state = state }, Progress)
end

--- Begins a rehearsal.
-- @tparam string path
-- @tparam table about `begun_at`, `account`, `base_url`, `place`
-- @treturn table
function progress.begin(path, about)
  local state = merged({ version = VERSION, run = encoding.random_hex(4), steps = {}, facts = {},
    things = core.json.array {}, differences = {}, noted = {}, rounds = {} }, about)
  return setmetatable({ path = path, state = state }, Progress)
end

return progress
