--- Compares the rows of an API with an OpenAPI document that Debitura has published.
--
-- A change is `{ severity, change, where, message }`: "fails" where a program that goes by the rows
-- may be refused, or read what is not there, "noted" where it goes on as it is. What a row says
-- and the document does not (most words of lists, and what only prose requires) is no change.
-- @module debitura.operations.compare

local decisive = require("debitura.operations.decisive")
local merged = require("debitura.base.merged")
local notation = require("debitura.operations.notation")
local operations = require("debitura.operations")

local compare = {}

local Changes = {}
Changes.__index = Changes

function Changes:add(severity, change, where, message)
  local key = table.concat({ change, where, message }, "\0")
  if self.known[key] then return end
  self.known[key] = true
  table.insert(self.list,
    { severity = severity, change = change, where = where, message = message })
end

-- Fields ------------------------------------------------------------------------------------------

local function by_name(fields)
  local found = {}
  for _, field in ipairs(fields or {}) do found[field.name] = field end
  return found
end

local WORDS = { string = "text", integer = "whole number", number = "number",
  boolean = "true or false", array = "array", map = "map", object = "object", binary = "file",
  any = "anything" }

--- The description that a name of a shape stands for, as far as there is one.
local function opened(field, shapes)
  local shape = field.type == "shape" and shapes[field.shape]
  return shape or field
end

local function has(values, wanted)
  for _, value in ipairs(values) do
    if value == wanted then return true end
  end
  return false
end

--- Words that were added to a list or taken from it. A document that gives none leaves them to
-- prose.
function Changes:words(ours, theirs, where, side, owner)
  if not theirs.values or theirs.values[1] == nil then return end
  if not ours.values then
    return self:add("noted", "changed", where,
      "is a list now: " .. table.concat(theirs.values, ", "))
  end
  for _, value in ipairs(theirs.values) do
    if not has(ours.values, value) then
      local decides = side == "answer" and decisive.by_word(owner)
      self:add(decides and "fails" or "noted", "added", where, ("the word '%s'"):format(value))
    end
  end
  -- Of a field with an open list the rows know words from prose.
  if ours.open then return end
  for _, value in ipairs(ours.values) do
    if not has(theirs.values, value) then
      self:add(side == "request" and "fails" or "noted", "removed", where,
        ("the word '%s'"):format(value))
    end
  end
end

--- Whether a field must be given now by those who send it, and whether it may be null.
function Changes:required(ours, theirs, where, side)
  if theirs.required and not ours.required and side == "request" then
    self:add("fails", "changed", where, "is required now")
  end
  if theirs.nullable and not ours.nullable and side == "answer" and ours.type ~= "shape" then
    self:add("noted", "changed", where, "may be null now")
  elseif ours.nullable and not theirs.nullable and side == "request" and ours.type ~= "shape" then
    self:add("noted", "changed", where, "may be null no more")
  end
end

local function fewer(ours, theirs)
  return theirs.max and ours.max ~= theirs.max and (not ours.max or theirs.max < ours.max)
end

--- Compares what two fields are.
-- @tparam table ours
-- @tparam table theirs
-- @tparam string where
-- @tparam string side "request" or "answer"
-- @tparam string owner as `decisive.by_word` takes it
function Changes:types(ours, theirs, where, side, owner)
  if ours.type == "shape" and theirs.type == "shape" then
    return self:shapes_of(ours.shape, theirs.shape, where, side)
  end
  if ours.type == "shape" and not self.ours[ours.shape].fields then owner = ours.shape end
  local left, right = opened(ours, self.ours), opened(theirs, self.theirs)
  if left.type == "any" or right.type == "any" then
    if left.type ~= right.type then
      self:add("noted", "changed", where, ("is %s now, was %s"):format(WORDS[right.type] or "?",
        WORDS[left.type] or "?"))
    end
  elseif left.type ~= right.type then
    self:add("fails", "changed", where, ("is %s now, was %s"):format(WORDS[right.type] or "?",
      WORDS[left.type] or "?"))
  elseif left.type == "object" then
    self:fields(left.fields, right.fields, where, side, left.name)
  elseif left.items then
    self:types(left.items, right.items or { type = "any" }, where .. "[]", side, owner)
  else
    if right.format and left.format ~= right.format then
      self:add("noted", "changed", where, ("has the form %s now"):format(right.format))
    end
    if side == "request" and fewer(left, right) then
      self:add("fails", "changed", where, ("may be %g at most now"):format(right.max))
    end
    self:words(left, right, where, side, owner)
  end
end

