--- What a step has done, as people say it. The recipes' own words stay in JSON and between tabs.
-- @module debitura.cli.sentences

local text = require("debitura.base.text")

local sentences = {}

--- For the result of a step: what it says of so many, see `text.counted`.
local SAID = {
  ["window.over"] = "found the window of %d link{|s} over",
  ["answer.needs_linking"] = "asked again for %d link{|s}",
  ["answer.same_url"] = "got the same URL{|s} for %d link{|s}",
  ["answer.onboarding"] = "began the onboarding of %d client{|s}",
  ["answer.onboarded"] = "found %d client{|s} onboarded",
  ["answer.refused"] = "was refused %d link{|s}",
  ["answer.rejected"] = "was refused %d payload{|s}",
  ["answer.created"] = "submitted %d case{|s}",
  ["answer.parked"] = "parked %d case{|s}",
  ["answer.unsupported"] = "found no partner for %d case{|s}",
  ["answer.blocked"] = "was refused %d case{|s} of {a blocked creditor|blocked creditors}",
  ["client.seen"] = "saw that %d client{|s} {is|are} linked",
  ["client.signed"] = "saw that %d client{|s} {has|have} signed",
  ["client.missing"] = "missed %d client{|s} at Debitura",
  ["client.found"] = "found %d client{|s} again",
  ["client.gone"] = "found %d client{|s} gone",
  ["onboarding.url"] = "learned the page{|s} of %d onboarding{|s}",
  ["onboarding.unanswered"] = "counted %d onboarding{|s} as unanswered",
  ["not linked"] = "found %d client{|s} not linked yet",
  ["not signed"] = "found %d client{|s} unsigned still",
  fallback = "gave the platform %d case{|s} without a partner",
  escalate = "told the platform of %d blocked case{|s}",
  needed = "found {an|%d} identity check{|s} outstanding",
  ["not needed"] = "found no identity check outstanding{| for %d clients}",
  recover = "began to recover %d link{|s}",
  delivered = "delivered %d URL{|s}",
  reminded = "sent %d reminder{|s}",
  notified = "told the platform of %d change{|s}",
  told = "told the platform of %d alert{|s}",
  reported = "reported %d case{|s}",
  recorded = "recorded the cases of %d link{|s}",
  reconciled = "looked for the cases of %d link{|s}",
  requested = "asked for %d signature{|s}",
  submitted = "named the directors for %d signature{|s}",
  outstanding = "found %d signature{|s} outstanding",
  no_director = "found no director{|s} for %d signature{|s}",
  released = "released the cases of %d signature{|s}",
  done = "found %d signature{|s} given",
  retry = "took up %d parked case{|s}",
  skipped = "had nothing left to do for %d step{|s}",
  waiting = "left %d step{|s} for later",
  failed = "failed %d step{|s}",
  due = "%d step{|s} {is|are} due",
  lost = "left %d step{|s} to another process",
}

--- What some steps have done, such as "asked again for 2 links".
-- @tparam string word the result of the steps
-- @tparam number count
-- @treturn string
function sentences.of(word, count)
  return text.counted(SAID[word] or "%d step{|s} ended with: %s", count):format(count, word)
end

--- All of them as one line, in the order of their words.
-- @tparam table counts by word; `total` and what is no number are left out
-- @treturn string empty where there is nothing to say
function sentences.summary(counts)
  local words, parts = {}, {}
  for word, count in pairs(counts) do
    if word ~= "total" and type(count) == "number" and count > 0 then words[#words + 1] = word end
  end
  table.sort(words)
  for i, word in ipairs(words) do parts[i] = sentences.of(word, counts[word]) end
  return table.concat(parts, ", ")
end

return sentences
