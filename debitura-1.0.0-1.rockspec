rockspec_format = "3.0"
package = "debitura"
version = "1.0.0-1"
source = { url = "debitura-1.0.0.tar.gz", dir = "debitura-1.0.0" }
description = {
  summary = "Debitura for referral partners: link approval, expiry recovery, webhooks, both APIs",
  detailed = [[
    A Lua module with a C core (libcurl, cJSON, OpenSSL) for platforms that bring their customers to
    Debitura, a debt collection network. Works in plain Lua 5.1 to 5.4, LuaJIT and OpenResty.
  ]],
  license = "MIT",
}
-- What only some features need (LuaSQL for the SQLite store, argparse for the command) is asked for
-- by the feature, with its name, when it is missing.
dependencies = { "lua >= 5.1, < 5.5" }
-- Libraries, not headers: where a distribution keeps headers is known to pkg-config, which the
-- Makefile asks.
external_dependencies = {
  CURL = { library = "curl" },
  CJSON = { library = "cjson" },
  OPENSSL = { library = "crypto" },
}
build = {
  type = "make",
  build_target = "rock",
  install_target = "rock-install",
  variables = {
    CC = "$(CC)",
    ROCK_CFLAGS = "$(CFLAGS)",
    ROCK_LIBFLAG = "$(LIBFLAG)",
    LUA_INCDIR = "$(LUA_INCDIR)",
    ROCK_INCLUDES = "-I$(CURL_INCDIR) -I$(CJSON_INCDIR) -I$(OPENSSL_INCDIR)",
    ROCK_LIBRARIES = "-L$(CURL_LIBDIR) -L$(CJSON_LIBDIR) -L$(OPENSSL_LIBDIR)",
    INST_LIBDIR = "$(LIBDIR)",
    INST_LUADIR = "$(LUADIR)",
    INST_PREFIX = "$(PREFIX)",
  },
  copy_directories = { "docs", "types" },
  install = { bin = { debitura = "bin/debitura" } },
}
