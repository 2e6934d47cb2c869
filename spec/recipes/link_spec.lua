-- The link's state machine, without a store, a partner or a clock.

local link = require("debitura.recipes.link")
local link_jobs = require("debitura.recipes.link_jobs")

local DAY, HOUR = 86400, 3600
local T0 = 1767225600 -- 2026-01-01T00:00:00Z
local URL = "https://referral.example.test/link/abc"

local terms = {
  channels = { "email", "print" }, window_days = 7, max_generations = 3, pauses = { 0, DAY },
  follow_after = HOUR, remind_after = { 3 * DAY },
  onboarding_reminders = { 2 * DAY },
}

local function with(values, changes)
  for name, value in pairs(changes or {}) do values[name] = value end
  return values
end

--- A link that was given its first URL at T0, and two cases of which have not come.
local function awaited(changes, data)
  return with({
    kind = "link", tenant = "acme/1", name = "", state = "pending", generation = 1, url = URL,
    requested_at = T0, expires_at = T0 + 7 * DAY, version = 3,
    data = with({ first_generation = 0, variant = "approval", cases = 2, awaited = 2, failed = 0 },
      data),
  }, changes)
end

local function event(name, at, more)
  return with({ name = name, at = at or T0 + HOUR }, more)
end

local function step(self, happened, now)
  return link:step(self, happened, terms, now or happened.at)
end

local function state_after(self, happened, now)
  local change, why = step(self, happened, now)
  return change and change.set.state or why
end

--- The keys of the jobs that a change enqueues, without whose they are.
local function keys(change)
  local list = {}
  for i, job in ipairs(change.jobs) do
    list[i] = assert(job.key:match("^(.*)/6:acme/1/0:$"), job.key)
  end
  return list
end

