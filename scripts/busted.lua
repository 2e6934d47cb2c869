-- The command line of busted, on whichever interpreter runs this file.
require("busted.runner")({ standalone = false })
