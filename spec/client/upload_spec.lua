local upload = require "debitura.client.upload"

describe("a file to upload", function()
  local directory

  setup(function()
    directory = os.tmpname()
    os.remove(directory)
    assert(os.execute("mkdir " .. directory))
  end)

  teardown(function() os.execute("rm -r " .. directory) end)

  local function write(name, bytes)
    local path = directory .. "/" .. name
    local file = assert(io.open(path, "wb"))
    file:write(bytes)
    file:close()
    return path
  end

  --- A file of this size that takes no room on disk.
  local function sparse(name, size)
    local path = directory .. "/" .. name
    local file = assert(io.open(path, "wb"))
    file:seek("set", size - 1)
    file:write("x")
    file:close()
    return path
  end

  local function describe_file(file, checked)
    local problems = {}
    local part = upload.part("file", file, function(name, message) problems[name] = message end,
      checked ~= false)
    return part, problems.file
  end

  it("is named by its path, and sent with the media type of its extension", function()
    local path = write("invoice 7.PDF", "%PDF-1.4")
    local part, problem = describe_file(path)
    assert.is_nil(problem)
    assert.same({ name = "file", path = path, filename = "invoice 7.PDF",
      content_type = "application/pdf" }, part)
  end)

  it("may be given a name and a media type of its own", function()
    local path = write("upload.tmp", "a;b")
    local part, problem = describe_file { path = path, filename = "list.csv",
      content_type = "text/csv; charset=utf-8" }
    assert.is_nil(problem)
    assert.same({ name = "file", path = path, filename = "list.csv",
      content_type = "text/csv; charset=utf-8" }, part)
  end)

  it("may come from memory, and then needs a name", function()
    local part, problem = describe_file { data = "hello", filename = "note.txt" }
    assert.is_nil(problem)
    assert.same({ name = "file", data = "hello", filename = "note.txt",
      content_type = "text/plain" }, part)
    assert.equal("needs a filename", select(2, describe_file { data = "hello" }))
  end)

  it("has one of the documented types", function()
    for _, extension in ipairs { "pdf", "xls", "xlsx", "csv", "txt", "jpg", "jpeg", "png",
      "gif" } do
      assert.is_nil(select(2, describe_file { data = "x", filename = "a." .. extension }))
    end
    local refusal = "must be a pdf, xls, xlsx, csv, txt, jpg, jpeg, png or gif file"
    for _, name in ipairs { "a.exe", "a.pdf.zip", "pdf", "a." } do
      assert.equal(refusal, select(2, describe_file { data = "x", filename = name }))
    end
  end)

  it("is at most 25 MB", function()
    assert.is_nil(select(2, describe_file(sparse("limit.pdf", 26214400))))
    assert.equal("is larger than 25 MB (26214401 bytes)",
      select(2, describe_file(sparse("over.pdf", 26214401))))
  end)

  it("is not empty", function()
    assert.equal("is empty", select(2, describe_file(write("empty.txt", ""))))
    assert.equal("is empty", select(2, describe_file { data = "", filename = "empty.txt" }))
  end)

  it("can be read", function()
    assert.equal("cannot be read: No such file or directory",
      select(2, describe_file(directory .. "/none.pdf")))
    assert(os.execute("mkdir " .. directory .. "/folder.pdf"))
    assert.equal("cannot be read: Is a directory",
      select(2, describe_file(directory .. "/folder.pdf")))
    -- A file that opens and does not read, for root as well.
    -- Opening a pipe would wait for its writer.
    assert(os.execute("mkfifo " .. directory .. "/pipe.pdf"))
    assert.equal("cannot be read: not a regular file",
      select(2, describe_file(directory .. "/pipe.pdf")))
    assert.equal("cannot be read: not a regular file",
      select(2, describe_file { path = "/dev/zero", filename = "zero.pdf" }))
    assert.matches("^cannot be read: ", select(2,
      describe_file { path = "/proc/self/mem", filename = "memory.txt" }))
  end)

  it("has no control character in its name, checked or not", function()
    local refusal = "has a control character in its name"
    assert.equal(refusal, select(2, describe_file { data = "x", filename = "a\r\nX: y.pdf" }))
    assert.equal(refusal, select(2, describe_file({ data = "x", filename = "a\0.pdf" }, false)))
  end)

  it("is refused when it is neither a path nor bytes", function()
    local refusal = "must be a path, or a table with path or data"
    assert.equal(refusal, select(2, describe_file(nil)))
    assert.equal(refusal, select(2, describe_file {}))
    assert.equal(refusal, select(2, describe_file { path = 7 }))
    assert.equal(refusal, select(2, describe_file { path = "a.pdf", data = "x" }))
  end)

  it("is taken as it is without checks", function()
    local part, problem = describe_file({ path = directory .. "/none.zip" }, false)
    assert.is_nil(problem)
    assert.same({
      name = "file", path = directory .. "/none.zip", filename = "none.zip",
      content_type = "application/octet-stream",
    }, part)
  end)
end)
