-- Writes, as JSON, every page and letter that the module makes, and those of the docs' site in a
-- directory: `{name, policy, html, faults, only}`, `faults` being what has to be found in it,
-- `only` the one fault that is looked for: LDoc's pages are not ours to mend.

local brand = require("debitura.channels.brand")
local core = require("debitura.core")
local encoding = require("debitura.base.encoding")
local letters = require("debitura.channels.letters")
local operators = require("spec.support.operators")
local page = require("debitura.permalink.page")
local bare_sandbox = require("spec.support.bare_sandbox")
local rehearsal_page = require("debitura.rehearsal.page")

local samples = bare_sandbox.samples
local pages = core.json.array {}

local function add(name, html, policy)
  pages[#pages + 1] = { name = name, html = html, policy = policy, faults = core.json.array {} }
end

-- How a platform may be called: short, in two words that no line of a telephone holds, and from
-- right to left.
local LONG = "Donaudampfschifffahrtsgesellschaftskapitänsvereinigung Rindfleischetikettierungs"
local NAMES = { short = "Sample Platform", long = LONG, hebrew = "דוגמה פלטפורמה בע״מ" }
-- Of buttons; on the grey, white and black can hardly be told apart in how well they are read.
local COLOURS = { short = "#ffdd00", long = "#767676", hebrew = "#0b6e5f" }
local BRAND = brand.options("scripts/pages.lua")

local function brand_of(called)
  local name = NAMES[called]
  return BRAND:read {
    name = name, colour = COLOURS[called], footer = name .. "\nSample Street 1",
    logo_url = "https://platform.example/logo.png",
    support = "questions.about.invoices@a-long-name-of-a-platform.example",
  }
end

-- English words stand in for those of a language that is written from right to left.
local ALL = letters.with { he = { direction = "rtl" } }
-- The languages in which every name is tried; the long one is in each.
local THOROUGH = { en = true, de = true, he = true }

local function each(visit)
  for language, texts in pairs(ALL) do
    for called in pairs(NAMES) do
      if called == "long" or THOROUGH[language] then
        visit(("%s, %s name"):format(language, called), brand_of(called), texts)
      end
    end
  end
end

local function permalink(place, shown, texts)
  local made = page.new(shown)
  for name in pairs(texts.pages) do
    add(("permalink %s (%s)"):format(name, place), made:render(name, texts), made.policy)
  end
end

local function letter(place, shown, texts)
  for variant in pairs(texts.letters) do
    local written = assert(letters.write({
      variant = variant, reminder = 1, expires_at = 1782864000, language = texts.language,
      url = "https://referral.example/approve/" .. ("0f3c"):rep(36),
      recipient = { name = "דנה דוגמה", country = "DE" },
    }, { brand = shown, all = ALL }))
    add(("letter %s (%s)"):format(variant, place), written.html)
  end
end

-- The sandbox -------------------------------------------------------------------------------------

local function cases_in(...)
  local cases = {}
  for index, country in ipairs { ... } do
    cases[index] = samples.case {
      creditorReference = ("0f3c"):rep(12) .. index,
      debtor = samples.debtor { countryAlpha2 = country },
    }
  end
  return cases
end

--- What customers and those who try the sandbox are shown, from its first page on.
local function live(sandbox, name)
  sandbox:control("POST", "settings", { partner_name = name })
  sandbox:send("GET", "/_sandbox")
  sandbox:subscribe { "client.linked", "client.link_requested", "case.created" }
  local function ask(tenant, payload, email)
    payload.externalTenantId, payload.users[1].email = tenant, email or payload.users[1].email
    local body = sandbox:partner("POST", "/clients", payload).body
    return (body.data or body).onboardingLinks.url
  end
  local new = samples.client { cases = cases_in("DE", "GB") }
  new.client.name = name
  local onboarding = ask("tenant-1", new)
  sandbox:sign_all(onboarding)
  sandbox:send("GET", "/onboarding/sign/" .. onboarding:match("[^/]+$") .. "/kyc")
  local waiting = samples.client { cases = cases_in("DE", "GB") }
  waiting.client = { name = LONG, country = "Denmark", supportEmail = "office@long.example" }
  ask(LONG, waiting, "nora@long.example")
  local choice = ask("tenant-2", samples.client(), "chris@choice.example")
  local approval = ask("tenant-3", samples.existing { cases = cases_in("DE") },
    "ann@fresh.example")
  assert(choice:find("/choice/", 1, true) and approval:find("/link/", 1, true))
  for _, url in ipairs { approval, choice } do sandbox:send("GET", url) end
  sandbox:send("GET", "/_sandbox")
  sandbox:post_form(choice .. "/approve", { entity = "none" })
  sandbox:post_form(approval .. "/approve")
  sandbox:send("GET", approval)
  sandbox:advance("9d")
  for _, path in ipairs { choice, "/link/none", "/documents/terms", "/_sandbox" } do
    sandbox:send("GET", path)
  end
end

local function sandbox_pages(called, name)
  local sandbox, send, count = bare_sandbox.new(), bare_sandbox.send, 0
  function sandbox.send(...)
    local answer = send(...)
    if (answer.headers["content-type"] or ""):find("text/html", 1, true) then
      count = count + 1
      local title = answer.body:match("<title>(.-)</title>")
      add(("sandbox %d, %s (%s name)"):format(count, title, called), answer.body,
        answer.headers["content-security-policy"])
    end
    return answer
  end
  live(sandbox, name)
end

-- The desk ----------------------------------------------------------------------------------------

local function desk_pages()
  local full = operators.full { personal = true }
  for _, place in ipairs {
    "", "links", "links?undelivered=1", "cases", "inbox", "jobs", "nothing",
    "link?said=moved&tenant=carried-1", "link?tenant=undelivered-1", "link?tenant=signing-1",
    "link?tenant=" .. operators.LONG, "link?tenant=" .. encoding.percent(operators.HEBREW),
    "case?tenant=carried-1&name=INV-1", "act?do=forget&tenant=undelivered-1",
    "act?do=close&list=links&undelivered=1",
  } do
    local body, _, headers = full:get(place)
    add("desk " .. place:sub(1, 60), body, headers["Content-Security-Policy"])
  end
end

--- The site's pages, with the stylesheet in them.
local function docs(site)
  local function read_file(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read("*a")
    file:close()
    return text
  end
  local style = "<style>" .. read_file(site .. "/reference/ldoc.css") .. "</style>"
  local listing = assert(io.popen("find '" .. site .. "' -name '*.html' | sort"))
  for path in listing:lines() do
    local html = read_file(path):gsub("<link rel=\"stylesheet\"[^>]*>", function() return style end)
    add(path:sub(#site + 2), html)
    pages[#pages].only = path:find("/reference/", 1, true) and "wide" or nil
  end
  listing:close()
end

--- A rehearsal in which everything has happened.
local REPORT = {
  run = "0f3c0f3c", place = "test", begun_at = 1782864000,
  counts = { agrees = 1, differs = 1, not_tried = 1 }, noted = { "me 200 " .. ("extra"):rep(40) },
  kept = { { kind = "client", name = LONG } },
  left = { { kind = "subscription", problem = "webhooks.delete: server 500" } },
  steps = {
    { name = "key", level = "mandatory", expected = LONG, source = "Authentication",
      verdict = "agrees", seen = "200", differences = {} },
    { name = "idempotency_conflict", level = "recommended", expected = "422", source = LONG,
      verdict = "differs", differences = { ("webhooks.create"):rep(20), LONG } },
    { name = "expiry", level = "mandatory", expected = "an event", source = "409 conflict path",
      verdict = "not tried", why = "waits", due_at = 1782864000, differences = {} },
  },
}

-- A page that has every fault, or else nothing looks for them.
pages[1] = {
  name = "a faulty page", faults = { "color-contrast", "html-has-lang", "wide" },
  html = [[<!doctype html><title>Faulty</title>
<main><h1 style="width:3000px;color:#777;background:#888">Faulty</h1></main>]],
}
each(permalink)
each(letter)
desk_pages()
for called, name in pairs(NAMES) do sandbox_pages(called, name) end
add("the report of a rehearsal", rehearsal_page.html(REPORT))
docs(assert(arg[1]))
io.write(assert(core.json.encode(pages)))
