--- `debitura token`: a bearer token of the Customer API.
-- @module debitura.cli.token

local core = require("debitura.core")
local failure = require("debitura.base.failure")
local must = require("debitura.cli.must")
local options = require("debitura.cli.options")
local status = require("debitura.cli.exit_status")
local text = require("debitura.cli.text")

local command = {
  summary = "Mints a token of the Customer API for one client.", json = true,
  details = "It is printed with --show only: its holder acts for the client until it expires.",
}

function command.describe(parser)
  options.tenant(parser)
  parser:flag("--show", "Print the token.")
end

local function mint(partner, tenant)
  local minted, err = partner.tokens:create { externalTenantId = tenant }
  -- A 404 is explained by a look at the client.
  if not minted then return nil, partner.client_tokens:explain(tenant, err) end
  if type(minted) == "table" and type(minted.accessToken) == "string"
    and type(minted.expiresIn) == "number" then
    return minted
  end
  return nil, failure.new { kind = "malformed", operation = "tokens.create",
    message = "the answer is not a usable token" }
end

function command.run(arguments, session)
  local partner = must(session:partner())
  local minted = must(mint(partner, arguments.tenant))
  local ends = text.moment(core.system.now() + minted.expiresIn)
  if session.out.json then
    session.out:object {
      externalTenantId = arguments.tenant, expiresIn = minted.expiresIn, expiresAt = ends,
      accessToken = arguments.show and minted.accessToken or nil,
    }
  elseif arguments.show then
    session.out:line(minted.accessToken)
  else
    session.out:line(("minted for %s, valid for %d s, until %s; --show prints it"):format(
      text.clean(arguments.tenant), minted.expiresIn, ends))
  end
  return status.done
end

return command
