/* core.json.encode: Lua values to documents. */
#include "json/write.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "json_encode.h"

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

void dbtL_push_json_encode(lua_State *L, int array_mt) {
  lua_pushvalue(L, array_mt);
  lua_pushvalue(L, array_mt);
  lua_pushcclosure(L, encode_value, 1);
  lua_pushcclosure(L, json_encode, 1);
}
