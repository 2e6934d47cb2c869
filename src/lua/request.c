/* Reads requests and mails from Lua tables. */
#include "binding.h"

#include <string.h>

#include "engine_class.h"
#include "secret_class.h"

enum { SECONDS_MAX = 1000000 };

/* == Limits == */

enum { CONNECT_TIMEOUT, TIMEOUT, MAX_RESPONSE, MAX_HEADER, MAX_LINES, LIMITS };
#define LIMIT_NAMES                                                                                \
  "connect_timeout", "timeout", "max_response_bytes", "max_header_bytes", "max_header_lines"

static void read_milliseconds(lua_State *L, int index, const char *field, long *milliseconds) {
  if (lua_isnil(L, index)) return;
  double seconds = dbtL_number_at(L, index, field, 0);
  if (!(seconds > 0) || seconds > SECONDS_MAX)
    luaL_error(L, "option '%s': more than 0 seconds expected", field);
  *milliseconds = seconds < 0.001 ? 1 : (long)(seconds * 1000);
}

/* Those that stand from `first` on, in the order of LIMIT_NAMES. */
static void read_limits(lua_State *L, int first, dbt_limits *limits) {
  read_milliseconds(L, first + CONNECT_TIMEOUT, "connect_timeout", &limits->connect_timeout_ms);
  read_milliseconds(L, first + TIMEOUT, "timeout", &limits->timeout_ms);
  limits->max_response_bytes =
      dbtL_size_at(L, first + MAX_RESPONSE, "max_response_bytes", limits->max_response_bytes);
  limits->max_header_bytes =
      dbtL_size_at(L, first + MAX_HEADER, "max_header_bytes", limits->max_header_bytes);
  if (limits->max_header_bytes > DBT_HEADER_BYTES_CEILING)
    luaL_error(L, "option 'max_header_bytes': more than %d", DBT_HEADER_BYTES_CEILING);
  limits->max_header_lines =
      dbtL_size_at(L, first + MAX_LINES, "max_header_lines", limits->max_header_lines);
}

void dbtL_read_limits(lua_State *L, int table, dbt_limits *limits) {
  static const char *const names[] = {LIMIT_NAMES};
  int top = lua_gettop(L);
  read_limits(L, dbtL_push_fields(L, table, names, LIMITS), limits);
  lua_settop(L, top);
}

/* == Texts == */

/* Bytes that go to C as text: a NUL would cut them short unseen. */
static bool is_text(const char *bytes, size_t length, const char *field, dbt_error *error) {
  return memchr(bytes, '\0', length) == NULL ||
         dbt_fail(error, DBT_ARGUMENT, field, "%s: NUL in it", field);
}

/* The text at `index`, NULL for nil. */
static bool read_text(lua_State *L, int index, const char *field, const char **text,
                      dbt_error *error) {
  size_t length;
  if (lua_isnil(L, index)) return true;
  *text = dbtL_tobytes(L, index, &length);
  if (*text != NULL) return is_text(*text, length, field, error);
  return luaL_error(L, "field '%s': string or secret expected, got %s", field,
                    luaL_typename(L, index)) != 0;
}

static bool read_required(lua_State *L, int index, const char *field, const char **text,
                          dbt_error *error) {
  if (lua_isnil(L, index)) luaL_error(L, "field '%s' is missing", field);
  return read_text(L, index, field, text, error);
}

/* The bytes of the string or secret at `index`. A string is kept as long as the transfer lives. A
   secret may be closed earlier, or finalized when both are collected: the core makes a copy of its
   own. */
static void keep_bytes(lua_State *L, dbtL_request *from, int index, const char *field,
                       dbt_source *source) {
  source->bytes = dbtL_tobytes(L, index, &source->length);
  if (source->bytes == NULL)
    luaL_error(L, "field '%s': string or secret expected, got %s", field, luaL_typename(L, index));
  source->copied = dbtL_tosecret(L, index) != NULL;
  if (source->copied) return;
  if (from->kept == 0) {
    lua_newtable(L);
    lua_setuservalue(L, from->transfer);
  }
  lua_getuservalue(L, from->transfer);
  lua_pushvalue(L, index);
  lua_rawseti(L, -2, ++from->kept);
  lua_pop(L, 1);
}

/* == Requests == */

