-- What a sweep says it has done.

local sentences = require "debitura.cli.sentences"

describe("The words of steps", function()
  it("are sentences, of one and of several", function()
    for expected, said in pairs {
      ["asked again for 1 link"] = { "answer.needs_linking", 1 },
      ["asked again for 2 links"] = { "answer.needs_linking", 2 },
      ["failed 3 steps"] = { "failed", 3 },
      ["2 steps ended with: a word of a later release"] = { "a word of a later release", 2 },
    } do assert.equal(expected, sentences.of(said[1], said[2])) end
    assert.equal("delivered 2 URLs, sent 1 reminder",
      sentences.summary { total = 3, delivered = 2, reminded = 1, failed = 0, missing = {} })
    assert.equal("", sentences.summary { total = 0, missing = {} })
  end)

  it("are known for every result that the recipes' steps end with", function()
    local pipe = assert(io.popen("cat lua/debitura/recipes/steps/*.lua"))
    local source, found = pipe:read("*a"), 0
    pipe:close()
    for _, pattern in ipairs {
      'finish%(job, "([%l_. ]+)"', 'decide%(job, "([%l_. ]+)"', 'call%(job, "([%l_. ]+)"',
      'return "([%l_. ]+)"\n',
    } do
      for word in source:gmatch(pattern) do
        found = found + 1
        assert.is_nil(sentences.of(word, 2):find("ended with", 1, true), word)
      end
    end
    assert.is_true(found > 15, found)
  end)
end)
