--- The store's verbs in SQL. Knows tables and transactions, not which database it talks to: that
-- one hands in a connection with what debitura.store.sql.luasql describes. A verb is one statement
-- where it can be, see debitura.store.sql.triggers.
--
-- A verb raises what the database cannot do; its caller gets it as the second result.
--
-- Transactions that name the same lock never overlap. What changes the states of rows names their
-- tenants: these share a few locks, one for each slot of the counts, so that no two transactions
-- wait for each other in the rows of the counts.
-- @module debitura.store.sql

local failure = require("debitura.base.failure")
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
  for verb, run in pairs(verbs) do
    Store[verb] = function(...) return failure.catch(run, ...) end
  end
end

--- Opens a store over a connection, which is closed where it cannot be used.
-- @tparam table connection
-- @tparam table options of the database, and `create`
-- @treturn table the store
-- @raise failure
function sql.open(connection, options)
  local sound, err = pcall(connection.prepare, connection, options)
  if sound then return setmetatable({ connection = connection }, Store) end
  connection:close()
  error(err, 0)
end

return sql
