-- Links between pages lead to files and headings that there are.

local function read_file(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("*a")
  file:close()
  return text
end

--- A page without its code, in which brackets mean something else.
local function prose(text)
  return (("\n" .. text):gsub("\n```.-\n```", "\n"):gsub("`[^`\n]*`", "CODE"))
end

--- What a page's headings are called in links.
local function anchors(text)
  local found = {}
  for heading in ("\n" .. text:gsub("\n```.-\n```", "\n")):gmatch("\n#+ ([^\n]+)") do
    found[heading:lower():gsub("[^%w%-_ \128-\255]", ""):gsub(" ", "-")] = true
  end
  return found
end

--- A link's path, from the directory of its page.
local function resolved(page, path)
  local joined = (page:match("^(.*/)") or "") .. path
  local count
  repeat joined, count = joined:gsub("[^/.]+/%.%./", "", 1) until count == 0
  return joined
end

local function exists(path)
  local file = io.open(path)
  return file ~= nil and file:close() ~= nil
end

local pages = assert(io.popen("git ls-files -co --exclude-standard '*.md'"))

for page in pages:lines() do
  local text = read_file(page)
  it("leads somewhere: every link of " .. page, function()
    for link in prose(text):gmatch("%]%(([^)]+)%)") do
      local path, anchor = link:match("^([^#]*)#?(.*)$")
      if not link:find("^%l+:") then
        local target = path == "" and page or resolved(page, path)
        assert.is_true(exists(target), link .. " leads nowhere")
        if anchor ~= "" then
          assert.is_true(anchors(read_file(target))[anchor], link .. " has no such heading")
        end
      end
    end
  end)
end
pages:close()

it("The index names every page, once", function()
  local index, listing = read_file("docs/README.md"), assert(io.popen("ls docs/*.md docs/*/*.md"))
  for page in listing:lines() do
    local _, count = index:gsub("%]%(" .. page:sub(6):gsub("%p", "%%%0") .. "%)", "")
    assert.equal(page == "docs/README.md" and 0 or 1, count, page)
  end
  listing:close()
end)

it("The glossary has each of its words once, and the pages use them", function()
  local seen, texts = {}, {}
  local listing = assert(io.popen("git ls-files '*.md' types lua | grep -v glossary"))
  for page in listing:lines() do texts[#texts + 1] = read_file(page) end
  listing:close()
  local text = table.concat(texts):lower()
  for row in read_file("docs/design/glossary.md"):gmatch("\n| ([%w ,]+) | ") do
    for word in row:gmatch("[^, ][^,]*") do
      assert.is_nil(seen[word], word .. " has two rows")
      seen[word] = true
      assert.is_truthy(word == "word" or text:find(word:lower(), 1, true), word)
    end
  end
  assert.is_true(seen.tenant)
end)
