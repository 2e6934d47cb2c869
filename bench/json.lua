-- Decoding and encoding an event of 1 kB and a page of 45 kB, against lua-cjson, which does not
-- sort. Aim for decoding: 0.75 and 0.65.
local cjson = require("cjson")
local core = require("debitura.core")
local rounds = require("bench.support.rounds")
local samples = require("bench.support.samples")

local function compare(name, ours, theirs, times)
  rounds.compare(name, function() return rounds.cpu(ours, times) end,
    function() return rounds.cpu(theirs, times) end)
end

local function measure(name, text, times)
  local mine, plain = core.json, cjson
  compare("json_decode_" .. name, function() return mine.decode(text) end,
    function() return plain.decode(text) end, times)
  local my_value, plain_value = mine.decode(text), plain.decode(text)
  compare("json_encode_" .. name, function() return mine.encode(my_value) end,
    function() return plain.encode(plain_value) end, times)
end

measure("event_1kB", samples.event, 4000)
measure("page_45kB", samples.page, 100)
