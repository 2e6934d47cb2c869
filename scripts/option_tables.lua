--- The tables of options that users meet, in the order of docs/options.md: the class that editors
-- know them by, and what they are for. The annotations of those that are `described` are written by
-- hand, since they say more of functions than a table of options does; spec/docs compares the
-- names.

local callback = require("debitura.channels.callback")
local catch_up = require("debitura.recipes.catch_up")
local client_options = require("debitura.client.options")
local desk = require("debitura.status.desk")
local email = require("debitura.channels.email")
local http = require("debitura.channels.http")
local import = require("debitura.import")
local limiter = require("debitura.client.limiter")
local nginx_app = require("debitura.nginx_app")
local parallel = require("debitura.async.parallel")
local adopt = require("debitura.recipes.verbs.adopt")
local approval = require("debitura.recipes.verbs.approval")
local permalink = require("debitura.permalink")
local platform = require("debitura.platform")
local privacy = require("debitura.recipes.verbs.privacy")
local print_channel = require("debitura.channels.print")
local recipe_options = require("debitura.recipes.options")
local receiver = require("debitura.webhook.receiver")
local redirect = require("debitura.channels.redirect")
local sandbox = require("debitura.sandbox")
local signing = require("debitura.recipes.verbs.signing")
local status = require("debitura.status")
local store_options = require("debitura.store.options")
local submission = require("debitura.recipes.verbs.submission")
local subscription = require("debitura.webhook.subscription")
local verify = require("debitura.webhook.verify")
local worker = require("debitura.webhook.worker")

