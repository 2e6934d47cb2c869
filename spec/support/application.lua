--- The application in examples/openresty: a copy of it that listens elsewhere, run as its first
-- lines say.

local origin = require("spec.support.origin")
local ports = require("spec.support.ports")
local server = require("spec.support.server")

local application = {}

--- Copies it.
-- @tparam string directory that it becomes; must not be there yet
-- @treturn table `public` and `private`, the ports in the place of 8080 and 8081
function application.copy(directory)
  local public, private = ports(2)
  local sound = os.execute(
    ("cp -r examples/openresty '%s' && sed -i 's/:8080/:%d/; s/:8081/:%d/' '%s/nginx.conf'"):format(
    directory, public, private, directory))
  assert(sound == true or sound == 0)
  return { public = public, private = private }
end

--- Starts the copy in a directory.
-- @tparam string directory
-- @tparam table environment values by their names
function application.start(directory, environment)
  local words = {}
  for name, value in pairs(environment) do words[#words + 1] = ("%s='%s'"):format(name, value) end
  local said = origin.output(
    ("%s spec/support/bin/openresty -p '%s/' -c nginx.conf -e error.log 2>&1 || echo failed")
      :format(
    table.concat(words, " "), directory))
  assert(said == "", said)
end

--- Stops what runs in a directory, if anything does, and waits until it has ended.
-- @tparam string directory
function application.stop(directory)
  local path = directory .. "/nginx.pid"
  local file = io.open(path)
  if not file then return end
  os.execute("kill " .. file:read("*n"))
  file:close()
  assert(server.wait_until(function()
    file = io.open(path) -- nginx removes it when it ends
    return not file or not file:close()
  end), "nginx did not end: " .. directory)
end

return application
