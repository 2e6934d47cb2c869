--- Brings the keys of an older release forward; see debitura.store.redis.scripts.
-- @module debitura.store.redis.scripts.migration

local scripts = {}

-- Version 1 did not index the open effects by tenant.
scripts.migrate = [[
if call('GET', prefix .. 'version') == '1' then
  for _, kind in ipairs(call('SMEMBERS', prefix .. 'kinds')) do
    local open = call('ZRANGE', key('open', kind), 0, -1, 'WITHSCORES')
    for i = 1, #open, 2 do
      call('ZADD', key('open_of', call('HGET', key('effect', open[i]), 'tenant')), open[i + 1], open[i])
    end
  end
  call('SET', prefix .. 'version', 2)
end
return 'ok']]

return scripts
