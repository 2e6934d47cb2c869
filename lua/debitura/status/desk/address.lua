--- Addresses within the desk. They are relative, so that it works below any path, and what a tenant
-- is called stands in the query alone.
-- @module debitura.status.desk.address

local encoding = require("debitura.base.encoding")

local address = {}

--- The address of a page.
-- @tparam string name "" for the first
-- @tparam[opt] table query array of `{ name, value }`
-- @treturn string
function address.of(name, query)
  local parts = {}
  for _, pair in ipairs(query or {}) do
    parts[#parts + 1] = encoding.percent(pair[1]) .. "=" .. encoding.percent(pair[2])
  end
  local page = name == "" and "./" or name
  return parts[1] and page .. "?" .. table.concat(parts, "&") or page
end

--- A query with more behind it.
-- @tparam table query array of `{ name, value }`
-- @tparam table more another
-- @treturn table
function address.joined(query, more)
  local all = {}
  for _, part in ipairs { query, more } do
    for _, pair in ipairs(part) do all[#all + 1] = pair end
  end
  return all
end

--- A cell that leads to a tenant's page.
-- @tparam ?string tenant
-- @treturn ?table
function address.tenant(tenant)
  if not tenant or tenant == "" then return nil end
  return { text = tenant, href = address.of("link", { { "tenant", tenant } }) }
end

--- A cell that leads to a list.
-- @tparam string label
-- @tparam string name of the list
-- @tparam table query array of `{ name, value }`
-- @treturn table
function address.link(label, name, query)
  return { text = label, href = address.of(name, query) }
end

return address
