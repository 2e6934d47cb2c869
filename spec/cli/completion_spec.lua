-- What a shell completes: commands and options, and what only the store or Debitura knows.

local command = require "spec.support.command"
local core = require "debitura.core"
local debitura = require "debitura"
local sandbox = require "debitura.sandbox"
local server = require "spec.support.server"
local support = require "spec.support.desk"

describe("debitura completion", function()
  local service, desk, store

  setup(function()
    service = assert(sandbox.start())
    desk = command.desk(service)
    desk.environment.DEBITURA_STORE = "sqlite://" .. desk.directory .. "/store.db"
    store = assert(debitura.store.open(desk.environment.DEBITURA_STORE))
    local recipes = debitura.recipes.new {
      partner = debitura.partner { api_key = service.api_key, base_url = service.url },
      store = store, clock = core.system.now,
      channels = { debitura.channels.callback(function() return true end) },
    }
    for _, tenant in ipairs { "tenant-1", "tenant-2", "Kunde 7/Ærø" } do
      assert(recipes.approval:request(support.payload { externalTenantId = tenant }))
    end
    for _, id in ipairs { "evt_open", "evt_dead" } do
      assert(store:inbox_add({ id = id, event = "client.linked", body = "{}" }, 0))
    end
    for _, item in ipairs(assert(store:inbox_claim { limit = 2, now = 1, lease = 60 })) do
      if item.id == "evt_dead" then assert(store:inbox_dead(item, 2, "sample")) end
    end
  end)

  teardown(function()
    store:close()
    desk:close()
    service:stop()
  end)

  local function candidates(words, environment)
    local ended = desk:run("complete " .. words, { environment = environment })
    assert.same({ 0, "" }, { ended.status, ended.err }, words)
    return (ended.out:gsub("\n", "|"))
  end

  it("knows the clients, cases and events of the store", function()
    for words, expected in pairs {
      ["links show ''"] = "Kunde 7/Ærø|tenant-1|tenant-2|",
      ["links show ten"] = "tenant-1|tenant-2|",
      ["links show tenant-2"] = "tenant-2|", ["links deliver tenant-1 --quiet K"] = "Kunde 7/Ærø|",
      ["cases list --tenant te"] = "tenant-1|tenant-2|", ["cases show tenant-1 INV-1"] = "INV-1|",
      ["call GET /customer/me --as ''"] = "Kunde 7/Ærø|tenant-1|tenant-2|",
      ["inbox show ''"] = "evt_open|evt_dead|", ["inbox retry evt"] = "evt_dead|",
      ["links list --limit ''"] = "", ["links list te"] = "", ["links show tenant-1 te"] = "",
      ["frobnicate ''"] = "", [""] = "",
    } do assert.equal(expected, candidates(words), words) end
  end)

  it("knows Debitura's subscriptions, and its clients where there is no store", function()
    local ended = desk:run("webhooks ensure --url http://127.0.0.1:9/ --show --json")
    local id = desk:objects(ended.out)[1].id
    assert.equal(id .. "|", candidates("webhooks rotate ''"))
    assert.equal("", candidates("webhooks rotate nothing"))
    assert.equal(0, desk:run("clients create -", { input = [[{"externalTenantId": "new-1",
      "client": {"name": "Sample", "country": "Denmark", "supportEmail": "office@new.example"},
      "users": [{"name": "Ann Example", "email": "ann@onboarded.example"}]}]] }).status)
    assert.equal("new-1|", candidates("clients show n", { DEBITURA_STORE = "" }))
  end)

  it("says nothing where nothing can be asked", function()
    for _, environment in ipairs {
      { DEBITURA_STORE = "sqlite:///nonexistent/store.db" }, { DEBITURA_STORE = "cupboard:" },
      { DEBITURA_STORE = "", DEBITURA_BASE_URL = "http://127.0.0.1:1" },
      { DEBITURA_STORE = "", DEBITURA_API_KEY = "", DEBITURA_BASE_URL = "" },
    } do assert.equal("", candidates("links show ''", environment)) end
  end)

  it("completes them in bash, beside commands and options", function()
    local path = desk:file("debitura", ("#!/bin/sh\nexec %s\n"):format(desk:shell('"$@"')))
    server.run("chmod 755 " .. path)
    local script = desk:file("try.bash", ([[
      source <("%s" completion bash)
      try() {
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
        _debitura_with_values
        printf '<%%s>' "${COMPREPLY[@]}"
        echo
      }
      try "%s" links sh
      try "%s" links show K
      try "%s" links list --undel
    ]]):format(path, path, path, path))
    assert.equal("<show>\n<Kunde\\ 7/Ærø>\n<--undelivered>\n",
      (server.run("LC_ALL=C.UTF-8 bash " .. script)))
  end)

  it("prints a script for each shell", function()
    for _, shell in ipairs { "bash", "zsh", "fish" } do
      local ended = desk:run("completion " .. shell)
      assert.equal(0, ended.status, ended.err)
      assert.truthy(ended.out:find("complete", 1, true) and ended.out:find("values", 1, true))
    end
  end)
end)
