--- Lists that come in pages, as iterators. `partner.cases:list { Statuses = { "Active" } }` sends
-- nothing yet; it makes a listing:
--
--     for case in listing:each() do ... end     every row; raises the failure of a page
--     local case, err = listing:next()          row by row, without raising
--     local cases, err = listing:all(500)       the rows as an array, 500 at most
--     local page, err = listing:page(3)         one page as the service gives it
--     local totals, err = listing:totals()      totalResults, totalPages, ...
--
-- While the rows of a page are used, the next page is on its way. Pages are the largest there are,
-- unless the query says otherwise, and the first is the query's.
-- @module debitura.client.pagination

local core = require("debitura.core")
local failure = require("debitura.base.failure")
local merged = require("debitura.base.merged")
local response = require("debitura.client.response")
local task = require("debitura.async.task")
local usage = require("debitura.base.usage")

local pagination = {}

--- The largest page of the services; one list's documents give none.
local LARGEST_PAGE = 100

--- A list may grow while it is read, yet not to more than twice its length and so many pages.
local GROWTH = 100
--- Pages of a list that does not say how many it has, or says more.
local LONGEST = 50000

--- Rows that `all` gathers where it is given no limit.
pagination.MAX_ROWS = 100000

-- Cursor: a place among the rows -----------------------------------------------------------------

local Cursor = {}
Cursor.__index = Cursor

--- Makes a cursor before the first row of a listing. `wanted`: how many rows it will be asked for
-- at most.
local function new_cursor(listing, wanted)
  return setmetatable({
    listing = listing, number = listing.query[listing.row.page_param] or 1, more = true,
    wanted = wanted or math.huge, rows = {}, index = 0, passed = 0,
  }, Cursor)
end

-- Sends for the next page without waiting for it. The credential is seen to first: a token half
-- minted by a task that is not resumed for the time being would be waited for by all others.
function Cursor:fetch_ahead()
  local listing, number = self.listing, self.number
  if not listing.session:authorize() then return end
  self.ahead = task.start(function() return listing:fetch(number) end)
end

-- Waits for the page on its way, or asks for it now. What went wrong on the way may be no more than
-- that the rows before were used for longer than a call may take, so it is asked for once more.
function Cursor:next_page()
  local ahead = self.ahead
  self.ahead = nil
  if ahead then
    local waiter, err = self.listing.session:waiter()
    if not waiter then return nil, err end
    ahead:finish(waiter)
    local page
    page, err = ahead.results[1], ahead.results[2]
    if not ahead.sound then error(page, 0) end
    if page or not err.retryable then return page, err end
  end
  return self.listing:fetch(self.number)
end

--- Whether there are rows after those of a page. Where the service does not say, a page that is not
-- full is the last.
local function more_after(page, rows, number, size)
  if #rows == 0 then return false end
  local last = type(page.page) == "table" and page.page.totalPages
  if type(last) == "number" then return number < last end
  return #rows >= size
end

--- The last page that is asked for, whatever the service promises after it.
local function last_page(page, number)
  local promised = type(page.page) == "table" and tonumber(page.page.totalPages) or LONGEST
  return number + 2 * math.min(promised, LONGEST) + GROWTH
end

function Cursor:turn_page()
  local listing = self.listing
  local page, err = self:next_page()
  if not page then return nil, err end
  local rows = page[listing.row.pages]
  if type(rows) ~= "table" then rows = {} end
  local number = tonumber(self.number) or 1 -- of unchecked calls it may be anything
  self.more = more_after(page, rows, number, listing.query[listing.row.page_size_param])
  self.last = self.last or last_page(page, number)
  if self.more and number >= self.last then
    return nil, failure.new {
      kind = "limit", operation = listing.row.name,
      message = ("the list does not end: page %d promises another"):format(number),
    }
  end
  self.number, self.passed = number + 1, self.passed + #self.rows
  self.rows, self.index = rows, 0
  return true
end

function Cursor:next()
  while self.index >= #self.rows do
    if not self.more then return nil end
    local turned, err = self:turn_page()
    if not turned then return nil, err end
  end
  self.index = self.index + 1
  if self.index == 1 and self.more and self.passed + #self.rows < self.wanted then
    self:fetch_ahead()
  end
  return self.rows[self.index]
end

-- Listing ----------------------------------------------------------------------------------------

local Listing = {}
Listing.__index = Listing

