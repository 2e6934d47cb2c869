/* Lets the other files of the binding reach an engine, its requests and its transfers. */
#ifndef DBTL_ENGINE_CLASS_H
#define DBTL_ENGINE_CLASS_H

#include "compat.h"
#include "engine.h"
#include "mail.h"

/* Raises when the value at `index` is no engine or a closed one. */
dbt_engine *dbtL_checkengine(lua_State *L, int index);

/* What a Lua table says of a request. All pointers are borrowed from values that the table or `keep` holds.
 */
typedef struct dbtL_request {
  int table; /* its place on the stack */
  int keep;  /* place of a table that holds, as long as the transfer lives, the bytes of its body */
} dbtL_request;

/* Fills `request` from the table at `from.table`. Wrong types raise; false and `error` for wrong values. May
   leave values on the stack. */
bool dbtL_read_request(lua_State *L, dbtL_request from, dbt_request *request, dbt_error *error);
bool dbtL_read_mail(lua_State *L, dbtL_request from, dbt_mail *mail, dbt_error *error);
void dbtL_read_limits(lua_State *L, int table, dbt_limits *limits);

/* Pushes a handle without a transfer; `transfer` is where to put it. */
dbt_transfer **dbtL_new_transfer(lua_State *L);
void dbtL_open_transfer(lua_State *L);

#endif
