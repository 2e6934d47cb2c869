--- Brings the cases of a file to Debitura, and says what is wrong with which line. Called again it
-- goes on where it was.
--
--     lua examples/bulk_import.lua customer-1 cases.csv

local platform = require("examples.platform")

local tenant, path = arg[1], arg[2]
if not path then
  io.stderr:write("usage: bulk_import.lua EXTERNAL_TENANT_ID FILE\n")
  os.exit(2)
end

local counts, failed = platform.recipes.submission:import(path, {
  external_tenant_id = tenant,
  on_error = function(line, err)
    for field, problems in pairs(err.fields or { case = { tostring(err) } }) do
      io.stderr:write(("line %d: %s: %s\n"):format(line, field, table.concat(problems, "; ")))
    end
  end,
})
if not counts then
  io.stderr:write(tostring(failed), "\n")
  for _, problem in ipairs(failed.fields and failed.fields.file or {}) do
    io.stderr:write("  ", problem, "\n")
  end
  os.exit(1)
end
print(("%d records: %d created, %d waiting for a signature, %d wrong"):format(
  counts.total, counts.created or 0, counts.parked or 0,
  (counts.wrong or 0) + (counts.rejected or 0)))
os.exit((counts.wrong or counts.rejected) and 1 or 0)
