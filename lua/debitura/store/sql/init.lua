--- The store's verbs in SQL. Knows tables and transactions, not which database it talks to: that
-- one hands in a connection with what debitura.store.sql.luasql describes. A verb is one statement
-- where it can be, see debitura.store.sql.triggers.
--
-- Transactions that name the same lock never overlap. What changes the states of rows names their
-- tenants: these share a few locks, one for each slot of the counts, so that no two transactions
-- wait for each other in the rows of the counts.
-- @module debitura.store.sql

local forget = require("debitura.store.sql.forget")
local inbox = require("debitura.store.sql.inbox")
local jobs = require("debitura.store.sql.jobs")
local records = require("debitura.store.sql.records")
local shared = require("debitura.store.sql.shared")
local summary = require("debitura.store.sql.summary")

local sql = {}

local Store = {}
Store.__index = Store

for _, verbs in ipairs { records, jobs, inbox, shared, summary, forget } do
  for verb, run in pairs(verbs) do Store[verb] = run end
end

--- The verbs over a connection.
-- @tparam table connection
-- @treturn table the store
function sql.new(connection)
  return setmetatable({ connection = connection }, Store)
end

return sql
