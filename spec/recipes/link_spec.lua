-- The link's state machine, without a store, a partner or a clock.

local link = require("debitura.recipes.link")

local DAY, HOUR = 86400, 3600
local T0 = 1767225600 -- 2026-01-01T00:00:00Z
local URL = "https://referral.example.test/link/abc"

local policy = {
  channels = { "email", "print" }, window_days = 7, max_generations = 3, follow_after = HOUR,
  remind_after = { 3 * DAY },
  pause_before = function(generation) return generation == 2 and 0 or DAY end,
}

--- A link that was given its first URL at T0.
local function pending(changes)
  local self = {
    tenant = "acme/1", state = "pending", generation = 1, base = 0, variant = "approval", url = URL,
    requested_at = T0, expires_at = T0 + 7 * DAY, cases = 2, awaited = 2, failed = 0, version = 3,
  }
  for name, value in pairs(changes or {}) do self[name] = value end
  return self
end

local function event(name, at, more)
  local made = { name = name, at = at or T0 + HOUR, cases = {} }
  for field, value in pairs(more or {}) do made[field] = value end
  return made
end

local function step(self, happened, now)
  return link:step(self, happened, policy, now or happened.at)
end

local function state_after(self, happened, now)
  local change, why = step(self, happened, now)
  return change and (change.set.state or self.state) or why
end

local function keys(change)
  local list = {}
  for i, effect in ipairs(change.effects) do list[i] = effect.key end
  return list
end

