/* Transfers: what engine:submit returns. One that has succeeded is the response as well: it has a
 * field for each thing that is known, made when it is asked for. */
#include "binding.h"

#include <string.h>

#include "engine_class.h"

static const char class_name[] = "debitura.transfer";

typedef enum { OPEN, SUCCEEDED, FAILED, CLOSED } handle_state;

/* Its uservalue holds the borrowed bytes of the body while the transfer is open; then the failure,
 * or of the response the body, the block of its header at BLOCK, and the tables made so far. */
typedef struct {
  dbt_transfer *transfer; /* NULL unless open */
  handle_state state;
  dbt_response response; /* its block is Lua's, and its body empty */
} transfer_handle;

enum { BLOCK = 1 };

static transfer_handle *check(lua_State *L) {
  return dbtL_self(L, class_name);
}

dbt_transfer **dbtL_new_transfer(lua_State *L) {
  transfer_handle *handle = dbtL_new_handle(L, class_name, sizeof *handle);
  return &handle->transfer;
}

static int transfer_close(lua_State *L) {
  transfer_handle *handle = check(L);
  dbt_transfer_free(handle->transfer);
  handle->transfer = NULL;
  if (handle->state == OPEN) handle->state = CLOSED;
  return 0;
}

static int transfer_done(lua_State *L) {
  transfer_handle *handle = check(L);
  lua_pushboolean(L, handle->transfer == NULL || dbt_transfer_done(handle->transfer));
  return 1;
}

static int transfer_cancel(lua_State *L) {
  transfer_handle *handle = check(L);
  if (handle->transfer != NULL) dbt_transfer_cancel(handle->transfer);
  return 0;
}

static void push_integer(lua_State *L, int64_t value) {
  lua_pushinteger(L, (lua_Integer)value);
}

/* Puts what a name has with one value more in the place of what it had. Set-Cookie cannot be joined
   (RFC 9110, 5.3): its values are a list. */
static void add_value(lua_State *L, const dbt_field *field) {
  bool first = lua_isnil(L, -1), joined = strcmp(field->name, "set-cookie") != 0;
  if (first) lua_pop(L, 1);
  if (first && !joined) lua_newtable(L);
  if (!first && joined) lua_pushliteral(L, ", ");
  lua_pushlstring(L, field->value, field->length);
  if (!joined)
    lua_rawseti(L, -2, (int)lua_rawlen(L, -2) + 1);
  else if (!first)
    lua_concat(L, 3);
}

static void push_headers(lua_State *L, const dbt_response *response) {
  lua_createtable(L, 0, (int)response->header_count);
  int headers = lua_gettop(L);
  dbt_field field;
  for (const char *at = NULL; dbt_response_next(response, &at, &field);) {
    lua_pushstring(L, field.name);
    lua_pushvalue(L, -1);
    lua_rawget(L, headers);
    add_value(L, &field);
    lua_rawset(L, headers);
  }
}

static void set_seconds(lua_State *L, const char *phase, double seconds) {
  lua_pushnumber(L, (lua_Number)seconds);
  lua_setfield(L, -2, phase);
}

static void push_timing(lua_State *L, const dbt_response *response) {
  const dbt_timing *timing = &response->timing;
  lua_createtable(L, 0, 6);
  set_seconds(L, "queue", timing->queue);
  set_seconds(L, "dns", timing->dns);
  set_seconds(L, "connect", timing->connect);
  set_seconds(L, "tls", timing->tls);
  set_seconds(L, "first_byte", timing->first_byte);
  set_seconds(L, "total", timing->total);
}

static void push_status(lua_State *L, const dbt_response *response) {
  push_integer(L, response->status);
}

static void push_request_id(lua_State *L, const dbt_response *response) {
  lua_pushstring(L, dbt_response_request_id(response));
}

static void push_http_version(lua_State *L, const dbt_response *response) {
  lua_pushstring(L, response->http_version);
}

static void push_bytes_up(lua_State *L, const dbt_response *response) {
  push_integer(L, response->bytes_up);
}

static void push_bytes_down(lua_State *L, const dbt_response *response) {
  push_integer(L, response->bytes_down);
}

static void push_reused(lua_State *L, const dbt_response *response) {
  lua_pushboolean(L, response->reused);
}

