/* Whatever lines a server sends as its header, what is kept of them is names and values within
 * the limits. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/response.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { HEADER_MAX = 2048, LINES_MAX = 100, BODY_MAX = 100 };

static void check_field(const dbt_field *field) {
  if (strlen(field->value) != field->length) abort();
  for (const char *at = field->name; *at != '\0'; at++)
    if ((*at >= 'A' && *at <= 'Z') || *at == ':') abort();
  for (size_t i = 0; i < field->length; i++)
    if (field->value[i] == '\n') abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  static CURL *easy;
  if (easy == NULL) easy = curl_easy_init();
  dbt_error error = {.code = DBT_OK};
  dbt_response response = {.status = 0};
  dbt_reception reception = {
      .max_headers = HEADER_MAX, .max_fields = LINES_MAX, .max_body = BODY_MAX, .failure = &error};
  char *text = malloc(length + 1); /* of the exact size, so that reading beyond it shows */
  memcpy(text, bytes, length);
  size_t at = 0;
  while (at < length) {
    char *end = memchr(text + at, '\n', length - at);
    size_t line = end != NULL ? (size_t)(end - text) + 1 - at : length - at;
    if (dbt_reception_header(text + at, 1, line, &reception) != line) break;
    at += line;
  }
  size_t rest = length - at;
  if (dbt_reception_body(text + at, 1, rest, &reception) != rest && error.code == DBT_OK) abort();
  if ((at < length) != (error.code != DBT_OK)) abort();
  if (reception.header_bytes > HEADER_MAX || reception.body.length > BODY_MAX) abort();
  if (reception.field_count > LINES_MAX) abort();
  dbt_reception_finish(&reception, easy, &response);
  dbt_field field;
  size_t fields = 0;
  for (const char *next = NULL; dbt_response_next(&response, &next, &field); fields++)
    check_field(&field);
  if (fields != response.header_count) abort();
  dbt_reception_free(&reception);
  free(text);
  return 0;
}
