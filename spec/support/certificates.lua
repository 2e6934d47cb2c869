--- Certificates made by the openssl command: an authority of its own and servers it vouches for, or
-- does not.

local certificates = {}

local SCRIPT = [[
set -eu
cd '%s'
exec 2>log
key() { openssl ecparam -genkey -name prime256v1 -noout -out "$1.key"; }
key authority
openssl req -x509 -new -key authority.key -days 30 -subj '/CN=Sample authority' -out authority.pem
: >index; echo 01 >serial
cat >ca.conf <<END
[ca]
default_ca = sample
[sample]
database = index
serial = serial
new_certs_dir = .
private_key = authority.key
certificate = authority.pem
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
END
issue() { # name, alternative name, further arguments
  name=$1 alternative=$2
  shift 2
  key "$name"
  openssl req -new -key "$name.key" -subj "/CN=$name" -addext "subjectAltName=$alternative" \
    -out "$name.csr"
  openssl ca -batch -config ca.conf -in "$name.csr" -out "$name.pem" -notext "$@"
}
issue good 'DNS:good.localhost,DNS:localhost,DNS:127.0.0.1,IP:127.0.0.1' -days 20
issue expired DNS:expired.localhost -startdate 20200101000000Z -enddate 20200201000000Z
issue elsewhere DNS:elsewhere.example -days 20
key self-signed
openssl req -x509 -new -key self-signed.key -days 30 -subj /CN=self-signed.localhost \
  -addext 'subjectAltName=DNS:self-signed.localhost' -out self-signed.pem
echo made
]]

--- Fills a directory with `authority.pem` and pairs `<name>.pem`, `<name>.key` for good, expired,
-- elsewhere and self-signed. The names the good one is for are good.localhost, localhost and
-- 127.0.0.1.
function certificates.make(directory)
  local path = directory .. "/make.sh"
  local file = assert(io.open(path, "wb"))
  file:write((SCRIPT:format(directory)))
  file:close()
  local pipe = assert(io.popen("sh '" .. path .. "'"))
  local said = pipe:read("*a")
  pipe:close()
  if said == "made\n" then return end
  local log = assert(io.open(directory .. "/log", "rb"))
  error(log:read("*a"))
end

return certificates
