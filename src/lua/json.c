/* core.json: documents to Lua values and back. A C structure that must be released is never held across a Lua
 * call that may raise; such calls run under lua_pcall, so that Lua's own memory errors leak nothing. */
#include "json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"
#include "json_tree.h"

static const char array_class[] = "debitura.json.array";

/* == Decode == */

static int count_children(const cJSON *node) {
  int count = 0;
  for (const cJSON *child = node->child; child != NULL; child = child->next)
    count++;
  return count;
}

/* A whole number up to 2^53 becomes an integer where Lua has them; -0 exists only as a float. */
static void push_number(lua_State *L, double value) {
  static const double exact_integers = 9007199254740992.0;
  bool whole = fabs(value) <= exact_integers && (double)(long long)value == value;
  if (whole && (value != 0 || !signbit(value)))
    dbtL_pushwhole(L, value);
  else
    lua_pushnumber(L, (lua_Number)value);
}

/* The depth of the recursion is that of the document, which its decoder has bounded. */
static void push_value(lua_State *L, const cJSON *node, int array_mt) {
  switch (node->type & 0xFF) {
  case cJSON_String:
    lua_pushlstring(L, node->valuestring, strlen(node->valuestring));
    break;
  case cJSON_Number:
    push_number(L, node->valuedouble);
    break;
  case cJSON_True:
  case cJSON_False:
    lua_pushboolean(L, (node->type & 0xFF) == cJSON_True);
    break;
  case cJSON_Array: {
    luaL_checkstack(L, 3, "JSON");
    lua_createtable(L, count_children(node), 0);
    int position = 0;
    for (const cJSON *child = node->child; child != NULL; child = child->next) {
      push_value(L, child, array_mt);
      lua_rawseti(L, -2, ++position);
    }
    lua_pushvalue(L, array_mt);
    lua_setmetatable(L, -2);
    break;
  }
  case cJSON_Object:
    luaL_checkstack(L, 3, "JSON");
    lua_createtable(L, 0, count_children(node));
    for (const cJSON *child = node->child; child != NULL; child = child->next) {
      lua_pushlstring(L, child->string, strlen(child->string));
      push_value(L, child, array_mt);
      lua_rawset(L, -3); /* of several equal keys the last one stays */
    }
    break;
  default:
    lua_pushlightuserdata(L, NULL);
  }
}

void dbtL_push_tree(lua_State *L, const cJSON *tree) {
  luaL_getmetatable(L, array_class);
  push_value(L, tree, lua_gettop(L));
  lua_remove(L, -2);
}

