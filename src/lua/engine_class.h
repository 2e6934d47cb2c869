/* Lets the other files of the binding reach an engine, its requests and its transfers. */
#ifndef DBTL_ENGINE_CLASS_H
#define DBTL_ENGINE_CLASS_H

#include "compat.h"
#include "http/engine.h"
#include "mail/mail.h"

/* Where on the stack a request is read from, and whose it will be. */
typedef struct dbtL_request {
  int table;
  int transfer; /* its handle, whose uservalue keeps the bytes of the body as long as it lives */
  int kept;     /* how many values that holds */
} dbtL_request;

/* Fills `request` from the table. All pointers are borrowed from values that the table or the
   transfer holds. Wrong types raise; false and `error` for wrong values. May leave values on
   the stack. */
bool dbtL_read_request(lua_State *L, dbtL_request *from, dbt_request *request, dbt_error *error);
bool dbtL_read_mail(lua_State *L, dbtL_request *from, dbt_mail *mail, dbt_error *error);
void dbtL_read_limits(lua_State *L, int table, dbt_limits *limits);

/* Pushes a handle without a transfer; `transfer` is where to put it. */
dbt_transfer **dbtL_new_transfer(lua_State *L);
void dbtL_open_transfer(lua_State *L);

#endif
