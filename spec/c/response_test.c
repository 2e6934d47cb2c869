/* Header lines as any libcurl may hand them over: some versions look closer than others. */
#include "check.h"
#include "http/response.h"

#include <stdlib.h>

/* Whether lines are taken, the first of them a status line; what the last block's length is. */
static bool taken(const char *status, const char *line, dbt_code *code, size_t *length) {
  dbt_error error = {.code = DBT_OK};
  dbt_reception reception = {
      .max_headers = 1000, .max_fields = 10, .max_body = 10, .failure = &error};
  char first[64], second[64];
  int sizes[] = {snprintf(first, sizeof first, "%s\r\n", status),
                 snprintf(second, sizeof second, "%s\r\n", line)};
  bool all = dbt_reception_header(first, 1, (size_t)sizes[0], &reception) > 0 &&
             dbt_reception_header(second, 1, (size_t)sizes[1], &reception) > 0;
  *code = error.code;
  *length = reception.has_length ? reception.length : 9999;
  dbt_reception_free(&reception);
  return all;
}

static void a_status_has_three_digits(void) {
  static const char *const good[] = {"HTTP/1.1 200 OK", "HTTP/1.1 200", "HTTP/1.0 999 Odd",
                                     "HTTP/2 200 ", "HTTP/1.1 200  OK"};
  static const char *const bad[] = {
      "HTTP/1.1 2000 OK", "HTTP/1.1 2000", "HTTP/1.1 20 OK", "HTTP/1.1 20",     "HTTP/1.1 2x0 OK",
      "HTTP/1.1",         "HTTP/1.1 ",     "HTTP/1.1 200OK", "HTTP/1.1 000 OK", "HTTP/1.1  200 OK"};
  dbt_code code;
  size_t length;
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
    CHECK(taken(good[i], "X: y", &code, &length));
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    CHECK(!taken(bad[i], "X: y", &code, &length) && code == DBT_TRANSPORT);
}

static void a_length_is_one_number(void) {
  static const char *const bad[] = {"",
                                    "-1",
                                    "+1",
                                    "1x",
                                    "1 2",
                                    "1,2",
                                    "1,1,",
                                    ",1",
                                    "0x1",
                                    "18446744073709551616",
                                    "9223372036854775808",
                                    "99999999999999999999999"};
  dbt_code code;
  size_t length;
  char line[64];
  CHECK(taken("HTTP/1.1 200 OK", "Content-Length: 24", &code, &length) && length == 24);
  CHECK(taken("HTTP/1.1 200 OK", "CONTENT-LENGTH:24 , 24,24", &code, &length) && length == 24);
  CHECK(taken("HTTP/1.1 200 OK", "Content-Length: 00", &code, &length) && length == 0);
  CHECK(taken("HTTP/1.1 200 OK", "Content-Lengths: x", &code, &length) && length == 9999);
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    snprintf(line, sizeof line, "Content-Length: %s", bad[i]);
    CHECK(!taken("HTTP/1.1 200 OK", line, &code, &length) && code == DBT_TRANSPORT);
  }
}

int main(void) {
  TEST("a status has three digits, and a blank before its reason", a_status_has_three_digits);
  TEST("a Content-Length is one number that can be counted to", a_length_is_one_number);
  return check_summary();
}
