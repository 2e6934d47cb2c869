/* Transfers: what engine:submit returns. */
#include "binding.h"

#include <string.h>

#include "engine_class.h"

static const char class_name[] = "debitura.transfer";

typedef enum { OPEN, SUCCEEDED, FAILED, CLOSED } handle_state;

/* Its uservalue holds the borrowed bytes of the body while the transfer is open, and then what
 * became of it. */
typedef struct {
  dbt_transfer *transfer; /* NULL unless open */
  handle_state state;
} transfer_handle;

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

static void set_number(lua_State *L, const char *field, double value) {
  lua_pushnumber(L, (lua_Number)value);
  lua_setfield(L, -2, field);
}

static void set_integer(lua_State *L, const char *field, int64_t value) {
  lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, field);
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
  for (size_t i = 0; i < response->header_count; i++) {
    lua_pushstring(L, response->headers[i].name);
    lua_pushvalue(L, -1);
    lua_rawget(L, headers);
    add_value(L, &response->headers[i]);
    lua_rawset(L, headers);
  }
}

static void push_timing(lua_State *L, const dbt_timing *timing) {
  lua_createtable(L, 0, 6);
  set_number(L, "queue", timing->queue);
  set_number(L, "dns", timing->dns);
  set_number(L, "connect", timing->connect);
  set_number(L, "tls", timing->tls);
  set_number(L, "first_byte", timing->first_byte);
  set_number(L, "total", timing->total);
}

static void push_response(lua_State *L, const dbt_response *response) {
  lua_createtable(L, 0, 9);
  set_integer(L, "status", response->status);
  push_headers(L, response);
  lua_setfield(L, -2, "headers");
  lua_pushlstring(L, response->body, response->length);
  lua_setfield(L, -2, "body");
  lua_pushstring(L, response->http_version);
  lua_setfield(L, -2, "http_version");
  lua_pushstring(L, response->request_id);
  lua_setfield(L, -2, "request_id");
  push_timing(L, &response->timing);
  lua_setfield(L, -2, "timing");
  set_integer(L, "bytes_up", response->bytes_up);
  set_integer(L, "bytes_down", response->bytes_down);
  lua_pushboolean(L, response->reused);
  lua_setfield(L, -2, "reused");
}

static void push_failure(lua_State *L, const dbt_transfer *transfer) {
  dbtL_push_error(L, dbt_transfer_error(transfer));
  lua_remove(L, -2);
  lua_pushboolean(L, dbt_transfer_sent(transfer));
  lua_setfield(L, -2, "sent");
  lua_pushstring(L, dbt_transfer_phase(transfer));
  lua_setfield(L, -2, "phase");
  if (dbt_transfer_reply(transfer) != 0) set_integer(L, "status", dbt_transfer_reply(transfer));
}

/* Turns what C knows into a table, once; every later call answers with the same table. */
static void turn_into_lua(lua_State *L, transfer_handle *handle) {
  const dbt_response *response = dbt_transfer_response(handle->transfer);
  if (response != NULL)
    push_response(L, response);
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
  if (handle->state == FAILED) lua_pushnil(L);
  lua_getuservalue(L, 1);
  return handle->state == FAILED ? 2 : 1;
}

void dbtL_open_transfer(lua_State *L) {
  static const luaL_Reg methods[] = {{"done", transfer_done},
                                     {"result", transfer_result},
                                     {"cancel", transfer_cancel},
                                     {"close", transfer_close},
                                     {NULL, NULL}};
  dbtL_new_class(L, class_name, methods, transfer_close, NULL);
}
