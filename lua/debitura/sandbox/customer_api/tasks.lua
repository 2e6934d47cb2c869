--- What a creditor has to do: a live list that follows from the state of its cases. A task is
-- solved once its cause is gone.
-- @module debitura.sandbox.customer_api.tasks

local chats = require("debitura.sandbox.model.chats")
local contracts = require("debitura.sandbox.model.contracts")
local lists = require("debitura.sandbox.api.lists")
local quotes = require("debitura.sandbox.model.quotes")
local random = require("debitura.sandbox.model.random")
local with_case = require("debitura.sandbox.customer_api.cases").with_case

local handle = {}

local CHAT = { method = "POST", path = "/cases/{caseId}/chats" }

-- Each cause returns what marks it off from an earlier one of its kind, or nothing.
local KINDS = {
  { type = "SignContract", label = "Sign contract", title = "Sign the outstanding contracts",
    cause = function(case) return case.lifecycle == "Pending contract signing" and "signing" end },
  { type = "MoreInfoNeeded", label = "More information needed",
    title = "Provide the information asked for", action = CHAT,
    cause = function(case)
      return case.lifecycle == "More Info Required" and tostring(case.updated_at)
    end },
  { type = "ReplyToChat", label = "Reply to chat", title = "Reply to the collection partner",
    action = CHAT,
    cause = function(case)
      local chat = chats.unanswered(case)
      return chat and chat.id
    end },
  { type = "SelectQuoteWinner", label = "Select quote", title = "Choose one of the quotes",
    cause = function(case)
      local lead = quotes.open_request(case)
      return lead and #lead.quotes > 0 and lead.id
    end },
}

for _, kind in ipairs(KINDS) do KINDS[kind.type] = kind end

--- Brings the tasks of a case up to its state.
local function refresh(state, case, now)
  for _, kind in ipairs(KINDS) do
    local cause = kind.cause(case) or nil
    local open
    for _, task in ipairs(case.tasks) do
      if task.type == kind.type and not task.solved_at then
        if task.cause == cause then open = task else task.solved_at = now end
      end
    end
    if cause and not open then
      table.insert(case.tasks, { id = random.uuid(state.random), type = kind.type, cause = cause,
        created_at = now })
    end
  end
end

local function view(call, case, task)
  local kind = KINDS[task.type]
  return {
    id = task.id, type = task.type, typeLabel = kind.label, title = kind.title,
    status = task.solved_at and "Solved" or "Open", caseId = case.id,
    caseReference = case.reference,
    leadId = task.type == "SelectQuoteWinner" and task.cause or nil,
    dateCreated = task.created_at, dateSolved = task.solved_at,
    solutionUrl = contracts.url(call.state, call.link), action = kind.action,
  }
end

local FILTERS = { status = { "is", "status" }, type = { "one_of", "type" } }

local function collect(call, cases)
  local views = {}
  for _, case in ipairs(cases) do
    refresh(call.state, case, call.now)
    for _, task in ipairs(case.tasks) do
      views[#views + 1] = view(call, case, task)
    end
  end
  return lists.filter(views, { status = call.query.status or "Open", type = call.query.type },
    FILTERS)
end

handle["cases.tasks"] = with_case(function(call, case)
  return collect(call, { case })
end)

handle["tasks.list"] = function(call)
  local cases = lists.map(call.creditor.case_ids, function(id)
    return call.state.cases.by_id[id]
  end)
  local page, views = lists.page(call.query, collect(call, cases), 10, function(task)
    return task
  end)
  return { page = page, tasks = views }
end

return { operations = handle }
