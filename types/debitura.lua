---@meta debitura
-- The names of the library.

local debitura = {}

---JSON null.
---@type debitura.null
debitura.null = nil

---This module's version.
debitura._VERSION = "scm-1"

debitura.webhook = require("debitura.webhook")

debitura.waiter = require("debitura.async.waiters")

debitura.store = require("debitura.store")

debitura.recipes = require("debitura.recipes")

debitura.channels = require("debitura.channels")

debitura.permalink = require("debitura.permalink")

---Defines a platform once, for the application, its workers, cron and the command. Wrong options raise an error.
---@param options debitura.PlatformOptions
---@return debitura.Platform
function debitura.platform(options) end

---Marks a table as a JSON array, so that an empty one becomes `[]`.
---@generic T: table
---@param items T
---@return T
function debitura.array(items) end

---Wraps a credential so that it shows itself nowhere.
---@param text string
---@return debitura.Secret
function debitura.secret(text) end

---Makes an object for the Referral Partner API. Wrong options raise an error.
---@param options debitura.PartnerOptions
---@return debitura.Partner
function debitura.partner(options) end

---Makes an object for a creditor that acts for itself. Wrong options raise an error.
---@param options debitura.CustomerOptions
---@return debitura.Customer
function debitura.customer(options) end

---Makes a limiter; sessions that use the same key share one.
---@param options? debitura.LimiterOptions
---@return debitura.Limiter
function debitura.limiter(options) end

---Runs functions side by side and returns when all have ended: by the jobs' order what each returned, as an array with
---`n`, or the failure that it returned or raised.
---@param options? debitura.ParallelOptions
---@param jobs (fun(): ...)[]
---@return table<integer, table|debitura.Failure>? outcomes
---@return debitura.Failure? err in a phase of nginx that cannot wait; then no job was started
function debitura.parallel(options, jobs) end

---@param value any
---@return boolean
function debitura.is_failure(value) end

return debitura
