--- Compares an answer with what the documents say of its operation.
--
-- A difference is `{ kind, path, severity, message, value }`. It never holds a value that came with
-- the answer, but for the words of lists and for statuses; a path leads through the body, `[]` for
-- each item of an array, and is "" for the whole of it.
--
-- | kind | what differs | severity |
-- |---|---|---|
-- | `status` | the documents have no such status for this operation | fails |
-- | `body` | there is a body, or none, or no JSON, against the documents | fails in a success |
-- | `type` | a JSON type is another one | fails |
-- | `value` | a word that is not in the list | fails where this library decides by it |
-- | `lost` | what this library decides by is not there | fails |
-- | `missing` | a field that the documents call required is not there | noted |
-- | `format` | a text or a number is not of the documented form | noted |
-- | `spelling` | a field is written in another case | noted |
-- | `unknown` | a field that the documents do not have | noted |
-- | `header` | Content-Type does not say what the body is | noted |
--
-- JSON null is none of these: the documents call few of the fields nullable which are null in the
-- answers.
-- @module debitura.operations.differences

local core = require("debitura.core")
local decisive = require("debitura.operations.decisive")
local notation = require("debitura.operations.notation")
local null = require("debitura.base.null")
local validate = require("debitura.operations.validate")

local differences = {}

-- Of an array, how many items are looked at; how deep what no document describes.
local MOST_ITEMS, DEEPEST = 100, 8

local TEXT_TYPE = { string = "a text", number = "a number", boolean = "true or false",
  table = "an object" }

-- Names and words ---------------------------------------------------------------------------------

-- The name of a field as it is shown; one that looks like data is not.
local function shown_name(name)
  name = tostring(name)
  return #name <= 64 and name:find("^[%a_][%w_.%-]*$") and name or "(a name)"
end

-- A word of a list as it is shown; what looks like anything else is not.
local function shown_word(value)
  if type(value) == "number" then return tostring(value) end
  return #value <= 60 and value:find("^%a[%a_ :.,'%-]*$") and value or nil
end

local function type_of(value)
  if type(value) ~= "table" then return TEXT_TYPE[type(value)] end
  return (value[1] ~= nil or getmetatable(value) == core.json.array_mt) and "an array"
    or "an object"
end

-- Looking -----------------------------------------------------------------------------------------

local Look = {}
Look.__index = Look

function Look:report(kind, path, message, severity, value)
  local key = table.concat({ kind, path, value or "" }, "\0")
  if self.known[key] then return end
  self.known[key] = true
  table.insert(self.found, { kind = kind, path = path, message = message,
    severity = severity or "noted", value = value })
end

-- Notes that a field was there, of which type, or was not.
function Look:saw(path, kind, word)
  if self.seen then self.seen(path, kind, word) end
end

-- What a value is, as the record of shapes has it.
local function kind_of(value)
  if value == null.value then return "null" end
  if type(value) ~= "table" then return type(value) end
  return type_of(value) == "an array" and "array" or "object"
end

-- What no document describes: only how it is built is of interest.
function Look:undescribed(value, path, depth)
  self:saw(path, kind_of(value))
  if type(value) ~= "table" or not self.seen or depth > DEEPEST then return end
  local is_array, count = type_of(value) == "an array", 0
  for name, item in pairs(value) do
    count = count + 1
    if count > MOST_ITEMS then break end
    local inner = is_array and "[]" or (path == "" and "" or ".") .. shown_name(name)
    self:undescribed(item, path .. inner, depth + 1)
  end
end

function Look:lose(path)
  self:report("lost", path, "is not there, and this library decides by it", "fails")
end

function Look:mistyped(path, value, expected)
  self:report("type", path, ("%s, documented as %s"):format(type_of(value), expected), "fails")
end

-- A word that may not be in its list.
function Look:word(words, value, path, owner)
  for _, known in ipairs(words) do
    if known == value then return end
  end
  local word = decisive.keeps_word(owner) and shown_word(value) or nil
  self:report("value", path, word and ("'%s' is not in the list"):format(word)
    or "a text that is not in the list", decisive.by_word(owner) and "fails", word)
end

local LUA_TYPE = { string = "string", boolean = "boolean", number = "number", integer = "number" }

function Look:leaf(field, value, path, owner)
  local expected = LUA_TYPE[field.type]
  if type(value) ~= expected then return self:mistyped(path, value, TEXT_TYPE[expected]) end
  local words = decisive.words(owner, field.values, self.is_closed)
  if words then return self:word(words, value, path, owner) end
  if field.values then return end
  validate.value(field, value, path, {
    report = function(_, message) self:report("format", path, message) end,
  })
