/* Lets the other files of the binding look inside a secret. */
#ifndef DBTL_SECRET_CLASS_H
#define DBTL_SECRET_CLASS_H

#include "compat.h"
#include "crypto/secret.h"

/* Borrowed; NULL when the value at `index` is not a secret that is still alive. */
const dbt_secret *dbtL_tosecret(lua_State *L, int index);

#endif
