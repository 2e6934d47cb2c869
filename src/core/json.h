/* JSON as the wire needs it: cJSON parses and prints, this file adds what cJSON leaves open. Limits hold
 * before memory is spent, text is checked as strictly as RFC 8259 asks, no number and no string changes on
 * its way. A document is a cJSON tree: read it with cJSON's own names, release it in one step with
 * cJSON_Delete. */
#ifndef DBT_JSON_H
#define DBT_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "error.h"

enum {
  DBT_JSON_MAX_BYTES = 16 * 1024 * 1024,
  DBT_JSON_MAX_DEPTH = 64,
  /* A value costs 80 to 200 bytes in memory and as little as 2 as text, so bytes alone bound nothing. */
  DBT_JSON_MAX_VALUES = 1000 * 1000,
  /* cJSON's own bound, and that of the C stack; max_depth may not be set higher. */
  DBT_JSON_DEPTH_CEILING = CJSON_NESTING_LIMIT
};

typedef struct dbt_json_limits {
  size_t max_bytes, max_depth, max_values;
} dbt_json_limits;

/* The limits above. */
dbt_json_limits dbt_json_default_limits(void);

/* The document in `text`, or NULL: DBT_LIMIT, DBT_SYNTAX (`where` is "byte N", counted from 1; cJSON, which
 * finds errors of grammar, may point to its neighbour) or DBT_NO_MEMORY. A byte order mark at the start is
 * skipped. Refused, because cJSON would change or overlook them: \u0000, invalid UTF-8, bare control
 * characters, numbers such as 01 and 1., numbers beyond a double, anything after the value. */
cJSON *dbt_json_decode(const char *text, size_t length, const dbt_json_limits *limits, dbt_error *error);

/* Nodes for building a document; NULL with DBT_UNENCODABLE for what JSON cannot say (NaN, infinities, a NUL
 * byte, invalid UTF-8) or DBT_NO_MEMORY. Numbers are printed without an exponent when they are integers up to
 * 2^53, otherwise with the fewest digits that give the same double back. */
cJSON *dbt_json_number(double value, dbt_error *error);
cJSON *dbt_json_integer(long long value, dbt_error *error);
/* Borrows `bytes`, which must end in a NUL that `length` does not count and outlive the tree. */
cJSON *dbt_json_string(const char *bytes, size_t length, dbt_error *error);

/* Whether the bytes can be a JSON string or key: UTF-8 without NUL. */
bool dbt_json_is_text(const char *bytes, size_t length);

/* The document as compact text, or NULL with DBT_NO_MEMORY. Release with cJSON_free. */
char *dbt_json_print(const cJSON *document, dbt_error *error);

#endif
