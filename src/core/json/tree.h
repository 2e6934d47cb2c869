/* A decoded document as a cJSON tree, for reading documents whose form is not known. */
#ifndef DBT_JSON_TREE_H
#define DBT_JSON_TREE_H

#include <cjson/cJSON.h>

#include "json/json.h"

/* NULL when memory is short; the caller owns it. cJSON's texts end at their first NUL byte, so a
   text that holds one becomes null, and a pair with such a name is left out. */
cJSON *dbt_json_tree(const dbt_json_document *document);

#endif
