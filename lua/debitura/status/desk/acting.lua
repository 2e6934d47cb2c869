--- Does what operators ask for at the desk: asks about it on a page of its own, does it by a POST
-- of that page's form, once, and writes it to the record's history with who did it.
--
-- Of two operators at once on one record one goes first; the other's form is of a record that has
-- moved on by then, and does nothing.
-- @module debitura.status.desk.acting

local actions = require("debitura.status.desk.actions")
local address = require("debitura.status.desk.address")
local core = require("debitura.core")
local csrf = require("debitura.status.desk.csrf")
local encoding = require("debitura.base.encoding")
local failure = require("debitura.base.failure")
local hosted_url = require("debitura.recipes.hosted_url")
local lists = require("debitura.status.desk.lists")
local parallel = require("debitura.async.parallel")

local acting = {}

--- Rows that one form acts on; how many side by side; seconds for which one has a record to itself.
local MOST, AT_ONCE, HELD = 100, 8, 300

-- Asking ------------------------------------------------------------------------------------------

--- A page that says why something is not done.
-- @tparam number status
-- @tparam string title
-- @tparam string said
-- @treturn table
function acting.refusal(status, title, said)
  return { status = status, title = title, notices = { { "warn", said } } }
end

local refusal = acting.refusal

--- What the token of a form is bound to.
local function bound_to(view, name, target, mark)
  return { view.actor, name, target, mark }
end

--- What a form is about stands in its address: browsers change the ends of lines in fields.
local function form(view, name, query, fields, bound)
  local token, err = csrf.make(view.store, bound, view.now)
  if not token then return nil, err end
  return { kind = "change", action = actions.way(name, "", query).href, token = token,
    fields = fields, button = actions.all[name].label }
end

--- What is to be typed before something is destroyed: the tenant, where a keyboard can.
local function typed_word(tenant)
  return #tenant <= 100 and not tenant:find("[^!-~]") and tenant or "forget"
end

local function fields_of(action, row)
  local fields = {}
  if action.reason then fields[1] = { name = "reason", label = "Reason, for the history" } end
  if action.typed then
    fields[#fields + 1] = { name = "typed",
      label = ("Type %s to confirm"):format(typed_word(row.tenant)) }
    fields[#fields + 1] = { name = "now", checkbox = true,
      label = "Also while something is under way" }
  end
  return fields
end

local function back_link(back)
  return { kind = "links", label = "Back",
    links = { address.link("Back, without doing it", back[1], back[2]) } }
end

local function nothing_to_do(action, row)
  return refusal(409, action.label, ("Nothing can be done: it is %s."):format(row.state))
end

--- The page that asks about one.
local function ask_one(view, name, action)
  local about = action.about
  local row, err = about.find(view.store, view.params)
  if not row then return row, err end
  if not action.offered(row, view.now) then return nothing_to_do(action, row) end
  local mark, target = about.mark(row), about.name_of(row)
  local drawn, problem = form(view, name, { { "mark", mark }, { about.key, target } },
    fields_of(action, row), bound_to(view, name, target, mark))
  if not drawn then return nil, problem end
  return { title = action.label, blocks = {
    { kind = "text", text = { about.name(row), ("is %s."):format(row.state) } },
    { kind = "text", text = action.says }, drawn, back_link(about.back(row)),
  } }
end

