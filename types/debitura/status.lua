---@meta debitura.status
-- What operators have to see.

local status = {}

---@class debitura.Cause
---@field cause string the name of a rule
---@field level "warn"|"fail"
---@field count integer?
---@field since number? Unix seconds
---@field said string
---@field type string what to type, or to do
---@field alert boolean whether `on_alert` is told

---What the platform's function `on_alert` is told.
---@class debitura.Alert
---@field cause string
---@field level "warn"|"fail"
---@field count integer?
---@field since number? Unix seconds
---@field said string
---@field type string what to type, or to do
---@field at number

---@class debitura.Process
---@field id string
---@field role string
---@field host string
---@field pid integer
---@field release string
---@field started_at number
---@field beat_at number
---@field ended_at number?
---@field state "alive"|"late"|"gone"|"ended"
---@field can string[] what jobs may need that it has
---@field does string[] "ask", "receive", "sweep", "work"
---@field outcome string? of a run that has ended

---@class debitura.StatusReport
---@field at number
---@field environment "test"|"production"|nil
---@field layout integer
---@field level "ok"|"warn"|"fail"
---@field causes debitura.Cause[] the worst first
---@field links table<string, integer> by state
---@field cases table<string, integer>
---@field signings table<string, integer>
---@field kyc table<string, integer>
---@field undelivered { count: integer, since: number?, of: table<string, integer> }
---@field expiring integer
---@field jobs { kind: string, open: integer, dead: integer, due_since: number? }[]
---@field dead_jobs { count: integer, since: number? }
---@field needs { needs: string, open: integer, due_since: number?, served: "some"|"none"|"unknown", served_last: number? }[]
---@field events { open: integer, waiting: integer, dead: integer, due_since: number?, waiting_since: number?, dead_since: number?, last: number? }
---@field processes debitura.Process[]
---@field working table<string, { state: "some"|"none"|"unknown", last: number?, gone: boolean? }>
---@field last table<string, number>

---@class debitura.Status
local Status = {}

---Reads the store, at the same cost whatever it holds.
---@return debitura.StatusReport? report
---@return debitura.Failure? err
function Status:read() end

---The text that Prometheus reads.
---@return string text
---@return debitura.Failure? err
function Status:metrics() end

---Enqueues what `on_alert` is to be told.
---@param able boolean whether this process has the function
---@return integer? count
---@return debitura.Failure? err
function Status:alert(able) end

---@param given debitura.StatusOptions
---@return debitura.Status
function status.new(given) end

return status
