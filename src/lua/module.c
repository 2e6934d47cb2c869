/* require "debitura.core": one table with a field for each core concept. */
#include "binding.h"

static const luaL_Reg concepts[] = {
    {"digest", dbtL_open_digest},       {"doorbell", dbtL_open_doorbell},
    {"engine", dbtL_open_engine},       {"envelope", dbtL_open_envelope},
    {"json", dbtL_open_json},           {"sealer", dbtL_open_seal},
    {"secret", dbtL_open_secret},       {"signature", dbtL_open_signature},
    {"signals", dbtL_open_signals},     {"system", dbtL_open_system},
    {"ascii_domain", dbtL_open_domain}, {"check_url", dbtL_open_url},
    {"percent", dbtL_open_percent},     {NULL, NULL},
};

DBTL_EXPORT int luaopen_debitura_core(lua_State *L);

int luaopen_debitura_core(lua_State *L) {
  lua_newtable(L);
  for (const luaL_Reg *concept = concepts; concept->name != NULL; concept ++) {
    concept->func(L);
    lua_setfield(L, -2, concept->name);
  }
  /* The same value as cjson.null and ngx.null, so that it can be told apart by
   * comparison everywhere. */
  lua_pushlightuserdata(L, NULL);
  lua_setfield(L, -2, "null");
  return 1;
}
