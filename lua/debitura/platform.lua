--- One definition of a partner's set-up, for the application, its workers, cron and the command.
--
--     -- debitura.lua
--     local debitura = require "debitura"
--
--     return debitura.platform {
--       name = "Sample Platform", environment = "test", api_key = os.getenv "DEBITURA_API_KEY",
--       store = "sqlite:///var/lib/app/store.db", channels = { debitura.channels.email { … } },
--       webhook = { url = "https://platform.example/webhooks", secret_file = "/etc/app/secret" },
--     }
--
-- The parts `partner`, `store`, `recipes`, `receiver`, `permalink`, `status` and `desk` are made
-- when a process first uses them, and the store is opened by its first verb: while the module loads
-- nothing connects. A part is a mistake when it is used and an option that it needs is missing.
-- @module debitura.platform

local brand = require("debitura.channels.brand")
local client_options = require("debitura.client.options")
local core = require("debitura.core")
local desk = require("debitura.status.desk")
local email = require("debitura.channels.email")
local failure = require("debitura.base.failure")
local http = require("debitura.channels.http")
local lazy = require("debitura.store.lazy")
local letters = require("debitura.channels.letters")
local limiter = require("debitura.client.limiter")
local merged = require("debitura.base.merged")
local options = require("debitura.base.options")
local partner = require("debitura.client.partner")
local permalink = require("debitura.permalink")
local presence = require("debitura.status.presence")
local print_channel = require("debitura.channels.print")
local protected = require("debitura.async.protected")
local receiver = require("debitura.webhook.receiver")
local recipe_options = require("debitura.recipes.options")
local recipes = require("debitura.recipes")
local secret_file = require("debitura.webhook.secret_file")
local status = require("debitura.status")
local store = require("debitura.store")
local store_options = require("debitura.store.options")
local subscription = require("debitura.webhook.subscription")

local platform = {}

-- Options -----------------------------------------------------------------------------------------

-- What belongs to the platform as a whole, or to several of its parts.
local SHARED = {
  { "name", "text", "the platform, as its customers know it" },
  brand.optional, letters.options.language, letters.options.time_zone,
  { "store", "text|table", annotation = "string|debitura.StoreOptions",
    "where all data is kept: an address, or a table" },
  { "partner", "table", annotation = "debitura.PlatformPartner", "how calls are made" },
  { "webhook", "table", annotation = "debitura.PlatformWebhook",
    "how webhooks are received" },
  { "permalink", "table", annotation = "debitura.PlatformPermalink",
    "URLs of the platform's own take the place of Debitura's" },
  { "desk", "table", annotation = "debitura.PlatformDesk", "pages for operators" },
  { "channels", "table",
    "ways to bring hosted URLs to the customer: of debitura.channels, or "
    .. "tables with a type (email, http or print) and its options" },
  { "clock", "function", default = core.system.now, "gives Unix seconds" },
}

