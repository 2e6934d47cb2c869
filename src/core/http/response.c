#include "http/response.h"

#include <stdlib.h>
#include <string.h>

static bool is_blank(char byte) {
  return byte == ' ' || byte == '\t';
}

/* Names are ASCII (RFC 9110, 5.1); tolower would ask the locale. */
static void lower(char *text, size_t length) {
  unsigned char *at = (unsigned char *)text;
  for (size_t i = 0; i < length; i++)
    if (at[i] >= 'A' && at[i] <= 'Z') at[i] = (unsigned char)(at[i] + ('a' - 'A'));
}

static bool no_memory(dbt_reception *reception) {
  return dbt_fail(reception->failure, DBT_NO_MEMORY, NULL, "not enough memory for the answer");
}

static bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}

/* The digits at `at` as a number; where they end, or NULL when they are none or too many. */
static const char *read_number(const char *at, const char *end, size_t *number) {
  *number = 0;
  if (at == end || !is_digit(*at)) return NULL;
  for (; at < end && is_digit(*at); at++) {
    size_t digit = (size_t)(*at - '0');
    if (*number > (SIZE_MAX / 2 - digit) / 10) return NULL;
    *number = 10 * *number + digit;
  }
  return at;
}

/* RFC 9110, 8.6: several, in one line or more, are one if they are equal. libcurl would take an
   overflow for no length, the digits before anything else, and the last of several. */
static bool take_length(dbt_reception *reception, const char *value, size_t length) {
  const char *at = value, *end = value + length;
  for (;;) {
    size_t number;
    while (at < end && is_blank(*at))
      at++;
    at = read_number(at, end, &number);
    while (at != NULL && at < end && is_blank(*at))
      at++;
    if (at == NULL || (at < end && *at != ',') ||
        (reception->has_length && reception->length != number))
      return dbt_fail(reception->failure, DBT_TRANSPORT, NULL,
                      "the answer's Content-Length cannot be read");
    reception->has_length = true;
    reception->length = number;
    if (at == end) return true;
    at++;
  }
}

static bool add_field(dbt_reception *reception, const char *name, size_t name_length,
                      const char *value, size_t value_length) {
  dbt_buffer *lines = &reception->lines;
  if (reception->field_count == reception->max_fields)
    return dbt_fail(reception->failure, DBT_LIMIT, "max_header_lines",
                    "the answer has more than %zu header lines (max_header_lines)",
                    reception->max_fields);
  size_t length = name_length + 1 + value_length + 1;
  char *at = dbt_buffer_reserve(lines, length);
  if (at == NULL) return no_memory(reception);
  memcpy(at, name, name_length);
  lower(at, name_length);
  at[name_length] = '\0';
  memcpy(at + name_length + 1, value, value_length);
  at[length - 1] = '\0';
  lines->length += length;
  reception->field_count++;
  return strcmp(at, "content-length") != 0 || take_length(reception, value, value_length);
}

/* RFC 9112, 5.2: a line that starts with a blank goes on with the value before it. */
static bool continue_field(dbt_reception *reception, const char *value, size_t length) {
  if (reception->field_count == 0) return true;
  reception->lines.length--;
  return (dbt_buffer_append(&reception->lines, " ", 1) &&
          dbt_buffer_append(&reception->lines, value, length) &&
          dbt_buffer_append(&reception->lines, "", 1)) ||
         no_memory(reception);
}

/* RFC 9112, 4: three digits behind the version, and a blank before any reason. 0 where it is not
   so; libcurl would take the first three digits of more. */
static int status_of(const char *line, size_t length) {
  const char *at = memchr(line, ' ', length), *end = line + length;
  if (at == NULL || end - at < 4) return 0;
  at++;
  if (!is_digit(at[0]) || !is_digit(at[1]) || !is_digit(at[2])) return 0;
  if (at + 3 < end && at[3] != ' ') return 0;
  return (at[0] - '0') * 100 + (at[1] - '0') * 10 + (at[2] - '0');
}

/* Begins a block. An interim answer (RFC 9110, 15.2) is followed by another: the last one counts.
 */
static bool take_status(dbt_reception *reception, const char *line, size_t length) {
  int status = status_of(line, length);
  if (status == 0)
    return dbt_fail(reception->failure, DBT_TRANSPORT, NULL, "the answer is not HTTP");
  if (status == 101)
    return dbt_fail(reception->failure, DBT_TRANSPORT, NULL,
                    "the server switches to another protocol, which was not asked for (101)");
  reception->lines.length = 0;
  reception->field_count = 0;
  reception->headers_ended = false;
  reception->has_length = false;
  reception->interim = status < 200;
  return true;
}

