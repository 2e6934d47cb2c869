#include "json/json.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "json/text.h"

/* cJSON reads a number from a buffer of 64 characters and takes what follows for the next token. */
enum { NUMBER_MAX = 63 };

/* The state of the check that runs over the text before cJSON does. */
typedef struct scanner {
  const unsigned char *start, *at, *end;
  dbt_json_limits limits;
  size_t depth, values;
  bool has_exponent;
  dbt_error *error;
} scanner;

dbt_json_limits dbt_json_default_limits(void) {
  return (dbt_json_limits){DBT_JSON_MAX_BYTES, DBT_JSON_MAX_DEPTH, DBT_JSON_MAX_VALUES};
}

static bool fail_at(dbt_error *error, dbt_code code, size_t offset, const char *message) {
  char where[32];
  snprintf(where, sizeof where, "byte %zu", offset + 1);
  return dbt_fail(error, code, where, "JSON: %s at byte %zu", message, offset + 1);
}

static bool refuse(scanner *s, const char *message) {
  return fail_at(s->error, DBT_SYNTAX, (size_t)(s->at - s->start), message);
}

static bool exceed(scanner *s, const char *what, size_t limit, const char *option) {
  return dbt_fail(s->error, DBT_LIMIT, option, "JSON: more than %zu %s (%s)", limit, what, option);
}

static bool is_digit(unsigned char byte) {
  return byte >= '0' && byte <= '9';
}

static bool is_space(unsigned char byte) {
  return byte == ' ' || byte == '\n' || byte == '\t' || byte == '\r';
}

/* The escape after a backslash. Surrogates are left to cJSON, which pairs them correctly. */
static bool scan_escape(scanner *s) {
  if (++s->at == s->end) return refuse(s, "unfinished escape");
  if (*s->at != 'u') {
    if (*s->at == '\0' || strchr("\"\\/bfnrt", *s->at) == NULL) return refuse(s, "unknown escape");
    s->at++;
    return true;
  }
  if (s->end - s->at < 5) return refuse(s, "unfinished escape");
  for (int i = 1; i <= 4; i++)
    if (!isxdigit(s->at[i])) return refuse(s, "unknown escape");
  /* cJSON would end the string there. */
  if (memcmp(s->at, "u0000", 5) == 0) return refuse(s, "\\u0000, which is not accepted,");
  s->at += 5;
  return true;
}

static bool scan_string(scanner *s) {
  s->at++;
  while ((s->at = dbt_json_skip_plain(s->at, s->end)) < s->end) {
    unsigned char byte = *s->at;
    if (byte == '"') {
      s->at++;
      return true;
    }
    if (byte < 0x20) return refuse(s, "control character in a string");
    if (byte == '\\') {
      if (!scan_escape(s)) return false;
    } else {
      size_t length = dbt_json_sequence_length(s->at, s->end);
      if (length == 0) return refuse(s, "invalid UTF-8");
      s->at += length;
    }
  }
  return refuse(s, "unfinished string");
}

static size_t skip_digits(scanner *s) {
  const unsigned char *first = s->at;
  while (s->at < s->end && is_digit(*s->at))
    s->at++;
  return (size_t)(s->at - first);
}

static bool next_is(const scanner *s, unsigned char a, unsigned char b) {
  return s->at < s->end && (*s->at == a || *s->at == b);
}

/* RFC 8259's grammar; cJSON hands anything that looks like a number to strtod. */
static bool scan_number(scanner *s) {
  const unsigned char *first = s->at;
  if (*s->at == '-') s->at++;
  bool zero = next_is(s, '0', '0');
  size_t digits = skip_digits(s);
  bool valid = digits == 1 || (digits > 1 && !zero);
  if (valid && next_is(s, '.', '.')) {
    s->at++;
    valid = skip_digits(s) > 0;
  }
  if (valid && next_is(s, 'e', 'E')) {
    s->has_exponent = true;
    s->at++;
    if (next_is(s, '+', '-')) s->at++;
    valid = skip_digits(s) > 0;
  }
  if (!valid) return refuse(s, "malformed number");
  if (s->at - first > NUMBER_MAX) return exceed(s, "characters in a number", NUMBER_MAX, "");
  return true;
}

static bool scan_token(scanner *s) {
  switch (*s->at) {
  case '"':
    return scan_string(s);
  case '[':
  case '{':
    if (++s->depth > s->limits.max_depth)
      return exceed(s, "levels", s->limits.max_depth, "max_depth");
    s->values++;
    break;
  case ']':
  case '}':
    if (s->depth-- == 0) return refuse(s, "unexpected bracket");
    break;
  case ',':
    s->values++;
    break;
  default:
    if (*s->at == '-' || is_digit(*s->at)) return scan_number(s);
    /* cJSON takes every control character for white space. */
    if (*s->at < 0x20 && !is_space(*s->at)) return refuse(s, "control character");
  }
  s->at++;
  return true;
}

/* Everything that must be known before cJSON is let loose; the grammar itself is left to it. That
   the text ends where its brackets and strings do also keeps cJSON from ever reading at the very
   end of a truncated text. */
static bool scan(scanner *s) {
  while (s->at < s->end) {
    if (!scan_token(s)) return false;
    if (s->values > s->limits.max_values)
      return exceed(s, "values", s->limits.max_values, "max_values");
  }
  return s->depth == 0 || refuse(s, "unexpected end");
}

static bool all_finite(const cJSON *node) {
  for (; node != NULL; node = node->next)
    if ((cJSON_IsNumber(node) && !isfinite(node->valuedouble)) || !all_finite(node->child))
      return false;
  return true;
}

cJSON *dbt_json_decode(const char *text, size_t length, const dbt_json_limits *limits,
                       dbt_error *error) {
  const unsigned char *start = (const unsigned char *)text;
  scanner s = {
      .start = start, .at = start, .end = start + length, .limits = *limits, .error = error};
  if (s.limits.max_depth > DBT_JSON_DEPTH_CEILING) s.limits.max_depth = DBT_JSON_DEPTH_CEILING;
  if (length > limits->max_bytes) {
    exceed(&s, "bytes", limits->max_bytes, "max_bytes");
    return NULL;
  }
  if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) s.at += 3;
  if (!scan(&s)) return NULL;

  /* NULL may mean "not JSON" or "no memory", and cJSON's last error belongs to the whole process:
     errno, which malloc sets and which is each thread's own, tells. */
  const char *stop = text;
  errno = 0;
  cJSON *document = cJSON_ParseWithLengthOpts(text, length, &stop, false);
  if (document == NULL) {
    if (errno == ENOMEM)
      dbt_fail(error, DBT_NO_MEMORY, NULL, "not enough memory to decode JSON");
    else
      fail_at(error, DBT_SYNTAX, (size_t)(stop - text), "unexpected text or end");
    return NULL;
  }
  while (stop < text + length && is_space((unsigned char)*stop))
    stop++;
  if (stop < text + length)
    fail_at(error, DBT_SYNTAX, (size_t)(stop - text), "text after the value");
  else if (!s.has_exponent || all_finite(document))
    return document;
  else
    dbt_fail(error, DBT_LIMIT, NULL, "JSON: a number is beyond the range of a double");
  cJSON_Delete(document);
  return NULL;
}
