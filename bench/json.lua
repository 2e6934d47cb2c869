-- Decoding an event of 1 kB and a page of 45 kB, against lua-cjson. Aim: level.
local cjson = require("cjson")
local core = require("debitura.core")
local rounds = require("bench.support.rounds")
local samples = require("bench.support.samples")

local function decode(name, text, times)
  local ours, theirs = core.json.decode, cjson.decode
  rounds.compare("json_decode_" .. name,
    function() return rounds.cpu(function() return ours(text) end, times) end,
    function() return rounds.cpu(function() return theirs(text) end, times) end)
end

decode("event_1kB", samples.event, 4000)
decode("page_45kB", samples.page, 100)
