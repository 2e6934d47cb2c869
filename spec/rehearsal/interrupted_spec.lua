-- A rehearsal that is interrupted in any step, before or after what it sends, leaves nothing behind
-- and goes on when it is started again; one that has died cleans up then. Each step takes a minute
-- and a half in all: a few are tried every day, all of them with SPEC_REHEARSALS=1.

local debitura = require "debitura"
local runner = require "debitura.rehearsal.runner"
local sandbox = require "debitura.sandbox"
local walk = require "spec.support.walk"

local ALL = os.getenv("SPEC_REHEARSALS") == "1"

--- Of every day: one that is interrupted, one that dies.
local EVERYDAY = { ["Ctrl-C"] = "approval", death = "subscription" }

describe("A rehearsal", function()
  local service, path, remove

  setup(function()
    service = assert(sandbox.start { seed = 1 })
    path, remove = walk.directory()
    path = path .. "/rehearsal.json"
  end)
  teardown(function()
    service:stop()
    remove()
  end)

  --- What there is of rehearsals at Debitura, and whether the sandbox's limits are its own.
  local function left()
    local partner = debitura.partner { api_key = service.api_key, base_url = service.url }
    return {
      clients = #assert(partner.clients:list():all()),
      subscriptions = #assert(partner.webhooks:list()),
      limited = assert(service:control("GET", "settings")).rate_limits.enabled,
    }
  end

  --- Lets a rehearsal be interrupted at the n-th thing that a step sends.
  local function interrupt_at(opened, name, sent)
    local function passes(wrapped)
      return function(...)
        if (opened.step or {}).name ~= name then return wrapped(...) end
        if not sent then error("interrupted!", 0) end
        wrapped(...)
        error("interrupted!", 0)
      end
    end
    opened.session.exchange = passes(opened.session.exchange)
    opened.sandbox.control = passes(opened.sandbox.control)
    opened.channels = { { name = "callback", deliver = passes(function() return true end) } }
  end

  for _, step in ipairs(runner.steps) do
    for _, way in ipairs { "Ctrl-C", "death" } do
      if ALL or EVERYDAY[way] == step.name then
        it(("goes on after %s in the step %s"):format(way, step.name), function()
          os.remove(path)
          for _, sent in ipairs { false, true } do
            local opened = walk.open(service, path)
            interrupt_at(opened, step.name, sent)
            local ran, err = pcall(opened.run, opened, function() end)
            assert.same({ false, "interrupted!" }, { ran, err })
            if way == "Ctrl-C" then
              opened.step = { name = "clean-up" }
              opened:clean_up()
              assert.same({ clients = 0, subscriptions = 0, limited = false }, left())
            end
          end
          local report = walk.through(walk.open(service, path))
          assert.same({ true, #runner.steps, {} },
            { report.agrees, report.counts.agrees, report.left })
          assert.same({ clients = 0, subscriptions = 0, limited = false }, left())
        end)
      end
    end
  end
end)
