--- What is checked of a case beyond its cells: what the rest of the library would refuse, codes,
-- decimals, and that it is in the file once.
-- @module debitura.import.checks

local cells = require("debitura.import.cells")
local codes = require("debitura.base.codes")
local columns = require("debitura.import.columns")
local null = require("debitura.base.null")
local operations = require("debitura.operations")
local text = require("debitura.base.text")
local validate = require("debitura.operations.validate")

local checks = {}

local CREATE = operations.get("customer", "cases.create")
local BODY = { type = "shape", shape = CREATE.body, required = true }

-- What the rest of the library would refuse.
local function check_request(self, record)
  local context = {
    shapes = CREATE.shapes, now = self.settings.now,
    report = function(path, message)
      if path == "" then path = "row" end
      if not (record.problems and record.problems[path]) then
        columns.problem(record, path, message)
      end
    end,
  }
  validate.value(BODY, record.case, "", context)
end

local function check_codes(record)
  local currency = null.text(record.case, "currencyCode")
  local country = null.text(record.case.debtor, "countryAlpha2")
  if currency and not codes.decimals(currency) then
    columns.problem(record, "currencyCode", "is no currency of ISO 4217, such as EUR")
  end
  if country and not codes.is_country(country) then
    columns.problem(record, "debtor.countryAlpha2", "is no country's code of ISO 3166, such as DK")
  end
end

-- A number of JSON as text, for its decimals.
local function number_text(value)
  return (("%.6f"):format(value):gsub("0+$", ""):gsub("%.$", ""))
end

local function check_amounts(record)
  local currency = null.text(record.case, "currencyCode")
  for path, value in pairs(record.case) do
    if type(value) == "number" and type(path) == "string" and path:find("^amount") then
      local amount = record.amounts[path] or number_text(value)
      record.amounts[path] = amount
      local problem = currency and cells.decimals_problem(amount, currency)
      if problem then columns.problem(record, path, problem) end
    end
  end
end

local function check_keys(self, record)
  local tenant, reference = self.tenant or record.tenant, record.case.creditorReference
  if not tenant or tenant == "" then columns.problem(record, columns.TENANT, "required") end
  if type(reference) ~= "string" or text.trim(reference) == "" then
    columns.problem(record, "creditorReference", "required, to recognise the case")
  elseif record.problems and record.problems.creditorReference then
    return
  elseif text.has_invisible(reference) or text.trim(reference) ~= reference then
    columns.problem(record, "creditorReference", "has white space or an invisible character in it")
  elseif tenant and self.seen:add(tenant .. "\0" .. reference) then
    columns.problem(record, "creditorReference", "is twice in this file")
  end
end

--- Texts of which a spreadsheet would make formulas, when the report is opened in one.
local FORMULA_PATHS = { "creditorReference", "debtor.name", "debtor.contactPerson" }

local function note_formulas(self, record)
  local debtor = null.table(record.case.debtor)
  local values = { record.case.creditorReference, debtor.name, debtor.contactPerson }
  for index, path in ipairs(FORMULA_PATHS) do
    local value = values[index]
    if type(value) == "string" and cells.is_formula_like(value) then
      self.formulas = self.formulas + 1
      self.first_formula = self.first_formula or ("line %d, %s"):format(record.line, path)
    end
  end
end

--- Checks a case; what is wrong is in `record.problems` then.
-- @tparam table self the source, with `settings`, `tenant`, `seen`, `formulas`
-- @tparam table record
function checks.record(self, record)
  check_keys(self, record)
  check_codes(record)
  check_amounts(record)
  if self.settings.check then check_request(self, record) end
  note_formulas(self, record)
end

return checks