describe("the link's state machine", function()
  describe("asking", function()
    local none = { tenant = "acme/1", state = "none", generation = 0, base = 0, awaited = 0,
      failed = 0 }
    local requesting = { tenant = "acme/1", state = "requesting", generation = 0, base = 0,
      awaited = 2, failed = 0 }

    it("stores payload and cases and owes the request", function()
      local change = step(none, event("request", T0, { payload = "{}", references = { "R1" } }))
      assert.are.same({ state = "requesting", payload = "{}" }, change.set)
      assert.are.same({ "R1" }, change.awaited)
      assert.are.same({ { key = "request/1/acme/1", kind = "request", generation = 1,
        due_at = T0 } }, change.effects)
    end)

    it("keeps URL, variant and window of a 409 and owes one delivery for each channel and a look "
      .. "at the clock", function()
      local change = step(requesting,
        event("answer.needs_linking", T0, { generation = 1, url = URL, variant = "choice" }))
      assert.are.same({
        state = "pending", generation = 1, url = URL, variant = "choice", requested_at = T0,
        expires_at = T0 + 7 * DAY,
      }, change.set)
      assert.are.same({
        "deliver/1/email/acme/1", "deliver/1/print/acme/1", "remind/1/1/email/acme/1",
        "remind/1/1/print/acme/1", "expire/1/acme/1",
      }, keys(change))
      assert.are.same({ T0 + 3 * DAY, T0 + 7 * DAY + HOUR },
        { change.effects[3].due_at, change.effects[5].due_at })
    end)

    it("delivers the onboarding URL of a new customer, and nothing to one who is onboarded",
      function()
      local change = step(requesting, event("answer.onboarding", T0, { generation = 1, url = URL }))
      assert.are.equal("onboarding", change.set.state)
      assert.are.same({ "deliver/1/email/acme/1", "deliver/1/print/acme/1" }, keys(change))
      change = step(requesting, event("answer.onboarded", T0, { generation = 1 }))
      assert.are.equal("onboarded", change.set.state)
      assert.are.same({}, keys(change))
    end)

    it("ends at a refusal and at a payload that was not accepted", function()
      local change = step(requesting,
        event("answer.refused", T0, { generation = 1, reason = "InvalidClientType" }))
      assert.are.same({ "refused", "InvalidClientType" }, { change.set.state, change.set.reason })
      assert.are.equal("rejected",
        state_after(requesting, event("answer.rejected", T0, { generation = 1 })))
    end)

    it("drops the answer to a request that is not the one under way", function()
      assert.are.equal("answers an earlier request",
        state_after(requesting, event("answer.needs_linking", T0, { generation = 2, url = URL })))
      assert.are.equal("does not fit the state pending",
        state_after(pending(), event("answer.needs_linking", T0, { generation = 2, url = URL })))
    end)

    it("starts anew when the platform asks again, with a number that leaves behind what was under "
      .. "way", function()
      for _, state in ipairs { "requesting", "pending", "expired", "declined", "refused",
        "rejected", "exhausted" } do
        local self = pending { state = state, generation = 3 }
        local change = step(self, event("again", T0 + DAY, { payload = "{}", references = {} }))
        assert.are.same({
          state = "requesting", payload = "{}", generation = 4, base = 4, url = false,
          reason = false, requested_at = T0 + DAY,
        }, change.set)
        assert.are.same({ "request/5/acme/1" }, keys(change))
      end
      for _, state in ipairs { "linked", "carried", "onboarding", "onboarded" } do
        assert.are.equal("does not fit the state " .. state,
          state_after(pending { state = state }, event("again")))
      end
    end)
  end)

  describe("following", function()
    it("is linked by client.linked, or by being seen as such, from every state in which it is not",
      function()
      for _, state in ipairs { "requesting", "pending", "expired", "declined", "refused",
        "rejected", "exhausted", "closed" } do
        for _, name in ipairs { "client.linked", "client.seen" } do
          local change = step(pending { state = state, version = 4 }, event(name))
          assert.are.same({ state = "linked", url = false }, change.set)
          assert.are.same({ {
            key = "follow/1/v4/acme/1", kind = "follow", generation = 1, due_at = T0 + 2 * HOUR,
          } }, change.effects)
        end
      end
    end)

    it("never goes back from linked, whatever comes late", function()
      for _, state in ipairs { "linked", "carried" } do
        for _, name in ipairs {
          "client.link_requested", "client.link_declined", "client.link_expired", "client.linked",
          "again", "recover", "window.over", "answer.needs_linking", "answer.refused",
          "answer.rejected",
        } do
          local late = event(name, T0 + 30 * DAY, { generation = 2, url = URL })
          assert.are.equal("does not fit the state " .. state,
            state_after(pending { state = state }, late))
        end
      end
    end)

    it("counts the cases one by one, and is complete with the last", function()
      local function created(reference, was)
        return event("case.created", nil, {
          cases = { { creditor_reference = reference, state = "created", case_id = "c", was = was
            or "awaited" } },
        })
      end
      assert.are.equal("linked", state_after(pending { state = "linked", awaited = 2 },
        created("R1")))
      assert.are.equal("carried", state_after(pending { state = "linked", awaited = 1 },
        created("R2")))
      assert.are.equal("incomplete",
        state_after(pending { state = "linked", awaited = 1, failed = 1 }, created("R2")))
      assert.are.equal("carried",
        state_after(pending { state = "incomplete", awaited = 0, failed = 1 },
          created("R1", "failed")))
      assert.are.equal("no such case is outstanding",
        state_after(pending { state = "linked" }, event("case.created")))
      assert.are.same(created("R1").cases, step(pending(), created("R1")).cases)
    end)

    it("counts cases that come before the news of the link", function()
      local early = event("case.created", nil,
        { cases = { { creditor_reference = "R1", state = "created", was = "awaited" } } })
      assert.are.equal("pending", state_after(pending { awaited = 1 }, early))
      assert.are.equal("carried", state_after(pending { awaited = 0 }, event("client.linked")))
    end)

    it("is complete at once when no case came along", function()
      assert.are.equal("carried", state_after(pending { cases = 0, awaited = 0 },
        event("client.linked")))
    end)

    it("is incomplete when all that is outstanding has failed, looks after it, and is linked again "
      .. "while it is awaited", function()
      local function news(name, state, was)
        return event(name, nil,
          { cases = { { creditor_reference = "R1", state = state, was = was } } })
      end
      local failed = news("cases.replay_failed", "failed", "awaited")
      local change = step(pending { state = "linked", awaited = 1, version = 7 }, failed)
      assert.are.equal("incomplete", change.set.state)
      assert.are.same(failed.cases, change.cases)
      assert.are.same({ "follow/1/v7/acme/1", T0 + HOUR },
        { change.effects[1].key, change.effects[1].due_at })
      assert.are.equal("linked", state_after(pending { state = "linked", awaited = 2, version = 7 },
        failed))
      local incomplete = pending { state = "incomplete", awaited = 0, failed = 1 }
      assert.are.equal("linked",
        state_after(incomplete, news("case.resubmitted", "awaited", "failed")))
      assert.are.equal("carried", state_after(incomplete, news("case.found", "created", "failed")))
      assert.are.equal("incomplete", state_after(pending { state = "linked", awaited = 1 },
        news("case.given_up", "failed", "awaited")))
    end)

    it("stops at a decline, also one that arrives after the last window was found to be over",
      function()
      for _, state in ipairs { "pending", "expired", "exhausted" } do
        assert.are.equal("declined",
          state_after(pending { state = state }, event("client.link_declined")))
      end
      assert.are.equal("does not fit the state closed",
        state_after(pending { state = "closed" }, event("client.link_declined")))
    end)

    it("takes a decline dated before the request as one of an earlier generation, allowing for the "
      .. "clocks", function()
      assert.are.equal("is about an earlier generation",
        state_after(pending(), event("client.link_declined", T0 - 301)))
      assert.are.equal("declined", state_after(pending(), event("client.link_declined", T0 - 300)))
    end)

    it("is onboarded when a new customer has signed", function()
      assert.are.equal("onboarded", state_after(pending { state = "onboarding" },
        event("client.onboarding.contract_signed")))
      assert.are.equal("does not fit the state pending",
        state_after(pending(), event("client.onboarding.contract_signed")))
    end)

    it("changes nothing at an event it has never heard of", function()
      assert.are.equal("does not fit the state pending",
        state_after(pending(), event("client.renamed")))
    end)
  end)

  describe("expiry", function()
    it("is taken from its event, whatever this machine's clock says", function()
      local change = step(pending(), event("client.link_expired", T0 + 7 * DAY), T0 + HOUR)
      assert.are.same({ state = "expired", url = false }, change.set)
      assert.are.same({ { key = "recover/1/acme/1", kind = "recover", generation = 1,
        due_at = T0 + HOUR } }, change.effects)
    end)

    it("is believed from a day after the request on: no window is shorter", function()
      assert.are.equal("is about an earlier generation",
        state_after(pending(), event("client.link_expired", T0 + DAY - 301)))
      assert.are.equal("expired", state_after(pending(), event("client.link_expired", T0 + DAY)))
    end)

    it("is noticed by the clock one hour after the window", function()
      local function look(at, generation)
        return event("window.over", at, { generation = generation or 1 })
      end
      assert.are.equal("the window is not over",
        state_after(pending(), look(T0 + 7 * DAY + HOUR - 1)))
      local change = step(pending(), look(T0 + 7 * DAY + HOUR))
      assert.are.same({ state = "expired", url = false }, change.set)
      assert.are.same({ "request/2/acme/1" }, keys(change))
      local after_second = step(pending { generation = 2 }, look(T0 + 8 * DAY, 2)).effects[1]
      assert.are.same({ "request/3/acme/1", T0 + 9 * DAY },
        { after_second.key, after_second.due_at })
      assert.are.same({ "recover/3/acme/1" },
        keys(step(pending { generation = 3 }, look(T0 + 8 * DAY, 3))))
      assert.are.equal("the window is not over",
        state_after(pending { generation = 2 }, look(T0 + 8 * DAY)))
      assert.are.equal("does not fit the state declined",
        state_after(pending { state = "declined" }, look(T0 + 8 * DAY)))
    end)
  end)

  describe("recovery", function()
    local function recover(generation, base)
      local self = pending { state = "expired", generation = generation, base = base or 0 }
      return step(self, event("recover", T0 + 8 * DAY, { generation = generation }))
    end

    it("owes the next request, at once for the second generation and later for the third",
      function()
      local change = recover(1)
      assert.is_nil(change.set.state)
      assert.are.same({ { key = "request/2/acme/1", kind = "request", generation = 2,
        due_at = T0 + 8 * DAY } }, change.effects)
      assert.are.equal(T0 + 9 * DAY, recover(2).effects[1].due_at)
    end)

    it("is exhausted after the last generation, counted from the platform's own request", function()
      assert.are.equal("exhausted", recover(3).set.state)
      assert.is_nil(recover(5, 3).set.state)
      assert.are.equal("exhausted", recover(6, 3).set.state)
    end)

    it("belongs to the generation that expired", function()
      assert.are.equal("is about an earlier generation",
        state_after(pending { state = "expired", generation = 2 },
          event("recover", T0, { generation = 1 })))
    end)

    it("turns the next answer into the next generation", function()
      local change = step(pending { state = "expired" }, event("answer.needs_linking", T0 + 8 * DAY,
        { generation = 2, url = URL }))
      assert.are.same({ "pending", 2, T0 + 15 * DAY }, { change.set.state, change.set.generation,
        change.set.expires_at })
    end)

    it("sees by the answer that the customer approved meanwhile", function()
      local answer = event("answer.onboarding", T0 + 8 * DAY, { generation = 2, url = URL })
      local change = step(pending { state = "expired" }, answer)
      assert.are.equal("linked", change.set.state)
      assert.are.same({ "deliver/2/email/acme/1", "deliver/2/print/acme/1", "follow/2/v3/acme/1" },
        keys(change))
      answer = event("answer.onboarded", T0 + 8 * DAY, { generation = 2 })
      assert.are.equal("carried", state_after(pending { state = "expired", awaited = 0 }, answer))
    end)
  end)
end)
