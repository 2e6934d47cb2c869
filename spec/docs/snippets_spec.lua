-- How the snippets of a page are found and compared; spec/docs/docs_spec.lua runs them.

local snippets = require "spec.support.snippets"

local PAGE = [[
# A page

```lua
local a = 1
```

Text.

```lua alone
local b = 2
```

```
not a program
```

```lua
return a
```

```console
$ echo one; echo two
one
two
$ true
$ date
...
```
]]

describe("Snippets", function()
  local found = snippets.find(PAGE)

  it("are found with their language, what follows it, and their line", function()
    local summary = {}
    for index, snippet in ipairs(found) do
      summary[index] = { snippet.language, snippet.words, snippet.line }
    end
    assert.same({ { "lua", "", 4 }, { "lua", "alone", 10 }, { "", "", 14 }, { "lua", "", 18 },
      { "console", "", 22 } }, summary)
  end)

  it("become one program that keeps the lines of the page", function()
    assert.equal("\n\n\nlocal a = 1\n" .. ("\n"):rep(13) .. "return a\n",
      snippets.program { found[1], found[4] })
  end)

  it("of a console are commands and what they print", function()
    assert.same({
      { command = "echo one; echo two", output = "one\ntwo\n" },
      { command = "true", output = "" },
      { command = "date", output = "...\n" },
    }, snippets.dialogue(found[5]))
  end)

  it("show output in full, unless three dots stand for some of it", function()
    assert.is_true(snippets.fits("one\n", "one\n"))
    assert.is_false(snippets.fits("one\n", "one\ntwo\n"))
    assert.is_false(snippets.fits("", "one\n"))
    assert.is_true(snippets.fits("a (1.5)\n...\nz\n", "a (1.5)\nb\nc\nz\n"))
    assert.is_false(snippets.fits("a.c\n", "abc\n"))
    assert.is_false(snippets.fits("a\n...\nz\n", "a\nb\n"))
  end)
end)
