--- What a command cannot go on without: `must(session:store())` gives the store, or ends the
-- command with the problem that comes in its place, as if the command had returned it.
-- @module debitura.cli.must

local must = {}

local Problem = {}

--- The problem with which a command was ended.
-- @param raised what came out of the command
-- @treturn ?table with the `problem`; nil when something else was raised
function must.problem_in(raised)
  return getmetatable(raised) == Problem and raised or nil
end

return setmetatable(must, {
  __call = function(_, value, err, ...)
    if value == nil then error(setmetatable({ problem = err }, Problem), 0) end
    return value, err, ...
  end,
})
