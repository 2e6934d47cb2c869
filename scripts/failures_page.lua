--- docs/failures.md: every kind of failure and every cause of `debitura status`, made from
-- `debitura.base.failure` and `debitura.status.rules`.

local failure = require("debitura.base.failure")
local rules = require("debitura.status.rules")

local INTRODUCTION = [[
# Failures

What the world does comes back as `nil, err`. `tostring(err)` is one line that says what to do, and
shows no body, no hosted URL and no credential. Made by `scripts/generate.lua`; not to be edited.

```lua
local partner = require("debitura").partner { api_key = key, environment = "test" }

local client, err = partner:get_client("unknown-tenant")
assert(client == nil and err.kind == "not_found" and err.status == 404)
print(err) -- clients.get: not_found 404: …
```

`err.retryable` says whether the same call can succeed later. The client has tried again by then,
where that is harmless. The recipes try again by themselves, for as long as it can help.
]]

--- What a failure holds, in the order in which a program asks.
local FIELDS = {
  { "`kind`", "one of the kinds below" },
  { "`status`, `type`", "the HTTP status, and Debitura's own name for the case" },
  { "`message`, `operation`", "what happened, in which operation" },
  { "`fields`", "for each path in the payload the messages about it" },
  { "`business_errors`", "Debitura's reasons: `type`, `message`, `solution_url`" },
  { "`signing_url`, `approval_url`, `variant`", "where the customer has to act, and on what page" },
  { "`retryable`, `retry_after`", "whether the same call can succeed later, and when" },
  { "`attempts`, `final`", "how often it was tried; true when it can never pass" },
  { "`sent`", "false: certainly nothing reached the server" },
  { "`request_id`", "what Debitura's support wants to know" },
  { "`detail`, `body`, `data`", "what the server said; may name persons" },
}

--- What to do about each kind, in the order in which a call meets them.
local KINDS = {
  { "configuration", "this process is not set up for what was asked of it",
    "give it what the message names; `debitura check` looks at all of it" },
  { "validation", "the payload or a file is not as Debitura takes it",
    "mend what `err.fields` names; nothing was done" },
  { "limit", "something is larger, deeper or longer than an option allows",
    "send less, or raise the option that the message names" },
  { "transport", "no connection, or it broke", "look at the network; `debitura doctor`" },
  { "timeout", "no answer in time", "the call may have been done: repeat it with the same key" },
  { "unauthorized", "a key, token or signature was not accepted",
    "`debitura doctor` for the key; `debitura webhooks verify` for a webhook" },
  { "forbidden", "the environment or the account does not allow it",
    "some operations exist in the test environment alone; else ask Debitura" },
  { "not_found", "Debitura has no such thing under this key",
    "look at the id; a link request that is still pending is not found either" },
  { "conflict", "it contradicts what is there; `err.type` says how",
    "[troubleshooting](troubleshooting.md#client-onboarding) goes through the types" },
  { "business", "Debitura refuses for a reason of its own; `err.business_errors` has it",
    "[troubleshooting](troubleshooting.md#case-creation) goes through them" },
  { "onboarding_incomplete", "no token yet: the customer has not signed",
    "`debitura links remind TENANT`" },
  { "link_invalid", "a fresh token was refused: the link has ended",
    "`debitura links request FILE --again`" },
  { "too_large", "413: the body or file is too large", "files of cases have 25 MB at most" },
  { "unsupported_media", "415: a file of a kind that Debitura does not take",
    "send pdf, xls, xlsx, csv, txt, jpg, jpeg, png or gif" },
  { "rate_limited", "429: too many calls with this key",
    "wait for `err.retry_after`; a limiter on the shared store avoids it" },
  { "server", "5xx: Debitura or a proxy has a fault", "wait; the recipes repeat it" },
  { "malformed", "an answer, a webhook or a cell that cannot be read",
    "keep `err.body` for Debitura's support; a proxy may have answered" },
  { "store", "the store is locked, full, away, or of another layout",
    "`err.retryable` tells which; `debitura doctor` names the cause" },
  { "unreadable", "it is in the store, but its key is not here",
    "give the old key in `encryption_keys`" },
}

local KINDS_HEAD = [[

## Kinds

| kind | later? | what it means | what to do |
|---|---|---|---|]]

local CAUSES = [[

## Causes of `debitura status`

`debitura status`, `debitura doctor`, the metric `debitura_problem` and `on_alert` name the same
causes. [monitoring](monitoring/README.md) says when each becomes a warning or a failure.

| cause | what it says | what to type |
|---|---|---|]]

--- A rule's sentence, in the plural and with names for its numbers.
local function sentence(rule)
  return (rule.says:gsub("{[^|}]*|([^}]*)}", "%1"):gsub("[%[%]]", ""):gsub("%$(%l+)", "*%1*"))
end

--- What to type, as code where it is a command.
local function typed(rule)
  return (rule.type:gsub("debitura [%l%-]+[^;,]*", "`%0`"))
end

--- The page.
-- @treturn table path to text
local function files()
  local lines, known = { INTRODUCTION, "| field | what it holds |\n|---|---|" }, {}
  for _, field in ipairs(FIELDS) do
    lines[#lines + 1] = ("| %s | %s |"):format(field[1], field[2])
  end
  lines[#lines + 1] = KINDS_HEAD
  for _, entry in ipairs(KINDS) do
    local kind = entry[1]
    known[kind] = true
    lines[#lines + 1] = ("| `%s` | %s | %s | %s |"):format(kind,
      failure.kinds[kind].retryable and "yes" or "no", entry[2], entry[3])
  end
  for kind in pairs(failure.kinds) do
    assert(known[kind], "scripts/failures_page.lua says nothing of " .. kind)
  end
  lines[#lines + 1] = CAUSES
  for _, rule in ipairs(rules.list) do
    lines[#lines + 1] = ("| `%s` | %s | %s |"):format(rule.cause, sentence(rule), typed(rule))
  end
  return { ["docs/failures.md"] = table.concat(lines, "\n") .. "\n" }
end

return { files = files }
