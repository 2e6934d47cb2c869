-- A store from release to release, with a later release that the spec makes: its layout 2 adds a
-- column. The spec itself is this release.

local backends = require("spec.support.backends")
local layouts = require("debitura.store.layouts")
local lua_text = require("spec.support.lua_text")
local rows = require("spec.support.store_rows")
local server = require("spec.support.server")
local store = require("debitura.store")

local T0, MOVERS, MOVES = rows.T0, 2, 6

local function engine()
  local name = os.getenv("DEBITURA_ENGINE")
  return name == "luajit" and "jit" or name:match("%d.*")
end

local REFUSED = "it has layout 2, and debitura 1.0.0 reads layout 1 alone; nothing was changed: "
  .. "install the release that migrated it, or a later one"

--- A process of this release that says it is alive.
local OWN = { id = "own", role = "worker", host = "h", pid = 1, release = "1.0.0", about = "{}",
  started_at = T0 }

describe("The layouts", function()
  it("are on the page about upgrades, each with the release that brought it", function()
    local file = assert(io.open("docs/upgrading.md"))
    local page = file:read("*a")
    file:close()
    for number, layout in ipairs(layouts.list) do
      assert.truthy(page:find(("| %d | %s |"):format(number, layout.since), 1, true), number)
    end
    assert.equal(1, layouts.oldest)
  end)

  it("are read by the release that brought them and by later ones", function()
    for release, reads in pairs { ["0.9.9"] = false, ["1.0.0"] = true, ["1.0.1"] = true,
      ["1.10.0"] = true, ["2.0.0"] = true, scm = false } do
      assert.equal(reads, layouts.is_read_by(release, 1), release)
    end
  end)
end)

for _, name in ipairs { "sqlite", "postgresql", "redis" } do
  local backend = backends[name]
  local describe_backend = backend.missing and pending or describe
  describe_backend(("a %s store%s"):format(name, backend.missing or ""), function()
    local opened, close, place

    setup(backend.setup)
    teardown(backend.teardown)
    before_each(function()
      opened, close, place = backend.open()
      for _, tenant in ipairs { "acme-1", "acme-2" } do
        assert(opened:record_move(rows.change(tenant, {
          rows.move("link", "", 0, { state = "requesting" }),
        }), T0))
      end
    end)
    after_each(function() close() end)

    local function run(line) return assert(io.popen(line .. " 2>&1")) end

    local function start(what, environment)
      return run(("%s scripts/lua %s spec/support/later_worker.lua %s %s %s"):format(
        environment or "", engine(), what, server.quote(place.address), server.quote(place.name)))
    end

    local function said(pipe)
      local text = pipe:read("*a")
      pipe:close()
      return text
    end

    local function later(what) return lua_text.read(said(start(what))) end

    --- What a later release finds when it has used a store.
    local function used(layout, before, after, lines)
      return { layout = layout, before = before, after = after, listed = 2, lines = lines,
        done = true, added = "new", ended = true, forgotten = 1, processes = 1 }
    end

    it("is used by both releases until it is migrated, then by the later one", function()
      local found = later("use")
      -- A hash of Redis takes any field.
      assert.same(used(1, false, name == "redis" and "blue", 2), found)
      assert.equal(1, opened:layout())
      local link = opened:record("link", "acme-1", "")
      assert.same({ 2, nil }, { link.version, link.colour })
      assert.is_true(opened:record_move(rows.change("acme-1", {
        rows.move("link", "", 2, { state = "pending" }),
      }), T0))

      assert.equal(1, later("migrate"))
      assert.equal(0, later("migrate"))
      assert.same(used(2, "grey", "blue", 4), later("use"))
    end)

    it("refuses a process of the earlier release once it was migrated", function()
      assert.equal(1, later("migrate"))
      -- Tables take what it does until its next beat, keys nothing any more.
      if name ~= "redis" then
        assert.is_true(opened:record_move(rows.change("acme-1", {
          rows.move("link", "", 1, { state = "pending" }),
        }), T0))
      end
      local beaten, refusal = opened:beat(OWN, T0)
      assert.is_nil(beaten)
      for _, call in ipairs { { "beat", OWN, T0 }, { "record", "link", "acme-1", "" },
        { "inbox_claim", { now = T0, lease = 1 } }, { "layout" } } do
        local got, err = opened[call[1]](opened, call[2], call[3], call[4])
        assert.is_nil(got, call[1])
        assert.same({ "store", false, tostring(refusal) }, { err.kind, err.retryable,
          tostring(err) })
      end
      assert.truthy(tostring(refusal):find(REFUSED, 1, true), tostring(refusal))
      local again, err = store.open(place.address, place.options)
      assert.is_nil(again)
      assert.equal(tostring(refusal), tostring(err))
    end)

    it("is migrated once by two that begin together", function()
      local pipes, raised = { start("migrate"), start("migrate") }, 0
      for _, pipe in ipairs(pipes) do raised = raised + lua_text.read(said(pipe)) end
      assert.equal(1, raised)
      assert.same(used(2, "grey", "blue", 2), later("use"))
    end)

    it("is worked on by others while it is migrated", function()
      local go, pipes = os.tmpname(), {}
      os.remove(go)
      for i = 1, MOVERS do
        pipes[i] = run(("%s scripts/lua %s spec/support/record_mover.lua %s %s %s p%d %d"):format(
          [[LUA_INIT='require "spec.support.later_release"']], engine(),
          server.quote(place.address), server.quote(place.name), go, i, MOVES))
      end
      pipes[MOVERS + 1] = start("migrate")
      assert(io.open(go, "w")):close()
      for i = 1, MOVERS do assert.matches("^%d+\n$", said(pipes[i])) end
      os.remove(go)
      assert.equal("1\n", said(pipes[MOVERS + 1]))
      local found = later("use")
      assert.same({ 2, "grey", "blue" }, { found.layout, found.before, found.after })
    end)

    it("is as it was, or can be migrated again, when that ended in its middle", function()
      said(start("migrate", "LATER_RELEASE=dies"))
      assert.equal(1, opened:layout())
      assert.equal(1, opened:record("link", "acme-1", "").version)
      assert.is_true(opened:beat(OWN, T0))
      assert.equal(1, later("migrate"))
      assert.equal("grey", later("use").before)
    end)
  end)
end
