-- Verifying a webhook of 1 kB: header and age, against the bare HMAC in a C program (aim: below
-- 1.5); and decoding it, against lua-cjson, which only decodes (aim: 0.85). What the call of the
-- README costs more than a prepared verifier (aim: 1.5 microseconds).
local cjson = require("cjson")
local core = require("debitura.core")
local debitura = require("debitura")
local rounds = require("bench.support.rounds")
local samples = require("bench.support.samples")

local SECRET = "c2FtcGxlLXdlYmhvb2stc2VjcmV0LTAwMQ=="
local T = 1720000000
local TIMES = 20000

local body = samples.event
local header = core.signature.sign(SECRET, body, T)
local verifier = core.signature.verifier({ secrets = { SECRET } })
local program = rounds.compile("hmac_baseline", "libcrypto")
local input = os.tmpname()
local file = assert(io.open(input, "wb"))
file:write(T .. "." .. body)
file:close()

local function hmac_in_c()
  local pipe = assert(io.popen(("%s %d <%s"):format(program, TIMES, input)))
  local nanoseconds = assert(tonumber(pipe:read("*l")), "no figure from the baseline")
  pipe:close()
  return nanoseconds / 1e9
end

local function timed(call)
  return function() return rounds.cpu(call, TIMES) end
end

assert(verifier:verify(header, body, T) == T)
rounds.compare("webhook_verify_1kB", timed(function() return verifier:verify(header, body, T) end),
  hmac_in_c)
os.remove(input)

local fresh = debitura.webhook.sign(body, SECRET)
local prepared = debitura.webhook.verifier { secret = SECRET }
local function verify_prepared() return assert(prepared:verify(body, fresh)) end
local function verify_as_in_readme()
  return assert(debitura.webhook.verify { body = body, signature = fresh, secret = SECRET })
end

rounds.compare("webhook_verify_and_decode_1kB", timed(verify_prepared),
  timed(function() return cjson.decode(body) end))
local seconds, ratio = rounds.in_turns(timed(verify_as_in_readme), timed(verify_prepared))
print(("webhook_verify_unprepared_more %.2f us %.2f"):format((1 - 1 / ratio) * seconds * 1e6,
  ratio))
