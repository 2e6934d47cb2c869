--- The state machine of what a client has to sign or to fill in; debitura.recipes.machine says how it is read.
--
-- A matter of kind "signing" (agreement, power of attorney, pricing appendix: one URL walks through all that is open) or "kyc" (the
-- director's identity), one of each for a tenant, without a name. However many cases wait for it, the customer is asked once.
-- @module debitura.recipes.signing

local machine = require("debitura.workflow.machine")

local DAY = 86400
local REMIND_AFTER = { 3 * DAY, 7 * DAY }
-- The power of attorney is one step of a walk: what follows it is given this many seconds before it is asked for.
local WALK = 600

local states = {
  outstanding = "the customer was asked, where a URL is known",
  submitted = "the director's data were sent on the customer's behalf",
  done = "nothing is open",
}

local takes = {}

function takes.url(self, event) return { set = { url = event.url or false, generation = self.generation + 1 } } end

--- A fresh URL for what the customer was asked already.
function takes.fresh_url(_, event) return { set = { url = event.url } } end

function takes.no_url() return { set = { url = false } } end

local effects = {
  --- The director's data, where the platform has them.
  submit_kyc = function(self, _, policy, now)
    return self.kind == "kyc" and policy.has_directors and { machine.owe("submit_kyc", self, now, self.generation) } or {}
  end,
  --- The URL by each channel, unless the platform has what the customer would fill in.
  deliver = function(self, event, policy, now)
    local knows = self.kind == "kyc" and policy.has_directors and event.name ~= "no_director"
    return knows and {} or machine.deliveries(self, {}, policy, now)
  end,
  remind = function(self, event, policy, now)
    local knows = self.kind == "kyc" and policy.has_directors and event.name ~= "no_director"
    return knows and {} or machine.reminders(self, policy, now, REMIND_AFTER)
  end,
  deliver_again = function(self, event, policy, now)
    return machine.deliveries(self, event, policy, now, "+" .. self.version)
  end,
  --- A look at Debitura: is anything open still?
  look = function(self, event, _, now)
    return { machine.owe("look", self, now + (event.part and WALK or 0), self.generation, "v" .. self.version) }
  end,
  --- Lets go of the cases that have waited for it.
  release = function(self, _, _, now) return { machine.owe("release", self, now, self.generation, "v" .. self.version) } end,
}

--- Events: `needed` comes from a case that is parked and from looking after a link, `signed` from the signing webhooks, `ask` from
-- the platform, `submitted` and `no_director` from the effect `submit_kyc`, `done` from a look at Debitura.
local transitions = {
  { on = "needed", from = { "none", "done" }, to = "outstanding", take = "url", effects = { "submit_kyc", "deliver", "remind" } },
  { on = "needed", from = { "outstanding" }, when = "has_url", take = "fresh_url", effects = { "deliver" } },
  { on = "no_director", from = { "outstanding" }, effects = { "deliver", "remind" } },
  { on = "submitted", from = { "none", "outstanding", "done" }, to = "submitted", take = "no_url", effects = { "release" } },
  { on = "signed", from = { "outstanding" }, effects = { "look" } },
  { on = "ask", from = { "outstanding" }, effects = { "deliver_again" } },
  { on = "done", from = { "outstanding", "submitted" }, to = "done", take = "no_url", effects = { "release" } },
}

return machine.new {
  states = states, takes = takes, effects = effects, transitions = transitions,
  guards = { has_url = { function(_, event) return event.url ~= nil and event.url ~= false end, "brings no URL" } },
}
