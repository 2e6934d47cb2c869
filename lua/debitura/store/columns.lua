--- What the columns of the store's rows hold, for backends that keep or return everything as text. The rest are ids: text.
-- @module debitura.store.columns

local function set(names)
  local members = {}
  for name in names:gmatch("%S+") do members[name] = true end
  return members
end

return {
  --- Numbers: counts, and times in Unix seconds.
  numbers = set [[generation base version cases awaited failed attempt seq replay waiting slot count
    requested_at expires_at created_at updated_at at due_at received_at ended_at ends_at]],

  --- Text from outside, which may hold any byte.
  bytes = set [[payload url body token reason note problem result]],
}
