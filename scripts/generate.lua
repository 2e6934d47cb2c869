--- Writes what is made from the operations' rows, the tables of options and the command's parser:
-- scripts/lua 5.4 scripts/generate.lua
-- The files are committed; spec/docs/generated_spec.lua tells when one is behind.

for _, maker in ipairs { "types", "operations_page", "options_page", "failures_page",
  "machines_page", "manual", "rockspec" } do
  for path, text in pairs(require("scripts." .. maker).files()) do
    local file = assert(io.open(path, "wb"))
    assert(file:write(text))
    file:close()
  end
end