-- Of the options of a part, those that the platform does not say itself.
local function rows_of(defined, ...)
  local taken, rows = {}, {}
  for _, name in ipairs { ... } do taken[name] = true end
  for _, row in ipairs(defined.rows) do
    if not taken[row.name] then rows[#rows + 1] = row end
  end
  return rows
end

local OF_RECIPES = rows_of(recipe_options.recipes, "partner", "store", "clock", "channels",
  "permalink", "logger")

-- Of the options of a part, those that the platform says for it.
local function shared_rows(defined, ...)
  local rows = {}
  for i, name in ipairs { ... } do
    rows[i] = merged(defined.by_name[name])
    rows[i].required = nil
  end
  return rows
end

local OF_WEBHOOK = {
  { "url", "text", "where this platform receives webhooks" },
  { "events", "table", shown_default = "all", "the events to subscribe to" },
  { "secret_file", "text", "a file with secrets, one in each line, read for each webhook" },
}

local CLIENT = client_options.partner

--- The options of a platform.
platform.options = options.define("debitura.platform",
  shared_rows(CLIENT, "environment", "base_url", "customer_base_url", "api_key", "logger"), SHARED,
  OF_RECIPES)

--- The options of its parts, by the option that holds them: what a part takes alone, but for what
-- the platform says for it.
platform.parts = {
  store = store_options.define("debitura.platform: store"),
  partner = options.define("debitura.platform: partner", rows_of(CLIENT, "environment", "base_url",
    "customer_base_url", "api_key", "logger", "store", "clock")),
  webhook = options.define("debitura.platform: webhook", OF_WEBHOOK,
    rows_of(receiver.options, "store", "clock", "logger")),
  permalink = options.define("debitura.platform: permalink",
    rows_of(permalink.options, "store", "clock", "brand", "language")),
  desk = options.define("debitura.platform: desk", rows_of(desk.options, "status", "recipes")),
}

-- Wraps what is secret, so that no message can show it.
local function wrapped(value)
  if type(value) == "string" then return core.secret(value) end
  if type(value) ~= "table" then return value end
  local list = {}
  for i, text in ipairs(value) do list[i] = wrapped(text) end
  return list
end

local SECRET = {
  { nil, "api_key" }, { "store", "encryption_key" }, { "store", "encryption_keys" },
  { "webhook", "secret" }, { "webhook", "secrets" },
}

-- The channels that need no function: options alone describe them.
local DESCRIBED = { email = email, http = http, print = print_channel }

-- What such a channel takes from the platform unless it says otherwise.
local OF_CHANNELS = { "brand", "language", "time_zone", "clock" }

-- A channel, made where it is only described.
local function channel_of(read, given, place)
  if type(given) == "table" and given.deliver then return given end
  local module = type(given) == "table" and DESCRIBED[given.type]
  if not module then
    platform.options:complain(place, "type: email, http or print expected; a channel of another "
      .. "kind is made in Lua, by debitura.channels")
  end
  local described = merged(given)
  described.type = nil
  for _, name in ipairs(OF_CHANNELS) do
    if module.options.by_name[name] and described[name] == nil then described[name] = read[name] end
  end
  return module.new(described)
end

--- Reads what a platform was given: checks it, part by part, and wraps its secrets.
-- @tparam table given
-- @treturn table
-- @raise at the caller's line, for an option that is unknown or wrong
function platform.read(given)
  local read = platform.options:read(given)
  if type(read.store) == "string" then read.store = { address = read.store } end
  for name, defined in pairs(platform.parts) do
    local part = read[name] and defined:read(read[name])
    -- Which options a store has depends on its address, which a command line may replace.
    read[name] = name == "store" and part and merged(read.store) or part
  end
  for _, place in ipairs(SECRET) do
    local holder = read
    if place[1] then holder = read[place[1]] or {} end
    holder[place[2]] = wrapped(holder[place[2]])
  end
  if read.brand or read.name then
    read.brand = merged(read.brand)
    read.brand.name = read.brand.name or read.name
  end
  if read.channels then
    local channels = {}
    for i, channel in ipairs(read.channels) do
      channels[i] = channel_of(read, channel, ("channels[%d]"):format(i))
    end
    read.channels = channels
  end
  return read
end

-- The parts ---------------------------------------------------------------------------------------

-- Opens the platform's store, and takes none that belongs to the other environment.
local function open_store(given, environment)
  local opened, err = store.open(given)
  if not opened then return nil, err end
  local stamped
  stamped, err = opened:stamp(environment)
  if stamped == environment then return opened end
  opened:close()
  return nil, err or failure.new {
    kind = "store", retryable = false,
    message = ("this store belongs to the environment %s, and this platform is in %s; `debitura "
      .. "store restamp` changes that"):format(stamped, environment),
  }
end

-- What makes a part from the platform.
local MAKE = {}

-- What tells the store that this process is alive.
function MAKE.presence(self)
  return presence.new {
    clock = self.options.clock, can = (recipe_options.abilities(self.options)),
  }
end

function MAKE.store(self)
  local environment, present = self.environment, self.presence
  return lazy.new(function(given)
    local opened, err = open_store(given, environment)
    return opened and present:watch(opened), err
  end, self:needs("store"))
end

function MAKE.status(self)
  local function used() return self.partner:limits_used() end
  return status.new { store = self.store, clock = self.options.clock,
    used = self.options.api_key and used }
end

function MAKE.desk(self)
  local read = merged(self:needs("desk"))
  read.status, read.recipes = self.status, read.actions and self.recipes or nil
  return desk.new(read)
end

function MAKE.partner(self)
  local given = self.options
  local read = merged(given.partner)
  read.api_key = self:needs("api_key")
  read.environment, read.base_url = given.environment, given.base_url
  read.customer_base_url, read.logger = given.customer_base_url, given.logger
  if given.store then
    read.on_response = self.presence:hearing(read.on_response)
    read.store = self.store
    if read.limiter == nil then read.limiter = limiter.new { store = self.store } end
  end
  local made = partner.new(read)
  if made.session.observer then made.session.observer.clock = given.clock end
  return made
end

function MAKE.permalink(self)
  local read = merged(self:needs("permalink"))
  read.brand, read.language = self:needs("brand"), self.options.language
  read.store, read.clock = self.store, self.options.clock
  return permalink.new(read)
end

function MAKE.recipes(self)
  local given = self.options
  local read = { partner = self.partner, store = self.store, clock = given.clock,
    channels = given.channels, logger = given.logger }
  for _, row in ipairs(OF_RECIPES) do read[row.name] = given[row.name] end
  if self.options.permalink then read.permalink = self.permalink end
  local made = recipes.new(read)
  local sweep = made.sweep
  -- What there is to tell of is enqueued first, so that the same sweep does it.
  function made.sweep(own, chosen)
    if not (chosen and chosen.dry_run) then self:look_around() end
    return sweep(own, chosen)
  end
  return made
end

-- The recipes hear of each event first, then the platform's own functions.
local function handler(self, on)
  return function(event, context)
    local known, err = self.recipes:handle(event, context)
    if not known then return nil, err end
    for _, name in ipairs { event.event, "*" } do
      if on[name] then
        local done
        done, err = on[name](event, context)
        if not done and err ~= nil then return nil, err end
      end
    end
    return true
  end
end

function MAKE.receiver(self)
  local read = merged(self.options.webhook)
  local path, on = read.secret_file, read.on or {}
  read.store, read.clock, read.logger = self.store, self.options.clock, self.options.logger
  read.on = { ["*"] = handler(self, on) }
  if path then
    read.secret = function() return assert(secret_file.read(path)) end
  elseif not read.secret and not read.secrets then
    read.secret = false
  end
  read.url, read.events, read.secret_file = nil, nil, nil
  return self.presence:receiving(receiver.new(read))
end

-- The platform ------------------------------------------------------------------------------------

local Platform = {}

function Platform:__index(name)
  if Platform[name] then return Platform[name] end
  if not MAKE[name] then return nil end
  local part = MAKE[name](self)
  rawset(self, name, part)
  return part
end

function Platform:__tostring()
  return ("debitura.platform (%s)"):format(self.environment)
end

-- An option that a part cannot do without.
function Platform:needs(name)
  local value = self.options[name]
  if value == nil then platform.options:complain(name, "missing") end
  return value
end

-- Seconds between two looks, of all processes on a store, for what `on_alert` is to be told of, and
-- at Debitura for whether it still sends webhooks.
local ALERTS_EVERY, SUBSCRIPTION_EVERY = 60, 3600

-- Whether it is this process's turn to look at something.
function Platform:may_look(name, seconds)
  local now = self.options.clock()
  local holder = ("%s/%d/%.6f"):format(name, select(2, core.system.process()), now)
  return self.store:lease("look/" .. name, holder, seconds, now) == true
end

-- Notes whether Debitura sends webhooks to this platform.
function Platform:look_at_subscription()
  local hook = self.options.webhook
  if not (hook and hook.url and self:may_look("subscription", SUBSCRIPTION_EVERY)) then return end
  local list = self.partner.webhooks:list()
  local found = list and subscription.of_url(list, hook.url)
  if found then self.presence:note_subscription(subscription.field(found, "isActive")) end
end

-- Looks for what a person has to see; what goes wrong with that is no matter of the work.
function Platform:look_around()
  protected(function()
    if not self.store:open() then return end
    self.presence:doing("sweep")
    self:look_at_subscription()
    if self:may_look("alerts", ALERTS_EVERY) then
      self.status:alert(self.options.on_alert ~= nil)
    end
  end)
end

-- Closes what has been opened, and keeps before what was observed.
function Platform:close()
  local calls, opened = rawget(self, "partner"), rawget(self, "store")
  if calls and calls.session.observer then calls.session.observer:flush() end
  if opened then opened:close() end
end

-- Which of the two environments the clients of a platform are in. A host of one's own counts as
-- production unless it is said not to be, or is this machine: only there is plain http allowed.
local function environment_of(read)
  if read.environment then return read.environment end
  return read.base_url:find("^[Hh][Tt][Tt][Pp]:") and "test" or "production"
end

--- Whether a value is a platform.
-- @param value
-- @treturn boolean
function platform.is(value)
  return getmetatable(value) == Platform
end

--- Defines a platform.
-- @tparam table given see `platform.options`
-- @treturn table with `options`, `environment`, the parts, and the method `close`
-- @raise at the caller's line, for an option that is unknown, wrong or missing
function platform.new(given)
  local read = platform.read(given)
  if not read.environment and not read.base_url then
    platform.options:complain("environment", "missing: 'test' or 'production', or a base_url")
  end
  return setmetatable({ options = read, environment = environment_of(read) }, Platform)
end

return platform