static int push_tree(lua_State *L) {
  dbtL_push_tree(L, lua_touserdata(L, 1));
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

static int json_decode(lua_State *L) {
  size_t length;
  luaL_checktype(L, 1, LUA_TSTRING);
  const char *text = lua_tolstring(L, 1, &length);
  dbt_json_limits limits = opt_limits(L, 2);
  dbt_error error = {.code = DBT_OK};
  luaL_checkstack(L, 2, "JSON");
  lua_pushvalue(L, lua_upvalueindex(1));
  cJSON *document = dbt_json_decode(text, length, &limits, &error);
  if (document == NULL) return dbtL_push_error(L, &error);
  lua_pushlightuserdata(L, document);
  int status = lua_pcall(L, 1, 1, 0);
  cJSON_Delete(document);
  return status == 0 ? 1 : lua_error(L);
}

/* == Encode == */

/* One step on the way from the root to the value at hand: a name, or a position when there is no name. */
typedef struct step {
  const struct step *parent;
  const void *table;
  const char *name;
  size_t position;
} step;

typedef struct encoder {
  cJSON *document;
  char *text;
  int kept; /* strings in the table at KEPT */
  dbt_json_limits limits;
  size_t values, bytes, depth;
  dbt_error error;
} encoder;

/* The arguments of encode_value, and a table of the strings that the document borrows: a finalizer may run at
   any allocation and take them out of the very tables that are being read. */
enum { ENCODER = 1, VALUE, KEPT };

/* What the keys of a table say about it. */
typedef struct survey {
  size_t names, positions;
  double highest;
  const char *foreign; /* the type of a key that is neither name nor position */
} survey;

typedef struct name {
  const char *bytes;
  size_t length;
} name;

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

static bool refuse(encoder *e, const step *path, dbt_code code, const char *message) {
  char where[DBT_WHERE_MAX] = "";
  write_path(path, where, sizeof where);
  return dbt_fail(&e->error, code, where, "cannot be encoded as JSON: %s", message);
}

/* The same for what the core refused: its reason, with the place it does not know. */
static bool refuse_node(encoder *e, const step *path) {
  dbt_error reason = e->error;
  e->error.code = DBT_OK;
  return reason.code == DBT_UNENCODABLE ? refuse(e, path, reason.code, reason.message)
                                        : dbt_fail(&e->error, reason.code, NULL, "%s", reason.message);
}

/* Hangs a new node into the tree at once, so that there is always one root to release. */
static bool attach(encoder *e, cJSON *parent, const step *path, cJSON *node) {
  if (node == NULL) {
    if (e->error.code == DBT_OK) dbt_fail(&e->error, DBT_NO_MEMORY, NULL, "not enough memory to encode JSON");
    return refuse_node(e, path);
  }
  if (parent == NULL)
    e->document = node;
  else if (path->name != NULL)
    cJSON_AddItemToObjectCS(parent, path->name, node);
  else
    cJSON_AddItemToArray(parent, node);
  if (++e->values > e->limits.max_values) return refuse(e, path, DBT_LIMIT, "too many values (max_values)");
  return true;
}

static survey survey_keys(lua_State *L, int table) {
  survey keys = {0};
  for (lua_pushnil(L); lua_next(L, table) != 0; lua_pop(L, 1)) {
    double position = lua_type(L, -2) == LUA_TNUMBER ? (double)lua_tonumber(L, -2) : 0;
    if (lua_type(L, -2) == LUA_TSTRING) {
      keys.names++;
    } else if (position >= 1 && position == floor(position)) {
      keys.positions++;
      keys.highest = fmax(keys.highest, position);
    } else {
      keys.foreign = luaL_typename(L, -2);
    }
  }
  return keys;
}

static bool is_marked_array(lua_State *L, int table) {
  if (!lua_getmetatable(L, table)) return false;
  luaL_getmetatable(L, array_class);
  bool marked = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return marked;
}

static int compare_names(const void *a, const void *b) {
  const name *left = a, *right = b;
  size_t shorter = left->length < right->length ? left->length : right->length;
  int order = memcmp(left->bytes, right->bytes, shorter);
  return order != 0 ? order : (left->length > right->length) - (left->length < right->length);
}

static const char *keep_string(lua_State *L, encoder *e, int index, size_t *length) {
  lua_pushvalue(L, index);
  lua_rawseti(L, KEPT, ++e->kept);
  return lua_tolstring(L, index, length);
}

/* Pushes a block with the table's names in order, at most `*count` of them. */
static const name *push_names(lua_State *L, encoder *e, int table, size_t *count) {
  name *names = lua_newuserdata(L, *count * sizeof *names + 1);
  size_t used = 0;
  lua_pushnil(L);
  while (used < *count && lua_next(L, table) != 0) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING) continue;
    names[used].bytes = keep_string(L, e, lua_gettop(L), &names[used].length);
    used++;
  }
  lua_settop(L, table + 1);
  qsort(names, used, sizeof *names, compare_names);
  *count = used;
  return names;
}

static bool add_value(lua_State *L, encoder *e, cJSON *parent, const step *path);

static bool add_array(lua_State *L, encoder *e, cJSON *array, step here, size_t count) {
  int table = lua_gettop(L);
  for (here.position = 1; here.position <= count; here.position++) {
    lua_rawgeti(L, table, (int)here.position);
    if (!add_value(L, e, array, &here)) return false;
    lua_pop(L, 1);
  }
  return true;
}