function Listing:__tostring()
  return "debitura.listing (" .. self.row.name .. ")"
end

-- Reads a page and sees whether it is one.
function Listing:fetch(number)
  local query = merged(self.query, { [self.row.page_param] = number })
  local page, err, received = self.session:call(self.row, { path = self.path, query = query },
    self.options)
  if err then return nil, err end
  local rows = type(page) == "table" and page[self.row.pages]
  if type(rows) ~= "table" and rows ~= core.null then
    return nil, response.failure(self.row, received, {
      kind = "malformed", message = ("the response has no array %q"):format(self.row.pages),
    })
  end
  self.latest = page
  return page, nil, received
end

--- Reads one page.
-- @tparam number number the first is 1
-- @treturn[1] table the decoded body: `page` with the totals, the rows, and what else it has
-- @treturn[1] nil
-- @treturn[1] userdata the response: `status`, `headers`, `body`, `request_id`, `timing`
-- @treturn[2] nil
-- @treturn[2] table failure; `malformed` when there are no rows where the contract has them
function Listing:page(number)
  if type(number) ~= "number" then
    usage.error("listing:page: the number of a page expected, got " .. type(number))
  end
  return self:fetch(number)
end

--- Iterates over all rows. Rows that are added or go meanwhile may move others over a page's edge,
-- so that these come twice or not at all: the services page by number. (Lua 5.1 itself cannot wait
-- inside of a `for` in a coroutine; there, `next`.)
-- @treturn function an iterator of rows
-- @raise the failure (see debitura.base.failure), when a page cannot be had
function Listing:each()
  local cursor = new_cursor(self)
  return function()
    local row, err = cursor:next()
    if err then error(err, 0) end
    return row
  end
end

--- The next row; each call goes one further.
-- @treturn[1] table row
-- @treturn[2] nil at the end
-- @treturn[3] nil
-- @treturn[3] table failure; the next call asks for the same page again
function Listing:next()
  self.cursor = self.cursor or new_cursor(self)
  return self.cursor:next()
end

--- Gathers rows, from the first on.
-- @tparam[opt] number limit how many at most; without it, more than 100,000 are a failure
-- @treturn[1] table array of rows
-- @treturn[2] nil
-- @treturn[2] table failure, of kind `limit` for too many
function Listing:all(limit)
  if limit ~= nil and (type(limit) ~= "number" or limit < 0) then
    usage.error("listing:all: a number of rows expected")
  end
  local wanted = limit or pagination.MAX_ROWS + 1
  local cursor, rows = new_cursor(self, wanted), core.json.array({})
  while #rows < wanted do
    local row, err = cursor:next()
    if err then return nil, err end
    if row == nil then break end
    rows[#rows + 1] = row
  end
  if limit or #rows < wanted then return rows end
  return nil, failure.new {
    kind = "limit", operation = self.row.name,
    message = (
      "more than %d rows: give listing:all a limit, or go through them with listing:each"):format(
      pagination.MAX_ROWS),
  }
end

local function latest(self)
  if self.latest then return self.latest end
  return self:fetch(self.query[self.row.page_param] or 1)
end

--- What the page read last tells of the whole; the first page is read if none was.
-- @treturn[1] table `totalResults`, `totalPages`, `pageSize`, `currentPage`, `responseCount`
-- @treturn[2] nil
-- @treturn[2] table failure
function Listing:totals()
  local page, err = latest(self)
  if not page then return nil, err end
  return page.page
end

--- The `summary` that comes with each page of `reporting.transactions`, over all rows; nil where a
-- list has none.
-- @treturn[1] table
-- @treturn[2] nil
-- @treturn[2] table failure
function Listing:summary()
  local page, err = latest(self)
  if not page then return nil, err end
  return page.summary
end

local function largest_page(row)
  for _, field in ipairs(row.query) do
    if field.name == row.page_size_param then return field.max or LARGEST_PAGE end
  end
end

--- Makes a listing.
-- @tparam table session see debitura.client.session
-- @tparam table row an operation whose response is a page
-- @tparam table arguments see debitura.client.request.arguments
-- @tparam table options of each call
-- @treturn table
function pagination.new(session, row, arguments, options)
  local query = merged(arguments.query)
  if query[row.page_size_param] == nil then query[row.page_size_param] = largest_page(row) end
  return setmetatable({
    session = session, row = row, path = arguments.path, query = query, options = options,
  }, Listing)
end

return pagination
