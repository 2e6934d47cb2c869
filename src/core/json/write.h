/* JSON text, written value by value: commas, escapes and numbers are seen to here, the order and
 * the nesting are the caller's. Numbers are written without an exponent when they are integers
 * up to 2^53, otherwise with up to 15 digits, or as many more as it takes to give the same
 * double back. */
#ifndef DBT_JSON_WRITE_H
#define DBT_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "json/json.h"

/* Set `limits` and leave the rest zero. `max_bytes` bounds strings and names before they are
 * escaped: what is written has at most six times as many, and 30 more for each value. */
typedef struct dbt_json_writer {
  dbt_json_limits limits;
  dbt_buffer text; /* without a closing NUL */
  size_t bytes, values, depth;
  bool comma; /* stands before the next value */
  dbt_error error;
} dbt_json_writer;

/* Each is false, from the first failure on, with the reason in `error`: DBT_UNENCODABLE for what
 * JSON cannot say (NaN, infinities, invalid UTF-8), DBT_LIMIT or DBT_NO_MEMORY. */
bool dbt_json_write_null(dbt_json_writer *writer);
bool dbt_json_write_boolean(dbt_json_writer *writer, bool value);
bool dbt_json_write_integer(dbt_json_writer *writer, long long value);
bool dbt_json_write_number(dbt_json_writer *writer, double value);
bool dbt_json_write_string(dbt_json_writer *writer, const char *bytes, size_t length);
/* The name of the value that comes next. */
bool dbt_json_write_name(dbt_json_writer *writer, const char *bytes, size_t length);
/* '[' or '{', and the bracket that closes it. */
bool dbt_json_write_open(dbt_json_writer *writer, char bracket);
bool dbt_json_write_close(dbt_json_writer *writer, char bracket);

/* Fails for a reason that only the caller sees. */
bool dbt_json_write_refuse(dbt_json_writer *writer, dbt_code code, const char *reason);
/* Whether one more level is allowed: for who wants to know before looking what is in it. */
bool dbt_json_write_may_nest(dbt_json_writer *writer);

/* Releases the text. */
void dbt_json_writer_free(dbt_json_writer *writer);

#endif
