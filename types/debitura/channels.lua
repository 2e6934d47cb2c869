---@meta debitura.channels
-- Ways to bring a hosted URL to the customer.

---What a channel is given.
---@class debitura.Message
---@field key string # the same when this delivery is tried again
---@field tenant string # the externalTenantId
---@field generation integer
---@field variant "approval"|"choice"|"onboarding"|"signing"|"kyc" # what the link is for
---@field url string # it lets its holder act for the customer
---@field expires_at? number # Unix seconds
---@field reminder? integer # 1, 2, ...: which reminder it is
---@field recipient? { name?: string, email?: string, country?: string }
---@field language? string # what the customer is written to in, when that was promised

---Anything with these two: `deliver` gives true, or nil and why not.
---@class debitura.Channel
---@field name string # letters, digits, _ and -
---@field deliver fun(self: debitura.Channel, message: debitura.Message): any, any

---A channel with connections of its own.
---@class debitura.NetworkChannel: debitura.Channel
---@field close fun(self: debitura.NetworkChannel) # not while deliveries are under way

---@class debitura.NetworkChannelOptions
---@field url string
---@field name? string # two of a kind in one recipe need different ones
---@field timeout? number # seconds; default 30
---@field ca_file? string # PEM; default: the system's
---@field clock? fun(): number # Unix seconds; default: the machine's
---@field waiter? debitura.Waiter # default: that of here and now

---@class debitura.EmailOptions: debitura.NetworkChannelOptions
---@field from string # an address
---@field brand? debitura.Brand # only a template can do without
---@field language? string|fun(message: debitura.Message): string? # such as "da"; default: the country's, else English
---@field time_zone? string # such as Europe/Copenhagen; default: the country's where it has one, else UTC
---@field texts? table<string, table> # texts that replace built-in ones, by language
---@field reply_to? string # an address
---@field username? string|debitura.Secret
---@field password? string|debitura.Secret
---@field token? fun(): string|debitura.Secret # an access token in the place of a password, asked before each delivery
---@field starttls? boolean # a loopback host has to encrypt, too
---@field to? fun(message: debitura.Message): string?, string? # address and name; default: the recipient's
---@field template? fun(message: debitura.Message): debitura.Letter?, string? # default: `debitura.channels.letters`

---How the platform shows itself to its customers.
---@class debitura.Brand
---@field name string # as its customers know it; also the sender's name
---@field logo_url? string # an image, https
---@field colour? string # of buttons, such as #0b6e5f
---@field footer? string # lines below a letter
---@field support? string # where questions go, an address

---@class debitura.Letter
---@field subject string
---@field text string
---@field html? string

---@class debitura.HttpChannelOptions: debitura.NetworkChannelOptions
---@field secret string|debitura.Secret # Base64
---@field headers? table<string, string|debitura.Secret>

---@class debitura.PostedMessage
---@field body string # the raw body of the request
---@field signature? string # the header X-Debitura-Delivery-Signature
---@field secret? string|debitura.Secret # Base64
---@field secrets? (string|debitura.Secret)[] # while one is rotated
---@field now? number # Unix seconds; default: the machine's clock
---@field tolerance? number # seconds that a signature may be old; default 300
---@field skew? number # seconds that it may be ahead; default 30

local channels = {}

---By mail. Wrong options raise an error.
---@param options debitura.EmailOptions `url` is smtps://host[:port] or smtp://host[:port]
---@return debitura.NetworkChannel
function channels.email(options) end

---To an endpoint of the platform's own, as signed JSON. Wrong options raise an error.
---@param options debitura.HttpChannelOptions `url` is https, or http to a loopback host
---@return debitura.NetworkChannel
function channels.http(options) end

---Verifies and reads what the `http` channel posts. A failure is `unauthorized`, its `type` the reason, or `malformed`.
---@param delivery debitura.PostedMessage
---@return debitura.Message?
---@return debitura.Failure?
function channels.verify(delivery) end

---To a function of the platform.
---@param call fun(message: debitura.Message): any, any
---@param options? { name?: string }
---@return debitura.Channel
function channels.callback(call, options) end

---To the customer who is waiting in the browser: as `outcome.redirect` of a request.
---@param options? { name?: string }
---@return debitura.Channel
function channels.redirect(options) end

---To the terminal, or wherever `write` puts it.
---@param options? { write?: fun(text: string), name?: string }
---@return debitura.Channel
function channels.print(options) end

return channels
