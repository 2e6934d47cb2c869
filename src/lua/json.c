/* core.json: documents to Lua values, and arrays. A C structure that must be released is never held
 * across a Lua call that may raise; such calls run under lua_pcall, so that Lua's own memory errors
 * leak nothing. */
#include "json/json.h"

#include <limits.h>
#include <string.h>

#include "binding.h"
#include "json_document.h"
#include "json_encode.h"

static const char array_class[] = "debitura.json.array";

/* == Decode == */

static inline void push_text(lua_State *L, const dbt_json_document *document,
                             const dbt_json_cell *cell) {
  if (cell->kind == DBT_JSON_TEXT)
    lua_pushlstring(L, cell->as.text, cell->count);
  else
    lua_pushlstring(L, document->room, dbt_json_unescape(cell, document->room));
}

/* Lua takes sizes as int, and counts are guesses to it. */
static int size_hint(uint32_t count) {
  return count < INT_MAX ? (int)count : INT_MAX;
}

static const dbt_json_cell *push_value(lua_State *L, const dbt_json_document *document,
                                       const dbt_json_cell *cell, int array_mt);

static const dbt_json_cell *push_array(lua_State *L, const dbt_json_document *document,
                                       const dbt_json_cell *cell, int array_mt) {
  uint32_t count = cell->count;
  luaL_checkstack(L, 3, "JSON");
  lua_createtable(L, size_hint(count), 0);
  cell++;
  for (uint32_t position = 1; position <= count; position++) {
    cell = push_value(L, document, cell, array_mt);
    lua_rawseti(L, -2, (int)position);
  }
  lua_pushvalue(L, array_mt);
  lua_setmetatable(L, -2);
  return cell;
}

/* Of several equal names the last one stays. */
static const dbt_json_cell *push_object(lua_State *L, const dbt_json_document *document,
                                        const dbt_json_cell *cell, int array_mt) {
  uint32_t count = cell->count;
  luaL_checkstack(L, 3, "JSON");
  lua_createtable(L, 0, size_hint(count));
  cell++;
  for (; count > 0; count--) {
    push_text(L, document, cell);
    cell = push_value(L, document, cell + 1, array_mt);
    lua_rawset(L, -3);
  }
  return cell;
}

/* Returns the cell behind the value. The depth of the recursion is that of the document, which its
   decoder has bounded. */
static const dbt_json_cell *push_value(lua_State *L, const dbt_json_document *document,
                                       const dbt_json_cell *cell, int array_mt) {
  switch (cell->kind) {
  case DBT_JSON_TEXT:
  case DBT_JSON_ESCAPED:
    push_text(L, document, cell);
    break;
  case DBT_JSON_INTEGER:
    dbtL_pushwhole(L, cell->as.integer);
    break;
  case DBT_JSON_NUMBER:
    lua_pushnumber(L, (lua_Number)cell->as.number);
    break;
  case DBT_JSON_FALSE:
  case DBT_JSON_TRUE:
    lua_pushboolean(L, cell->kind == DBT_JSON_TRUE);
    break;
  case DBT_JSON_ARRAY:
    return push_array(L, document, cell, array_mt);
  case DBT_JSON_OBJECT:
    return push_object(L, document, cell, array_mt);
  default:
    lua_pushlightuserdata(L, NULL);
  }
  return cell + 1;
}

void dbtL_push_document(lua_State *L, const dbt_json_document *document) {
  luaL_getmetatable(L, array_class);
  push_value(L, document, document->cells, lua_gettop(L));
  lua_remove(L, -2);
}

/* (document) -> value */
static int push_document(lua_State *L) {
  const dbt_json_document *document = lua_touserdata(L, 1);
  push_value(L, document, document->cells, lua_upvalueindex(1));
  return 1;
}

static dbt_json_limits opt_limits(lua_State *L, int table) {
  dbt_json_limits limits = dbt_json_default_limits();
  if (lua_isnoneornil(L, table)) return limits;
  luaL_checktype(L, table, LUA_TTABLE);
  limits.max_bytes = dbtL_opt_size(L, table, "max_bytes", limits.max_bytes);
  limits.max_depth = dbtL_opt_size(L, table, "max_depth", limits.max_depth);
  limits.max_values = dbtL_opt_size(L, table, "max_values", limits.max_values);
  luaL_argcheck(L, limits.max_depth <= DBT_JSON_DEPTH_CEILING, table, "max_depth is over 1000");
  return limits;
}

