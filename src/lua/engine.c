/* core.engine{...}: engines and what is submitted to them. */
#include "binding.h"

#include <limits.h>

#include "engine_class.h"

static const char class_name[] = "debitura.engine";

/* Its uservalue maps each transfer under way to its userdata, weakly: a transfer the program let go
 * of may go. */
typedef struct {
  dbt_engine *engine;
} engine_handle;

/* To be asked again after anything that allocates: a finalizer may have closed the
 * engine meanwhile. */
static dbt_engine *check_engine(lua_State *L) {
  engine_handle *handle = dbtL_self(L, class_name);
  if (handle->engine == NULL) luaL_argerror(L, 1, "the engine is closed");
  return handle->engine;
}

static void push_weak_table(lua_State *L) {
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "v");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
}

static int engine_new(lua_State *L) {
  dbt_engine_options options = dbt_engine_options_default();
  dbt_error error;
  dbt_error_clear(&error);
  if (lua_isnoneornil(L, 1)) {
    lua_settop(L, 0);
    lua_newtable(L);
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  options.ca_file = dbtL_opt_string(L, 1, "ca_file", NULL);
  options.ca_path = dbtL_opt_string(L, 1, "ca_path", NULL);
  options.user_agent = dbtL_opt_string(L, 1, "user_agent", NULL);
  options.proxy = dbtL_opt_string(L, 1, "proxy", NULL);
  options.max_connections =
      (long)dbtL_opt_size(L, 1, "max_connections", (size_t)options.max_connections);
  options.portable = dbtL_opt_boolean(L, 1, "portable", false);
  dbtL_read_limits(L, 1, &options.limits);

  engine_handle *handle = dbtL_new_handle(L, class_name, sizeof *handle);
  push_weak_table(L);
  lua_setuservalue(L, -2);
  handle->engine = dbt_engine_new(&options, &error);
  return handle->engine != NULL ? 1 : dbtL_push_error(L, &error);
}

static int engine_close(lua_State *L) {
  engine_handle *handle = dbtL_self(L, class_name);
  dbt_engine_free(handle->engine);
  handle->engine = NULL;
  return 0;
}

/* Lets the engine's table find the userdata on top of the stack by its transfer. */
static void remember(lua_State *L, dbt_transfer *transfer) {
  lua_getuservalue(L, 1);
  lua_pushlightuserdata(L, transfer);
  lua_pushvalue(L, -3);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

/* The handle comes first, so that the transfer never lacks an owner. */
static dbt_transfer **prepare(lua_State *L, dbtL_request *from) {
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  *from = (dbtL_request){.table = 2, .transfer = 3};
  return dbtL_new_transfer(L);
}

static int submitted(lua_State *L, dbt_transfer *transfer, const dbt_error *error) {
  if (transfer == NULL) return dbtL_push_error(L, error);
  lua_settop(L, 3);
  remember(L, transfer);
  return 1;
}

static int engine_submit(lua_State *L) {
  dbt_error error;
  dbt_error_clear(&error);
  dbt_request request = {.limits = *dbt_engine_limits(check_engine(L))};
  dbtL_request from;
  dbt_transfer **transfer = prepare(L, &from);
  if (dbtL_read_request(L, &from, &request, &error))
    *transfer = dbt_engine_submit(check_engine(L), &request, &error);
  return submitted(L, *transfer, &error);
}

static int engine_submit_mail(lua_State *L) {
  dbt_error error;
  dbt_error_clear(&error);
  dbt_mail mail = {.limits = *dbt_engine_limits(check_engine(L))};
  dbtL_request from;
  dbt_transfer **transfer = prepare(L, &from);
  if (dbtL_read_mail(L, &from, &mail, &error))
    *transfer = dbt_engine_submit_mail(check_engine(L), &mail, &error);
  return submitted(L, *transfer, &error);
}

static int engine_fd(lua_State *L) {
  int descriptor = dbt_engine_fd(check_engine(L));
  if (descriptor < 0)
    lua_pushnil(L);
  else
    lua_pushinteger(L, descriptor);
  return 1;
}

/* Pushes an array of the finished transfers that the program still holds, or nil. */
static int push_finished(lua_State *L) {
  lua_Integer count = 0;
  int map = 0;
  for (dbt_transfer *transfer; (transfer = dbt_engine_finished(check_engine(L))) != NULL;) {
    if (map == 0) {
      lua_getuservalue(L, 1);
      map = lua_gettop(L);
      lua_createtable(L, 1, 0);
    }
    lua_pushlightuserdata(L, transfer);
    lua_pushvalue(L, -1);
    lua_rawget(L, map);
    if (lua_isnil(L, -1)) { /* about to be collected, and out of weak tables already */
      lua_pop(L, 2);
      continue;
    }
    lua_rawseti(L, map + 1, (int)++count);
    lua_pushnil(L);
    lua_rawset(L, map);
  }
  if (count == 0) lua_pushnil(L);
  return 1;
}

static int step(lua_State *L, int timeout_ms) {
  dbt_engine *engine = check_engine(L);
  dbt_error error;
  dbt_error_clear(&error);
  if (!dbt_engine_wait(engine, timeout_ms, &error)) return dbtL_push_error(L, &error);
  return push_finished(L);
}

static int engine_step(lua_State *L) {
  return step(L, 0);
}

static int engine_wait(lua_State *L) {
  double seconds = (double)luaL_checknumber(L, 2);
  luaL_argcheck(L, seconds >= 0, 2, "seconds expected");
  return step(L, seconds < INT_MAX / 1000 ? (int)(seconds * 1000 + 0.999) : INT_MAX);
}

static int engine_pending(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)dbt_engine_pending(check_engine(L)));
  return 1;
}

int dbtL_open_engine(lua_State *L) {
  static const luaL_Reg methods[] = {{"submit", engine_submit}, {"submit_mail", engine_submit_mail},
                                     {"fd", engine_fd},         {"step", engine_step},
                                     {"wait", engine_wait},     {"pending", engine_pending},
                                     {"close", engine_close},   {NULL, NULL}};
  dbtL_new_class(L, class_name, methods, engine_close, NULL);
  dbtL_open_transfer(L);
  lua_pushcfunction(L, engine_new);
  return 1;
}
