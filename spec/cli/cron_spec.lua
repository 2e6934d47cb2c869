-- The guide's crontab, as cron runs it: by /bin/sh, with no environment but its own, no terminal,
-- and a mail of whatever is printed.

local command = require "spec.support.command"
local core = require "debitura.core"
local debitura = require "debitura"
local sandbox = require "debitura.sandbox"
local server = require "spec.support.server"

--- The variables and commands of a crontab.
local function read_crontab(text)
  local variables, commands = {}, {}
  for line in text:gmatch("[^\n]+") do
    local name, value = line:match("^(%u[%u_]*)=(.*)$")
    if name then
      variables[name] = value
    else
      commands[#commands + 1] = assert(line:match("^%S+%s+%S+%s+%S+%s+%S+%s+%S+%s+(.+)$"), line)
    end
  end
  return variables, commands
end

describe("The guide's crontab", function()
  local service, desk, store, variables, commands

  setup(function()
    service = assert(sandbox.start())
    desk = command.desk()
    local guide = desk:read("docs/guide.md")
    variables, commands = read_crontab(assert(guide:match("crontab <<'END'\n(.-)END\n")))
    local address = "sqlite://" .. desk.directory .. "/store.db"
    variables.DEBITURA_CONFIG = desk:file("config.json", assert(core.json.encode {
      api_key = service.api_key, base_url = service.url, store = address,
      channels = { { type = "print" } },
    }))
    server.run("chmod 600 " .. variables.DEBITURA_CONFIG)
    store = assert(debitura.store.open(address))
    -- What the rock installs, by its name.
    server.run("mkdir " .. desk.directory .. "/bin")
    local installed = desk:file("bin/debitura", ("#!/bin/sh\ncd '%s' && exec %s\n"):format(
      server.run("pwd"):gsub("%s+$", ""), (desk:shell("\"$@\""):gsub("^.-(scripts/lua)", "%1"))))
    server.run("chmod 755 " .. installed)
  end)

  teardown(function()
    store:close()
    desk:close()
    service:stop()
  end)

  --- What cron would mail of a command, and its exit status.
  local function run(line)
    local words = { "env -i SHELL=/bin/sh LOGNAME=app HOME=" .. desk.directory }
    for name, value in pairs(variables) do
      if name == "PATH" then value = desk.directory .. "/bin:" .. value end
      words[#words + 1] = name .. "=" .. server.quote(value)
    end
    local text = server.run(("%s /bin/sh -c %s </dev/null 2>&1; echo \"exit $?\""):format(
      table.concat(words, " "), server.quote(line)))
    return text:match("^(.*)exit (%d+)\n")
  end

  it("has a path on which the installed command is", function()
    assert.truthy((":" .. variables.PATH .. ":"):find(":/usr/local/bin:", 1, true))
    assert.equal(2, #commands)
  end)

  it("sends no mail on an idle day, nor without --quiet", function()
    for _, line in ipairs(commands) do
      assert.same({ "", "0" }, { run(line) }, line)
      assert.same({ "", "0" }, { run((line:gsub(" %-%-quiet", ""))) }, line)
    end
  end)

  it("sends none on a day on which all goes well, and one sentence when something does not",
    function()
    local event, body = debitura.webhook.example("client.linked", { data = {} })
    assert(store:inbox_add({ id = event.id, event = event.event, body = body }, 0))
    for _, line in ipairs(commands) do assert.same({ "", "0" }, { run(line) }, line) end
    assert(store:inbox_add({ id = "evt-odd", event = "client.linked", body = "[]" }, 0))
    local mailed = {}
    for _, line in ipairs(commands) do mailed[#mailed + 1] = run(line) end
    assert.same({ "", "1 webhook was given up: `debitura inbox list --state dead`.\n" }, mailed)
  end)
end)
