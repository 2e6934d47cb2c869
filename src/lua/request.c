/* Reads requests and mails from Lua tables. */
#include "binding.h"

#include <string.h>

#include "engine_class.h"
#include "secret_class.h"

enum { SECONDS_MAX = 1000000 };

static void read_milliseconds(lua_State *L, int table, const char *field, long *milliseconds) {
  double seconds = dbtL_opt_number(L, table, field, (double)*milliseconds / 1000);
  if (!(seconds > 0) || seconds > SECONDS_MAX)
    luaL_error(L, "option '%s': more than 0 seconds expected", field);
  *milliseconds = seconds < 0.001 ? 1 : (long)(seconds * 1000);
}

void dbtL_read_limits(lua_State *L, int table, dbt_limits *limits) {
  read_milliseconds(L, table, "connect_timeout", &limits->connect_timeout_ms);
  read_milliseconds(L, table, "timeout", &limits->timeout_ms);
  limits->max_response_bytes =
      dbtL_opt_size(L, table, "max_response_bytes", limits->max_response_bytes);
  limits->max_header_bytes = dbtL_opt_size(L, table, "max_header_bytes", limits->max_header_bytes);
  if (limits->max_header_bytes > DBT_HEADER_BYTES_CEILING)
    luaL_error(L, "option 'max_header_bytes': more than %d", DBT_HEADER_BYTES_CEILING);
  limits->max_header_lines = dbtL_opt_size(L, table, "max_header_lines", limits->max_header_lines);
}

/* Bytes that go to C as text: a NUL would cut them short unseen. */
static bool is_text(const char *bytes, size_t length, const char *field, dbt_error *error) {
  return memchr(bytes, '\0', length) == NULL ||
         dbt_fail(error, DBT_ARGUMENT, field, "%s: NUL in it", field);
}

/* table[field] as text, NULL when it is absent. The table keeps the value alive, so the stack
 * need not. */
static bool read_text(lua_State *L, int table, const char *field, const char **text,
                      dbt_error *error) {
  size_t length;
  dbtL_push_field(L, table, field);
  if (!lua_isnil(L, -1)) {
    *text = dbtL_tobytes(L, -1, &length);
    if (*text == NULL)
      luaL_error(L, "field '%s': string or secret expected, got %s", field, luaL_typename(L, -1));
    else if (!is_text(*text, length, field, error))
      return false;
  }
  lua_pop(L, 1);
  return true;
}

static bool read_required(lua_State *L, int table, const char *field, const char **text,
                          dbt_error *error) {
  if (!read_text(L, table, field, text, error)) return false;
  if (*text == NULL) luaL_error(L, "field '%s' is missing", field);
  return true;
}

/* The bytes of a string or secret at the top of the stack. A string is kept as long as the transfer
   lives. A secret may be closed earlier, or finalized when both are collected: the core makes a
   copy of its own. */
static void keep_bytes(lua_State *L, dbtL_request *from, const char *field, dbt_source *source) {
  source->bytes = dbtL_tobytes(L, -1, &source->length);
  if (source->bytes == NULL)
    luaL_error(L, "field '%s': string or secret expected, got %s", field, luaL_typename(L, -1));
  source->copied = dbtL_tosecret(L, -1) != NULL;
  if (source->copied) return;
  if (from->kept == 0) {
    lua_newtable(L);
    lua_setuservalue(L, from->transfer);
  }
  lua_getuservalue(L, from->transfer);
  lua_pushvalue(L, -2);
  lua_rawseti(L, -2, ++from->kept);
  lua_pop(L, 1);
}

static bool read_headers(lua_State *L, int table, dbt_request *request, dbt_error *error) {
  dbtL_push_field(L, table, "headers");
  if (lua_isnil(L, -1)) return true;
  luaL_argcheck(L, lua_istable(L, -1), 2, "field 'headers': table expected");
  int headers = lua_gettop(L);
  size_t count = 0;
  for (lua_pushnil(L); lua_next(L, headers); lua_pop(L, 1))
    count++;
  dbt_field *fields = lua_newuserdata(L, (count + 1) * sizeof *fields);
  dbt_field *field = fields;
  for (lua_pushnil(L); lua_next(L, headers); lua_pop(L, 1), field++) {
    if (lua_type(L, -2) != LUA_TSTRING) luaL_error(L, "field 'headers': names have to be strings");
    size_t length;
    field->name = lua_tolstring(L, -2, &length);
    if (!is_text(field->name, length, "headers", error)) return false;
    field->value = dbtL_tobytes(L, -1, &field->length);
    if (field->value == NULL)
      luaL_error(L, "header '%s': string or secret expected, got %s", field->name,
                 luaL_typename(L, -1));
  }
  request->headers = fields;
  request->header_count = count;
  return true;
}