--- Compares two shapes once for each side; where the document has another name, too.
function Changes:shapes_of(name, other, where, side)
  local key = table.concat({ name, other, side }, "\0")
  if self.compared[key] then return end
  self.compared[key] = true
  local left, right = self.ours[name], self.theirs[other]
  if not right then
    return self:add("noted", "removed", where, ("'%s' is described no more"):format(other))
  end
  if left.type == "object" and right.type == "object" then
    return self:fields(left.fields, right.fields, name, side, name)
  end
  self:types(left, right, name, side, name)
end

--- Compares fields by their names.
function Changes:fields(ours, theirs, where, side, shape)
  local left, right = by_name(ours), by_name(theirs)
  for _, field in ipairs(theirs or {}) do
    local place = where .. "." .. field.name
    local known = left[field.name]
    if not known then
      self:add(field.required and side == "request" and "fails" or "noted", "added", place,
        field.required and side == "request" and "a field that is required" or "a field")
    else
      self:required(known, field, place, side)
      self:types(known, field, place, side, (shape or "") .. "." .. field.name)
      if field.deprecated and not known.deprecated then
        self:add("noted", "changed", place, "is deprecated now")
      end
    end
  end
  for _, field in ipairs(ours or {}) do
    if not right[field.name] then
      self:add("fails", "removed", where .. "." .. field.name, "a field")
    end
  end
end

-- Operations --------------------------------------------------------------------------------------

--- The same for every spelling of the parameters.
local function place_of(row)
  return row.method .. " " .. row.path:gsub("{.-}", "{}")
end

local HEADERS = { { name = "Idempotency-Key", type = "string", max = 255 } }

function Changes:answers(row, other, where)
  local ours = merged(row.success, row.errors)
  for status, theirs in pairs(other.responses) do
    local place, known = ("%s %d"):format(where, status), ours[status]
    if known == nil then
      self:add(status < 300 and "fails" or "noted", "added", place, "an answer")
    elseif not known or not theirs then
      if known or theirs then
        self:add(known and status < 300 and "fails" or "noted", "changed", place,
          theirs and "has a body now" or "has no body now")
      end
    else
      self:types(notation.type(known), theirs, place, "answer")
    end
  end
  for status in pairs(ours) do
    if other.responses[status] == nil then
      self:add("noted", "removed", ("%s %d"):format(where, status), "an answer")
    end
  end
end

function Changes:operation(row, other)
  local where = row.method .. " " .. row.path
  local parameters = by_name(other.path_params)
  for _, field in ipairs(row.path_params) do -- under another name they are the same
    local theirs = parameters[field.name]
    if theirs then self:types(field, theirs, where .. "." .. field.name, "request") end
  end
  self:fields(row.query, other.query, where, "request")
  self:fields(row.idempotency_key and HEADERS or {}, other.header, where, "request")
  if row.form or other.form then
    self:fields(row.form or {}, other.form or {}, where, "request")
  elseif row.body and not other.body or other.body and not row.body then
    self:add(other.body and "fails" or "noted", row.body and "removed" or "added", where, "a body")
  elseif row.body then
    self:types(notation.type(row.body), other.body, where, "request")
  end
  self:answers(row, other, where)
  if other.deprecated and not row.deprecated then
    self:add("noted", "changed", where, "is deprecated now")
  end
end

local function rows_of(api)
  local rows = {}
  for _, row in operations.each(api) do
    if not row.variant_of then rows[place_of(row)] = row end
  end
  return rows
end

--- The API that most operations of a document are of.
-- @tparam table document see `debitura.operations.openapi.read`
-- @treturn ?string nil when none is
function compare.api_of(document)
  local best, most = nil, 0
  for _, api in ipairs { "partner", "customer" } do
    local rows, count = rows_of(api), 0
    for _, other in ipairs(document.rows) do
      if rows[place_of(other)] then count = count + 1 end
    end
    if count > most then best, most = api, count end
  end
  return best
end

--- Compares.
-- @tparam string api "partner" or "customer"
-- @tparam table document see `debitura.operations.openapi.read`
-- @treturn table array of changes, those that fail first, then by where they are
function compare.changes(api, document)
  local changes = setmetatable({ list = {}, known = {}, compared = {},
    ours = operations.shapes(api), theirs = document.shapes }, Changes)
  local rows, seen = rows_of(api), {}
  for _, other in ipairs(document.rows) do
    local place = place_of(other)
    seen[place] = true
    if rows[place] then
      changes:operation(rows[place], other)
    else
      changes:add("noted", "added", other.method .. " " .. other.path, "an operation")
    end
  end
  for place, row in pairs(rows) do
    if not seen[place] then
      changes:add("fails", "removed", row.method .. " " .. row.path, "an operation")
    end
  end
  table.sort(changes.list, function(a, b)
    if a.severity ~= b.severity then return a.severity < b.severity end
    if a.where ~= b.where then return a.where < b.where end
    return a.change .. a.message < b.change .. b.message
  end)
  return changes.list
end

return compare
