/* Gives core.json its function that writes documents. */
#ifndef DBTL_JSON_ENCODE_H
#define DBTL_JSON_ENCODE_H

#include "compat.h"

/* Pushes the function. `array_mt` is the index of the metatable that marks arrays. */
void dbtL_push_json_encode(lua_State *L, int array_mt);

#endif