static bool read_part(lua_State *L, dbtL_request *from, int table, dbt_part *part,
                      dbt_error *error) {
  if (!read_required(L, table, "name", &part->name, error) ||
      !read_text(L, table, "filename", &part->filename, error) ||
      !read_text(L, table, "content_type", &part->content_type, error) ||
      !read_text(L, table, "path", &part->source.path, error))
    return false;
  if (part->source.path != NULL) return true;
  dbtL_push_field(L, table, "data");
  keep_bytes(L, from, "data", &part->source);
  return true;
}

static bool read_form(lua_State *L, dbtL_request *from, dbt_request *request, dbt_error *error) {
  dbtL_push_field(L, from->table, "form");
  if (lua_isnil(L, -1)) return true;
  luaL_argcheck(L, lua_istable(L, -1), 2, "field 'form': table expected");
  int form = lua_gettop(L);
  size_t count = lua_rawlen(L, form);
  dbt_part *parts = lua_newuserdata(L, (count + 1) * sizeof *parts);
  memset(parts, 0, (count + 1) * sizeof *parts);
  for (size_t i = 0; i < count; i++) {
    int top = lua_gettop(L);
    lua_rawgeti(L, form, (int)i + 1);
    if (!lua_istable(L, -1)) luaL_error(L, "field 'form': each part has to be a table");
    if (!read_part(L, from, lua_gettop(L), &parts[i], error)) return false;
    lua_settop(L, top);
  }
  request->parts = parts;
  request->part_count = count;
  return count > 0 || dbt_fail(error, DBT_ARGUMENT, "form", "form: no parts");
}

static bool read_body(lua_State *L, dbtL_request *from, dbt_request *request, dbt_error *error) {
  dbt_source *source = lua_newuserdata(L, sizeof *source);
  *source = (dbt_source){.path = NULL};
  if (!read_text(L, from->table, "body_file", &source->path, error)) return false;
  dbtL_push_field(L, from->table, "body");
  if (!lua_isnil(L, -1)) {
    if (source->path != NULL)
      return dbt_fail(error, DBT_ARGUMENT, "body_file", "body_file: there is a body already");
    keep_bytes(L, from, "body", source);
  }
  if (source->path != NULL || source->bytes != NULL) request->body = source;
  return true;
}

bool dbtL_read_request(lua_State *L, dbtL_request *from, dbt_request *request, dbt_error *error) {
  dbtL_read_limits(L, from->table, &request->limits);
  return read_required(L, from->table, "method", &request->method, error) &&
         read_required(L, from->table, "url", &request->url, error) &&
         read_headers(L, from->table, request, error) && read_body(L, from, request, error) &&
         read_form(L, from, request, error);
}

static bool read_recipients(lua_State *L, int table, dbt_mail *mail, dbt_error *error) {
  dbtL_push_field(L, table, "to");
  luaL_argcheck(L, lua_istable(L, -1), 2, "field 'to': table of addresses expected");
  int recipients = lua_gettop(L);
  size_t count = lua_rawlen(L, recipients);
  const char **to = lua_newuserdata(L, (count + 1) * sizeof *to);
  for (size_t i = 0; i < count; i++) {
    size_t length;
    lua_rawgeti(L, recipients, (int)i + 1);
    if (lua_type(L, -1) != LUA_TSTRING) luaL_error(L, "field 'to': addresses have to be strings");
    to[i] = lua_tolstring(L, -1, &length);
    if (!is_text(to[i], length, "to", error)) return false;
    lua_pop(L, 1);
  }
  mail->to = to;
  mail->to_count = count;
  return true;
}

bool dbtL_read_mail(lua_State *L, dbtL_request *from, dbt_mail *mail, dbt_error *error) {
  int table = from->table;
  dbtL_read_limits(L, table, &mail->limits);
  if (!read_required(L, table, "url", &mail->url, error) ||
      !read_text(L, table, "username", &mail->username, error) ||
      !read_text(L, table, "password", &mail->password, error) ||
      !read_text(L, table, "token", &mail->token, error) ||
      !read_required(L, table, "from", &mail->from, error) ||
      !read_recipients(L, table, mail, error))
    return false;
  dbtL_push_field(L, table, "message");
  keep_bytes(L, from, "message", &mail->message);
  mail->starttls = dbtL_opt_boolean(L, table, "starttls", false);
  return true;
}
