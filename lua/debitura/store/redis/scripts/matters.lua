--- What is followed for a tenant beside its link; see debitura.store.redis.scripts.
-- @module debitura.store.redis.scripts.matters

local pieces = require("debitura.store.redis.scripts.fragments")

local scripts = {}

local MATTER = [[
-- Where the members of a tenant begin. By bytes they are in the order of the tenants, and none begins like another tenant's.
local function first_of(tenant)
  return string.gsub(tenant, '%z', '\0\1') .. '\0\0'
end
local function member_of(tenant, name)
  return first_of(tenant) .. name
end
local function matter_row(kind, member)
  local row = call('HGETALL', key('matter', kind, member))
  return #row > 0 and row or nil
end
]]

scripts.matter = MATTER .. [[
local tenant, kind, name = take(), take(), take()
return {matter_row(kind, member_of(tenant, name))}]]

scripts.matters = MATTER .. [[
local kind, state, tenant, after_tenant, after_name, limit = take(), take(), take(), take(), take(), take()
local index = state and key('matters_in', kind, state) or key('matters', kind)
local from, to = '-', '+'
if tenant then from, to = '[' .. first_of(tenant), '(' .. string.sub(first_of(tenant), 1, -2) .. '\1' end
if after_tenant then
  local after = member_of(after_tenant, after_name)
  if not tenant or not before(after, first_of(tenant)) then from = '(' .. after end
end
local rows = {}
for i, member in ipairs(call('ZRANGEBYLEX', index, from, to, 'LIMIT', 0, limit)) do rows[i] = matter_row(kind, member) end
return rows]]

scripts.matter_move = MATTER .. pieces.move .. [[
local tenant, kind, name, change = take(), take(), take(), read_change()
local member = member_of(tenant, name)
local matter = key('matter', kind, member)
local why = refused(matter, change)
if why then return why end
move(matter, change, key('matter_history', kind, member), tenant, {kind = kind, name = name}, key('matters', kind),
  function(state) return key('matters_in', kind, state) end, member)
return {matter_row(kind, member)}]]

scripts.matter_history = MATTER .. pieces.history .. [[
local tenant, kind, name = take(), take(), take()
return history_rows(key('matter_history', kind, member_of(tenant, name)))]]

return scripts