/* Calls the function below the `arguments` on top with the document of the text at 1 before
   them, protected. Returns 0, or how many values say what the matter is. */
static int with_document(lua_State *L, const dbt_json_limits *limits, int arguments, int results) {
  size_t length;
  const char *text = lua_tolstring(L, 1, &length);
  dbt_error error = {.code = DBT_OK};
  dbt_json_document document;
  if (!dbt_json_decode(&document, text, length, limits, &error)) return dbtL_push_error(L, &error);
  lua_pushlightuserdata(L, &document);
  lua_insert(L, -1 - arguments);
  int status = lua_pcall(L, arguments + 1, results, 0);
  dbt_json_release(&document);
  return status == 0 ? 0 : lua_error(L);
}

static int json_decode(lua_State *L) {
  luaL_checktype(L, 1, LUA_TSTRING);
  dbt_json_limits limits = opt_limits(L, 2);
  luaL_checkstack(L, 2, "JSON");
  lua_pushvalue(L, lua_upvalueindex(1));
  int failed = with_document(L, &limits, 0, 1);
  return failed > 0 ? failed : 1;
}

/* The value at "data.externalTenantId", or NULL. */
static const dbt_json_cell *find(const dbt_json_document *document, const char *path) {
  const dbt_json_cell *cell = document->cells;
  while (cell != NULL) {
    size_t length = strcspn(path, ".");
    cell = dbt_json_member(document, cell, path, length);
    if (path[length] == '\0') break;
    path += length + 1;
  }
  return cell;
}

/* (document, path ...) -> the values, nil where there is none */
static int push_found(lua_State *L) {
  const dbt_json_document *document = lua_touserdata(L, 1);
  int paths = lua_gettop(L);
  luaL_checkstack(L, paths, "JSON");
  for (int i = 2; i <= paths; i++) {
    const dbt_json_cell *cell = find(document, lua_tostring(L, i));
    if (cell != NULL)
      push_value(L, document, cell, lua_upvalueindex(1));
    else
      lua_pushnil(L);
  }
  return paths - 1;
}

/* (text, path ...) -> true and the values | nil, error */
static int json_pick(lua_State *L) {
  luaL_checktype(L, 1, LUA_TSTRING);
  int paths = lua_gettop(L) - 1;
  for (int i = 2; i <= paths + 1; i++)
    luaL_checktype(L, i, LUA_TSTRING);
  luaL_checkstack(L, paths + 3, "JSON");
  lua_pushboolean(L, true);
  lua_insert(L, 2);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 3);
  dbt_json_limits limits = dbt_json_default_limits();
  int failed = with_document(L, &limits, paths, paths);
  return failed > 0 ? failed : paths + 1;
}

/* == The module == */

static int json_array(lua_State *L) {
  lua_settop(L, 1);
  if (lua_isnil(L, 1)) {
    lua_newtable(L);
    lua_replace(L, 1);
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_getmetatable(L, array_class);
  lua_setmetatable(L, 1);
  return 1;
}

/* Sets `field` of the table below array_mt, which is on top of the stack: a function that calls
   `inner`, which knows array_mt, in protected mode. */
static void set_protected(lua_State *L, const char *field, lua_CFunction outer,
                          lua_CFunction inner) {
  lua_pushvalue(L, -1);
  lua_pushcclosure(L, inner, 1);
  lua_pushcclosure(L, outer, 1);
  lua_setfield(L, -3, field);
}

int dbtL_open_json(lua_State *L) {
  lua_newtable(L);
  lua_pushcfunction(L, json_array);
  lua_setfield(L, -2, "array");
  luaL_newmetatable(L, array_class);
  set_protected(L, "decode", json_decode, push_document);
  set_protected(L, "pick", json_pick, push_found);
  dbtL_push_json_encode(L, lua_gettop(L));
  lua_setfield(L, -3, "encode");
  lua_setfield(L, -2, "array_mt");
  return 1;
}
