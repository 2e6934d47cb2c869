-- What the command tells of itself: operations, completion, versions, help.

local command = require "spec.support.command"
local core = require "debitura.core"
local openapi = require "spec.support.openapi"
local server = require "spec.support.server"

describe("debitura", function()
  local desk

  setup(function() desk = command.desk() end)
  teardown(function() desk:close() end)

  it("operations lists what can be called, and finds it", function()
    local rows = desk:objects(desk:run("operations --json").out)
    assert.equal(75, #rows)
    local ended = desk:run("operations KYC --api partner")
    local path = "/clients/{externalTenantId}/kyc%-verification"
    assert.truthy(ended.out:find("^clients.submit_kyc\tpartner\tPOST\t" .. path .. "\t[^\n]+\n$"),
      ended.out)
    assert.equal(1, desk:run("operations nothing-like-that").status)
    assert.equal(2, desk:run("operations --api other").status)
  end)

  it("operations tells what one takes", function()
    local ended = desk:run("operations tokens.create")
    assert.truthy(ended.out:find("Body\texternalTenantId!\n", 1, true), ended.out)
    assert.truthy(ended.out:find("Retry\tidempotent\n", 1, true))
    local listed = desk:objects(desk:run("operations clients.list --json").out)
    assert.same({ 1, true }, { #listed, listed[1].pages })
  end)

  it("operations says what a published document changes", function()
    local document = openapi.document("referral-partner-api")
    local path = desk:file("openapi.json", assert(core.json.encode(document)))
    local ended = desk:run("operations --compare " .. path)
    assert.same({ 0, "", "Nothing of the partner API has changed.\n" },
      { ended.status, ended.out, ended.err })

    document.paths["/me"] = nil
    ended = desk:run("operations --compare -", { input = assert(core.json.encode(document)) })
    assert.same({ 4, "fails\tremoved\tGET /me\tan operation\n" }, { ended.status, ended.out })

    ended = desk:run("operations --compare " .. desk:file("openapi.yaml", "openapi: 3.0.1\n"))
    assert.equal(2, ended.status)
    assert.truthy(ended.err:find("it is YAML, and JSON is read: `yq ", 1, true), ended.err)
  end)

  it("completion is a script of each shell, with all commands", function()
    for _, shell in ipairs { "bash", "zsh", "fish" } do
      local ended = desk:run("completion " .. shell)
      assert.equal(0, ended.status, ended.err)
      for _, word in ipairs { "clients", "withdraw", "webhooks", "dry-run" } do
        assert.truthy(ended.out:find(word, 1, true), shell)
      end
    end
    assert.equal(2, desk:run("completion tcsh").status)
  end)

  it("completion makes bash complete commands, options and what they may be", function()
    local path = desk:file("completion", desk:run("completion bash").out)
    for words, expected in pairs {
      ["webhooks ro"] = "rotate\n", ["inbox list --state d"] = "done dead\n",
      ["inbox forget --o"] = "--older-than\n", ["cl"] = "clients\n",
    } do
      local _, count = words:gsub("%S+", "")
      local script = (
        "source %s; COMP_WORDS=(debitura %s); COMP_CWORD=%d; _debitura; echo ${COMPREPLY[@]}")
          :format(path, words, count)
      assert.equal(expected, (server.run("bash -c " .. server.quote(script))))
    end
  end)

  it("version names what it stands on, and is the rock's", function()
    local told = desk:objects(desk:run("version --json").out)[1]
    local rockspec = {}
    local path = "debitura-" .. told.debitura .. "-1.rockspec"
    local chunk = assert(loadfile(path, "t", rockspec))
    if rawget(_G, "setfenv") then rawget(_G, "setfenv")(chunk, rockspec) end
    chunk()
    assert.equal(told.debitura .. "-1", rockspec.version)
    for _, name in ipairs { "lua", "libcurl", "openssl", "cjson" } do
      assert.is_string(told[name])
    end
  end)

  it("helps with every command", function()
    local ended = desk:run("--help")
    assert.equal(0, ended.status)
    local count = 0
    for name in ended.out:match("Commands:(.*)"):gmatch("\n   (%l+) ") do
      count = count + 1
      assert.truthy(desk:run(name .. " --help").out:find("^Usage: debitura " .. name), name)
    end
    assert.is_true(count > 10)
    assert.truthy(desk:run("webhooks rotate --help").out:find("--secret-file FILE", 1, true))
  end)
end)
