-- Verifying a webhook of 1 kB, header and age included, against the bare HMAC in a C program. Aim:
-- below 1.5.
local core = require("debitura.core")
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

local function verify()
  return rounds.cpu(function() return verifier:verify(header, body, T) end, TIMES)
end

assert(verifier:verify(header, body, T) == T)

rounds.compare("webhook_verify_1kB", verify, hmac_in_c)
os.remove(input)
