/* Bytes that grow up to a bound. */
#ifndef DBT_BUFFER_H
#define DBT_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct dbt_buffer {
  char *bytes; /* NULL while empty */
  size_t length, capacity;
} dbt_buffer;

/* False when memory is short; the buffer is then as it was. Room for a closing NUL is
   always kept. */
bool dbt_buffer_append(dbt_buffer *buffer, const void *bytes, size_t length);
/* Where `length` more bytes and a NUL may be written before the buffer's length is set to what was;
   NULL when memory is short. */
char *dbt_buffer_reserve(dbt_buffer *buffer, size_t length);
void dbt_buffer_free(dbt_buffer *buffer);

#endif
