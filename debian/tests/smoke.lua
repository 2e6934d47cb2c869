-- Run while the package is built and once it is installed: the core loads, signs, seals nothing
-- silently, and a store opens.
local debitura = require "debitura"
local core = require "debitura.core"

local secret = "c2FtcGxlLXdlYmhvb2stc2VjcmV0"
local event, body = debitura.webhook.example("client.linked")
local signature = debitura.webhook.sign(body, secret)
local read = assert(debitura.webhook.verify { body = body, signature = signature, secret = secret })
assert(read.id == event.id)
assert(core.json.decode(body).event == "client.linked")
local store = assert(debitura.store.open("memory:"))
assert(store:stamp("test") == "test")
assert(debitura.partner { api_key = "sample-key", environment = "test" })
