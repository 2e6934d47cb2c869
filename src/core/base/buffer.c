#include "base/buffer.h"

#include <stdlib.h>
#include <string.h>

char *dbt_buffer_reserve(dbt_buffer *buffer, size_t length) {
  if (length >= (size_t)-1 / 4 - buffer->length) return NULL;
  size_t needed = buffer->length + length + 1;
  if (needed > buffer->capacity) {
    size_t capacity = buffer->capacity > 0 ? buffer->capacity : 512;
    while (capacity < needed)
      capacity *= 2;
    char *grown = realloc(buffer->bytes, capacity);
    if (grown == NULL) return NULL;
    buffer->bytes = grown;
    buffer->capacity = capacity;
  }
  return buffer->bytes + buffer->length;
}

bool dbt_buffer_append(dbt_buffer *buffer, const void *bytes, size_t length) {
  char *room = dbt_buffer_reserve(buffer, length);
  if (room == NULL) return false;
  if (length > 0) memcpy(room, bytes, length);
  buffer->length += length;
  buffer->bytes[buffer->length] = '\0';
  return true;
}

void dbt_buffer_free(dbt_buffer *buffer) {
  free(buffer->bytes);
  *buffer = (dbt_buffer){.bytes = NULL};
}
