-- What scripts/prose finds in a page, and what it leaves alone.

local origin = require "spec.support.origin"

local function found(text)
  local directory, remove = origin.directory()
  origin.write(directory .. "/page.md", text)
  local said = origin.output(("lua5.4 scripts/prose.lua %s/page.md 2>&1"):format(directory))
  remove()
  return (said:gsub(directory:gsub("%p", "%%%0") .. "/", ""))
end

local LONG = ("word "):rep(31) .. "end."

describe("The lint of prose", function()
  it("finds a sentence of more than 30 words, with its line, also over several lines", function()
    assert.equal("page.md:3: 32 words: word word word word word word word word …\n"
      .. "page.md:1: 17.5 words a sentence\n",
      found("# A page\n\nShort is good. " .. LONG:gsub("word word", "word\nword", 1)))
  end)

  it("counts an item of a list by itself, and code and a link's target as one word", function()
    assert.equal("", found("- " .. ("word "):rep(15) .. "\n- `a b c` " .. ("word "):rep(15)
      .. "\n\n[a page](with/a target).\n"))
  end)

  it("leaves headings, tables and code alone", function()
    assert.equal("", found("# " .. LONG .. "\n\n| " .. LONG .. " |\n\n```\n" .. LONG .. "\n```\n\n"
      .. "    " .. LONG .. "\n"))
  end)

  it("finds words that say too little", function()
    assert.equal("page.md:1: nobody: say it in another word\n", found("Here is nobody.\n"))
  end)
end)
