--- Reports a programmer's mistake where it was made: at the first frame outside this library.
--
-- Counted levels of `error` go wrong as soon as a constructor calls another. This looks at the
-- files instead.
-- @module debitura.base.usage

local usage = {}

-- Where the library's files are, as the interpreter names them: `@…/debitura/`.
local HOME = debug.getinfo(1, "S").source:gsub("base[/\\]usage%.lua$", "")

local function is_outside(info)
  return info.currentline > 0 and info.source:sub(1, #HOME) ~= HOME
end

--- Where the code stands that called the library.
-- @treturn string `"file.lua:12: "`, or `""` when no frame outside the library is on the stack
function usage.position()
  local level = 2
  local info = debug.getinfo(level, "Sl")
  while info do
    if is_outside(info) then return ("%s:%d: "):format(info.short_src, info.currentline) end
    level = level + 1
    info = debug.getinfo(level, "Sl")
  end
  return ""
end

--- Raises an error at the caller's line.
-- @tparam string message names the option or argument, and what was expected
-- @raise always
function usage.error(message)
  error(usage.position() .. message, 0)
end

--- Raises an error at the caller's line unless a condition holds.
-- @param condition
-- @tparam string message
-- @return the condition
function usage.check(condition, message)
  if not condition then usage.error(message) end
  return condition
end

return usage
