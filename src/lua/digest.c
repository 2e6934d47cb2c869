/* core.digest.sha256(text): 64 hex digits. */
#include "crypto/digest.h"

#include "binding.h"

static const char class_name[] = "debitura.digester";

typedef struct {
  dbt_digester *digester; /* NULL until it is used: preparing it loads OpenSSL */
} digester_handle;

/* (string or secret) -> hex digits. */
static int digest_sha256(lua_State *L) {
  digester_handle *handle = dbtL_tohandle(L, lua_upvalueindex(1), class_name);
  size_t length;
  const char *bytes = dbtL_checkbytes(L, 1, &length);
  char hex[DBT_SHA256_HEX + 1];
  dbt_error error;
  dbt_error_clear(&error);
  if (handle->digester == NULL) handle->digester = dbt_digester_new(&error);
  if (handle->digester == NULL || !dbt_sha256(handle->digester, bytes, length, hex, &error))
    return luaL_error(L, "%s", error.message);
  lua_pushlstring(L, hex, DBT_SHA256_HEX);
  return 1;
}

static int digester_close(lua_State *L) {
  digester_handle *handle = dbtL_self(L, class_name);
  dbt_digester_free(handle->digester);
  handle->digester = NULL;
  return 0;
}

int dbtL_open_digest(lua_State *L) {
  static const luaL_Reg methods[] = {{NULL, NULL}};
  dbtL_new_class(L, class_name, methods, digester_close, NULL);
  lua_createtable(L, 0, 1);
  dbtL_new_handle(L, class_name, sizeof(digester_handle));
  lua_pushcclosure(L, digest_sha256, 1);
  lua_setfield(L, -2, "sha256");
  return 1;
}
