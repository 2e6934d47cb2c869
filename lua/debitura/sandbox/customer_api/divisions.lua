--- Divisions: business units of a creditor that cases can be filed under.
-- @module debitura.sandbox.customer_api.divisions

local coverage = require("debitura.sandbox.model.coverage")
local lists = require("debitura.sandbox.api.lists")
local random = require("debitura.sandbox.model.random")
local records = require("debitura.sandbox.model.records")
local reply = require("debitura.sandbox.api.reply")
local validate = require("debitura.sandbox.api.validate")


local handle = {}

local FIELDS = { "companyName", "registrationNumber", "address", "zipCode", "state", "city",
  "officeEmail", "officePhone" }

local function view(division)
  local country = coverage.countries[division.country_code]
  local shown = {
    id = division.id, country = { id = country.id, name = country.name,
      alpha2 = division.country_code }, isArchived = division.archived,
    createdUtc = division.created_at, updatedUtc = division.updated_at,
  }
  for _, name in ipairs(FIELDS) do shown[name] = division[name] end
  return shown
end

--- Takes over a body as a whole: optional fields left out are cleared.
local function fill(call, division)
  local code = call.body.countryCode:upper()
  if not coverage.countries[code] then
    return validate.refuse(call.row, { countryCode = { "is no country that is known" } })
  end
  for _, name in ipairs(FIELDS) do
    division[name] = call.body[name]
  end
  division.country_code = code
end

local function with_division(serve)
  return function(call)
    local division = call.state.divisions.by_id[call.params.id]
    if not division or division.creditor_id ~= call.creditor.id then
      return reply.not_found("The division")
    end
    return serve(call, division)
  end
end

handle["divisions.create"] = function(call)
  local division = { creditor_id = call.creditor.id, archived = false, created_at = call.now }
  local refusal = fill(call, division)
  if refusal then return refusal end
  division.id = random.uuid(call.state.random)
  records.add(call.state.divisions, division)
  return reply.json(201, view(division))
end

handle["divisions.list"] = function(call)
  local found = records.select(call.state.divisions, function(division)
    return division.creditor_id == call.creditor.id
      and (call.query.includearchived or not division.archived)
  end)
  local page, views = lists.page(call.query, found, 10, view)
  return { page = page, divisions = views }
end

handle["divisions.get"] = with_division(function(_, division)
  return view(division)
end)

handle["divisions.update"] = with_division(function(call, division)
  local refusal = fill(call, division)
  if refusal then return refusal end
  division.updated_at = call.now
  return view(division)
end)

handle["divisions.delete"] = with_division(function(call, division)
  for _, id in ipairs(call.creditor.case_ids) do
    local case = call.state.cases.by_id[id]
    if case.division_id == division.id and case.lifecycle ~= "Closed" then
      return reply.failure(422, "DivisionInUse",
        "Active cases belong to the division; archive it instead.")
    end
  end
  records.remove(call.state.divisions, division.id)
  return reply.empty(204)
end)

handle["divisions.archive"] = with_division(function(call, division)
  if division.archived then
    return reply.failure(422, "DivisionArchived", "The division is archived already.")
  end
  division.archived, division.updated_at = true, call.now
  return view(division)
end)

return { operations = handle }
