-- Whatever is asked of a permalink's handler is answered, and leads nowhere that was not given out.

local debitura = require("debitura")
local recipes = require("debitura.recipes")
local rig = require("spec.support.rig")
local support = require("spec.support.desk")

local ROUNDS = 300
local METHODS = { "GET", "HEAD", "POST", "PUT", "get", "", "OPTIONS" }
local PIECES = {
  "/", "a", "0", "f", "%", "\0", "\255", "..", "?", "#", ("0"):rep(36), "é", " ", "\r\n",
}
local LANGUAGES = { "da", "xx", "de-AT;q=0.8", "*", "", ",,;", "\255\0", ("a,"):rep(1000) }

describe("the permalink's handler", function()
  it("answers any method, path and language", function()
    math.randomseed(7)
    local bench = rig.new()
    bench.options.permalink = debitura.permalink.new {
      url = "https://platform.example/h/", store = bench.store, brand = { name = "Sample" },
    }
    bench.recipes = recipes.new(bench.options)
    local handler = bench.recipes:permalink_handler()
    assert(bench.recipes.approval:request(support.payload()))
    bench:work()
    for _ = 1, ROUNDS do
      local parts = {}
      for i = 1, math.random(0, 8) do parts[i] = PIECES[math.random(#PIECES)] end
      local method = METHODS[math.random(#METHODS)]
      local status, body, headers = handler:handle {
        method = method, path = "/h/" .. table.concat(parts),
        accept_language = LANGUAGES[math.random(#LANGUAGES)],
      }
      local known = method == "GET" or method == "HEAD" or method == "POST"
      assert.are.equal(known and 404 or 405, status)
      assert.are.equal(method == "HEAD" and 0 or tonumber(headers["Content-Length"]), #body)
      for _, value in pairs(headers) do assert.is_nil(tostring(value):find("%c")) end
    end
  end)
end)
