#include "http/header.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* libcurl derives these from the body and the connection; a second opinion would desynchronise
 * the two ends. */
static const char *const managed[] = {"connection", "content-length",    "expect", "host",
                                      "trailer",    "transfer-encoding", "upgrade"};

static bool is_managed(const char *name) {
  for (size_t i = 0; i < sizeof managed / sizeof managed[0]; i++)
    if (strcasecmp(managed[i], name) == 0) return true;
  return false;
}

/* RFC 9110, 5.6.2 */
static bool is_token(const char *text) {
  static const char characters[] = "!#$%&'*+-.^_`|~0123456789"
                                   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return text[0] != '\0' && strspn(text, characters) == strlen(text);
}

bool dbt_is_one_line(const char *text, size_t length) {
  for (size_t i = 0; i < length; i++) {
    unsigned char byte = (unsigned char)text[i];
    if ((byte < 0x20 && byte != '\t') || byte == 0x7f) return false;
  }
  return true;
}

static bool check(const dbt_request *request, bool *has_type, dbt_error *error) {
  for (size_t i = 0; i < request->header_count; i++) {
    const dbt_field *field = &request->headers[i];
    if (!is_token(field->name))
      return dbt_fail(error, DBT_ARGUMENT, "headers", "headers: a name is not a token");
    if (!dbt_is_one_line(field->value, field->length))
      return dbt_fail(error, DBT_ARGUMENT, field->name,
                      "header %.64s: control character in the value", field->name);
    if (is_managed(field->name))
      return dbt_fail(error, DBT_ARGUMENT, field->name, "header %.64s is set by the engine",
                      field->name);
    if (strcasecmp(field->name, "content-type") == 0) *has_type = true;
  }
  if (*has_type && request->part_count > 0)
    return dbt_fail(error, DBT_ARGUMENT, "Content-Type", "header Content-Type: a form has its own");
  return true;
}

/* libcurl's spellings: "Name;" sends an empty header, "Name:" suppresses one. */
static size_t line_size(const dbt_field *field) {
  return strlen(field->name) + 2 + field->length + 1;
}

static char *put_line(char *at, const dbt_field *field) {
  size_t name_length = strlen(field->name);
  memcpy(at, field->name, name_length);
  at += name_length;
  if (field->length == 0) {
    *at++ = ';';
  } else {
    *at++ = ':';
    *at++ = ' ';
    memcpy(at, field->value, field->length);
    at += field->length;
  }
  *at++ = '\0';
  return at;
}

bool dbt_headers_make(dbt_headers *headers, const dbt_request *request, bool has_body,
                      dbt_error *error) {
  /* What libcurl would add for a body. */
  static const char no_expect[] = "Expect:", no_type[] = "Content-Type:";
  bool has_type = false;
  if (!check(request, &has_type, error)) return false;

  bool silence_type = has_body && !has_type && request->part_count == 0;
  size_t count = request->header_count + (has_body ? 1 : 0) + (silence_type ? 1 : 0);
  if (count == 0) return true;
  size_t size = count * sizeof(struct curl_slist) + sizeof no_expect + sizeof no_type;
  for (size_t i = 0; i < request->header_count; i++)
    size += line_size(&request->headers[i]);

  struct curl_slist *nodes = malloc(size);
  if (nodes == NULL) return dbt_fail(error, DBT_NO_MEMORY, "headers", "not enough memory");
  *headers = (dbt_headers){.list = nodes, .size = size};
  char *text = (char *)(nodes + count);
  for (size_t i = 0; i < count; i++) {
    nodes[i] = (struct curl_slist){.data = text, .next = i + 1 < count ? &nodes[i + 1] : NULL};
    if (i < request->header_count) {
      text = put_line(text, &request->headers[i]);
    } else {
      const char *line = i == request->header_count ? no_expect : no_type;
      size_t length = strlen(line) + 1;
      memcpy(text, line, length);
      text += length;
    }
  }
  return true;
}

void dbt_headers_wipe(dbt_headers *headers) {
  if (headers->list == NULL) return;
  OPENSSL_cleanse(headers->list, headers->size);
  free(headers->list);
  *headers = (dbt_headers){.list = NULL};
}
