--- What a store that is used in nginx may be told besides; see debitura.base.options.
-- @module debitura.store.lanes.options

return {
  blocking = {
    "blocking", "boolean", default = false,
    "true: in nginx verbs run in the worker itself, which serves no other request meanwhile "
      .. "(SQLite, PostgreSQL)",
  },
  batch = {
    "batch", "count", default = 256,
    check = function(number) return number > 256 and "at most 256" or nil end,
    "in nginx: how many calls go to the server or the disk together, at most 256",
  },
}
