-- A process of spec/webhook_faults_spec.lua.
require("spec.support.platform").work(arg[1])