static bool add_object(lua_State *L, encoder *e, cJSON *object, step here, size_t count) {
  int table = lua_gettop(L);
  const name *names = push_names(L, e, table, &count);
  for (size_t i = 0; i < count; i++) {
    here.name = names[i].bytes;
    if (!dbt_json_is_text(names[i].bytes, names[i].length))
      return refuse(e, here.parent, DBT_UNENCODABLE, "a key that is not UTF-8 or holds a NUL byte");
    e->bytes += names[i].length;
    lua_pushlstring(L, names[i].bytes, names[i].length);
    lua_rawget(L, table);
    if (!add_value(L, e, object, &here)) return false;
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return true;
}

static bool add_table(lua_State *L, encoder *e, cJSON *parent, const step *path) {
  int table = lua_gettop(L);
  step here = {.parent = path, .table = lua_topointer(L, table)};
  for (const step *outer = path; outer != NULL; outer = outer->parent)
    if (outer->table == here.table) return refuse(e, path, DBT_UNENCODABLE, "a table that contains itself");
  if (e->depth == e->limits.max_depth) return refuse(e, path, DBT_LIMIT, "nested too deeply (max_depth)");
  luaL_checkstack(L, 8, "JSON");

  survey keys = survey_keys(L, table);
  bool marked = is_marked_array(L, table);
  if (keys.foreign != NULL) {
    char message[64];
    snprintf(message, sizeof message, "a key that is neither a name nor a position: a %s", keys.foreign);
    return refuse(e, path, DBT_UNENCODABLE, message);
  }
  if (keys.names > 0 && (marked || keys.positions > 0))
    return refuse(e, path, DBT_UNENCODABLE, "a table with both names and positions");
  if (keys.highest > (double)keys.positions) return refuse(e, path, DBT_UNENCODABLE, "an array with holes");

  bool is_array = marked || keys.positions > 0;
  cJSON *node = is_array ? cJSON_CreateArray() : cJSON_CreateObject();
  if (!attach(e, parent, path, node)) return false;
  e->depth++;
  bool added =
      is_array ? add_array(L, e, node, here, keys.positions) : add_object(L, e, node, here, keys.names);
  e->depth--;
  return added;
}

static bool add_string(lua_State *L, encoder *e, cJSON *parent, const step *path) {
  size_t length;
  const char *bytes = keep_string(L, e, lua_gettop(L), &length);
  e->bytes += length;
  if (e->bytes > e->limits.max_bytes) return refuse(e, path, DBT_LIMIT, "too many bytes (max_bytes)");
  return attach(e, parent, path, dbt_json_string(bytes, length, &e->error));
}

/* Adds the value on top of the stack. Strings and names are borrowed from it. */
static bool add_value(lua_State *L, encoder *e, cJSON *parent, const step *path) {
  char message[64];
  switch (lua_type(L, -1)) {
  case LUA_TTABLE:
    return add_table(L, e, parent, path);
  case LUA_TSTRING:
    return add_string(L, e, parent, path);
  case LUA_TNUMBER:
    if (lua_isinteger(L, -1))
      return attach(e, parent, path, dbt_json_integer((long long)lua_tointeger(L, -1), &e->error));
    return attach(e, parent, path, dbt_json_number((double)lua_tonumber(L, -1), &e->error));
  case LUA_TBOOLEAN:
    return attach(e, parent, path, cJSON_CreateBool(lua_toboolean(L, -1)));
  case LUA_TLIGHTUSERDATA:
    if (lua_touserdata(L, -1) == NULL) return attach(e, parent, path, cJSON_CreateNull());
    break;
  default:
    break;
  }
  snprintf(message, sizeof message, "a %s", luaL_typename(L, -1));
  return refuse(e, path, DBT_UNENCODABLE, message);
}

/* (encoder, value) -> text, or nothing when the encoder holds the reason. */
static int encode_value(lua_State *L) {
  encoder *e = lua_touserdata(L, ENCODER);
  lua_newtable(L);
  lua_pushvalue(L, VALUE);
  if (!add_value(L, e, NULL, NULL)) return 0;
  e->text = dbt_json_print(e->document, &e->error);
  if (e->text == NULL) return 0;
  lua_pushstring(L, e->text);
  return 1;
}

static int json_encode(lua_State *L) {
  luaL_checkany(L, 1);
  lua_settop(L, 1);
  encoder e = {.limits = dbt_json_default_limits()};
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushlightuserdata(L, &e);
  lua_pushvalue(L, 1);
  int status = lua_pcall(L, 2, 1, 0);
  cJSON_free(e.text);
  cJSON_Delete(e.document);
  if (status != 0) return lua_error(L);
  return e.error.code == DBT_OK ? 1 : dbtL_push_error(L, &e.error);
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

static void set_protected(lua_State *L, const char *field, lua_CFunction outer, lua_CFunction inner) {
  lua_pushcfunction(L, inner);
  lua_pushcclosure(L, outer, 1);
  lua_setfield(L, -2, field);
}

int dbtL_open_json(lua_State *L) {
  lua_newtable(L);
  set_protected(L, "decode", json_decode, push_tree);
  set_protected(L, "encode", json_encode, encode_value);
  lua_pushcfunction(L, json_array);
  lua_setfield(L, -2, "array");
  luaL_newmetatable(L, array_class);
  lua_setfield(L, -2, "array_mt");
  return 1;
}