static bool read_headers(lua_State *L, int headers, dbt_request *request, dbt_error *error) {
  if (lua_isnil(L, headers)) return true;
  luaL_argcheck(L, lua_istable(L, headers), 2, "field 'headers': table expected");
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

/* The values of the part on top of the stack, which stay there. */
static bool read_part(lua_State *L, dbtL_request *from, dbt_part *part, dbt_error *error) {
  enum { NAME, FILENAME, CONTENT_TYPE, PATH, DATA, FIELDS };
  static const char *const names[] = {"name", "filename", "content_type", "path", "data"};
  int first = dbtL_push_fields(L, lua_gettop(L), names, FIELDS);
  if (!read_required(L, first + NAME, "name", &part->name, error) ||
      !read_text(L, first + FILENAME, "filename", &part->filename, error) ||
      !read_text(L, first + CONTENT_TYPE, "content_type", &part->content_type, error) ||
      !read_text(L, first + PATH, "path", &part->source.path, error))
    return false;
  if (part->source.path == NULL) keep_bytes(L, from, first + DATA, "data", &part->source);
  return true;
}

static bool read_form(lua_State *L, dbtL_request *from, int form, dbt_request *request,
                      dbt_error *error) {
  if (lua_isnil(L, form)) return true;
  luaL_argcheck(L, lua_istable(L, form), 2, "field 'form': table expected");
  size_t count = lua_rawlen(L, form);
  dbt_part *parts = lua_newuserdata(L, (count + 1) * sizeof *parts);
  memset(parts, 0, (count + 1) * sizeof *parts);
  for (size_t i = 0; i < count; i++) {
    luaL_checkstack(L, 2, "form");
    lua_rawgeti(L, form, (int)i + 1);
    if (!lua_istable(L, -1)) luaL_error(L, "field 'form': each part has to be a table");
    if (!read_part(L, from, &parts[i], error)) return false;
  }
  request->parts = parts;
  request->part_count = count;
  return count > 0 || dbt_fail(error, DBT_ARGUMENT, "form", "form: no parts");
}

static bool read_body(lua_State *L, dbtL_request *from, int body, int file, dbt_request *request,
                      dbt_error *error) {
  if (lua_isnil(L, body) && lua_isnil(L, file)) return true;
  dbt_source *source = lua_newuserdata(L, sizeof *source);
  *source = (dbt_source){.path = NULL};
  if (!read_text(L, file, "body_file", &source->path, error)) return false;
  if (!lua_isnil(L, body)) {
    if (source->path != NULL)
      return dbt_fail(error, DBT_ARGUMENT, "body_file", "body_file: there is a body already");
    keep_bytes(L, from, body, "body", source);
  }
  request->body = source;
  return true;
}

bool dbtL_read_request(lua_State *L, dbtL_request *from, dbt_request *request, dbt_error *error) {
  enum { METHOD = LIMITS, URL, HEADERS, BODY, BODY_FILE, FORM, FIELDS };
  static const char *const names[] = {LIMIT_NAMES, "method",    "url", "headers",
                                      "body",      "body_file", "form"};
  int first = dbtL_push_fields(L, from->table, names, FIELDS);
  read_limits(L, first, &request->limits);
  return read_required(L, first + METHOD, "method", &request->method, error) &&
         read_required(L, first + URL, "url", &request->url, error) &&
         read_headers(L, first + HEADERS, request, error) &&
         read_body(L, from, first + BODY, first + BODY_FILE, request, error) &&
         read_form(L, from, first + FORM, request, error);
}

/* == Mails == */

static bool read_recipients(lua_State *L, int recipients, dbt_mail *mail, dbt_error *error) {
  luaL_argcheck(L, lua_istable(L, recipients), 2, "field 'to': table of addresses expected");
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
  enum { URL = LIMITS, USERNAME, PASSWORD, TOKEN, FROM, TO, MESSAGE, FIELDS };
  static const char *const names[] = {LIMIT_NAMES, "url",  "username", "password",
                                      "token",     "from", "to",       "message"};
  int first = dbtL_push_fields(L, from->table, names, FIELDS);
  read_limits(L, first, &mail->limits);
  if (!read_required(L, first + URL, "url", &mail->url, error) ||
      !read_text(L, first + USERNAME, "username", &mail->username, error) ||
      !read_text(L, first + PASSWORD, "password", &mail->password, error) ||
      !read_text(L, first + TOKEN, "token", &mail->token, error))
    return false;
  mail->starttls = dbtL_opt_boolean(L, from->table, "starttls", false);
  mail->greeting = dbtL_opt_boolean(L, from->table, "greeting", false);
  if (mail->greeting) return true;
  if (!read_required(L, first + FROM, "from", &mail->from, error) ||
      !read_recipients(L, first + TO, mail, error))
    return false;
  keep_bytes(L, from, first + MESSAGE, "message", &mail->message);
  return true;
}
