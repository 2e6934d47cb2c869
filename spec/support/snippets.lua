-- The fenced snippets of a page of Markdown, and how their output is compared. Knows nothing of
-- what runs them.

local snippets = {}

--- Finds the snippets of a text.
-- @tparam string text
-- @treturn table array of `{language, words, line, text}`: `words` is what follows the language on
--   the fence, `line` where the snippet begins
function snippets.find(text)
  local found, open, number = {}, nil, 0
  for line in text:gmatch("([^\n]*)\n?") do
    number = number + 1
    local language, words = line:match("^```(%S*)%s*(.-)%s*$")
    if language and open then
      open.text = table.concat(open.lines, "\n") .. "\n"
      found[#found + 1], open = open, nil
    elseif language then
      open = { language = language, words = words, line = number + 1, lines = {} }
    elseif open then
      open.lines[#open.lines + 1] = line
    end
  end
  return found
end

--- Joins snippets into one program in which every line has the number that it has on the page.
-- @tparam table chosen array of snippets
-- @treturn string
function snippets.program(chosen)
  local parts, line = {}, 1
  for _, snippet in ipairs(chosen) do
    parts[#parts + 1] = ("\n"):rep(snippet.line - line) .. snippet.text
    line = snippet.line + #snippet.lines
  end
  return table.concat(parts)
end

--- Splits a console snippet into commands (after "$ ", and on the next line after a backslash) and
-- what they print.
-- @tparam table snippet
-- @treturn table array of `{command, output}`
function snippets.dialogue(snippet)
  local steps = {}
  for _, line in ipairs(snippet.lines) do
    local command, step = line:match("^%$ (.*)$"), steps[#steps]
    if command then
      steps[#steps + 1] = { command = command, output = "" }
    elseif step and step.output == "" and step.command:find("\\$") then
      step.command = step.command .. "\n" .. line
    elseif step then
      step.output = step.output .. line .. "\n"
    end
  end
  return steps
end

--- Whether an output is what a page shows of it; "..." there stands for anything.
-- @tparam string shown
-- @tparam string output
-- @treturn boolean
function snippets.fits(shown, output)
  local pattern = shown:gsub("%p", "%%%0"):gsub("%%%.%%%.%%%.", ".*")
  return output:find("^" .. pattern .. "$") ~= nil
end

return snippets