describe("the link's state machine", function()
  describe("asking", function()
    local none = {
      kind = "link", tenant = "acme/1", name = "", state = "none", generation = 0, version = 0,
      data = {},
    }
    local requesting = {
      kind = "link", tenant = "acme/1", name = "", state = "requesting", generation = 0,
      version = 1, data = { cases = 2, awaited = 2, failed = 0 },
    }

    it("stores payload, terms and the count of cases, and enqueues the request", function()
      local change = step(none, event("request", T0, {
        payload = "{}", terms = terms, children = { { is = "awaited" }, { is = "awaited" } },
      }))
      assert.are.same({ state = "requesting", payload = "{}", terms = terms }, change.set)
      assert.are.same({ cases = 2, awaited = 2, failed = 0 }, change.after.data)
      assert.are.same({ {
        key = "request_link/link/1//6:acme/1/0:", kind = "request_link", tenant = "acme/1",
        record = "link", name = "", generation = 1, needs = "", due_at = T0,
      } }, change.jobs)
    end)

    it("records many cases a step at a time, before it asks", function()
      local change = step(none, event("request", T0, { payload = "{}", in_steps = true }))
      assert.are.same({ "record_cases/link/1/" }, keys(change))
      change = step(requesting, event("cases.recorded", T0, { generation = 1 }))
      assert.are.same({ state = "requesting" }, change.set)
      assert.are.same({ "request_link/link/1/" }, keys(change))
      assert.are.equal("answers an earlier request",
        state_after(requesting, event("cases.recorded", T0, { generation = 2 })))
    end)

    it("keeps URL, variant and window of a 409 and enqueues one delivery for each channel and a "
      .. "look at the clock", function()
      local change = step(requesting,
        event("answer.needs_linking", T0, { generation = 1, url = URL, variant = "choice" }))
      assert.are.same({
        state = "pending", generation = 1, url = URL, requested_at = T0, expires_at = T0 + 7 * DAY,
      }, change.set)
      assert.are.same({ variant = "choice", cases = 2, awaited = 2, failed = 0 }, change.after.data)
      assert.are.same({
        "deliver/link/1/email", "deliver/link/1/print", "remind/link/1/email/1",
        "remind/link/1/print/1", "expire/link/1/",
      }, keys(change))
      assert.are.same({ "email", "channel:email" },
        { change.jobs[1].channel, change.jobs[1].needs })
      assert.are.same({ T0 + 3 * DAY, T0 + 7 * DAY + HOUR },
        { change.jobs[3].due_at, change.jobs[5].due_at })
    end)

    it("asks at once for the platform and at the permalink, besides what recovery has planned",
      function()
      for _, name in ipairs { "reissue", "permalink.opened" } do
        local change = step(awaited { state = "expired" }, event(name, T0, { notify = false }))
        assert.are.equal("requesting", change.set.state)
        assert.are.same({ "request_link/link/2/at_once" }, keys(change))
        assert.are.same({ T0, '{"notify":false}' },
          { change.jobs[1].due_at, change.jobs[1].args })
        assert.are.equal(change.jobs[1].key, link_jobs.requests(change.after, T0)[3].key)
        assert.are.equal("the window is not over",
          state_after(awaited(), event(name, T0 + 7 * DAY - 1)))
        change = step(awaited(), event(name, T0 + 7 * DAY))
        assert.are.same({ state = "requesting", url = false }, change.set)
        assert.are.same({ "request_link/link/2/at_once" }, keys(change))
      end
    end)

    it("leaves out the deliveries of a URL that its customer takes along", function()
      local change = step(requesting, event("answer.needs_linking", T0,
        { generation = 1, url = URL, notify = false }))
      assert.are.same({ "expire/link/1/" }, keys(change))
    end)

    it("delivers the onboarding URL of a new customer, and nothing to one who is onboarded",
      function()
      local change = step(requesting, event("answer.onboarding", T0, { generation = 1, url = URL }))
      assert.are.same({ "onboarding", "onboarding" },
        { change.set.state, change.after.data.variant })
      assert.are.same({ "deliver/link/1/email", "deliver/link/1/print",
        "remind/link/1/email/1", "remind/link/1/print/1", "count_unanswered/link/1/",
        "reconcile/link/1/v1", "watch_client/link/1/" }, keys(change))
      assert.are.same({ T0 + 2 * DAY, T0 + 3 * DAY, T0 + DAY },
        { change.jobs[3].due_at, change.jobs[5].due_at, change.jobs[7].due_at })
      change = step(requesting, event("answer.onboarded", T0, { generation = 1 }))
      assert.are.equal("onboarded", change.set.state)
      assert.are.same({ "reconcile/link/1/v1", "look_up_kyc/link/1/" }, keys(change))
    end)

    it("looks after a new customer only while the answer says nothing of some cases", function()
      local told = event("answer.onboarded", T0, {
        generation = 1, children = { { was = "awaited", is = "created" },
          { was = "awaited", is = "failed" } },
      })
      local change = step(requesting, told)
      assert.are.same({ variant = "onboarding", cases = 2, awaited = 0, failed = 1 },
        change.after.data)
      assert.are.same({ "look_up_kyc/link/1/" }, keys(change))
    end)

    it("ends at a refusal and at a payload that was not accepted", function()
      local change = step(requesting,
        event("answer.refused", T0, { generation = 1, reason = "InvalidClientType" }))
      assert.are.same({ state = "refused", reason = "InvalidClientType", url = false }, change.set)
      assert.are.equal("rejected",
        state_after(requesting, event("answer.rejected", T0, { generation = 1 })))
    end)

    it("drops the answer to a request that is not the one under way", function()
      assert.are.equal("answers an earlier request",
        state_after(requesting, event("answer.needs_linking", T0, { generation = 2, url = URL })))
      assert.are.equal("changes nothing in the state pending",
        state_after(awaited(), event("answer.needs_linking", T0, { generation = 2, url = URL })))
    end)

    it("starts anew when the platform asks again, with a number that leaves behind what was under "
      .. "way", function()
      for _, state in ipairs { "requesting", "pending", "expired", "declined", "refused",
        "rejected", "exhausted" } do
        local self = awaited { state = state, generation = 3 }
        local again = event("again", T0 + DAY, { payload = "{}", terms = terms, in_steps = true })
        local change = step(self, again)
        assert.are.same({
          state = "requesting", payload = "{}", terms = terms, generation = 4, url = false,
          reason = false, result = false, requested_at = T0 + DAY, expires_at = false,
        }, change.set)
        assert.are.same({ first_generation = 4, cases = 2, awaited = 2, failed = 0 },
          change.after.data)
        assert.are.same({ "record_cases/link/5/" }, keys(change))
        again.in_steps = false
        assert.are.same({ "request_link/link/5/" }, keys(step(self, again)))
      end
      for _, state in ipairs { "linked", "incomplete", "carried", "onboarding", "onboarded" } do
        assert.are.equal("changes nothing in the state " .. state,
          state_after(awaited { state = state }, event("again")))
      end
    end)
  end)

  describe("following", function()
    it("is linked by client.linked, or by being seen as such, from every state in which it is not",
      function()
      for _, state in ipairs { "requesting", "pending", "expired", "declined", "refused",
        "rejected", "exhausted", "closed" } do
        for _, name in ipairs { "client.linked", "client.seen" } do
          local change = step(awaited { state = state, version = 4 }, event(name))
          assert.are.same({ state = "linked", url = false, reason = false, result = false },
            change.set)
          assert.are.same({ "reconcile/link/1/v4", "look_up_kyc/link/1/", "watch_client/link/1/" },
            keys(change))
          assert.are.same({ T0 + 2 * HOUR, T0 + 2 * HOUR, T0 + HOUR + DAY },
            { change.jobs[1].due_at, change.jobs[2].due_at, change.jobs[3].due_at })
        end
      end
    end)

    it("never goes back from linked, whatever comes late", function()
      for _, state in ipairs { "linked", "incomplete", "carried" } do
        for _, name in ipairs {
          "client.link_declined", "client.link_expired", "client.linked", "again", "recover",
          "window.over", "answer.needs_linking", "answer.refused", "answer.rejected",
        } do
          local late = event(name, T0 + 30 * DAY, { generation = 2, url = URL })
          assert.are.equal("changes nothing in the state " .. state,
            state_after(awaited { state = state }, late))
        end
        assert.are.equal("confirms the request for the link",
          state_after(awaited { state = state }, event("client.link_requested")))
      end
    end)

    local function moved(was, is)
      return event("cases.moved", nil, { children = { { was = was, is = is } } })
    end

    it("counts the cases one by one, and is complete with the last", function()
      local created = moved("awaited", "created")
      local change = step(awaited { state = "linked" }, created)
      assert.are.same({ state = "linked" }, change.set)
      assert.are.same({ first_generation = 0, variant = "approval", cases = 2, awaited = 1,
        failed = 0 }, change.after.data)
      assert.are.equal("carried", state_after(awaited({ state = "linked" }, { awaited = 1 }),
        created))
      assert.are.equal("incomplete",
        state_after(awaited({ state = "linked" }, { awaited = 1, failed = 1 }), created))
      assert.are.equal("carried",
        state_after(awaited({ state = "incomplete" }, { awaited = 0, failed = 1 }),
          moved("failed", "created")))
    end)

    it("no longer counts a case that a new payload leaves out", function()
      local change = step(awaited { state = "requesting" }, moved("awaited", nil))
      assert.are.same({ first_generation = 0, variant = "approval", cases = 1, awaited = 1,
        failed = 0 }, change.after.data)
    end)

    it("counts cases that come before the news of the link", function()
      local change = step(awaited(nil, { awaited = 1 }), moved("awaited", "created"))
      assert.are.same({ "pending", 0 }, { change.set.state, change.after.data.awaited })
      assert.are.equal("carried", state_after(awaited(nil, { awaited = 0 }),
        event("client.linked")))
    end)

    it("is complete at once when no case came along", function()
      assert.are.equal("carried", state_after(awaited(nil, { cases = 0, awaited = 0 }),
        event("client.linked")))
    end)

    it("is incomplete when all that is outstanding has failed, looks after it at once, and is "
      .. "linked again while it is awaited", function()
      local failed = event("cases.replay_failed", nil,
        { children = { { was = "awaited", is = "failed" } } })
      local change = step(awaited({ state = "linked", version = 7 }, { awaited = 1 }), failed)
      assert.are.equal("incomplete", change.set.state)
      assert.are.same({ cases = 2, awaited = 0, failed = 1, first_generation = 0,
        variant = "approval" }, change.after.data)
      assert.are.same({ "reconcile/link/1/v7" }, keys(change))
      assert.are.equal(T0 + HOUR, change.jobs[1].due_at)
      assert.are.equal("linked", state_after(awaited { state = "linked" }, failed))
      local incomplete = awaited({ state = "incomplete" }, { awaited = 0, failed = 1 })
      assert.are.equal("linked", state_after(incomplete, moved("failed", "awaited")))
      assert.are.equal("carried", state_after(incomplete, moved("failed", "created")))
      assert.are.equal("incomplete", state_after(awaited({ state = "linked" }, { awaited = 1 }),
        moved("awaited", "failed")))
    end)

    it("stops at a decline, also one that arrives after the last window was found to be over",
      function()
      for _, state in ipairs { "pending", "expired", "exhausted" } do
        local change = step(awaited { state = state }, event("client.link_declined"))
        assert.are.same({ { state = "declined", url = false }, { "watch_ended/link/1/" } },
          { change.set, keys(change) })
      end
      assert.are.equal("changes nothing in the state closed",
        state_after(awaited { state = "closed" }, event("client.link_declined")))
    end)

    it("takes a decline dated before the request as one of an earlier generation, allowing for the "
      .. "clocks", function()
      assert.are.equal("is about an earlier generation",
        state_after(awaited(), event("client.link_declined", T0 - 301)))
      assert.are.equal("declined", state_after(awaited(), event("client.link_declined", T0 - 300)))
    end)

    it("is onboarded when a new customer has signed", function()
      assert.are.equal("onboarded", state_after(awaited { state = "onboarding" },
        event("client.onboarding.contract_signed")))
      assert.are.equal("changes nothing in the state requesting",
        state_after(awaited { state = "requesting" }, event("client.onboarding.contract_signed")))
    end)

    it("owes a look at once when an event tells of what only the client of an active link has",
      function()
      for _, name in ipairs { "case.created", "cases.replay_failed",
        "client.onboarding.contract_signed" } do
        for _, state in ipairs { "pending", "expired", "declined", "refused", "rejected",
          "exhausted", "closed" } do
          local change = step(awaited { state = state, version = 4 }, event(name))
          assert.are.same({ state, { "look_up_client/link/1/v4" } },
            { change.set.state, keys(change) })
          assert.are.equal(T0 + HOUR, change.jobs[1].due_at)
        end
      end
    end)

    it("keeps what Debitura says of the client", function()
      assert.are.equal("no", step(awaited(),
        event("client.linked", nil, { attributed = "no" })).after.data.attributed)
      assert.are.equal("no", step(awaited({}, { attributed = "no" }),
        event("client.link_declined")).after.data.attributed)
    end)

    it("changes nothing at an event it has never heard of", function()
      assert.are.equal("changes nothing in the state pending",
        state_after(awaited(), event("client.renamed")))
    end)
  end)

  describe("expiry", function()
    it("is taken from its event, whatever this machine's clock says", function()
      local change = step(awaited(), event("client.link_expired", T0 + 7 * DAY), T0 + HOUR)
      assert.are.same({ state = "expired", url = false }, change.set)
      assert.are.same({ "recover/link/1/" }, keys(change))
      assert.are.equal(T0 + HOUR, change.jobs[1].due_at)
    end)

    it("is believed from a day after the request on: no window is shorter", function()
      assert.are.equal("is about an earlier generation",
        state_after(awaited(), event("client.link_expired", T0 + DAY - 301)))
      assert.are.equal("expired", state_after(awaited(), event("client.link_expired", T0 + DAY)))
    end)

    it("is noticed by the clock one hour after the window", function()
      local function look(at, generation)
        return event("window.over", at, { generation = generation or 1 })
      end
      assert.are.equal("the window is not over",
        state_after(awaited(), look(T0 + 7 * DAY + HOUR - 1)))
      local change = step(awaited(), look(T0 + 7 * DAY + HOUR))
      assert.are.same({ state = "expired", url = false }, change.set)
      assert.are.same({ "request_link/link/2/" }, keys(change))
      change = step(awaited { generation = 2 }, look(T0 + 8 * DAY, 2))
      assert.are.same({ "request_link/link/3/" }, keys(change))
      assert.are.equal(T0 + 9 * DAY, change.jobs[1].due_at)
      assert.are.same({ "recover/link/3/" },
        keys(step(awaited { generation = 3 }, look(T0 + 8 * DAY, 3))))
      assert.are.equal("the window is not over",
        state_after(awaited { generation = 2 }, look(T0 + 8 * DAY)))
      assert.are.equal("changes nothing in the state declined",
        state_after(awaited { state = "declined" }, look(T0 + 8 * DAY)))
    end)
  end)

  describe("recovery", function()
    local function recover(generation, first)
      local self = awaited({ state = "expired", generation = generation },
        { first_generation = first or 0 })
      return step(self, event("recover", T0 + 8 * DAY, { generation = generation }))
    end

    it("enqueues the next request, at once for the second generation and later for the third",
      function()
      local change = recover(1)
      assert.are.equal("expired", change.set.state)
      assert.are.same({ "request_link/link/2/" }, keys(change))
      assert.are.equal(T0 + 8 * DAY, change.jobs[1].due_at)
      assert.are.equal(T0 + 9 * DAY, recover(2).jobs[1].due_at)
    end)

    it("is exhausted after the last generation, counted from the platform's own request", function()
      assert.are.equal("exhausted", recover(3).set.state)
      assert.are.equal("expired", recover(5, 3).set.state)
      assert.are.equal("exhausted", recover(6, 3).set.state)
    end)

    it("goes by the terms that are handed in: their generations, pauses and window", function()
      local other = with({}, terms)
      other.max_generations, other.pauses, other.window_days = 5, { 10 }, 30
      local expired = awaited { state = "expired", generation = 3 }
      local change = link:step(expired, event("recover", T0, { generation = 3 }), other, T0)
      assert.are.same({ "request_link/link/4/", T0 + 10 },
        { keys(change)[1], change.jobs[1].due_at })
      change = link:step(expired, event("answer.needs_linking", T0, { generation = 4, url = URL }),
        other, T0)
      assert.are.equal(T0 + 30 * DAY, change.set.expires_at)
    end)

    it("belongs to the generation that expired", function()
      assert.are.equal("is about an earlier generation",
        state_after(awaited { state = "expired", generation = 2 },
          event("recover", T0, { generation = 1 })))
    end)

    it("turns the next answer into the next generation", function()
      local change = step(awaited { state = "expired" }, event("answer.needs_linking", T0 + 8 * DAY,
        { generation = 2, url = URL }))
      assert.are.same({ "pending", 2, T0 + 15 * DAY }, { change.set.state, change.set.generation,
        change.set.expires_at })
    end)

    it("sees by the answer that the customer approved meanwhile", function()
      local answer = event("answer.onboarding", T0 + 8 * DAY, { generation = 2, url = URL })
      local change = step(awaited { state = "expired" }, answer)
      assert.are.equal("linked", change.set.state)
      assert.are.same({ "deliver/link/2/email", "deliver/link/2/print", "reconcile/link/2/v3",
        "look_up_kyc/link/2/", "watch_client/link/2/" }, keys(change))
      answer = event("answer.onboarded", T0 + 8 * DAY, { generation = 2 })
      assert.are.equal("carried", state_after(awaited({ state = "expired" }, { awaited = 0 }),
        answer))
    end)
  end)
end)
