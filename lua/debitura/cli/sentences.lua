--- What a step has done, as people say it. The recipes' own words stay in JSON and between tabs.
-- @module debitura.cli.sentences

local sentences = {}

--- For the result of a step: what it says of one, and of several.
local SAID = {
  ["window.over"] = { "found the window of %d link over", "found the window of %d links over" },
  ["answer.needs_linking"] = { "asked again for %d link", "asked again for %d links" },
  ["answer.same_url"] = { "got the same URL for %d link", "got the same URLs for %d links" },
  ["answer.onboarding"] = { "began the onboarding of %d client",
    "began the onboarding of %d clients" },
  ["answer.onboarded"] = { "found %d client onboarded", "found %d clients onboarded" },
  ["answer.refused"] = { "was refused %d link", "was refused %d links" },
  ["answer.rejected"] = { "was refused %d payload", "was refused %d payloads" },
  ["answer.created"] = { "submitted %d case", "submitted %d cases" },
  ["answer.parked"] = { "parked %d case", "parked %d cases" },
  ["answer.unsupported"] = { "found no partner for %d case", "found no partner for %d cases" },
  ["answer.blocked"] = { "was refused %d case of a blocked creditor",
    "was refused %d cases of blocked creditors" },
  ["client.seen"] = { "saw that %d client is linked", "saw that %d clients are linked" },
  ["client.signed"] = { "saw that %d client has signed", "saw that %d clients have signed" },
  ["client.missing"] = { "missed %d client at Debitura", "missed %d clients at Debitura" },
  ["client.found"] = { "found %d client again", "found %d clients again" },
  ["client.gone"] = { "found %d client gone", "found %d clients gone" },
  ["onboarding.url"] = { "learned the page of %d onboarding",
    "learned the pages of %d onboardings" },
  ["onboarding.unanswered"] = { "counted %d onboarding as unanswered",
    "counted %d onboardings as unanswered" },
  ["not linked"] = { "found %d client not linked yet", "found %d clients not linked yet" },
  ["not signed"] = { "found %d client unsigned still", "found %d clients unsigned still" },
  fallback = { "gave the platform %d case without a partner",
    "gave the platform %d cases without a partner" },
  escalate = { "told the platform of %d blocked case", "told the platform of %d blocked cases" },
  needed = { "found an identity check outstanding", "found %d identity checks outstanding" },
  ["not needed"] = { "found no identity check outstanding",
    "found no identity check outstanding for %d clients" },
  recover = { "began to recover %d link", "began to recover %d links" },
  delivered = { "delivered %d URL", "delivered %d URLs" },
  reminded = { "sent %d reminder", "sent %d reminders" },
  notified = { "told the platform of %d change", "told the platform of %d changes" },
  told = { "told the platform of %d alert", "told the platform of %d alerts" },
  reported = { "reported %d case", "reported %d cases" },
  recorded = { "recorded the cases of %d link", "recorded the cases of %d links" },
  reconciled = { "looked for the cases of %d link", "looked for the cases of %d links" },
  requested = { "asked for %d signature", "asked for %d signatures" },
  submitted = { "named the directors for %d signature", "named the directors for %d signatures" },
  outstanding = { "found %d signature outstanding", "found %d signatures outstanding" },
  no_director = { "found no director for %d signature", "found no directors for %d signatures" },
  released = { "released the cases of %d signature", "released the cases of %d signatures" },
  done = { "found %d signature given", "found %d signatures given" },
  retry = { "took up %d parked case", "took up %d parked cases" },
  skipped = { "had nothing left to do for %d step", "had nothing left to do for %d steps" },
  waiting = { "left %d step for later", "left %d steps for later" },
  failed = { "failed %d step", "failed %d steps" },
  due = { "%d step is due", "%d steps are due" },
  lost = { "left %d step to another process", "left %d steps to another process" },
}

--- What some steps have done, such as "asked again for 2 links".
-- @tparam string word the result of the steps
-- @tparam number count
-- @treturn string
function sentences.of(word, count)
  local said = SAID[word]
  if said then return (said[count == 1 and 1 or 2]:format(count)) end
  return ("%d %s ended with: %s"):format(count, count == 1 and "step" or "steps", word)
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
