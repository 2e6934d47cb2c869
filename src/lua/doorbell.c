/* core.doorbell(fd, beat): a thread that rings a unix socket when a descriptor is readable.
 * Made for event loops that cannot wait for foreign descriptors; the waiter for nginx is its
 * one user. */
#include "binding.h"
#include "http/doorbell.h"

static const char class_name[] = "debitura.doorbell";

typedef struct {
  dbt_doorbell *bell;
} doorbell_handle;

static dbt_doorbell *check_doorbell(lua_State *L) {
  doorbell_handle *handle = dbtL_self(L, class_name);
  if (handle->bell == NULL) luaL_argerror(L, 1, "the doorbell is closed");
  return handle->bell;
}

/* core.doorbell(fd, beat_seconds) -> doorbell | nil, { code, message } */
static int doorbell_new(lua_State *L) {
  lua_Integer descriptor = luaL_checkinteger(L, 1);
  lua_Number beat = luaL_checknumber(L, 2);
  luaL_argcheck(L, descriptor >= 0 && descriptor < 0x7fffffff, 1, "descriptor expected");
  luaL_argcheck(L, beat >= 0.001 && beat <= 86400, 2, "0.001 to 86400 seconds expected");
  doorbell_handle *handle = dbtL_new_handle(L, class_name, sizeof *handle);
  dbt_error error;
  dbt_error_clear(&error);
  handle->bell = dbt_doorbell_new((int)descriptor, (int)(beat * 1000), &error);
  return handle->bell != NULL ? 1 : dbtL_push_error(L, &error);
}

/* bell:path() -> the unix socket to connect to, until bell:open() */
static int doorbell_path(lua_State *L) {
  lua_pushstring(L, dbt_doorbell_path(check_doorbell(L)));
  return 1;
}

static int result(lua_State *L, bool done, const dbt_error *error) {
  if (!done) return dbtL_push_error(L, error);
  lua_pushboolean(L, 1);
  return 1;
}

static int doorbell_open(lua_State *L) {
  dbt_error error;
  dbt_error_clear(&error);
  return result(L, dbt_doorbell_open(check_doorbell(L), &error), &error);
}

static int doorbell_arm(lua_State *L) {
  dbt_error error;
  dbt_error_clear(&error);
  return result(L, dbt_doorbell_arm(check_doorbell(L), &error), &error);
}

static int doorbell_close(lua_State *L) {
  doorbell_handle *handle = dbtL_self(L, class_name);
  dbt_doorbell_free(handle->bell);
  handle->bell = NULL;
  return 0;
}

int dbtL_open_doorbell(lua_State *L) {
  static const luaL_Reg methods[] = {{"path", doorbell_path},
                                     {"open", doorbell_open},
                                     {"arm", doorbell_arm},
                                     {"close", doorbell_close},
                                     {NULL, NULL}};
  dbtL_new_class(L, class_name, methods, doorbell_close, NULL);
  lua_pushcfunction(L, doorbell_new);
  return 1;
}
