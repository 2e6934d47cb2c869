/* Whatever comes, the status is understood and no hosted URL has white space in it. The input is a
   byte that picks the status, a line for Retry-After, and the body. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_url(const char *url) {
  if (url != NULL && (strncmp(url, "http", 4) != 0 || url[strcspn(url, " \t\r\n\"<>")] != '\0'))
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  static const long statuses[] = {200, 302, 400, 401, 404, 409, 422, 429, 500, 503};
  if (length == 0) return 0;
  const char *text = (const char *)bytes + 1;
  size_t rest = length - 1, line = 0;
  char header[64];
  while (line < rest && line < sizeof header - 1 && text[line] != '\n')
    line++;
  memcpy(header, text, line);
  header[line] = '\0';
  if (line < rest) line++;

  dbt_answer answer = {.status = statuses[bytes[0] % 10],
                       .retry_after = header,
                       .date = "Wed, 03 Jul 2024 09:46:40 GMT",
                       .body = text + line,
                       .length = rest - line};
  dbt_failure failure;
  dbt_envelope_read(&answer, &failure);
  if (failure.kind == NULL || failure.message == NULL) abort();
  if (!(failure.retry_after <= DBT_ENVELOPE_MAX_WAIT)) abort();
  if ((failure.approval_url == NULL) != (failure.variant == NULL)) abort();
  check_url(failure.approval_url);
  check_url(failure.signing_url);
  for (size_t i = 0; i < failure.business_error_count; i++)
    check_url(failure.business_errors[i].solution_url);
  for (size_t i = 0; i < failure.field_count; i++)
    if (failure.fields[i].path == NULL || failure.fields[i].count == 0) abort();
  dbt_failure_release(&failure);
  return 0;
}
