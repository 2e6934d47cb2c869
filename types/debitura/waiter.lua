---@meta debitura.waiter
-- How to wait for a transfer in an event loop.

---@class debitura.Waiter
---@field name string
---@field wait fun(engine: userdata, transfer: userdata): true?, debitura.Failure?
---@field sleep fun(seconds: number)

local waiter = {}

---For plain Lua: the whole process waits.
---@type debitura.Waiter
waiter.block = nil

---For any loop that can put a coroutine to sleep.
---@param sleep fun(seconds: number)
---@param interval? number seconds between two looks at the engine; default 0.002
---@return debitura.Waiter
function waiter.ticks(sleep, interval) end

---@return debitura.Waiter
function waiter.cqueues() end

---@return debitura.Waiter
function waiter.luv() end

---@return debitura.Waiter
function waiter.copas() end

---For nginx with its Lua module.
---@return debitura.Waiter
function waiter.nginx() end

---For here and now: nginx's in a phase that can yield, else `block`.
---@return debitura.Waiter?
---@return debitura.Failure? err in a phase of nginx that cannot wait
function waiter.auto() end

return waiter