local option_tables = {
  {
    title = "debitura.platform { … }", class = "debitura.PlatformOptions",
    defined = platform.options,
    about = "One definition of a partner's set-up, see `debitura.platform`.",
  },
  {
    title = "debitura.platform { partner = { … } }", class = "debitura.PlatformPartner",
    defined = platform.parts.partner, about = "How a platform calls Debitura.",
  },
  {
    title = "debitura.platform { webhook = { … } }", class = "debitura.PlatformWebhook",
    defined = platform.parts.webhook, about = "How a platform receives webhooks.",
  },
  {
    title = "debitura.platform { permalink = { … } }", class = "debitura.PlatformPermalink",
    defined = platform.parts.permalink, about = "A platform's own URLs.",
  },
  {
    title = "debitura.platform { desk = { … } }", class = "debitura.PlatformDesk",
    defined = platform.parts.desk, about = "A platform's pages for operators.",
  },
  {
    title = "debitura.partner { … }", class = "debitura.PartnerOptions",
    defined = client_options.partner,
    about = "An object for the Referral Partner API.",
  },
  {
    title = "debitura.customer { … }", class = "debitura.CustomerOptions",
    defined = client_options.customer,
    about = "An object for a creditor that acts for itself.",
  },
  {
    title = "debitura.recipes.new { … }", class = "debitura.RecipeOptions",
    described = true,
    defined = recipe_options.recipes, about = "All recipes, on one runner.",
  },
  {
    title = "recipes.approval:request(payload, { … })", class = "debitura.RequestOptions",
    described = true,
    defined = approval.request_options, about = "How a client is asked for.",
  },
  {
    title = "recipes.approval:deliver(tenant, { … })", class = "debitura.DeliverOptions",
    described = true,
    defined = approval.deliver_options, about = "How a link's URL is delivered once more.",
  },
  {
    title = "recipes.signing:deliver(tenant, { … })", class = "debitura.DeliverSigningOptions",
    described = true,
    defined = signing.deliver_options, about = "How what is to be signed is delivered once more.",
  },
  {
    title = "recipes.submission:submit(tenant, case, { … })", class = "debitura.SubmitOptions",
    described = true,
    defined = submission.submit_options, about = "How a case is taken on.",
  },
  {
    title = "recipes.submission:import(path, { … })", class = "debitura.ImportOptions",
    described = true,
    defined = submission.import_options, about = "How the cases of a file are taken on.",
  },
  {
    title = "recipes:adopt { … }", class = "debitura.AdoptOptions",
    defined = adopt.options, about = "How what exists at Debitura is taken over.",
  },
  {
    title = "recipes:forget(tenant, { … })", class = "debitura.ForgetOptions",
    defined = privacy.forget_options, about = "How a client is forgotten.",
  },
  {
    title = "recipes:sweep { … }", class = "debitura.SweepOptions",
    described = true,
    defined = recipe_options.sweep, about = "How what is due is done.",
  },
  {
    title = "require(\"debitura.recipes.catch_up\").run { … }", class = "debitura.CatchUpOptions",
    defined = catch_up.options, about = "Makes up for webhooks that were missed.",
  },
  {
    title = "The options of a call", class = "debitura.CallOptions",
    defined = client_options.call,
    about = "The last argument of every method: `partner.clients:get(\"tenant-1\", { timeout = 5 "
      .. "})`.",
  },
  {
    title = "The options of `call`", class = "debitura.GenericCallOptions",
    defined = client_options.generic_call,
    about = "The last argument of `partner:call(method, path, body, options)`.",
  },
  {
    title = "debitura.limiter { … }", class = "debitura.LimiterOptions",
    defined = limiter.options,
    about = "Holds requests back before the service has to.",
  },
  {
    title = "debitura.parallel({ … }, jobs)", class = "debitura.ParallelOptions",
    defined = parallel.options, about = "Runs functions side by side.",
  },
  {
    title = "debitura.webhook.verifier { … }", class = "debitura.VerifierOptions",
    described = true,
    defined = verify.options, about = "Verifies webhooks.",
  },
  {
    title = "debitura.webhook.receiver { … }", class = "debitura.ReceiverOptions",
    described = true,
    defined = receiver.options, about = "Keeps webhooks in an inbox and processes them.",
  },
  {
    title = "receiver:work { … }", defined = worker.options, described = true,
    about = "Processes what is in the inbox.",
  },
  {
    title = "debitura.webhook.ensure(partner, { … })", class = "debitura.EnsureOptions",
    described = true, defined = subscription.options, about = "Subscribes a URL to webhooks.",
  },
  {
    title = "debitura.import", described = true, defined = import.options,
    about = "Of `import.open` and `import.check`; `submission:import` takes those of reading, too.",
  },
  {
    title = "debitura.channels.email { … }", class = "debitura.EmailOptions",
    described = true,
    defined = email.options, about = "Delivers by mail.",
  },
  {
    title = "debitura.channels.http { … }", class = "debitura.HttpChannelOptions",
    described = true,
    defined = http.options, about = "Delivers to an endpoint, as signed JSON.",
  },
  {
    title = "debitura.channels.callback(call, { … })", defined = callback.options, described = true,
    about = "Delivers by a function.",
  },
  {
    title = "debitura.channels.redirect { … }", defined = redirect.options, described = true,
    about = "Delivers by the application's own page.",
  },
  {
    title = "debitura.channels.print { … }", defined = print_channel.options, described = true,
    about = "Writes messages out, for development.",
  },
  {
    title = "debitura.store.open { … }", class = "debitura.StoreOptions",
    defined = store_options.define("debitura.store.open"),
    about = "Opens a store, as does `open(address, { … })`; a platform's option `store` takes the "
      .. "same table.",
  },
  {
    title = "require(\"debitura.status\").new { … }", class = "debitura.StatusOptions",
    defined = status.options,
    about = "What operators see of a store; a platform's `status` is made by it.",
  },
  {
    title = "require(\"debitura.status.desk\").new { … }", class = "debitura.DeskOptions",
    defined = desk.options, about = "Pages for operators; a platform's `desk` is made by it.",
  },
  {
    title = "debitura.permalink.new { … }", class = "debitura.PermalinkOptions",
    described = true,
    defined = permalink.options, about = "URLs of the platform's own that outlive Debitura's.",
  },
  {
    title = "require(\"debitura.sandbox\").start { … }", class = "debitura.SandboxOptions",
    defined = sandbox.options, about = "Starts a stand-in for Debitura on this machine.",
  },
  {
    title = "require(\"debitura.nginx_app\").start { … }", class = "debitura.NginxAppOptions",
    defined = nginx_app.options,
    about = "Starts an nginx with its Lua module, which ends with this process.",
  },
}

local SHOWN = { number = tostring, boolean = tostring, string = function(text)
  return ('"%s"'):format(text)
end }

--- What happens without an option, as the reference says it; nil where it is nothing, or the
-- sentence says it.
function option_tables.default_of(row)
  local show = SHOWN[type(row.default)]
  return row.shown_default or show and show(row.default)
end

return option_tables
