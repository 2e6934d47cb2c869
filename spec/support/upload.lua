-- Sends the file arg[2] to the URL arg[1] in the way arg[3] says, and prints the server's answer
-- and by how many kilobytes the peak of this process's memory grew meanwhile.

local core = require("debitura.core")

local function peak()
  for line in io.lines("/proc/self/status") do
    local kilobytes = line:match("^VmHWM:%s*(%d+)")
    if kilobytes then return tonumber(kilobytes) end
  end
end

local function text(path)
  local file = assert(io.open(path, "rb"))
  local bytes = file:read("*a")
  file:close()
  return bytes
end

local url, path, way = arg[1], arg[2], arg[3]
local engine = core.engine {}

local function run(request)
  local transfer = assert(engine:submit(request))
  while not transfer:done() do engine:wait(1) end
  return assert(transfer:result()).body
end

run { method = "POST", url = url, body = "warm" }
local request = { method = "POST", url = url }
if way == "body from a file" then
  request.body_file = path
elseif way == "form from a file" then
  request.form = { { name = "file", path = path, filename = "sample.pdf",
    content_type = "application/pdf" } }
elseif way == "body from memory" then
  request.body = text(path)
else
  request.form = { { name = "file", data = text(path), filename = "sample.pdf",
    content_type = "application/pdf" } }
end
local before = peak()
print(run(request))
print(peak() - before)