--- The rows of a filter that the action can be done about.
local function chosen(view, action)
  local filter = lists.filter(action.list, view.params)
  if not next(filter) then return false end
  local rows, err = lists.read(action.list, view.store, filter, {
    limit = MOST, now = view.now, personal = view.desk.personal, after = view.params.after,
  })
  if not rows then return nil, err end
  if rows.foreign then return false end
  local offered, seen = {}
  seen, err = view.desk:numbers()
  if not seen then return nil, err end
  for _, row in ipairs(rows) do
    if action.offered(row, view.now) then offered[#offered + 1] = row end
  end
  return { rows = offered, matching = #rows, following = rows.after, looked = rows.looked,
    total = lists.total(action.list, filter, seen), filter = filter,
    query = actions.query_of(view, action.list) }
end

local function counted(found)
  local among = ""
  if found.looked then
    among = (" among %s that were looked at, and there may be more")
      :format(lists.number(found.looked))
  elseif found.following then
    among = found.total and (", of %s in all"):format(lists.number(found.total))
      or ", and there are more"
  end
  return ("%d match%s; it can be done about %d of them."):format(found.matching, among,
    #found.rows)
end

--- The page that asks about all that a filter finds.
local function ask_many(view, name, action)
  local found, err = chosen(view, action)
  if not found then return found, err end
  local query, rows = address.joined({ { "list", action.list } }, found.query), {}
  for i = 1, math.min(20, #found.rows) do
    rows[i] = { action.about.name(found.rows[i]), found.rows[i].state }
  end
  local drawn, problem = form(view, name, query, fields_of(action),
    bound_to(view, name, address.of(action.list, found.query), ""))
  if not drawn then return nil, problem end
  return { title = action.label .. ": all of these", blocks = {
    { kind = "text", text = counted(found) },
    { kind = "text", text = action.says },
    { kind = "table", title = #found.rows > 20 and "The first 20" or "These", rows = rows,
      columns = { "What", "State" }, empty = "There is none." },
    found.rows[1] and drawn or { kind = "links", links = {} },
    back_link { action.list, found.query },
  } }
end

--- Whether an action is there and this operator's: it, or nil and a page that says no.
local function allowed(view)
  local action = actions.all[view.params["do"]]
  local list = view.params.list
  if not action or list and list ~= action.list then return nil, false end
  if not view.may(actions.permission_of(view.params["do"])) then
    return nil, refusal(403, action.label, view.desk.actions
      and "You may not do this." or "This desk only shows; it was made without actions.")
  end
  return action
end

--- The page that asks whether something is to be done.
-- @tparam table view
-- @treturn[1] table|false a page
-- @treturn[2] nil
-- @treturn[2] table failure
function acting.ask(view)
  local action, refused = allowed(view)
  if not action then return refused end
  local name = view.params["do"]
  if view.params.list then return ask_many(view, name, action) end
  return ask_one(view, name, action)
end

-- Doing -------------------------------------------------------------------------------------------

--- Notes what is done and by whom; false when this form was sent before.
local function note(view, place, name, nonce, more)
  return view.store:record_note(place, {
    event = "desk." .. name, event_id = "desk/" .. nonce,
    note = view.actor .. (more and ": " .. more or ""),
  }, view.now)
end

--- Does it, with the record to itself.
local function hold(view, name, action, params, given)
  local about = action.about
  local row, err = about.find(view.store, params)
  if not row then return row == false and "unknown" or nil, err end
  if given.mark and about.mark(row) ~= given.mark then return "stale", row end
  if not action.offered(row, view.now) then return "recorded", row end
  local noted
  noted, err = note(view, about.place(row), name, given.nonce)
  if noted == nil then return nil, err end
  if not noted then return "replayed", row end
  local word
  word, err = action.run(view.desk, row, view.params)
  if not word then return nil, err end
  -- Its history has been blanked, and who did that with it.
  if name == "forget" then note(view, about.place(row), name, given.nonce .. "/done") end
  return word, row
end

--- Does it about one, as the only one at this moment.
-- @treturn[1] string "moved", "recorded" (nothing changed), "unknown", "stale", "replayed", "busy"
-- @treturn[1] ?table the row as it was
-- @treturn[2] nil
-- @treturn[2] table failure
local function perform(view, name, action, params, given)
  local place = "desk/" .. core.digest.sha256(params[action.about.key])
  local holder = encoding.random_hex(8)
  local held, err = view.store:lease(place, holder, HELD, view.now)
  if not held then return held == false and "busy" or nil, err end
  local word, more = hold(view, name, action, params, given)
  view.store:lease_release(place, holder)
  return word, more
end

local SAID = {
  unknown = { 404, "There is no such thing in the store." },
  stale = { 409, "It has moved on since this form was made: look again." },
  replayed = { 409, "This form was sent before; it does nothing twice." },
  busy = { 409, "Another operator is at it at this moment: look again." },
}

local function problem_page(action, err)
  local said = failure.is(err) and err.kind == "conflict" and err.message or tostring(err)
  return { status = failure.is(err) and err.kind == "conflict" and 409 or 503, title = action.label,
    notices = { { "fail", "It was not done: " .. hosted_url.redacted(said) } } }
end

local function do_one(view, name, action, nonce)
  local word, row = perform(view, name, action, view.params,
    { nonce = nonce, mark = view.params.mark })
  if not word then return problem_page(action, row) end
  local said = SAID[word]
  if said then
    local page = refusal(said[1], action.label, said[2])
    if row then page.blocks = { back_link(action.about.back(row)) } end
    return page
  end
  local back = action.about.back(row)
  return { status = 303,
    location = address.of(back[1], address.joined({ { "said", word } }, back[2] or {})) }
end

--- What each word counts as.
local COUNTED = {
  { "moved", "were done" }, { "recorded", "needed nothing" }, { "stale", "had moved on" },
  { "busy", "were in another operator's hands" }, { "unknown", "were gone" },
  { "failed", "failed" },
}

--- Where it goes on: with what matches now, and with what has not been looked at.
local function further(list, found)
  local links = { address.link("What matches now", list, lists.pairs(list, found.filter)) }
  if found.following then
    links[2] = address.link("Behind these", list,
      address.joined(lists.pairs(list, found.filter), { { "after", found.following } }))
  end
  return links
end

local function do_many(view, name, action, nonce)
  local found, err = chosen(view, action)
  if not found then return found, err end
  local noted
  noted, err = note(view, { kind = "desk", tenant = "", name = "" }, name, nonce,
    address.of(action.list, found.query))
  if noted == nil then return nil, err end
  if not noted then return refusal(SAID.replayed[1], action.label, SAID.replayed[2]) end
  local counts, first, jobs = {}, nil, {}
  for i, row in ipairs(found.rows) do
    jobs[i] = function()
      -- Several jobs may be of one record, in whose history each has a line.
      local about = action.about
      local word, more = perform(view, name, action, { [about.key] = about.name_of(row) },
        { nonce = ("%s/%d"):format(nonce, i), mark = about.mark(row) })
      if not word then first = first or more end
      word = word or "failed"
      counts[word] = (counts[word] or 0) + 1
      return true
    end
  end
  local ran
  ran, err = parallel.run({ limit = AT_ONCE }, jobs)
  if not ran then return nil, err end
  local rows = {}
  for _, pair in ipairs(COUNTED) do
    if counts[pair[1]] then rows[#rows + 1] = { ("%d"):format(counts[pair[1]]), pair[2] } end
  end
  local page = { title = action.label, notices = {}, blocks = {
    { kind = "text", text = counted(found) },
    { kind = "table", label = "Counts", columns = { "Count", "Which" }, rows = rows },
    { kind = "links", label = "On", links = further(action.list, found) },
  } }
  if first then
    page.notices[1] = { "fail", "The first failure: " .. hosted_url.redacted(tostring(first)) }
  end
  return page
end

--- Whether a form's token is good: what names it; or false, or nil and a failure.
local function token_of(view, name, action)
  local params = view.params
  local target, mark = params[action.about.key] or "", params.mark or ""
  if params.list then
    target, mark = address.of(action.list, actions.query_of(view, action.list)), ""
  end
  return csrf.check(view.store, params.token, bound_to(view, name, target, mark), view.now)
end

--- Does what a form says.
-- @tparam table view whose `params` are the form's
-- @treturn[1] table|false a page, perhaps with `status` and `location`
-- @treturn[2] nil
-- @treturn[2] table failure
function acting.act(view)
  local action, refused = allowed(view)
  if not action then return refused end
  local name = view.params["do"]
  local nonce, err = token_of(view, name, action)
  if nonce == nil then return nil, err end
  if not nonce then
    return refusal(403, action.label,
      "This form was not made for you, or more than an hour ago: look again.")
  end
  if action.typed and view.params.typed ~= typed_word(view.params.tenant) then
    return refusal(409, action.label, "Nothing was done: what was typed is something else.")
  end
  if view.params.list then return do_many(view, name, action, nonce) end
  return do_one(view, name, action, nonce)
end

return acting
