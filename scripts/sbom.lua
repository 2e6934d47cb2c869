-- Prints what a release consists of and is linked with, as SPDX 2.3 in JSON:
-- scripts/lua 5.4 scripts/sbom.lua ARCHIVE SHA256 CREATED

local core = require("debitura.core")
local version = require("debitura.base.version")

local archive, checksum, created = arg[1], arg[2], arg[3]
local array = core.json.array

--- The libraries that are there when the module is loaded: name, range of versions, licence, and
-- the package of Debian's.
local LINKED = {
  { "libcurl", ">= 7.87", "curl", "libcurl4" },
  { "cJSON", ">= 1.7.5", "MIT", "libcjson1" },
  { "OpenSSL", ">= 3.0", "Apache-2.0", "libssl3" },
}

--- What runs the module.
local RUNS = { { "Lua", ">= 5.1", "MIT", "lua5.1" }, { "LuaJIT", ">= 2.1", "MIT", "luajit2" } }

--- What is used where it is installed.
local OPTIONAL = {
  { "LuaSQL for SQLite", ">= 2.6", "MIT", "lua-sql-sqlite3" },
  { "LuaSQL for PostgreSQL", ">= 2.6", "MIT", "lua-sql-postgres" },
  { "LuaSocket", ">= 3.0", "MIT", "lua-socket" },
  { "lua-resty-redis", ">= 0.24", "BSD-2-Clause", "lua-nginx-redis" },
  { "argparse", ">= 0.7", "MIT", "lua-argparse" },
}

local packages, relationships = array {}, array {}

local function relate(from, kind, to)
  relationships[#relationships + 1] = {
    spdxElementId = from, relationshipType = kind, relatedSpdxElement = to,
  }
end

packages[1] = {
  SPDXID = "SPDXRef-debitura", name = "debitura", versionInfo = version.number,
  downloadLocation = "NOASSERTION", filesAnalyzed = false, licenseConcluded = "MIT",
  licenseDeclared = "MIT", copyrightText = "NOASSERTION", packageFileName = archive,
  checksums = array { { algorithm = "SHA256", checksumValue = checksum } },
  externalRefs = array { {
    referenceCategory = "PACKAGE-MANAGER", referenceType = "purl",
    referenceLocator = "pkg:luarocks/debitura@" .. version.number .. "-1",
  } },
}
relate("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-debitura")

local function add(rows, kind)
  for _, row in ipairs(rows) do
    local id = "SPDXRef-" .. row[4]
    packages[#packages + 1] = {
      SPDXID = id, name = row[1], versionInfo = row[2], downloadLocation = "NOASSERTION",
      filesAnalyzed = false, licenseConcluded = row[3], licenseDeclared = row[3],
      copyrightText = "NOASSERTION", comment = "Not shipped: found on the system at run time.",
      externalRefs = array { {
        referenceCategory = "PACKAGE-MANAGER", referenceType = "purl",
        referenceLocator = "pkg:deb/debian/" .. row[4],
      } },
    }
    if kind == "DYNAMIC_LINK" then
      relate("SPDXRef-debitura", kind, id)
    else
      relate(id, kind, "SPDXRef-debitura")
    end
  end
end

add(LINKED, "DYNAMIC_LINK")
add(RUNS, "RUNTIME_DEPENDENCY_OF")
add(OPTIONAL, "OPTIONAL_DEPENDENCY_OF")

print((assert(core.json.encode {
  spdxVersion = "SPDX-2.3", dataLicense = "CC0-1.0", SPDXID = "SPDXRef-DOCUMENT",
  name = "debitura-" .. version.number,
  documentNamespace = ("https://debitura.example/spdx/debitura-%s/%s"):format(version.number,
    checksum),
  creationInfo = { created = created, creators = array { "Tool: debitura/scripts/sbom.lua" } },
  packages = packages, relationships = relationships,
})))
