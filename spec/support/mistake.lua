--- What the library says of a programmer's mistake, and of which line it says so.

--- Runs what has to raise, called from the line that is to blame.
-- @tparam function run
-- @treturn string the message, without the position
-- @treturn string the file that the position names
return function(run)
  local sound, message = pcall(run)
  assert(not sound, "no error was raised")
  local path, text = message:match("^([^:]+):%d+: (.*)$")
  assert(path, "the error has no position: " .. message)
  return text, path:match("[^/]+$")
end
