--- What shows that a form was filled in by the operator it was made for: good for one action on one
-- thing, for an hour. That it is used once is the store's business, see
-- debitura.status.desk.acting.
-- @module debitura.status.desk.csrf

local core = require("debitura.core")
local encoding = require("debitura.base.encoding")

local csrf = {}

local LASTS = 3600 -- seconds
local PLACE, SECRET_LASTS = "desk/secret", 30 * 86400

--- The secret that the desks of all processes on a store share.
local function secret_of(store, now)
  local secret, err = store:token(PLACE, now)
  if secret ~= false then return secret, err end
  local put
  put, err = store:token_put(PLACE, encoding.random_hex(32), now + SECRET_LASTS, now)
  if not put then return nil, err end
  -- Of two that were put at the same moment, the later one counts.
  return store:token(PLACE, now)
end

--- Joins texts so that no others give the same.
local function joined(parts)
  local written = {}
  for i, part in ipairs(parts) do written[i] = ("%d:%s"):format(#part, part) end
  return table.concat(written)
end

local function seal(secret, claim, bound)
  return encoding.hex(core.signature.hmac(secret, joined { claim, joined(bound) }))
end

--- Makes a token.
-- @tparam table store
-- @tparam table bound array of texts: who may use it, and for what
-- @tparam number now
-- @treturn[1] string
-- @treturn[2] nil
-- @treturn[2] table failure of the store
function csrf.make(store, bound, now)
  local secret, err = secret_of(store, now)
  if not secret then return nil, err end
  local claim = ("%d.%s"):format(math.floor(now) + LASTS, encoding.random_hex(16))
  return claim .. "." .. seal(secret, claim, bound)
end

--- Checks a token.
-- @tparam table store
-- @param token whatever came
-- @tparam table bound as for `make`
-- @tparam number now
-- @treturn[1] string what names it, to be kept as used
-- @treturn[2] boolean false: it is missing, forged, another's or too old
-- @treturn[3] nil
-- @treturn[3] table failure of the store
function csrf.check(store, token, bound, now)
  local claim, ends, nonce, given =
    (token or ""):match("^((%d+)%.(%x+))%.(%x+)$")
  if not claim or #ends > 12 or tonumber(ends) < now then return false end
  local secret, err = secret_of(store, now)
  if not secret then return nil, err end
  -- Digests are compared, so that how long it takes tells nothing of the seal.
  local wanted = core.digest.sha256(seal(secret, claim, bound))
  return core.digest.sha256(given) == wanted and nonce
end

return csrf