end

-- The fields of a shape by name and by name in lower case, by shape.
local indexes = setmetatable({}, { __mode = "k" })

local function index_of(shape)
  local index = indexes[shape]
  if not index then
    index = { exact = {}, loose = {} }
    for _, field in ipairs(shape.fields) do
      index.exact[field.name], index.loose[field.name:lower()] = field, field
    end
    indexes[shape] = index
  end
  return index
end

-- The field that a name in an object belongs to.
function Look:field_of(shape, name, prefix)
  local index = index_of(shape)
  local field = index.exact[name]
  if field or type(name) ~= "string" then return field end
  field = index.loose[name:lower()]
  if field then
    self:report("spelling", prefix .. field.name, ("written '%s'"):format(name))
  elseif not shape.open then
    self:report("unknown", prefix .. shown_name(name), "is not in the documents")
  end
  return field
end

function Look:object(shape, value, path)
  if type_of(value) ~= "an object" then return self:mistyped(path, value, "an object") end
  local prefix, given = path == "" and "" or path .. ".", {}
  for name, item in pairs(value) do
    local field = self:field_of(shape, name, prefix)
    if field then
      given[field.name] = item
      self:value(field, item, prefix .. field.name, shape.name .. "." .. field.name)
    else
      self:undescribed(item, prefix .. shown_name(name), 1)
    end
  end
  for _, field in ipairs(shape.fields) do
    if given[field.name] == nil then
      self:saw(prefix .. field.name, "absent")
      if field.required then
        self:report("missing", prefix .. field.name, "is not there, documented as required")
      end
    end
  end
  if self.status >= 300 then return end
  for _, lost in ipairs(decisive.lost_fields(shape.name, self.operation, given)) do
    self:lose(prefix .. lost)
  end
end

