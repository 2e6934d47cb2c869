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
static const char names_class[] = "debitura.json.names";

/* == Decode == */

/* Names of objects come again and again. Those that were met last are kept as strings in a table,
   each in the place that its bytes give it: to find it there costs less than to make it anew. Where
   the bytes of each are is known besides, in a userdata that has the place behind the last. */
enum { PLACES = 256, KEPT, LONGEST_KEPT = 32 };

typedef struct kept_name {
  const char *bytes;
  uint32_t length;
} kept_name;

/* What a document is read with, and the indices of the metatable of arrays and of the table of
   names. */
typedef struct reader {
  const dbt_json_document *document;
  kept_name *kept;
  int array_mt, names;
} reader;

static inline void push_text(lua_State *L, const reader *r, const dbt_json_cell *cell) {
  if (cell->kind == DBT_JSON_TEXT)
    lua_pushlstring(L, cell->as.text, cell->count);
  else
    lua_pushlstring(L, r->document->room, dbt_json_unescape(cell, r->document->room));
}

static uint32_t place_of(const char *name, uint32_t length) {
  uint32_t first = (unsigned char)name[0], middle = (unsigned char)name[length / 2],
           last = (unsigned char)name[length - 1];
  return (length * 7 + first * 31 + middle * 5 + last * 3) % PLACES;
}

static void push_name(lua_State *L, const reader *r, const dbt_json_cell *cell) {
  uint32_t length = cell->count;
  if (cell->kind != DBT_JSON_TEXT || length == 0 || length > LONGEST_KEPT) {
    push_text(L, r, cell);
    return;
  }
  uint32_t place = place_of(cell->as.text, length);
  kept_name *kept = &r->kept[place];
  if (kept->length == length && memcmp(kept->bytes, cell->as.text, length) == 0) {
    lua_rawgeti(L, r->names, (int)place + 1);
    return;
  }
  push_text(L, r, cell);
  lua_pushvalue(L, -1);
  lua_rawseti(L, r->names, (int)place + 1);
  *kept = (kept_name){.bytes = lua_tostring(L, -1), .length = length};
}

/* Lua takes sizes as int, and counts are guesses to it. */
static int size_hint(uint32_t count) {
  return count < INT_MAX ? (int)count : INT_MAX;
}

static const dbt_json_cell *push_value(lua_State *L, const reader *r, const dbt_json_cell *cell);

static const dbt_json_cell *push_array(lua_State *L, const reader *r, const dbt_json_cell *cell) {
  uint32_t count = cell->count;
  luaL_checkstack(L, 3, "JSON");
  lua_createtable(L, size_hint(count), 0);
  cell++;
  for (uint32_t position = 1; position <= count; position++) {
    cell = push_value(L, r, cell);
    lua_rawseti(L, -2, (int)position);
  }
  lua_pushvalue(L, r->array_mt);
  lua_setmetatable(L, -2);
  return cell;
}

/* Of several equal names the last one stays. */
static const dbt_json_cell *push_object(lua_State *L, const reader *r, const dbt_json_cell *cell) {
  uint32_t count = cell->count;
  luaL_checkstack(L, 4, "JSON");
  lua_createtable(L, 0, size_hint(count));
  cell++;
  for (; count > 0; count--) {
    push_name(L, r, cell);
    cell = push_value(L, r, cell + 1);
    lua_rawset(L, -3);
  }
  return cell;
}

/* Returns the cell behind the value. The depth of the recursion is that of the document, which its
   decoder has bounded. */
static const dbt_json_cell *push_value(lua_State *L, const reader *r, const dbt_json_cell *cell) {
  switch (cell->kind) {
  case DBT_JSON_TEXT:
  case DBT_JSON_ESCAPED:
    push_text(L, r, cell);
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
    return push_array(L, r, cell);
  case DBT_JSON_OBJECT:
    return push_object(L, r, cell);
  default:
    lua_pushlightuserdata(L, NULL);
  }
  return cell + 1;
}

/* With the metatable of arrays and the table of names on top of the stack: places there are reached
   sooner than upvalues are. */
static reader reader_of(lua_State *L, const dbt_json_document *document) {
  int names = lua_gettop(L);
  lua_rawgeti(L, names, KEPT);
  kept_name *kept = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return (reader){.document = document, .kept = kept, .array_mt = names - 1, .names = names};
}

void dbtL_push_document(lua_State *L, const dbt_json_document *document) {
  luaL_checkstack(L, 3, "JSON");
  luaL_getmetatable(L, array_class);
  lua_getfield(L, LUA_REGISTRYINDEX, names_class);
  const reader r = reader_of(L, document);
  push_value(L, &r, document->cells);
  lua_replace(L, r.array_mt);
  lua_settop(L, r.array_mt);
}

enum { ARRAY_MT = 1, NAMES }; /* upvalues */

static reader reader_at_1(lua_State *L) {
  lua_pushvalue(L, lua_upvalueindex(ARRAY_MT));
  lua_pushvalue(L, lua_upvalueindex(NAMES));
  return reader_of(L, lua_touserdata(L, 1));
}

/* (document) -> value */
static int push_document(lua_State *L) {
  const reader r = reader_at_1(L);
  push_value(L, &r, r.document->cells);
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
  dbt_error error;
  dbt_error_clear(&error);
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
  int paths = lua_gettop(L);
  luaL_checkstack(L, paths + 3, "JSON");
  const reader r = reader_at_1(L);
  for (int i = 2; i <= paths; i++) {
    const dbt_json_cell *cell = find(r.document, lua_tostring(L, i));
    if (cell != NULL)
      push_value(L, &r, cell);
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

/* Sets `field` of the table at `module`: a function that calls `inner`, which knows array_mt and
   the kept names, in protected mode. */
static void set_protected(lua_State *L, int module, const char *field, lua_CFunction outer,
                          lua_CFunction inner) {
  lua_pushvalue(L, module + ARRAY_MT);
  lua_pushvalue(L, module + NAMES);
  lua_pushcclosure(L, inner, 2);
  lua_pushcclosure(L, outer, 1);
  lua_setfield(L, module, field);
}

int dbtL_open_json(lua_State *L) {
  lua_newtable(L);
  int module = lua_gettop(L);
  luaL_newmetatable(L, array_class);
  lua_createtable(L, KEPT, 0);
  memset(lua_newuserdata(L, PLACES * sizeof(kept_name)), 0, PLACES * sizeof(kept_name));
  lua_rawseti(L, module + NAMES, KEPT);
  lua_pushvalue(L, module + NAMES);
  lua_setfield(L, LUA_REGISTRYINDEX, names_class);
  set_protected(L, module, "decode", json_decode, push_document);
  set_protected(L, module, "pick", json_pick, push_found);
  dbtL_push_json_encode(L, module + ARRAY_MT);
  lua_setfield(L, module, "encode");
  lua_pushcfunction(L, json_array);
  lua_setfield(L, module, "array");
  lua_pushvalue(L, module + ARRAY_MT);
  lua_setfield(L, module, "array_mt");
  lua_settop(L, module);
  return 1;
}