/* What is made when it is asked for; tables are made once. */
static const struct {
  const char *name;
  void (*push)(lua_State *L, const dbt_response *response);
  bool is_table;
} fields[] = {{"status", push_status, false},
              {"headers", push_headers, true},
              {"request_id", push_request_id, false},
              {"timing", push_timing, true},
              {"http_version", push_http_version, false},
              {"bytes_up", push_bytes_up, false},
              {"bytes_down", push_bytes_down, false},
              {"reused", push_reused, false}};

/* Pushes the field whose name is at `name`, and keeps a table among those made. */
static void push_field(lua_State *L, const dbt_response *response, int name, int made) {
  size_t i = 0, count = sizeof fields / sizeof fields[0];
  while (i < count && strcmp(fields[i].name, lua_tostring(L, name)) != 0)
    i++;
  if (i == count) {
    lua_pushnil(L);
    return;
  }
  fields[i].push(L, response);
  if (!fields[i].is_table) return;
  lua_pushvalue(L, name);
  lua_pushvalue(L, -2);
  lua_rawset(L, made);
}

/* (transfer, name) -> a method, or a field of the response. */
static int transfer_index(lua_State *L) {
  enum { NAME = 2, METHOD, MADE };
  luaL_checktype(L, NAME, LUA_TSTRING);
  lua_pushvalue(L, NAME);
  lua_rawget(L, lua_upvalueindex(1));
  if (!lua_isnil(L, METHOD)) return 1;
  transfer_handle *handle = check(L);
  if (handle->state != SUCCEEDED) return 1;
  lua_getuservalue(L, 1);
  lua_pushvalue(L, NAME);
  lua_rawget(L, MADE);
  if (lua_isnil(L, -1)) push_field(L, &handle->response, NAME, MADE);
  return 1;
}

static void push_failure(lua_State *L, const dbt_transfer *transfer) {
  dbtL_push_error(L, dbt_transfer_error(transfer));
  lua_remove(L, -2);
  lua_pushboolean(L, dbt_transfer_sent(transfer));
  lua_setfield(L, -2, "sent");
  lua_pushstring(L, dbt_transfer_phase(transfer));
  lua_setfield(L, -2, "phase");
  if (dbt_transfer_reply(transfer) == 0) return;
  push_integer(L, dbt_transfer_reply(transfer));
  lua_setfield(L, -2, "status");
}

static void keep_response(lua_State *L, transfer_handle *handle, const dbt_response *response) {
  lua_createtable(L, 0, 2);
  lua_pushlstring(L, response->body, response->length);
  lua_setfield(L, -2, "body");
  lua_pushlstring(L, response->block, response->block_length);
  handle->response = *response;
  handle->response.block = lua_tostring(L, -1);
  handle->response.body = "";
  handle->response.length = 0;
  lua_rawseti(L, -2, BLOCK);
}

/* Leaves nothing with C: Lua's collector knows nothing of such memory. */
static void turn_into_lua(lua_State *L, transfer_handle *handle) {
  const dbt_response *response = dbt_transfer_response(handle->transfer);
  if (response != NULL)
    keep_response(L, handle, response);
  else
    push_failure(L, handle->transfer);
  lua_setuservalue(L, 1);
  handle->state = response != NULL ? SUCCEEDED : FAILED;
  dbt_transfer_free(handle->transfer);
  handle->transfer = NULL;
}

static int transfer_result(lua_State *L) {
  transfer_handle *handle = check(L);
  lua_settop(L, 1);
  if (handle->state == CLOSED) {
    dbt_error error = {.code = DBT_CANCELLED, .message = "closed before it was done"};
    return dbtL_push_error(L, &error);
  }
  if (handle->state == OPEN) {
    if (!dbt_transfer_done(handle->transfer))
      return luaL_error(L, "the transfer is still under way");
    turn_into_lua(L, handle);
  }
  if (handle->state == SUCCEEDED) return 1;
  lua_pushnil(L);
  lua_getuservalue(L, 1);
  return 2;
}

void dbtL_open_transfer(lua_State *L) {
  static const luaL_Reg methods[] = {{"done", transfer_done},
                                     {"result", transfer_result},
                                     {"cancel", transfer_cancel},
                                     {"close", transfer_close},
                                     {NULL, NULL}};
  dbtL_new_class(L, class_name, methods, transfer_close, NULL);
  luaL_getmetatable(L, class_name);
  lua_getfield(L, -1, "__index");
  lua_pushcclosure(L, transfer_index, 1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
