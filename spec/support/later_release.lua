-- Makes of this checkout a later release, when it is loaded before anything else: 1.1.0, whose
-- layout 2 adds a column to records and gives a value to those that are there.
--
--     LUA_INIT='require "spec.support.later_release"' debitura store migrate
--
-- With LATER_RELEASE=dies a migration ends in its middle: a process that works on tables is killed,
-- the script of Redis fails after its first record.

local contract = require("debitura.store.contract")
local core = require("debitura.core")
local layouts = require("debitura.store.layouts")
local version = require("debitura.base.version")

local dies = os.getenv("LATER_RELEASE") == "dies"

version.number = "1.1.0"
table.insert(contract.record, { "colour", bytes = true, since = 2 })
table.insert(contract.settable, "colour")

layouts.list[2] = {
  since = "1.1.0", adds = "the colour of records, grey at first",
  sql = {
    "alter table records add column colour $bytes",
    "update records set colour = 'grey'",
  },
  redis = [[
    for _, member in ipairs(call('ZRANGE', prefix .. 'records:link', 0, -1)) do
      call('HSET', key('record', 'link', member), 'colour', 'grey')
      DIES
    end]],
}

layouts.list[2].redis = layouts.list[2].redis:gsub("DIES", dies and "error('it ends')" or "")

if dies then
  local luasql = require("debitura.store.sql.luasql")
  local run_all = luasql.run_all
  function luasql.run_all(connection, statements)
    local done, err = run_all(connection, statements)
    if statements == layouts.list[2].sql then
      local _, pid = core.system.process()
      os.execute(("kill -KILL %d"):format(pid))
    end
    return done, err
  end
end
