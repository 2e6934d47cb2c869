/* core.secret(text): a value that can be handed to the core and prints as [redacted]. */
#include "binding.h"
#include "secret_class.h"

static const char class_name[] = "debitura.secret";

typedef struct {
  dbt_secret *secret;
} secret_handle;

const dbt_secret *dbtL_tosecret(lua_State *L, int index) {
  const secret_handle *handle = dbtL_tohandle(L, index, class_name);
  return handle != NULL ? handle->secret : NULL;
}

static int secret_new(lua_State *L) {
  size_t length;
  const char *bytes = dbtL_checkbytes(L, 1, &length);
  secret_handle *handle = dbtL_new_handle(L, class_name, sizeof *handle);
  handle->secret = dbt_secret_new(bytes, length);
  return handle->secret != NULL ? 1 : luaL_error(L, "not enough memory");
}

/* (secret, string or secret) -> whether both have the same bytes; a closed one has none. */
static int secret_equals(lua_State *L) {
  secret_handle *handle = dbtL_self(L, class_name);
  size_t length;
  const char *bytes = dbtL_tobytes(L, 2, &length);
  lua_pushboolean(L, handle->secret != NULL && bytes != NULL &&
                         dbt_secret_equals(handle->secret, bytes, length));
  return 1;
}

static int secret_close(lua_State *L) {
  secret_handle *handle = dbtL_self(L, class_name);
  dbt_secret_free(handle->secret);
  handle->secret = NULL;
  return 0;
}

static int secret_tostring(lua_State *L) {
  lua_pushliteral(L, "[redacted]");
  return 1;
}

int dbtL_open_secret(lua_State *L) {
  static const luaL_Reg methods[] = {
      {"equals", secret_equals}, {"close", secret_close}, {NULL, NULL}};
  dbtL_new_class(L, class_name, methods, secret_close, secret_tostring);
  lua_pushcfunction(L, secret_new);
  return 1;
}
