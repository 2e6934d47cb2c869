#include "binding.h"

#include <float.h>
#include <stdint.h>
#include <string.h>

#include "secret_class.h"

/* What stands before the handle in a userdata: its class, by the address of its name. To compare
   that costs less than to look at the metatable, which debug.setmetatable can give to any userdata.
   Handles hold no more than pointers, doubles and integers, as Lua aligns its userdata for. */
typedef union tag {
  const char *class;
  double number;
  int64_t integer;
} tag;

void *dbtL_new_handle(lua_State *L, const char *name, size_t size) {
  tag *block = lua_newuserdata(L, sizeof *block + size);
  memset(block, 0, sizeof *block + size);
  block->class = name;
  luaL_getmetatable(L, name);
  lua_setmetatable(L, -2);
  return block + 1;
}

void dbtL_new_class(lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction close,
                    lua_CFunction tostring) {
  luaL_newmetatable(L, name);
  int class = lua_gettop(L);
  lua_newtable(L);
  for (; methods->name != NULL; methods++) {
    lua_pushcfunction(L, methods->func);
    lua_setfield(L, -2, methods->name);
  }
  lua_setfield(L, class, "__index");
  lua_pushcfunction(L, close);
  lua_setfield(L, class, "__gc");
  lua_pushcfunction(L, close);
  lua_setfield(L, class, "__close");
  if (tostring != NULL) {
    lua_pushcfunction(L, tostring);
    lua_setfield(L, -2, "__tostring");
  }
  lua_pushstring(L, name);
  lua_setfield(L, -2, "__name");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

void *dbtL_tohandle(lua_State *L, int index, const char *name) {
  if (lua_type(L, index) != LUA_TUSERDATA || lua_rawlen(L, index) < sizeof(tag)) return NULL;
  tag *block = lua_touserdata(L, index);
  return block->class == name ? block + 1 : NULL;
}

void *dbtL_self(lua_State *L, const char *name) {
  void *handle = dbtL_tohandle(L, 1, name);
  if (handle != NULL) return handle;
  luaL_checkudata(L, 1, name);
  luaL_argerror(L, 1, "a userdata that was not made here");
  return NULL;
}

int dbtL_push_error(lua_State *L, const dbt_error *error) {
  lua_pushnil(L);
  lua_createtable(L, 0, 3);
  lua_pushstring(L, dbt_code_name(error->code));
  lua_setfield(L, -2, "code");
  lua_pushstring(L, error->message);
  lua_setfield(L, -2, "message");
  if (error->where[0] != '\0') {
    lua_pushstring(L, error->where);
    lua_setfield(L, -2, "where");
  }
  return 2;
}

const char *dbtL_tobytes(lua_State *L, int index, size_t *length) {
  if (lua_type(L, index) == LUA_TSTRING) return lua_tolstring(L, index, length);
  const dbt_secret *secret = dbtL_tosecret(L, index);
  return secret != NULL ? dbt_secret_bytes(secret, length) : NULL;
}

const char *dbtL_checkbytes(lua_State *L, int index, size_t *length) {
  const char *bytes = dbtL_tobytes(L, index, length);
  if (bytes == NULL) luaL_argerror(L, index, "string or secret expected");
  return bytes;
}

void dbtL_push_field(lua_State *L, int table, const char *field) {
  lua_pushstring(L, field);
  lua_rawget(L, table);
}

/* Pushes a table of the names. It is made once: a literal has to be looked for among all strings.
 */
static void push_names(lua_State *L, const char *const *names, int count) {
  lua_pushlightuserdata(L, (void *)(uintptr_t)names);
  lua_rawget(L, LUA_REGISTRYINDEX);
  if (!lua_isnil(L, -1)) return;
  lua_pop(L, 1);
  lua_createtable(L, count, 0);
  for (int i = 0; i < count; i++) {
    lua_pushstring(L, names[i]);
    lua_rawseti(L, -2, i + 1);
  }
  lua_pushlightuserdata(L, (void *)(uintptr_t)names);
  lua_pushvalue(L, -2);
  lua_rawset(L, LUA_REGISTRYINDEX);
}

int dbtL_push_fields(lua_State *L, int table, const char *const *names, int count) {
  luaL_checkstack(L, count + 4, "fields");
  push_names(L, names, count);
  int known = lua_gettop(L);
  for (int i = 1; i <= count; i++) {
    lua_rawgeti(L, known, i);
    lua_rawget(L, table);
  }
  return known + 1;
}

/* Whether there is a value; raises when it has another type. */
static bool has_type(lua_State *L, int index, const char *field, int type) {
  if (lua_isnil(L, index)) return false;
  if (lua_type(L, index) != type)
    luaL_error(L, "option '%s': %s expected, got %s", field, lua_typename(L, type),
               luaL_typename(L, index));
  return true;
}

static bool push_field(lua_State *L, int table, const char *field, int type) {
  dbtL_push_field(L, table, field);
  return has_type(L, -1, field, type);
}

double dbtL_number_at(lua_State *L, int index, const char *field, double fallback) {
  if (!has_type(L, index, field, LUA_TNUMBER)) return fallback;
  double value = (double)lua_tonumber(L, index);
  if (!(value >= 0)) luaL_error(L, "option '%s': must not be negative or NaN", field);
  return value;
}

size_t dbtL_size_at(lua_State *L, int index, const char *field, size_t fallback) {
  double value = dbtL_number_at(L, index, field, DBL_MAX);
  if (value == DBL_MAX) return fallback;
  /* 2^53: the largest size a Lua number states exactly. */
  if (value > 9007199254740992.0) luaL_error(L, "option '%s': too large", field);
  return (size_t)value;
}

double dbtL_opt_number(lua_State *L, int table, const char *field, double fallback) {
  dbtL_push_field(L, table, field);
  double value = dbtL_number_at(L, -1, field, fallback);
  lua_pop(L, 1);
  return value;
}

size_t dbtL_opt_size(lua_State *L, int table, const char *field, size_t fallback) {
  dbtL_push_field(L, table, field);
  size_t value = dbtL_size_at(L, -1, field, fallback);
  lua_pop(L, 1);
  return value;
}

bool dbtL_opt_boolean(lua_State *L, int table, const char *field, bool fallback) {
  bool value = push_field(L, table, field, LUA_TBOOLEAN) ? lua_toboolean(L, -1) != 0 : fallback;
  lua_pop(L, 1);
  return value;
}

const char *dbtL_opt_string(lua_State *L, int table, const char *field, const char *fallback) {
  const char *value = push_field(L, table, field, LUA_TSTRING) ? lua_tostring(L, -1) : fallback;
  lua_pop(L, 1);
  return value;
}
