--- A recording HTTP server: a real nginx that answers what it was told to and remembers what it was
-- asked.
--
--     local server = upstream.start()
--     server:answers { { status = 503 }, { status = 200, body = "{}" } }
--     -- in turn; the last one stays
--     ... requests to server.url ...
--     local seen = server:requests()          -- { { method, target, headers, body } ... }
--     server:stop()

local core = require("debitura.core")
local nginx = require("debitura.nginx_app")

local upstream = {}

local CONFIGURATION = [[
  lua_shared_dict upstream 64m;
  client_max_body_size 64m;
  client_body_buffer_size 64m;
  server {
    listen 127.0.0.1:$PORT;
    location = /_answers {
      content_by_lua_block {
        ngx.req.read_body()
        local shared = ngx.shared.upstream
        shared:flush_all()
        for _, answer in ipairs(require("debitura.core").json.decode(ngx.req.get_body_data())) do
          shared:rpush("answers", require("debitura.core").json.encode(answer))
        end
        ngx.say("ok")
      }
    }
    location = /_requests {
      content_by_lua_block {
        local core, shared = require("debitura.core"), ngx.shared.upstream
        local list = {}
        for _ = 1, shared:llen("requests") do
          local text = shared:lpop("requests")
          shared:rpush("requests", text)
          list[#list + 1] = core.json.decode(text)
        end
        ngx.print(core.json.encode(core.json.array(list)))
      }
    }
    location / {
      content_by_lua_block {
        local core, shared = require("debitura.core"), ngx.shared.upstream
        ngx.req.read_body()
        shared:rpush("requests", core.json.encode {
          method = ngx.req.get_method(), target = ngx.var.request_uri,
          headers = ngx.req.get_headers(0),
          body = ngx.encode_base64(ngx.req.get_body_data() or ""),
        })
        local text = shared:lpop("answers")
        if shared:llen("answers") == 0 then shared:rpush("answers", text) end
        local answer = core.json.decode(text)
        ngx.status = answer.status
        ngx.header["Content-Type"] = "application/json"
        for name, value in pairs(answer.headers or {}) do ngx.header[name] = value end
        if answer.delay then ngx.sleep(answer.delay) end
        ngx.print(answer.body or "")
      }
    }
  }
]]

local Upstream = {}
Upstream.__index = Upstream

function Upstream:exchange(method, path, body)
  local transfer = assert(self.engine:submit { method = method, url = self.url .. path,
    body = body })
  while not transfer:done() do self.engine:wait(1) end
  return assert(transfer:result()).body
end

--- Sets what is answered from now on, and forgets what was asked so far.
function Upstream:answers(list)
  assert(self:exchange("POST", "/_answers",
    assert(core.json.encode(core.json.array(list)))) == "ok\n")
end

local function from_base64(text)
  local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  local bytes, held, bits = {}, 0, 0
  for character in text:gmatch("[^=]") do
    held, bits = held * 64 + alphabet:find(character, 1, true) - 1, bits + 6
    if bits >= 8 then
      bits = bits - 8
      bytes[#bytes + 1] = string.char(math.floor(held / 2 ^ bits))
      held = held % 2 ^ bits
    end
  end
  return table.concat(bytes)
end

--- What was asked since the answers were set, in order.
function Upstream:requests()
  local list = assert(core.json.decode(self:exchange("GET", "/_requests")))
  for _, request in ipairs(list) do request.body = from_base64(request.body) end
  return list
end

function Upstream:stop()
  self.engine:close()
  self.server:stop()
end

function upstream.start()
  local server = assert(nginx.start { http = CONFIGURATION })
  local self = setmetatable({ server = server, url = server.url, engine = core.engine {} },
    Upstream)
  self:answers { { status = 200, body = "{}" } }
  return self
end

return upstream