static bool take_line(dbt_reception *reception, const char *line, size_t length) {
  while (length > 0 &&
         (line[length - 1] == '\n' || line[length - 1] == '\r' || is_blank(line[length - 1])))
    length--;
  /* Trailers come after the body has been judged by its headers: they change nothing. */
  if (reception->headers_ended && !reception->interim) return true;
  if (length >= 5 && memcmp(line, "HTTP/", 5) == 0) return take_status(reception, line, length);
  if (length == 0) {
    reception->headers_ended = true;
    return true;
  }
  if (line[0] == ':') return true; /* a value without a name */
  if (memchr(line, '\0', length) != NULL)
    return dbt_fail(reception->failure, DBT_TRANSPORT, NULL, "the answer has a NUL in its header");
  const char *value = is_blank(line[0]) ? line : memchr(line, ':', length);
  if (value == NULL) return true;
  size_t name_length = (size_t)(value - line);
  if (name_length > 0) value++;
  while (value < line + length && is_blank(*value))
    value++;
  size_t value_length = (size_t)(line + length - value);
  if (name_length == 0) return continue_field(reception, value, value_length);
  return add_field(reception, line, name_length, value, value_length);
}

size_t dbt_reception_header(char *line, size_t size, size_t count, void *self) {
  dbt_reception *reception = self;
  size_t length = size * count;
  if (length > reception->max_headers - reception->header_bytes) {
    dbt_fail(reception->failure, DBT_LIMIT, "max_header_bytes",
             "the answer's header is larger than %zu bytes (max_header_bytes)",
             reception->max_headers);
    return 0;
  }
  reception->header_bytes += length;
  return take_line(reception, line, length) ? length : 0;
}

size_t dbt_reception_body(char *bytes, size_t size, size_t count, void *self) {
  dbt_reception *reception = self;
  size_t length = size * count;
  if (length > reception->max_body - reception->body.length) {
    dbt_fail(reception->failure, DBT_LIMIT, "max_response_bytes",
             "the answer is larger than %zu bytes (max_response_bytes)", reception->max_body);
    return 0;
  }
  if (!dbt_buffer_append(&reception->body, bytes, length)) {
    no_memory(reception);
    return 0;
  }
  return length;
}

bool dbt_response_next(const dbt_response *response, const char **at, dbt_field *field) {
  if (*at == NULL) *at = response->block;
  if (*at == response->block + response->block_length) return false;
  field->name = *at;
  field->value = field->name + strlen(field->name) + 1;
  field->length = strlen(field->value);
  *at = field->value + field->length + 1;
  return true;
}

const char *dbt_response_request_id(const dbt_response *response) {
  static const char *const names[] = {"x-request-id", "request-id", "x-correlation-id",
                                      "traceparent"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    dbt_field field;
    for (const char *at = NULL; dbt_response_next(response, &at, &field);)
      if (strcmp(field.name, names[i]) == 0) return field.value;
  }
  return NULL;
}

static const char *version_name(long version) {
  switch (version) {
  case CURL_HTTP_VERSION_1_0:
    return "1.0";
  case CURL_HTTP_VERSION_1_1:
    return "1.1";
  case CURL_HTTP_VERSION_2_0:
    return "2";
  case CURL_HTTP_VERSION_3:
    return "3";
  default:
    return "";
  }
}

static double seconds(CURL *easy, CURLINFO info) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(easy, info, &microseconds);
  return (double)microseconds / 1e6;
}

static double from_to(double start, double end) {
  return end > start ? end - start : 0;
}

/* libcurl counts each of its times from the start of the transfer and leaves a phase that did not
 * happen at 0. */
static void read_timing(CURL *easy, bool reused, dbt_timing *timing) {
  timing->first_byte = from_to(seconds(easy, CURLINFO_PRETRANSFER_TIME_T),
                               seconds(easy, CURLINFO_STARTTRANSFER_TIME_T));
  if (reused) return;
  double dns = seconds(easy, CURLINFO_NAMELOOKUP_TIME_T),
         connect = seconds(easy, CURLINFO_CONNECT_TIME_T);
  timing->dns = dns;
  timing->connect = from_to(dns, connect);
  timing->tls = from_to(connect, seconds(easy, CURLINFO_APPCONNECT_TIME_T));
}

void dbt_reception_finish(dbt_reception *reception, CURL *easy, dbt_response *response) {
  long version = 0, connections = 0;
  curl_off_t up = 0, down = 0;
  response->block = reception->lines.bytes != NULL ? reception->lines.bytes : "";
  response->block_length = reception->lines.length;
  response->header_count = reception->field_count;
  response->body = reception->body.bytes != NULL ? reception->body.bytes : "";
  response->length = reception->body.length;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &response->status);
  curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
  curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connections);
  curl_easy_getinfo(easy, CURLINFO_SIZE_UPLOAD_T, &up);
  curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
  response->http_version = version_name(version);
  response->reused = connections == 0;
  response->bytes_up = up;
  response->bytes_down = down;
  read_timing(easy, response->reused, &response->timing);
}

void dbt_reception_free(dbt_reception *reception) {
  dbt_buffer_free(&reception->body);
  dbt_buffer_free(&reception->lines);
}
