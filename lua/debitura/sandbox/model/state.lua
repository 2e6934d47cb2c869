--- The sandbox's whole memory: one tree of plain data, so that it can be written down and read
-- back.
-- @module debitura.sandbox.model.state

local clock = require("debitura.sandbox.model.clock")
local encoding = require("debitura.base.encoding")
local random = require("debitura.sandbox.model.random")
local records = require("debitura.sandbox.model.records")
local settings = require("debitura.sandbox.model.settings")

local state = {}

--- Makes the memory of a sandbox in which nothing has happened.
-- @tparam table options `settings` (see `debitura.sandbox.model.settings`) and `seed` (a whole
--   number; the same one gives the same ids)
-- @tparam number wall seconds
-- @treturn table
function state.new(options, wall)
  local self = {
    settings = settings.fill(options.settings),
    clock = clock.new(wall),
    random = random.new(options.seed or 1),
    spelling = random.new(options.seed or 1), -- so that spellings change no id
    jobs = {}, -- see debitura.sandbox.model.jobs
    sdca_version = 1,
    next_user_number = 1,
    creditors = records.new(),
    users = records.new(),
    links = records.new(), -- active ones
    requests = records.new(), -- link requests, whatever became of them
    cases = records.new(),
    payments = records.new(),
    files = records.new(),
    divisions = records.new(),
    -- of files; bytes, the one part that is not written down
    contents = { by_id = {}, ids = {}, size = 0 },
    idempotency = records.new(),
    tokens = records.new(),
    used = {}, -- of the rate limits
    faults = {},
    differences = {}, -- from the documents
    calls = {}, -- the last one of each operation
    subscriptions = records.new(),
    deliveries = records.new(),
    -- Indexes: from text to ids.
    user_of_email = {}, -- lower case, as the next two
    creditors_of_email = {}, -- by their users
    creditors_of_office = {}, -- by their support e-mail
    link_of_tenant = {},
    link_of_creditor = {},
    request_of_tenant = {},
  }
  self.partner_id = random.uuid(self.random)
  self.token_key = encoding.base64(random.bytes(self.random, 32))
  return self
end

return state
