-- Follows every link of the site in build/docs: scripts/site_links.lua DIRECTORY. Says what leads
-- nowhere, and how many links there are.

local site = assert(arg[1])

local function read_file(path)
  local file = io.open(path, "rb")
  local text = file and file:read("*a")
  if file then file:close() end
  return text
end

local names = {}

--- The places in a page that links can name.
local function places(path, text)
  if not names[path] then
    names[path] = {}
    for name in text:gmatch("%f[%w]%l+ ?= ?\"([^\"]*)\"") do names[path][name] = true end
  end
  return names[path]
end

local function resolved(page, path)
  local joined = (page:match("^(.*/)") or "") .. path
  local count
  repeat joined, count = joined:gsub("[^/.]+/%.%./", "", 1) until count == 0
  return joined
end

local passed, failed = 0, 0
local pages = assert(io.popen("cd '" .. site .. "' && find . -name '*.html'"))
for page in pages:lines() do
  page = page:sub(3)
  local text = read_file(site .. "/" .. page)
  for link in text:gmatch(" [hs][r][ec]f? ?=%s*\"([^\"]*)\"") do
    if not link:find("^%l+:") and not link:find("^&#") then -- discount hides addresses of mail
      local path, place = link:match("^([^#]*)#?(.*)$")
      local target = path == "" and page or resolved(page, path)
      local there = read_file(site .. "/" .. target)
      if there and (place == "" or places(target, there)[place]) then
        passed = passed + 1
      else
        failed = failed + 1
        print(("%s: %s leads nowhere"):format(page, link))
      end
    end
  end
end
pages:close()
print(("%d passed, %d failed"):format(passed, failed))
os.exit(failed == 0 and passed > 0)
