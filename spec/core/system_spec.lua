-- What plain Lua cannot ask the system for.

local core = require "debitura.core"
local origin = require "spec.support.origin"

local system = core.system

describe("core.system", function()
  local directory, remove

  before_each(function() directory, remove = origin.directory() end)
  after_each(function() remove() end)

  local function read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read("*a")
    file:close()
    return text
  end

  it("writes files that only their owner can read, new ones and those that were open to others",
    function()
    local path = directory .. "/secret"
    assert.is_true(system.write_private(path, "a longer sample"))
    local user = origin.output("id -un"):gsub("%s", "")
    assert.same({ tonumber("600", 8), true, user }, { system.permissions(path) })
    assert(os.execute("chmod 644 " .. path))
    assert.is_true(system.write_private(path, core.secret("sample\0text")))
    assert.equal("sample\0text", read(path))
    assert.same({ tonumber("600", 8), true, user }, { system.permissions(path) })
  end)

  it("does not follow a link to write what is private", function()
    local path = directory .. "/elsewhere"
    assert(os.execute(("echo kept >%s && ln -s %s %s/link"):format(path, path, directory)))
    local written, reason = system.write_private(directory .. "/link", "sample")
    assert.is_nil(written)
    assert.truthy(reason:find(directory .. "/link: ", 1, true))
    assert.equal("kept\n", read(path))
  end)

  it("writes nothing private into what is no file", function()
    local path = directory .. "/pipe"
    assert(os.execute("mkfifo -m 666 " .. path))
    assert.is_nil((system.write_private(path, "sample")))
    assert.is_nil((system.write_private(directory, "sample")))
    assert.equal(tonumber("666", 8), (system.permissions(path)))
  end)

  it("makes empty files for their owner or its group, and leaves those that there are", function()
    for mode, group in pairs { ["600"] = false, ["660"] = true } do
      local path = directory .. "/" .. mode
      assert.is_true(system.create_file(path, group))
      assert.equal(tonumber(mode, 8), (system.permissions(path)))
      assert(os.execute("chmod 640 " .. path .. " && echo kept >" .. path))
      assert.is_false(system.create_file(path, group))
      assert.equal("kept\n", read(path))
      assert.equal(tonumber("640", 8), (system.permissions(path)))
    end
  end)

  it("says why a file cannot be written or looked at", function()
    for _, ask in ipairs { system.permissions, system.write_private, system.create_file } do
      local nothing, reason = ask("/nonexistent/file", "sample")
      assert.is_nil(nothing)
      assert.equal("/nonexistent/file: No such file or directory", reason)
    end
  end)

  it("keeps open files from programs that are started later", function()
    local path = directory .. "/kept"
    local kept = assert(io.open(path, "w"))
    local listing = "ls -l /proc/self/fd"
    assert.truthy(origin.output(listing):find(path, 1, true))
    system.close_on_exec()
    assert.is_nil(origin.output(listing):find(path, 1, true))
    assert(kept:write("still open here"))
    kept:close()
    assert.equal("still open here", read(path))
  end)

  it("tells a terminal, with its width, from what is none", function()
    local engine = os.getenv("DEBITURA_ENGINE")
    local script = directory .. "/script.lua"
    origin.write(script, "print(require('debitura.core').system.terminal(1))")
    local command = ("scripts/lua %s %s"):format(engine == "luajit" and "jit"
      or engine:match("%d.*"), script)
    assert.equal("nil\n", origin.output(command))
    assert.equal("93\n",
      (origin.output(("script -qec 'stty cols 93; %s' /dev/null </dev/null"):format(command))
        :gsub("\r", "")))
  end)

  it("knows the libraries that it stands on", function()
    local versions = system.versions()
    assert.truthy(versions.libcurl:find("^%d+%.%d+%.%d+"))
    assert.truthy(versions.openssl:find("^OpenSSL %d+%.%d+%.%d+"))
    assert.truthy(versions.cjson:find("^%d+%.%d+%.%d+$"))
  end)
end)
