-- The command line of busted, on whichever interpreter runs this file. busted forgets what a spec
-- file has loaded before it runs the next one. luv does not survive being loaded twice in one
-- process (its loop is freed under the handles of the second), so it is loaded before busted begins
-- to forget.
pcall(require, "luv")
require("busted.runner")({ standalone = false })
