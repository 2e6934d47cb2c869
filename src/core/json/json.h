/* JSON as it comes over the wire: cJSON parses, this file adds what cJSON leaves open. Limits hold
 * before memory is spent, text is checked as strictly as RFC 8259 asks, no number and no string
 * changes on its way. A document is a cJSON tree: read it with cJSON's own names, release it in one
 * step with cJSON_Delete. */
#ifndef DBT_JSON_H
#define DBT_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum {
  DBT_JSON_MAX_BYTES = 16 * 1024 * 1024,
  DBT_JSON_MAX_DEPTH = 64,
  /* A value costs 80 to 200 bytes in memory and as little as 2 as text, so bytes alone
     bound nothing. */
  DBT_JSON_MAX_VALUES = 1000 * 1000,
  /* cJSON's own bound, and that of the C stack; max_depth may not be set higher. */
  DBT_JSON_DEPTH_CEILING = CJSON_NESTING_LIMIT
};

typedef struct dbt_json_limits {
  size_t max_bytes, max_depth, max_values;
} dbt_json_limits;

/* The limits above. */
dbt_json_limits dbt_json_default_limits(void);

/* The document in `text`, or NULL: DBT_LIMIT, DBT_SYNTAX (`where` is "byte N", counted from 1;
 * cJSON, which finds errors of grammar, may point to its neighbour) or DBT_NO_MEMORY. A byte order
 * mark at the start is skipped. Refused, because cJSON would change or overlook them: \u0000,
 * invalid UTF-8, bare control characters, numbers such as 01 and 1., numbers beyond a double,
 * anything after the value. */
cJSON *dbt_json_decode(const char *text, size_t length, const dbt_json_limits *limits,
                       dbt_error *error);

#endif
