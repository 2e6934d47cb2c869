/* Lets the other files of the binding turn a decoded document into Lua values. */
#ifndef DBTL_JSON_TREE_H
#define DBTL_JSON_TREE_H

#include <cjson/cJSON.h>

#include "compat.h"

/* Pushes the document. May raise (out of memory), so the caller's tree must be released by someone
   who survives it: call it under lua_pcall. */
void dbtL_push_tree(lua_State *L, const cJSON *tree);

#endif
