--- The store's verbs in SQL. Knows tables and transactions, not which database it talks to: that
-- one hands in a connection with `run(statement, values)`, `insert(relation, columns, rows,
-- conflict)`, `atomically(body, lock)`, `close()`, and in `for_claim` what it appends to a
-- selection of rows that are claimed. Transactions that name the same lock never overlap.
--
-- In a transaction rows are locked in the order records, history, jobs or events, counts; only the
-- counts meet those of other tenants, and they are locked in an order of their own. So no two
-- transactions wait for each other.
-- @module debitura.store.sql

local inbox = require("debitura.store.sql.inbox")
local jobs = require("debitura.store.sql.jobs")
local records = require("debitura.store.sql.records")
local shared = require("debitura.store.sql.shared")
local summary = require("debitura.store.sql.summary")

local sql = {}

local Store = {}
Store.__index = Store

for _, verbs in ipairs { records, jobs.verbs, inbox, shared, summary } do
  for verb, run in pairs(verbs) do Store[verb] = run end
end

--- The verbs over a connection.
-- @tparam table connection
-- @treturn table the store
function sql.new(connection)
  return setmetatable({ connection = connection }, Store)
end

return sql