function Look:items(field, value, path, owner)
  for index = 1, math.min(#value, MOST_ITEMS) do
    self:value(field.items, value[index], path .. "[]", owner)
  end
end

local TYPES = {}

function TYPES.any(look, _, value, path)
  look:undescribed(value, path, 1)
end

function TYPES.array(look, field, value, path, owner)
  if type(value) ~= "table" or type_of(value) ~= "an array" and next(value) ~= nil then
    return look:mistyped(path, value, "an array")
  end
  look:saw(path, "array")
  look:items(field, value, path, owner)
end

function TYPES.map(look, field, value, path)
  if type_of(value) ~= "an object" then return look:mistyped(path, value, "an object") end
  look:saw(path, "object")
  for _, item in pairs(value) do look:value(field.items, item, path .. ".*") end
end

function TYPES.shape(look, field, value, path)
  local shape = look.shapes[field.shape]
  if shape.type ~= "object" then return look:value(shape, value, path, shape.name) end
  if type(value) ~= "table" then return look:mistyped(path, value, "an object") end
  if path ~= "" then look:saw(path, "object") end
  look:object(shape, value, path)
end

-- Looks at one value.
-- @tparam table field its description
-- @param value
-- @tparam string path
-- @tparam ?string owner shape and name of the field, `ConflictResponse.type`
function Look:value(field, value, path, owner)
  if value == null.value then return self:saw(path, "null") end
  local of_type = TYPES[field.type]
  if of_type then return of_type(self, field, value, path, owner) end
  self:saw(path, kind_of(value),
    type(value) == "string" and decisive.by_word(owner) and shown_word(value) or nil)
  self:leaf(field, value, path, owner)
end

-- Bodies ------------------------------------------------------------------------------------------

-- What else a failure may look like, whatever its operation.
local PROBLEM = notation.shape("ProblemDetails", [[
  type string?
  title! string?
  status integer?
  detail string?
  instance string?
]])
PROBLEM.open = true

local LIMIT = notation.shape("RateLimit", [[
  error!      string
  message     string?
  retryAfter  integer
]])

local FIELD_MAP = { type = "map", items = { type = "array", items = { type = "string" } } }

local FORMS = { [400] = FIELD_MAP, [429] = LIMIT }

-- Statuses that any operation may have, though its row has them not: of the key, of the limits, of
-- the server, which also looks at size and type of a body before any operation does.
local GENERAL = { [401] = true, [413] = true, [415] = true, [429] = true, [500] = true,
  [502] = true, [503] = true, [504] = true }

-- Of these, a failure needs no body, and what a proxy says is no JSON.
local function may_be_bare(status)
  return status == 401 or status == 429 or status >= 500
end

local function new_look(row, answer, seen)
  return setmetatable({
    shapes = row.shapes, operation = row.name, status = answer.status,
    is_closed = row.errors[answer.status] == "BusinessErrorResponseApiDTO", found = {}, known = {},
    seen = seen,
  }, Look)
end

local function look_at(form, row, answer, seen)
  local look = new_look(row, answer, seen)
  if form.fields then look:object(form, answer.body, "") else look:value(form, answer.body, "") end
  return look
end

-- Compares a failure with each form that it may have, and keeps the one that fits best; the
-- documented one where none does.
local function compare_failure(row, answer, documented, seen)
  local forms = {
    notation.type(documented or "ApiErrorResponseDto"), PROBLEM, FORMS[answer.status],
  }
  local best, least = forms[1], math.huge
  for _, form in ipairs(forms) do
    local count = #look_at(form, row, answer).found
    if count < least then best, least = form, count end
  end
  return look_at(best, row, answer, seen)
end

local function compare_body(row, answer, documented, seen)
  local success = answer.status < 300
  if type(answer.body) ~= "table" then
    local look = new_look(row, answer, seen)
    if answer.body == nil then
      if documented and not may_be_bare(answer.status) then
        look:report("body", "", ("no body, documented as %s"):format(documented),
          success and "fails")
      end
    elseif success and documented or not may_be_bare(answer.status) then
      look:report("body", "", "no JSON object or array", success and documented and "fails")
    end
    return look
  end
  if not success then return compare_failure(row, answer, documented, seen) end
  local look = new_look(row, answer, seen)
  if documented then
    look:value(notation.type(documented), answer.body, "")
  else
    -- Some successes are answered with more than the documents say, which does no harm.
    look:report("body", "", "a body, documented as none")
    look:undescribed(answer.body, "", 1)
  end
  return look
end

-- Statuses and headers ----------------------------------------------------------------------------

-- Whether the documents have a status, or say in prose that there is such an answer: what is wrong
-- with fields is 400 wherever there are any, an Idempotency-Key used with another body 422.
local function is_documented(row, status)
  if row.unlisted or row.success[status] ~= nil or row.errors[status] ~= nil then return true end
  return GENERAL[status] or status == 400 and (row.body or row.form or #row.query > 0)
    or status == 422 and row.idempotency_key
end

local function header_of(headers, wanted)
  for name, value in pairs(headers or {}) do
    if type(name) == "string" and name:lower() == wanted then return value end
  end
end

local function compare_headers(look, answer)
  local kind = header_of(answer.headers, "content-type")
  if type(answer.body) ~= "table" or not answer.headers then return end
  if type(kind) ~= "string" or not kind:lower():find("^%a+/[%w.+-]*json")
    and not kind:lower():find("^text/plain") then
    look:report("header", "Content-Type", "does not say JSON, which the body is")
  end
end

--- Compares an answer.
-- @tparam table row the operation, see `debitura.operations`
-- @tparam table answer `status`; `headers` (optional); `body`: what it is decoded, nil for none, a
--   text for what is no JSON
-- @tparam[opt] function seen is called with each path of the body and what was there: "string",
--   "number", "boolean", "array", "object", "null" or "absent"; and with the word, where this
--   library decides by a list
-- @treturn table array of differences, those that fail first, then by path; empty where the answer
--   is as documented
function differences.of(row, answer, seen)
  local documented = row.success[answer.status]
  if documented == nil then documented = row.errors[answer.status] end
  local look
  if row.unlisted or not is_documented(row, answer.status) then
    look = new_look(row, answer, seen)
    if type(answer.body) == "table" then look:undescribed(answer.body, "", 1) end
  else
    look = compare_body(row, answer, documented, seen)
  end
  if not is_documented(row, answer.status) then
    look:report("status", "", ("%d is not in the documents"):format(answer.status), "fails",
      tostring(answer.status))
  end
  compare_headers(look, answer)
  for _, path in ipairs(decisive.lost_in_failure(row, answer)) do look:lose(path) end
  table.sort(look.found, function(a, b)
    if a.severity ~= b.severity then return a.severity < b.severity end
    if a.path ~= b.path then return a.path < b.path end
    if a.kind ~= b.kind then return a.kind < b.kind end
    return (a.value or "") < (b.value or "")
  end)
  return look.found
end

return differences
