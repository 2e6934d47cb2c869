/* Base64 as it is stored and typed: the standard alphabet, padded, nothing around it. */
#ifndef DBT_BASE64_H
#define DBT_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* Characters that `length` bytes take, without the NUL. */
#define DBT_BASE64_SIZE(length) (((size_t)(length) + 2) / 3 * 4)

/* Writes DBT_BASE64_SIZE(length) characters and a NUL. */
void dbt_base64_encode(const unsigned char *bytes, size_t length, char *text);
/* Writes at most length / 4 * 3 bytes and counts those that are meant. False unless `text` is what
   encoding them gives, at least one of them; what was written is then of no meaning. */
bool dbt_base64_decode(const char *text, size_t length, unsigned char *bytes, size_t *count);

#endif
