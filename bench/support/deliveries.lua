-- For wrk: POSTs the deliveries of a file, a line each, the signature and the body divided by a
-- tab. wrk -t 1 -s deliveries.lua URL -- FILE FIRST COUNT

-- luacheck: globals wrk init request

local requests, at = {}, 0

function init(arguments)
  local first, count, line_number = tonumber(arguments[2]), tonumber(arguments[3]), 0
  for line in io.lines(arguments[1]) do
    line_number = line_number + 1
    if line_number >= first + count then break end
    if line_number >= first then
      local signature, body = line:match("^(.-)\t(.*)$")
      requests[#requests + 1] = wrk.format("POST", nil, { ["X-Debitura-Signature"] = signature },
        body)
    end
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end
