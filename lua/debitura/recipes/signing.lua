--- The state machine of what a client has to sign or to fill in; debitura.workflow.machine says how
-- it is read.
--
-- A record of kind "signing" (agreement, power of attorney, pricing appendix: one URL walks through
-- all that is open) or "kyc" (the director's identity), one of each for a tenant, without a name.
-- However many cases wait for it, the customer is asked once.
-- @module debitura.recipes.signing

local deliveries = require("debitura.recipes.deliveries")
local jobs = require("debitura.workflow.jobs")
local machine = require("debitura.workflow.machine")

local DAY = 86400
local REMIND_AFTER = { 3 * DAY, 7 * DAY }
-- The power of attorney is one step of a walk: what follows it is given this many seconds before it
-- is asked for.
local WALK = 600

local states = {
  outstanding = "something is open that the customer has to sign or to fill in",
  submitted = "the director's data were sent on the customer's behalf",
  done = "nothing is open",
  forgotten = "what was personal is blanked",
}

local function has_url(_, event)
  return event.url ~= nil and event.url ~= false
end

-- The channels that were given the URL of this generation, as keys.
local function given(before, terms)
  local all = {}
  for channel in pairs(before or {}) do all[channel] = true end
  for _, channel in ipairs(terms.channels) do all[channel] = true end
  return all
end

local function has_new_channel(self, event, terms)
  for _, channel in ipairs(has_url(self, event) and terms.channels or {}) do
    if not (self.data.given or {})[channel] then return true end
  end
  return false
end

local takes = {}

function takes.url(self, event, terms)
  return { set = { url = event.url or false, terms = event.terms,
    generation = self.generation + 1 },
    data = { no_director = false, given = event.name == "needed" and given(nil, terms) or {} } }
end

--- The platform has no data of the director, or none that Debitura takes: the customer is asked.
function takes.no_director() return { data = { no_director = true } } end

--- A fresh URL for what the customer was asked already.
function takes.fresh_url(self, event, terms)
  return { set = { url = event.url }, data = { given = given(self.data.given, terms) } }
end

function takes.no_url() return { set = { url = false } } end

--- Whether the platform has what the customer would fill in.
local function platform_knows(self, terms)
  return self.kind == "kyc" and terms.directors and not self.data.no_director
end

local enqueue = {
  --- The director's data, where the platform has them.
  submit_kyc = function(self, _, terms, now)
    return platform_knows(self, terms)
      and { jobs.new("submit_kyc", self, now, { needs = "directors" }) } or {}
  end,
  deliver = function(self, _, terms, now)
    return platform_knows(self, terms) and {} or deliveries.first(self, terms, now)
  end,
  remind = function(self, _, terms, now)
    return platform_knows(self, terms) and {} or deliveries.reminders(self, terms, now,
      REMIND_AFTER)
  end,
  --- Looks, from the next day on, whether anything is open still.
  watch = function(self, _, _, now)
    return { jobs.new(self.kind == "kyc" and "watch_kyc" or "watch_signing", self, now + DAY) }
  end,
  deliver_again = deliveries.again,
  --- A look at Debitura: is anything open still?
  look_up = jobs.once_a_version("look_up"),
  --- The same, once the customer is likely to have gone on.
  look_up_later = jobs.once_a_version("look_up", WALK),
  --- Lets go of the cases that have waited for it.
  release = jobs.once_a_version("release"),
}

--- Events: `needed` comes from a case that is parked and from looking after a link, `found` from
-- looking after one that was taken over, whose customer is not asked, `deliver` from the platform,
-- `submitted` and `no_director` from the job `submit_kyc`, `signed` from a case that had waited for
-- it, `done` from a look at Debitura, `client.gone` from what ends its link; the others are
-- webhooks.
local transitions = {
  { on = "needed", from = "none, done, forgotten", to = "outstanding", take = "url",
    jobs = "submit_kyc, deliver, remind, watch" },
  { on = "found", from = "none", to = "outstanding", take = "url", jobs = "watch" },
  { on = "needed", from = "outstanding", when = "has_first_url", take = "fresh_url",
    jobs = "deliver, remind" },
  { on = "needed", from = "outstanding", when = "has_new_channel", take = "fresh_url",
    jobs = "deliver" },
  { on = "needed", from = "outstanding", when = "has_url", take = "fresh_url" },
  { on = "no_director", from = "outstanding", take = "no_director", jobs = "deliver, remind" },
  { on = "submitted", from = "none, outstanding, done, forgotten", to = "submitted",
    take = "no_url", jobs = "release" },
  { on = "signed, client.onboarding.contract_signed", from = "outstanding", jobs = "look_up" },
  { on = "client.onboarding.poa_signed", from = "outstanding", jobs = "look_up_later" },
  { on = "delivery.given_up", from = "outstanding" },
  { on = "deliver", from = "outstanding", when = "url_is_known", jobs = "deliver_again" },
  { on = "client.gone", from = "outstanding, submitted", to = "done", take = "no_url" },
  { on = "done", from = "outstanding, submitted", to = "done", take = "no_url", jobs = "release" },
}

return machine.new {
  kinds = { "signing", "kyc" }, states = states, takes = takes, jobs = enqueue,
  transitions = transitions,
  guards = {
    url_is_known = { function(self) return self.url end, "there is no URL to hand over" },
    has_url = { has_url, "brings no URL" },
    has_new_channel = { has_new_channel, "brings no URL" },
    has_first_url = {
      function(self, event) return not self.url and has_url(self, event) end, "brings no URL",
    },
  },
}
