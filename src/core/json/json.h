/* JSON as it comes over the wire: one pass checks the text as strictly as RFC 8259 asks and leaves
 * a tape of its values, which a second pass turns into whatever the caller needs. Limits hold
 * before memory is spent; no number and no string changes on its way. */
#ifndef DBT_JSON_H
#define DBT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
  DBT_JSON_MAX_BYTES = 16 * 1024 * 1024,
  DBT_JSON_MAX_DEPTH = 64,
  /* A value costs up to 200 bytes in memory and as little as 2 as text: bytes alone bound nothing.
   */
  DBT_JSON_MAX_VALUES = 1000 * 1000,
  DBT_JSON_FIRST_CELLS = 256, /* of an event of 2 kB, about */
  /* That of the C stack: max_depth may not be set higher. */
  DBT_JSON_DEPTH_CEILING = 1000
};

typedef struct dbt_json_limits {
  size_t max_bytes, max_depth, max_values;
} dbt_json_limits;

/* The limits above. */
dbt_json_limits dbt_json_default_limits(void);

typedef enum dbt_json_kind {
  DBT_JSON_NULL,
  DBT_JSON_FALSE,
  DBT_JSON_TRUE,
  DBT_JSON_INTEGER,
  DBT_JSON_NUMBER,  /* no integer, or one that only a double holds; -0 */
  DBT_JSON_TEXT,    /* without escapes */
  DBT_JSON_ESCAPED, /* read it with dbt_json_unescape */
  DBT_JSON_ARRAY,
  DBT_JSON_OBJECT
} dbt_json_kind;

typedef struct dbt_json_cell {
  union {
    int64_t integer;
    double number;
    const char *text; /* what is between the quotes, in the text that was decoded */
    size_t cells;     /* of an array or object: itself and all that is in it */
  } as;
  uint32_t kind;
  uint32_t count; /* bytes between the quotes; elements of an array; pairs of an object */
} dbt_json_cell;

/* An array is followed by its elements, an object by the name and the value of each pair. */
typedef struct dbt_json_document {
  dbt_json_cell *cells;
  char *room; /* holds any of its escaped texts; NULL when there is none */
  /* A short tape lies in here and needs no memory of its own: documents are not copied. */
  dbt_json_cell first[DBT_JSON_FIRST_CELLS];
} dbt_json_document;

/* Fills `document`, whose texts are borrowed from `text`. On failure nothing needs freeing:
 * DBT_LIMIT, DBT_SYNTAX (`where` is "byte N", counted from 1) or DBT_NO_MEMORY. A byte order mark
 * at the start is skipped. Of several equal names all are kept. */
bool dbt_json_decode(dbt_json_document *document, const char *text, size_t length,
                     const dbt_json_limits *limits, dbt_error *error);
void dbt_json_release(dbt_json_document *document);

/* The value that an object has under a name, the last one of several; NULL where there is none, and
 * when it is no object. */
const dbt_json_cell *dbt_json_member(const dbt_json_document *document, const dbt_json_cell *object,
                                     const char *name, size_t length);

/* Writes the text of a cell, up to `count` bytes, and returns their number. It may hold NUL bytes;
 * half of a surrogate pair becomes U+FFFD, the replacement character. */
size_t dbt_json_unescape(const dbt_json_cell *cell, char *into);

#endif
