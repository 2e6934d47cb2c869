--- What is checked of a case beyond its cells: what the rest of the library would refuse, codes,
-- decimals, and that it is in the file once.
-- @module debitura.import.checks

local cells = require("debitura.import.cells")
local codes = require("debitura.base.codes")
local columns = require("debitura.import.columns")
local names = require("debitura.store.names")
local null = require("debitura.base.null")
local operations = require("debitura.operations")
local text = require("debitura.base.text")
local validate = require("debitura.operations.validate")

local checks = {}

local CREATE = operations.get("customer", "cases.create")
local BODY = { type = "shape", shape = CREATE.body, required = true }

local AMOUNTS = {}
for path in pairs(columns.known()) do
  if path:find("^amount") then AMOUNTS[#AMOUNTS + 1] = path end
end

local function report(record, path, message)
  if path == "" then path = "row" end
  if not (record.problems and record.problems[path]) then columns.problem(record, path, message) end
end

-- A shape's rule, for what is in a part of the case; nil for the case itself.
local function rule_for(self, part, shape)
  local prefix = part and part .. "." or ""
  return { part, CREATE.shapes[shape].rule, function(name, message)
    report(self.record, prefix .. name, message)
  end }
end

--- What a source needs for its checks.
-- @tparam table self the source
-- @tparam ?number now Unix seconds
function checks.prepare(self, now)
  self.rules = { rule_for(self, nil, CREATE.body) }
  for _, field in ipairs(CREATE.shapes[CREATE.body].fields) do
    if field.type == "shape" then
      self.rules[#self.rules + 1] = rule_for(self, field.name, field.shape)
    end
  end
  self.context = { shapes = CREATE.shapes, now = now, report = function(path, message)
    report(self.record, path, message)
  end }
end

-- What the rest of the library would refuse. The cells of a table have been checked one by one:
-- what is left is what they are together.
local function check_request(self, record)
  if not record.cells then return validate.value(BODY, record.case, "", self.context) end
  for _, row in ipairs(self.rules) do
    local value = record.case
    if row[1] then value = value[row[1]] end
    if value and row[2] then row[2](value, row[3], self.context) end
  end
end

local function check_codes(record)
  local currency = null.text(record.case, "currencyCode")
  local country = null.text(record.case.debtor, "countryAlpha2")
  if currency and not codes.decimals(currency) then
    columns.problem(record, "currencyCode", codes.NO_CURRENCY)
  end
  if country and not codes.is_country(country) then
    columns.problem(record, "debtor.countryAlpha2", codes.NO_COUNTRY)
  end
end

local function check_amounts(record)
  local case = record.case
  for _, path in ipairs(AMOUNTS) do
    local value = case[path]
    if type(value) == "number" then
      local problem = cells.decimals_problem(value, null.text(case, "currencyCode"))
      if problem then columns.problem(record, path, problem) end
    end
  end
end

local INVISIBLE = "has white space or an invisible character in it: type it again"

local function is_unclean(value)
  return text.has_invisible(value) or text.trim(value) ~= value
end

local function reference_problem(self, record, tenant, reference)
  if type(reference) ~= "string" or reference == "" then
    return "required, to recognise the case: fill it in"
  end
  -- A cell was trimmed and looked through when it was read.
  if not record.cells and is_unclean(reference) then return INVISIBLE end
  local problem = names.problem(tenant, reference)
  if problem then return problem end
  if self.seen:add(tenant .. "\0" .. reference) then
    return "is twice in this file: remove one, or give it a reference of its own"
  end
end

local function check_keys(self, record)
  local tenant = self.tenant or record.tenant or ""
  local problems = record.problems or {}
  if not problems[columns.TENANT] then
    if tenant == "" then
      columns.problem(record, columns.TENANT, "required: fill it in")
    elseif not record.cells and is_unclean(tenant) then
      columns.problem(record, columns.TENANT, INVISIBLE)
    end
  end
  if problems.creditorReference then return end
  local problem = reference_problem(self, record, tenant, record.case.creditorReference)
  if problem then columns.problem(record, "creditorReference", problem) end
end

--- Texts of which a spreadsheet would make formulas, when the report is opened in one.
local function note_formula(self, record, path, value)
  if type(value) ~= "string" or not text.is_formula(value) then return end
  self.formulas = self.formulas + 1
  self.first_formula = self.first_formula or ("line %d, %s"):format(record.line, path)
end

--- Checks a case; what is wrong is in `record.problems` then.
-- @tparam table self the source, with `settings`, `tenant`, `seen`, `formulas`; see `prepare`
-- @tparam table record
function checks.record(self, record)
  local case = record.case
  local debtor = null.table(case.debtor)
  self.record = record
  check_keys(self, record)
  -- Those of a table are checked as cells.
  if not record.cells then check_codes(record) end
  check_amounts(record)
  if self.settings.check then check_request(self, record) end
  note_formula(self, record, "creditorReference", case.creditorReference)
  note_formula(self, record, "debtor.name", debtor.name)
  note_formula(self, record, "debtor.contactPerson", debtor.contactPerson)
end

return checks
