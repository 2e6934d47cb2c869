std = "min"
max_line_length = 100
exclude_files = { "build/**" }
files["spec/**"] = { std = "+busted" }
files["examples/specs/**"] = { std = "+busted" }
-- Functions of the platform may wait, which PUC Lua 5.1 cannot do amid a bare pcall: task.pcall.
for _, room in ipairs { "channels", "client", "import", "permalink", "recipes", "status", "webhook",
  "workflow" } do
  files["lua/debitura/" .. room .. "/**"] = { not_globals = { "pcall", "xpcall" } }
end
files["lua/debitura/async/waiters/init.lua"] = { read_globals = { "ngx" } }
files["lua/debitura/sandbox/server/worker.lua"] = { globals = { "ngx" } }
files["scripts/demo_endpoint.lua"] = { read_globals = { "ngx" } }
-- Declarations for editors: bodies are empty, and a union stands on one line.
files["types/**"] = { unused = false, max_line_length = false }
