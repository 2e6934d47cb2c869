/* core.json: documents to Lua values and back. A C structure that must be released is never held
 * across a Lua call that may raise; such calls run under lua_pcall, so that Lua's own memory errors
 * leak nothing. */
#include "json/write.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "json_document.h"

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

/* == Encode == */

/* One step on the way from the root to the value at hand: a name, or a position when there is
 * no name. */
typedef struct step {
  const struct step *parent;
  const void *table;
  const char *name;
  size_t position;
} step;

/* A name in an object, and its place in the table at KEPT. */
typedef struct name {
  const char *bytes;
  size_t length;
  int kept;
} name;

typedef struct encoder {
  dbt_json_writer writer;
  /* The names of all objects that are open: those of the innermost one are the last. */
  name *names;
  size_t count, capacity;
} encoder;

/* The arguments of encode_value, and a table of the names: a finalizer may run at any allocation
   and take them out of the very tables that are being read. */
enum { ENCODER = 1, VALUE, KEPT };
enum { FIRST_NAMES = 32 }; /* that there is room for before any are met */

/* "cases[2].amount", as one would write it in Lua: positions count from 1. */
static void write_path(const step *path, char *text, size_t size) {
  if (path == NULL) return;
  write_path(path->parent, text, size);
  size_t used = strlen(text);
  if (path->name == NULL)
    snprintf(text + used, size - used, "[%zu]", path->position);
  else
    snprintf(text + used, size - used, used > 0 ? ".%s" : "%s", path->name);
}

/* Whether the writer has taken the value; when not, its place is noted, which the writer does
 * not know. */
static bool settle(encoder *e, const step *path, bool written) {
  dbt_error *error = &e->writer.error;
  if (!written && error->code != DBT_NO_MEMORY) write_path(path, error->where, sizeof error->where);
  return written;
}

static bool refuse(encoder *e, const step *path, const char *reason) {
  return settle(e, path, dbt_json_write_refuse(&e->writer, DBT_UNENCODABLE, reason));
}

/* Whether the table on top of the stack is marked. */
static bool is_marked_array(lua_State *L) {
  if (!lua_getmetatable(L, -1)) return false;
  bool marked = lua_rawequal(L, -1, lua_upvalueindex(1));
  lua_pop(L, 1);
  return marked;
}

static int compare_names(const void *a, const void *b) {
  const name *left = a, *right = b;
  size_t shorter = left->length < right->length ? left->length : right->length;
  int order = memcmp(left->bytes, right->bytes, shorter);
  return order != 0 ? order : (left->length > right->length) - (left->length < right->length);
}

/* Adds the string at `index` to the names of the innermost object. */
static bool add_name(lua_State *L, encoder *e, int index) {
  if (e->count == e->capacity) {
    size_t capacity = e->capacity > 0 ? 2 * e->capacity : FIRST_NAMES;
    name *grown = realloc(e->names, capacity * sizeof *grown);
    if (grown == NULL)
      return dbt_fail(&e->writer.error, DBT_NO_MEMORY, NULL, "not enough memory to encode JSON");
    e->names = grown;
    e->capacity = capacity;
  }
  name *added = &e->names[e->count++];
  added->bytes = lua_tolstring(L, index, &added->length);
  added->kept = (int)e->count;
  lua_pushvalue(L, index);
  lua_rawseti(L, KEPT, added->kept);
  return true;
}

/* What the keys of a table say about it. Its names are the encoder's last ones. */
typedef struct survey {
  size_t names, positions;
  double highest;
  const char *foreign; /* the type of a key that is neither name nor position */
} survey;

static bool survey_keys(lua_State *L, encoder *e, survey *keys) {
  int table = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1)) {
    int type = lua_type(L, -2);
    double position = type == LUA_TNUMBER ? (double)lua_tonumber(L, -2) : 0;
    if (type == LUA_TSTRING) {
      keys->names++;
      if (!add_name(L, e, table + 1)) return false;
    } else if (position >= 1 && position == floor(position)) {
      keys->positions++;
      keys->highest = fmax(keys->highest, position);
    } else {
      keys->foreign = lua_typename(L, type);
    }
  }
  return true;
}

static bool write_value(lua_State *L, encoder *e, const step *path);

static bool write_array(lua_State *L, encoder *e, step here, size_t count) {
  int table = lua_gettop(L);
  if (!settle(e, here.parent, dbt_json_write_open(&e->writer, '['))) return false;
  for (here.position = 1; here.position <= count; here.position++) {
    lua_rawgeti(L, table, (int)here.position);
    if (!write_value(L, e, &here)) return false;
    lua_pop(L, 1);
  }
  return settle(e, here.parent, dbt_json_write_close(&e->writer, ']'));
}

