/* The one way in which the core reports what went wrong: a value the caller owns, filled by the
 * first failure. */
#ifndef DBT_ERROR_H
#define DBT_ERROR_H

#include <stdbool.h>

enum { DBT_MESSAGE_MAX = 256, DBT_WHERE_MAX = 128 };

typedef enum dbt_code {
  DBT_OK = 0,
  DBT_NO_MEMORY,
  DBT_ARGUMENT,    /* the caller's mistake */
  DBT_LIMIT,       /* something from outside is larger than allowed */
  DBT_SYNTAX,      /* text that is not what it should be */
  DBT_UNENCODABLE, /* a value that JSON cannot say */
  DBT_TRANSPORT,   /* the network, TLS, the peer */
  DBT_TIMEOUT,
  DBT_CANCELLED,
  DBT_SYSTEM /* the operating system refused */
} dbt_code;

typedef struct dbt_error {
  dbt_code code;
  char message[DBT_MESSAGE_MAX];
  char where[DBT_WHERE_MAX]; /* a field, an option or a position; may be empty */
} dbt_error;

/* Makes an error that says nothing. Its texts are not zeroed, which would take longer than much of
   what may fail. */
static inline void dbt_error_clear(dbt_error *error) {
  error->code = DBT_OK;
  error->message[0] = error->where[0] = '\0';
}

/* Fills `error` unless it is NULL or holds an earlier failure. `where` may be NULL. Always returns
   false, so that a failing function can `return dbt_fail(...)`. */
bool dbt_fail(dbt_error *error, dbt_code code, const char *where, const char *format, ...)
    __attribute__((cold, format(printf, 4, 5)));

/* "limit", "syntax", ...: the name under which a code is known outside C. */
const char *dbt_code_name(dbt_code code);

#endif
