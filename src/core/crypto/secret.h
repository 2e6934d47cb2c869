/* Bytes that must not outlive their use: wiped before their memory is given back, and kept out of
   core files where the system can do that. */
#ifndef DBT_SECRET_H
#define DBT_SECRET_H

#include <stdbool.h>
#include <stddef.h>

typedef struct dbt_secret dbt_secret;

/* A copy of `bytes`, or NULL when memory is short. The caller owns it. */
dbt_secret *dbt_secret_new(const void *bytes, size_t length);
void dbt_secret_free(dbt_secret *secret);
/* Borrowed; followed by a NUL that `length` does not count. */
const char *dbt_secret_bytes(const dbt_secret *secret, size_t *length);
/* In a time that tells nothing but whether the lengths differ. */
bool dbt_secret_equals(const dbt_secret *secret, const void *bytes, size_t length);

#endif
