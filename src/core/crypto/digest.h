/* SHA-256 as text: names for what must not be kept or compared itself. */
#ifndef DBT_DIGEST_H
#define DBT_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum { DBT_SHA256_HEX = 64 }; /* characters, without the NUL */

/* The algorithm made ready for use: looking it up costs more than digesting a short text. One
   thread at a time. */
typedef struct dbt_digester dbt_digester;

/* NULL with DBT_NO_MEMORY. */
dbt_digester *dbt_digester_new(dbt_error *error);
/* Wipes what is left of the last text. */
void dbt_digester_free(dbt_digester *digester);

/* Writes lower-case digits and a NUL. False only when OpenSSL fails (DBT_NO_MEMORY). */
bool dbt_sha256(dbt_digester *digester, const char *bytes, size_t length,
                char hex[DBT_SHA256_HEX + 1], dbt_error *error);

#endif
