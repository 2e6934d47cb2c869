-- The demo, as `make demo` runs it once everything is built.

describe("the demo", function()
  local directory

  --- Runs a shell command; gives its output and exit status.
  local function run(command)
    local pipe = assert(io.popen(("TMPDIR='%s'; export TMPDIR; { %s; } 2>&1; echo $?")
      :format(directory, command)))
    local text, status = pipe:read("*a"):match("^(.-)(%d+)\n$")
    pipe:close()
    return text, tonumber(status)
  end

  before_each(function()
    local pipe = io.popen("mktemp -d")
    directory = pipe:read("*l")
    pipe:close()
  end)

  after_each(function() os.execute(("rm -rf '%s'"):format(directory)) end)

  --- Whatever of the demo is still on the machine: files, and processes that name its directory.
  local function left_behind()
    return (run(("ls -A '%s'; ps -eo args | grep -F 'nginx -p %s' | grep -v grep")
      :format(directory, directory)))
  end

  it("sees every step and leaves nothing behind", function()
    local text, status = run("scripts/demo")
    assert.are.equal(0, status, text)
    assert.is_truthy(
      text:find(
        "Client customer-4711 is carried: generation 2 of the link, 3 of 3 cases carried through.",
        1, true), text)
    assert.is_truthy(text:find("\n17 of 17 steps seen.\n", 1, true), text)
    local last = 0
    for number in ("\n" .. text):gmatch("\n *(%d+)  %S") do
      last = last + 1
      assert.are.equal(last, tonumber(number), text)
    end
    assert.are.equal(17, last, text)
    assert.are.equal("", left_behind())
  end)

  it("installs what it uses alone, and says how much that is", function()
    local bin = directory .. "/bin"
    local function program(name, text)
      local file = assert(io.open(bin .. "/" .. name, "wb"))
      file:write("#!/bin/sh\n", text, "\n")
      file:close()
      run(("chmod 755 '%s/%s'"):format(bin, name))
    end
    -- A Debian that has nothing yet, and a user who may install by sudo.
    run("mkdir " .. bin)
    program("dpkg-query", "exit 1")
    program("id", "echo 1000")
    program("sudo", [[case "$1" in apt-get|env) exec "$@" ;; *) cat >/dev/null ;; esac]])
    program("apt-get", ([[
      echo "$@" >>'%s/asked'
      case "$*" in
        *--print-uris*)
          echo "'http://mirror.example/a.deb' a.deb 41000000 MD5Sum:0"
          echo "'http://mirror.example/b.deb' b.deb 1500000 MD5Sum:0" ;;
        *install*) echo "Unpacking gcc (12) ..." ;;
      esac]]):format(directory))
    local text, status = run(("PATH='%s':$PATH scripts/setup demo </dev/null"):format(bin))
    assert.are.equal(0, status, text)
    assert.is_truthy(text:find("Downloading 42.5 MB in 2 packages ...\n  gcc\n", 1, true), text)
    local asked = run("cat " .. directory .. "/asked")
    assert.is_truthy(asked:find(" gcc ", 1, true) and asked:find(" nginx-light ", 1, true), asked)
    for _, name in ipairs { "clang", "valgrind", "postgresql", "redis-server", "lua-busted" } do
      assert.is_nil(asked:find(name, 1, true), name)
    end
    program("apt-get", "echo 'E: no such mirror'; exit 100")
    text, status = run(("PATH='%s':$PATH scripts/setup demo </dev/null"):format(bin))
    assert.are.equal(1, status, text)
    assert.is_truthy(text:find("E: no such mirror\nCould not install: gcc ", 1, true), text)
    run("rm -rf " .. bin .. " " .. directory .. "/asked")
  end)

  it("shows hosted URLs and bodies only when asked for what goes over the wire", function()
    local quiet = run("scripts/demo")
    assert.is_nil(quiet:find("/link/", 1, true), quiet)
    local told = run("DEMO_VERBOSE=1 scripts/demo")
    assert.is_truthy(told:find("POST /clients {", 1, true), told)
    assert.is_truthy(told:find("POST /v1/Webhooks  -> 200", 1, true), told)
    assert.is_truthy(
      told:find(
        "X%-Debitura%-Event: client.link_expired  X%-Debitura%-Signature: t=%d+,v1=%x+  %-> 200"),
          told)
  end)

  it("fails when a step cannot be seen, and says which", function()
    local text, status = run("DEBITURA_NGINX=no-such-program scripts/demo")
    assert.are.equal(1, status, text)
    assert.is_truthy(text:find("no nginx found; install OpenResty", 1, true), text)
    assert.is_truthy(
      text:find("\n0 of 17 steps seen.\nNot seen:\n     sandbox: Debitura's stand-in runs\n", 1,
        true), text)
    assert.are.equal("", left_behind())
  end)

  it("leaves nothing behind when it is interrupted, wherever that strikes", function()
    for _, seconds in ipairs { 0.1, 0.2, 0.3 } do
      run(("timeout --signal=INT %.1f scripts/demo"):format(seconds))
      assert.are.equal("", left_behind())
    end
  end)
end)