static bool write_object(lua_State *L, encoder *e, step here, size_t count) {
  int table = lua_gettop(L);
  size_t first = e->count - count;
  if (!settle(e, here.parent, dbt_json_write_open(&e->writer, '{'))) return false;
  if (count > 1) qsort(e->names + first, count, sizeof *e->names, compare_names);
  for (size_t i = first; i < first + count; i++) {
    const name *next = &e->names[i];
    here.name = next->bytes;
    if (!settle(e, here.parent, dbt_json_write_name(&e->writer, next->bytes, next->length)))
      return false;
    lua_rawgeti(L, KEPT, next->kept);
    lua_rawget(L, table);
    if (!write_value(L, e, &here)) return false;
    lua_pop(L, 1);
  }
  e->count = first;
  return settle(e, here.parent, dbt_json_write_close(&e->writer, '}'));
}

static bool write_table(lua_State *L, encoder *e, const step *path) {
  step here = {.parent = path, .table = lua_topointer(L, -1)};
  for (const step *outer = path; outer != NULL; outer = outer->parent)
    if (outer->table == here.table) return refuse(e, path, "a table that contains itself");
  if (!settle(e, path, dbt_json_write_may_nest(&e->writer))) return false;
  luaL_checkstack(L, 8, "JSON");

  survey keys = {0};
  if (!survey_keys(L, e, &keys)) return settle(e, path, false);
  bool marked = is_marked_array(L);
  if (keys.foreign != NULL) {
    char message[64];
    snprintf(message, sizeof message, "a key that is neither a name nor a position: a %s",
             keys.foreign);
    return refuse(e, path, message);
  }
  if (keys.names > 0 && (marked || keys.positions > 0))
    return refuse(e, path, "a table with both names and positions");
  if (keys.highest > (double)keys.positions) return refuse(e, path, "an array with holes");
  return marked || keys.positions > 0 ? write_array(L, e, here, keys.positions)
                                      : write_object(L, e, here, keys.names);
}

/* Writes the value on top of the stack. */
static bool write_value(lua_State *L, encoder *e, const step *path) {
  dbt_json_writer *writer = &e->writer;
  size_t length;
  const char *bytes;
  switch (lua_type(L, -1)) {
  case LUA_TTABLE:
    return write_table(L, e, path);
  case LUA_TSTRING:
    bytes = lua_tolstring(L, -1, &length);
    return settle(e, path, dbt_json_write_string(writer, bytes, length));
  case LUA_TNUMBER:
    return settle(e, path,
                  lua_isinteger(L, -1)
                      ? dbt_json_write_integer(writer, (long long)lua_tointeger(L, -1))
                      : dbt_json_write_number(writer, (double)lua_tonumber(L, -1)));
  case LUA_TBOOLEAN:
    return settle(e, path, dbt_json_write_boolean(writer, lua_toboolean(L, -1)));
  case LUA_TLIGHTUSERDATA:
    if (lua_touserdata(L, -1) == NULL) return settle(e, path, dbt_json_write_null(writer));
    break;
  default:
    break;
  }
  char message[64];
  snprintf(message, sizeof message, "a %s", luaL_typename(L, -1));
  return refuse(e, path, message);
}

/* (encoder, value) -> text, or nothing when the encoder holds the reason. */
static int encode_value(lua_State *L) {
  encoder *e = lua_touserdata(L, ENCODER);
  lua_createtable(L, FIRST_NAMES, 0);
  lua_pushvalue(L, VALUE);
  if (!write_value(L, e, NULL)) return 0;
  lua_pushlstring(L, e->writer.text.bytes, e->writer.text.length);
  return 1;
}

static int json_encode(lua_State *L) {
  luaL_checkany(L, 1);
  lua_settop(L, 1);
  encoder e = {.writer = {.limits = dbt_json_default_limits()}};
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushlightuserdata(L, &e);
  lua_pushvalue(L, 1);
  int status = lua_pcall(L, 2, 1, 0);
  free(e.names);
  dbt_json_writer_free(&e.writer);
  if (status != 0) return lua_error(L);
  return e.writer.error.code == DBT_OK ? 1 : dbtL_push_error(L, &e.writer.error);
}

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
  set_protected(L, "encode", json_encode, encode_value);
  lua_setfield(L, -2, "array_mt");
  return 1;
}
