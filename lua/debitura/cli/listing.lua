--- Rows of the store as a table: which of them, in which order, and how many.
-- @module debitura.cli.listing

local each_row = require("debitura.store.each_row")
local must = require("debitura.cli.must")
local options = require("debitura.cli.options")
local output = require("debitura.cli.output")
local status = require("debitura.cli.exit_status")
local text = require("debitura.cli.text")

local listing = {}

local PAGE = 500 -- rows that are asked for at once

--- The name by which a column is sorted by: "DISABLED BECAUSE" -> "disabled-because".
local function name_of(column)
  return (column[1]:lower():gsub(" ", "-"))
end

--- Adds what every list takes: `--sort` by one of its columns, and `--limit`.
-- @tparam table parser of argparse
-- @tparam table columns see debitura.cli.output
function listing.describe(parser, columns)
  local by_name, names = {}, {}
  for i, column in ipairs(columns) do
    names[i] = name_of(column)
    by_name[names[i]] = column
  end
  parser:option("--sort", "By a column, such as " .. names[1] .. "; " .. names[1]
    .. ":desc from its end."):argname("COLUMN"):convert(function(given)
    local name, order = given:match("^([^:]+):?(.*)$")
    if by_name[name] and (order == "" or order == "asc" or order == "desc") then
      return { column = by_name[name], descending = order == "desc" }
    end
    return nil, ("a column is expected, perhaps with :asc or :desc, instead of '%s'; there are %s")
      :format(given, table.concat(names, ", "))
  end)
  options.count(parser, "--limit", "How many at most.")
end

--- Adds `--state`, which may be given several times.
-- @tparam table parser
-- @tparam table states
function listing.describe_states(parser, states)
  parser:option("--state", "In this state only; may be repeated."):choices(states):argname("STATE")
    :count("*")
end

--- What a store's list is filtered by, where it takes one state, and what is looked at here.
-- @tparam table chosen array of states
-- @treturn ?string
-- @treturn function whether a row is in one of them
function listing.states(chosen)
  if #chosen == 0 then return nil, function() return true end end
  local wanted = {}
  for _, state in ipairs(chosen) do wanted[state] = true end
  return #chosen == 1 and chosen[1] or nil, function(row) return wanted[row.state] == true end
end

--- Sorts rows by a column; what has no value stands at the end, and equals keep their order.
local function sort(rows, by)
  local values, order = {}, {}
  for i, row in ipairs(rows) do
    local value = output.value_of(row, by.column)
    if type(value) == "boolean" then value = value and 1 or 0 end
    values[i], order[i] = value, i
  end
  table.sort(order, function(a, b)
    local left, right = values[a], values[b]
    if left == nil or right == nil then
      if left == nil and right == nil then return a < b end
      return right == nil
    end
    if left == right then return a < b end
    if by.descending then left, right = right, left end
    return left < right
  end)
  local sorted = {}
  for i, index in ipairs(order) do sorted[i] = rows[index] end
  return sorted
end

--- Goes through what fits a filter, page by page.
-- @tparam table store
-- @tparam string list the store's verb
-- @tparam table filter what it takes, without `limit`
-- @tparam function use is given each row, and ends it by false
-- @treturn[1] boolean true
-- @treturn[2] nil
-- @treturn[2] table failure
function listing.each(store, list, filter, use)
  filter.limit = PAGE
  return each_row(store, list, filter, use)
end

--- Prints what fits a filter.
-- @tparam table session
-- @tparam table columns
-- @tparam string list the store's verb
-- @tparam table filter see `listing.each`
-- @tparam[opt] function shown_of gives what is printed of a row, or false
-- @treturn[1] number exit status
-- @treturn[2] nil
-- @treturn[2] table failure
function listing.print(session, columns, list, filter, shown_of)
  local arguments, store = session.arguments, must(session:store())
  local shown, left = session.out:table(columns), arguments.limit or math.huge
  local kept = arguments.sort and {}
  local function print_row(row)
    if left > 0 then shown:row(row) end
    left = left - 1
    return left > 0
  end
  local done, err = listing.each(store, list, filter, function(item)
    local row = item
    if shown_of then row = shown_of(item) end
    if not row then return true end
    if not kept then return print_row(row) end
    kept[#kept + 1] = row
  end)
  if done and kept then
    for _, row in ipairs(sort(kept, arguments.sort)) do print_row(row) end
  end
  if shown:close() == 0 and done then session:note("There are none.") end
  return done and status.done, err
end

--- Prints what fails or is only noted, each with its `severity`: for people in lines that fit the
-- screen.
-- @tparam table session
-- @tparam table columns
-- @tparam table items
-- @tparam function said_of gives the paragraphs about one
-- @treturn number exit status
function listing.severities(session, columns, items, said_of)
  local out, code = session.out, status.done
  for _, one in ipairs(items) do
    if one.severity == "fails" then code = status.partial end
  end
  if out.json or out.wide or not out.screen then
    out:rows(columns, items)
    return code
  end
  for _, one in ipairs(items) do
    for i, said in ipairs(said_of(one)) do
      out:paragraph(text.clean(said), ("%-7s"):format(i == 1 and one.severity or ""))
    end
  end
  return code
end

return listing
