--- How a request shows who sends it: a function that adds a header to a request's headers.
--
-- `credential(headers)` returns what it used (any true value), or nil and a failure.
-- `credential(headers, refused)` is asked after a 401 with what was refused: it adds another one,
-- or returns nil when there is no other.
-- @module debitura.client.credential

local credential = {}

--- A key that stays the same.
-- @tparam userdata key a `core.secret`
-- @treturn function
function credential.key(key)
  return function(headers, refused)
    if refused then return nil end
    headers.XApiKey = key
    return key
  end
end

--- The bearer token of a partner's client.
-- @tparam table tokens see debitura.client.tokens
-- @tparam string tenant the externalTenantId
-- @treturn function
function credential.token(tokens, tenant)
  return function(headers, refused)
    local token, err = tokens:get(tenant, refused)
    if not token then return nil, err end
    headers.Authorization = token.bearer
    return token
  end
end

return credential
