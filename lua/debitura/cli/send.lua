--- One operation of an API, as commands do it: `--dry-run` shows it, what cannot be taken back is
-- asked about, else it is sent.
-- @module debitura.cli.send

local core = require("debitura.core")
local request = require("debitura.client.request")
local status = require("debitura.cli.exit_status")

--- What an operation destroys; one that this version does not know is judged by its method.
local function loss(call)
  if call.row.destroys or call.row.method ~= "DELETE" then return call.row.destroys end
  return "This deletes " .. call.row.path
end

local function last_parameter(call)
  local last = call.row.path_params[#call.row.path_params]
  return last and call.path and call.path[last.name] and tostring(call.path[last.name])
end

local function arguments_of(call)
  return { path = call.path or {}, query = call.query, body = call.body, form = call.form }
end

--- Shows what would be sent.
local function show(session, call, built)
  local url = call.api.session.base_url .. built.path_and_query
  if session.out.json then
    session.out:object { dry_run = true, operation = call.row.name, method = built.method,
      url = url, body = call.body }
  else
    session.out:line(("would send: %s %s"):format(built.method, url))
    if built.body then session.out:document(built.body) end
  end
  return status.done
end

--- Sends an operation, or shows it.
-- @tparam table session see debitura.cli.session
-- @tparam table call `api` (partner or customer object), `row`, and where the row has them `path`,
--   `query`, `body`, `form`; `check` (false: unchecked), `idempotency_key`
-- @tparam function use is given the decoded answer and the answer, returns what a command's `run`
--   returns
-- @treturn number exit status
-- @treturn[2] nil
-- @treturn[2] table failure
local function send(session, call, use)
  local api, arguments = call.api.session, arguments_of(call)
  -- Before anybody is asked, or told that it would be sent.
  local built, err = request.build(call.row, arguments, {
    check = call.check, environment = api.environment, now = core.system.now(),
    idempotency_key = call.idempotency_key,
  })
  if not built then return nil, err end
  if session.arguments.dry_run then return show(session, call, built) end
  local lost = loss(call)
  if lost then
    local word = last_parameter(call)
    local confirmed, refused = session:confirm(lost .. (word and ": " .. word or ""), word)
    if not confirmed then return nil, refused end
  end
  local data, answer
  data, err, answer = api:call(call.row, arguments,
    { check = call.check, idempotency_key = call.idempotency_key })
  if err then return nil, err end
  return use(data, answer)
end

return send
