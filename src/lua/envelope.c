/* core.envelope: an answer to a table with what is known about the failure. */
#include "json/envelope.h"

#include "binding.h"
#include "json_document.h"

static void set_text(lua_State *L, const char *field, const char *text) {
  if (text == NULL) return;
  lua_pushstring(L, text);
  lua_setfield(L, -2, field);
}

static void set_business_errors(lua_State *L, const dbt_failure *failure) {
  if (failure->business_error_count == 0) return;
  lua_createtable(L, (int)failure->business_error_count, 0);
  for (size_t i = 0; i < failure->business_error_count; i++) {
    lua_createtable(L, 0, 3);
    set_text(L, "type", failure->business_errors[i].type);
    set_text(L, "message", failure->business_errors[i].message);
    set_text(L, "solution_url", failure->business_errors[i].solution_url);
    lua_rawseti(L, -2, (int)i + 1);
  }
  lua_setfield(L, -2, "business_errors");
}

static void set_fields(lua_State *L, const dbt_failure *failure) {
  if (failure->field_count == 0) return;
  lua_createtable(L, 0, (int)failure->field_count);
  for (size_t i = 0; i < failure->field_count; i++) {
    const dbt_field_problem *problem = &failure->fields[i];
    lua_createtable(L, (int)problem->count, 0);
    for (size_t j = 0; j < problem->count; j++) {
      lua_pushstring(L, problem->messages[j]);
      lua_rawseti(L, -2, (int)j + 1);
    }
    lua_setfield(L, -2, problem->path);
  }
  lua_setfield(L, -2, "fields");
}

/* (failure) -> table */
static int push_failure(lua_State *L) {
  const dbt_failure *failure = lua_touserdata(L, 1);
  lua_createtable(L, 0, 12);
  set_text(L, "kind", failure->kind);
  set_text(L, "type", failure->type);
  set_text(L, "message", failure->message);
  set_text(L, "detail", failure->detail);
  set_text(L, "approval_url", failure->approval_url);
  set_text(L, "signing_url", failure->signing_url);
  set_text(L, "variant", failure->variant);
  lua_pushboolean(L, failure->retryable);
  lua_setfield(L, -2, "retryable");
  if (failure->retry_after >= 0) {
    lua_pushnumber(L, (lua_Number)failure->retry_after);
    lua_setfield(L, -2, "retry_after");
  }
  set_business_errors(L, failure);
  set_fields(L, failure);
  if (failure->data.cells != NULL) {
    dbtL_push_document(L, &failure->data);
    lua_setfield(L, -2, "data");
  }
  return 1;
}

/* Pushes the header, which lends its bytes. It may be absent, and a repeated one may be a table:
   both count as none. */
static const char *push_header(lua_State *L, int headers, const char *name) {
  lua_getfield(L, headers, name);
  return lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
}

/* (status, headers, body) -> table. */
static int envelope_read(lua_State *L) {
  dbt_answer answer = {.status = (long)luaL_checkinteger(L, 1)};
  luaL_checktype(L, 2, LUA_TTABLE);
  answer.body = luaL_checklstring(L, 3, &answer.length);
  answer.retry_after = push_header(L, 2, "retry-after");
  answer.date = push_header(L, 2, "date");
  luaL_checkstack(L, 2, "envelope");
  dbt_failure failure;
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushlightuserdata(L, &failure);
  dbt_envelope_read(&answer, &failure);
  int status = lua_pcall(L, 1, 1, 0);
  dbt_failure_release(&failure);
  return status == 0 ? 1 : lua_error(L);
}

int dbtL_open_envelope(lua_State *L) {
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, push_failure);
  lua_pushcclosure(L, envelope_read, 1);
  lua_setfield(L, -2, "read");
  return 1;
}
