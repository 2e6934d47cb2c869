-- Finds sentences of more than 30 words, pages whose sentences have more than 16 words on average,
-- and words that the glossary replaces. Code, tables, headings and diagrams are not prose.

local LONGEST, AVERAGE = 30, 16

local PAGES = "README.md CONTRIBUTING.md SECURITY.md 'docs/*.md' 'examples/*.md'"

--- Words that say too little, or that the glossary has another word for.
local BARRED = { whoever = true, nobody = true, somebody = true, ledger = true, handover = true }

--- Dots that end no sentence.
local ABBREVIATED = { ["e.g."] = true, ["i.e."] = true, ["etc."] = true, ["…"] = true }

-- Reading a page ----------------------------------------------------------------------------------

--- The text of a line as its reader sees it; a code span counts as one word.
local function plain(line)
  return (line:gsub("`[^`]*`", "CODE"):gsub("!?%[([^%]]*)%]%([^)]*%)", "%1")
    :gsub("<[^>]*>", ""):gsub("[*_]+", ""))
end

--- Whether a line begins a paragraph of its own: an item of a list, or a quotation.
local function begins(line)
  return line:find("^%s*[-*>]%s") or line:find("^%s*%d+%.%s")
end

--- Whether a line is no prose: a heading, a row, a rule, code by its indentation, HTML.
local function apart(line)
  return line:find("^#") or line:find("^%s*|") or line:find("^    ") or line:find("^%s*<")
    or line:find("^[-=]+$") or line == ""
end

--- The paragraphs of a page: `{ line, text }` each.
local function paragraphs(path)
  local found, open, fenced, number = {}, nil, false, 0
  for line in io.lines(path) do
    number = number + 1
    local fence = line:find("^%s*```") ~= nil
    if fence then fenced = not fenced end
    if fence or fenced or apart(line) and not (open and line:find("^    %S")) then
      open = nil
    elseif open and not begins(line) then
      open.text = open.text .. " " .. line
    else
      open = { line = number, text = (line:gsub("^%s*[-*>]%s", ""):gsub("^%s*%d+%.%s", "")) }
      found[#found + 1] = open
    end
  end
  return found
end

-- Counting ----------------------------------------------------------------------------------------

--- The sentences of a text, each as an array of its words.
local function sentences(text)
  local found, words = {}, {}
  for word in plain(text):gmatch("%S+") do
    if word:find("[%w\128-\255]") then words[#words + 1] = word end
    local bare = word:gsub("[\"')]+$", "")
    if bare:find("[.!?]$") and not ABBREVIATED[bare] and words[1] then
      found[#found + 1], words = words, {}
    end
  end
  if words[1] then found[#found + 1] = words end
  return found
end

--- Tells of a page; how much is wrong with it.
local function check(path)
  local wrong, total, count = 0, 0, 0
  local function tell(line, text, ...)
    print(("%s:%d: %s"):format(path, line, text:format(...)))
    wrong = wrong + 1
  end
  for _, paragraph in ipairs(paragraphs(path)) do
    for _, words in ipairs(sentences(paragraph.text)) do
      total, count = total + #words, count + 1
      if #words > LONGEST then
        tell(paragraph.line, "%d words: %s …", #words, table.concat(words, " ", 1, 8))
      end
      for _, word in ipairs(words) do
        local bare = word:lower():gsub("%W", "")
        if BARRED[bare] then tell(paragraph.line, "%s: say it in another word", bare) end
      end
    end
  end
  if count > 0 and total / count > AVERAGE then
    tell(1, "%.1f words a sentence", total / count)
  end
  return wrong
end

-- All pages ---------------------------------------------------------------------------------------

local function tracked()
  local paths, listing = {}, assert(io.popen("git ls-files " .. PAGES))
  for path in listing:lines() do paths[#paths + 1] = path end
  listing:close()
  return paths
end

local wrong = 0
for _, path in ipairs(arg[1] and arg or tracked()) do wrong = wrong + check(path) end
os.exit(wrong == 0)
