--- A ledger as the first version of the tables holds one: a link, whose request is done and whose delivery is due, and an event.
--
--     for _, statement in ipairs(first_version(types)) do ... end
--
-- `types` are the database's names for those in debitura.store.schema. Whoever runs the statements also sets the version.

local schema = require("debitura.store.sql.schema")

local ROWS = {
  [[insert into links (tenant, state, generation, base, version, variant, url, payload, requested_at, created_at, updated_at)
    values ('acme-1', 'pending', 1, 0, 2, 'approval', 'https://referral.example/approve/1', '{"name":"Sample Ltd"}', 1767225600,
    1767225600, 1767225601)]],
  [[insert into effects (key, tenant, kind, generation, state, attempt, due_at, created_at, ended_at, result)
    values ('request/1/acme-1', 'acme-1', 'request', 1, 'done', 1, 1767225600, 1767225600, 1767225601, 'answered')]],
  [[insert into effects (key, tenant, kind, generation, channel, state, attempt, due_at, created_at)
    values ('deliver/1/email/acme-1', 'acme-1', 'deliver', 1, 'email', 'open', 0, 1767225601, 1767225601)]],
  [[insert into history (tenant, at, event, event_id, from_state, to_state, generation)
    values ('acme-1', 1767225601, 'pending', 'evt-1', 'requesting', 'pending', 1)]],
  [[insert into inbox (id, tenant, event, body, received_at, replay, state, attempt, due_at)
    values ('evt-2', 'acme-1', 'client.linked', '{}', 1767225602, 0, 'open', 0, 1767225602)]],
}

return function(types)
  local statements = {}
  for _, part in ipairs { schema[1], ROWS } do
    for _, statement in ipairs(part) do statements[#statements + 1] = (statement:gsub("%$(%l+)", types)) end
  end
  return statements
end
