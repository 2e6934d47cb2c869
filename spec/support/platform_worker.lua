-- A process of spec/webhook/faults_spec.lua.
require("spec.support.platform").work(arg[1])
