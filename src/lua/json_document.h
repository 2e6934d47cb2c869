/* Lets the other files of the binding turn a decoded document into Lua values. */
#ifndef DBTL_JSON_DOCUMENT_H
#define DBTL_JSON_DOCUMENT_H

#include "compat.h"
#include "json/json.h"

/* Pushes the document. May raise (out of memory), so the caller's document must be released by code
   that survives it: call it under lua_pcall. */
void dbtL_push_document(lua_State *L, const dbt_json_document *document);

#endif
