-- Makes a site of the pages, beside the reference that LDoc has made of the modules: lua5.1
-- scripts/site.lua DIRECTORY. Pages keep their paths: docs/start.md is docs/start.html, and a
-- README.md the index.html of its directory. Files that pages link to are copied.

local discount = require("discount")

local site = assert(arg[1])

local NAVIGATION = {
  { "debitura", "index.html" }, { "Start", "docs/start.html" },
  { "Build", "docs/index.html#build" },
  { "Run", "docs/index.html#run" }, { "Look up", "docs/index.html#look-up" },
  { "Reference", "reference/index.html" }, { "C core", "core.html" },
}

local VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1">'

local FRAME = [[
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
$VIEWPORT
<title>$TITLE</title>
<link rel="stylesheet" href="$ROOTreference/ldoc.css">
</head>
<body>
$NAVIGATION
<main class="page">
$BODY
</main>
</body>
</html>
]]

local function read_file(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

local function write_file(path, text)
  os.execute("mkdir -p '" .. path:match("^(.*)/") .. "'")
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

local function lines_of(command)
  local lines, pipe = {}, assert(io.popen(command))
  for line in pipe:lines() do lines[#lines + 1] = line end
  pipe:close()
  return lines
end

local function escaped(text)
  return (text:gsub("[&<>]", { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;" }))
end

-- One page ----------------------------------------------------------------------------------------

--- What leads from a page to the root of the site.
local function root_of(path)
  return ("../"):rep(select(2, path:gsub("/", "")))
end

local function navigation(root)
  local links = {}
  for index, entry in ipairs(NAVIGATION) do
    links[index] = ('<a href="%s%s">%s</a>'):format(root, entry[2], entry[1])
  end
  return '<nav class="site" aria-label="Docs">' .. table.concat(links) .. "</nav>"
end

local function in_frame(path, title, body)
  local root = root_of(path)
  return (FRAME:gsub("%$(%u+)", { VIEWPORT = VIEWPORT, TITLE = title, ROOT = root,
    NAVIGATION = navigation(root), BODY = body }))
end

--- What GitHub calls a heading in links.
local function anchor(heading)
  local text = heading:gsub("<[^>]*>", ""):gsub("&%w+;", ""):lower()
  return (text:gsub("[^%w%-_ \128-\255]", ""):gsub(" ", "-"))
end

--- Where a link leads on the site; files that it needs there are noted.
local function target(link, page, needed)
  -- discount writes addresses of mail as numbers
  if link:find("^%l+:") or link:find("^[#&]") then return link end
  local path, rest = link:match("^([^#]*)(.*)$")
  if path:find("%.md$") then
    return path:gsub("README%.md$", "index.md"):gsub("%.md$", ".html") .. rest
  end
  local file = (page:match("^.*/") or "") .. path
  if io.open(file .. "/README.md") then return path:gsub("/$", "") .. "/index.html" .. rest end
  needed[file] = true
  return link
end

-- Words ------------------------------------------------------------------------------------------

local GLOSSARY = "docs/design/glossary.md"

--- Its words that pages also use as plain English does.
local PLAIN = {}
for word in ("actor attempt cause machine mark needs shape step terms total verb"):gmatch("%a+") do
  PLAIN[word] = true
end

--- Where the glossary's row of a word is.
local function place_of(word) return "word-" .. word:lower():gsub("%W+", "-") end

--- The glossary's words as `{ word, place, meaning }`, the longest first.
local words = {}
for row, meaning in read_file(GLOSSARY):gmatch("\n| ([%w ,]+) | ([^\n]+) |") do
  for word in row:gmatch("[^,]+") do
    word = word:match("^%s*(.*)$")
    if not PLAIN[word] and row ~= "word" then
      words[#words + 1] = { word, place_of(row), (escaped(meaning):gsub("[`\"]", "")) }
    end
  end
end
table.sort(words, function(a, b) return #a[1] > #b[1] end)

--- What holds no links.
local APART = { a = true, code = true, pre = true, h1 = true, h2 = true, h3 = true, h4 = true }

--- The HTML of a page, where the first use of each of the glossary's words leads to its row.
local function with_words(html, page)
  if page == GLOSSARY then
    return (html:gsub("<tr>%s*<td>%s*([%w ,]-)%s*</td>", function(row)
      return ('<tr id="%s"><td>%s</td>'):format(place_of(row), row)
    end))
  end
  local used, links, apart = {}, {}, 0
  local start = root_of(page) .. GLOSSARY:gsub("%.md$", ".html#")
  html = html:gsub("([^<]*)(<?[^>]*>?)", function(text, tag)
    for _, entry in ipairs(apart == 0 and words or {}) do
      local word = entry[1]
      if not used[word] then
        text = text:gsub("%f[%w/_-][" .. word:sub(1, 1):upper() .. word:sub(1, 1) .. "]"
          .. word:sub(2) .. "s?%f[^%w/_-]", function(found)
          if used[word] then return end
          used[word], links[#links + 1] = true, ('<a class="word" href="%s" title="%s">%s</a>')
            :format(start .. entry[2], entry[3], found)
          return "\1" .. #links .. "\2"
        end)
      end
    end
    local ends, name = tag:match("^<?(/?)(%w*)")
    if APART[name] then apart = apart + (ends == "/" and -1 or 1) end
    return text .. tag
  end)
  return (html:gsub("\1(%d+)\2", function(index) return links[tonumber(index)] end))
end

--- A table of three columns or more, whose cells say what they are where they stand one below the
-- other: on a telephone.
local function labelled(table_html)
  local heads = {}
  for head in table_html:gmatch("<th>%s*(.-)%s*</th>") do heads[#heads + 1] = head end
  if #heads < 3 then return table_html end
  return (table_html:gsub("<table>", '<table class="wide">'):gsub("<tr>(.-)</tr>", function(row)
    local index = 0
    return "<tr>" .. row:gsub("<td>(%s*)", function()
      index = index + 1
      return ('<td data-head="%s">'):format(heads[index])
    end) .. "</tr>"
  end))
end

--- A page of Markdown as HTML. Code is put aside, so that Markdown finds nothing in it.
local function rendered(text, page, needed)
  local kept = {}
  local function keep(html)
    kept[#kept + 1] = html
    return ("\n\nKEPT%dKEPT\n\n"):format(#kept)
  end
  text = ("\n" .. text):gsub("\n```[^\n]*\n(.-)\n```", function(code)
    return keep('<pre tabindex="0"><code>' .. escaped(code) .. "</code></pre>")
  end)
  local html = discount(text)
  local seen = {}
  html = html:gsub("<(h%d)[^>]*>(.-)</h%d>", function(tag, heading)
    local name = anchor(heading)
    seen[name] = (seen[name] or -1) + 1
    if seen[name] > 0 then name = name .. "-" .. seen[name] end
    return ('<%s id="%s">%s</%s>'):format(tag, name, heading, tag)
  end)
  html = html:gsub('(<a href=")([^"]*)', function(start, link)
    return start .. target(link, page, needed)
  end):gsub('(<img src=")([^"]*)', function(start, link)
    return start .. target(link, page, needed)
  end)
  html = html:gsub("<table>.-</table>", labelled)
    :gsub("<table", '<div class="scroll" tabindex="0"><table')
    :gsub("</table>", "</table></div>"):gsub("<th>%s*</th>", "<td></td>")
    :gsub("<pre>", '<pre tabindex="0">')
  html = html:gsub("<p>(<img [^>]*>)</p>", '<div class="scroll" tabindex="0">%1</div>')
  html = with_words(html, page)
  return (html:gsub("<p>KEPT(%d+)KEPT</p>", function(index) return kept[tonumber(index)] end))
end

-- The headers of the core -------------------------------------------------------------------------

--- The headers of the C core: what each is for, and its declarations.
local function core_page()
  local parts = { "# The C core\n\nC without Lua: `src/core`, which `src/lua` binds.\n" }
  for _, path in ipairs(lines_of("find src/core -name '*.h' | sort")) do
    local text = read_file(path)
    local about = text:match("^/%*(.-)%*/") or ""
    local code = text:match("#define DBT_%w+_H%s+(.-)%s*#endif%s*$") or text
    parts[#parts + 1] = ("## %s\n\n%s\n\n```c\n%s\n```\n"):format(path:match("src/core/(.*)"),
      about:gsub("\n %* ?", "\n"):gsub("^%s+", ""), code)
  end
  return table.concat(parts, "\n")
end

-- The site ----------------------------------------------------------------------------------------

local needed = {}
for _, page in ipairs(lines_of("git ls-files -co --exclude-standard '*.md'")) do
  local text = read_file(page)
  local path = page:gsub("README%.md$", "index.md"):gsub("%.md$", ".html")
  write_file(site .. "/" .. path, in_frame(path, text:match("# ([^\n]*)"), rendered(text, page,
    needed)))
end
write_file(site .. "/core.html", in_frame("core.html", "The C core", rendered(core_page(), "",
  needed)))
for path in pairs(needed) do write_file(site .. "/" .. path, read_file(path)) end

-- LDoc knows neither telephones nor the other pages.
for _, path in ipairs(lines_of("find '" .. site .. "/reference' -name '*.html'")) do
  local html = read_file(path)
  local root = root_of(path:sub(#site + 2))
  html = html:gsub("^<!DOCTYPE.-<html>", '<!DOCTYPE html>\n<html lang="en">', 1)
    :gsub("<head>", "<head>\n" .. VIEWPORT, 1)
    :gsub("<body>", function() return "<body>\n" .. navigation(root) end, 1)
    :gsub("<pre", '<pre tabindex="0"')
  write_file(path, html)
end
