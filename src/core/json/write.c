#include "json/write.h"

#include <float.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/text.h"

enum {
  NUMBER_ROOM = 24 + MB_LEN_MAX, /* -1.2345678901234567e-308, with any locale's point, and a NUL */
  ESCAPE_ROOM = 6,               /* \u001f */
  AROUND = 3                     /* a comma before, two quotes, or a quote and a colon behind */
};

/* == Text == */

bool dbt_json_write_refuse(dbt_json_writer *writer, dbt_code code, const char *reason) {
  return dbt_fail(&writer->error, code, NULL, "cannot be encoded as JSON: %s", reason);
}

static bool lacks_memory(dbt_json_writer *writer) {
  return dbt_fail(&writer->error, DBT_NO_MEMORY, NULL, "not enough memory to encode JSON");
}

/* Where the next bytes go, with room for `size` of them and a comma, which is written; or NULL. */
static char *begin(dbt_json_writer *writer, size_t size) {
  if (writer->error.code != DBT_OK) return NULL;
  char *at = dbt_buffer_reserve(&writer->text, size + 1);
  if (at == NULL)
    lacks_memory(writer);
  else if (writer->comma)
    *at++ = ',';
  return at;
}

/* Takes what was written up to `at` as a value. */
static bool finish(dbt_json_writer *writer, const char *at) {
  writer->text.length = (size_t)(at - writer->text.bytes);
  writer->comma = true;
  if (++writer->values > writer->limits.max_values)
    return dbt_json_write_refuse(writer, DBT_LIMIT, "too many values (max_values)");
  return true;
}

static bool write_word(dbt_json_writer *writer, const char *word, size_t length) {
  char *at = begin(writer, length);
  if (at == NULL) return false;
  memcpy(at, word, length);
  return finish(writer, at + length);
}

bool dbt_json_write_null(dbt_json_writer *writer) {
  return write_word(writer, "null", 4);
}

bool dbt_json_write_boolean(dbt_json_writer *writer, bool value) {
  return value ? write_word(writer, "true", 4) : write_word(writer, "false", 5);
}

/* == Numbers == */

static char *put_digits(char *at, unsigned long long value) {
  char digits[NUMBER_ROOM], *first = digits + sizeof digits;
  do
    *--first = (char)('0' + value % 10);
  while ((value /= 10) > 0);
  size_t length = (size_t)(digits + sizeof digits - first);
  memcpy(at, first, length);
  return at + length;
}

static char *put_integer(char *at, long long value) {
  if (value >= 0) return put_digits(at, (unsigned long long)value);
  *at++ = '-';
  return put_digits(at, 0 - (unsigned long long)value);
}

/* Amounts of money, and whatever else has up to four decimals and up to 15 digits: those a double
   keeps, so that they are what printf would find in several attempts. NULL for any other number. */
static char *put_decimals(char *at, double value) {
  static const double scale = 10000, most = 1e15;
  double scaled = fabs(value) * scale + 0.5;
  if (!(scaled < most)) return NULL;
  unsigned long long shifted = (unsigned long long)scaled;
  if ((double)shifted / scale != fabs(value)) return NULL;
  if (value < 0) *at++ = '-';
  at = put_digits(at, shifted / 10000);
  *at++ = '.';
  for (unsigned rest = (unsigned)(shifted % 10000), unit = 1000; rest > 0; rest %= unit, unit /= 10)
    *at++ = (char)('0' + rest / unit);
  return at;
}

/* printf writes the decimal point of the process's locale, which may be several bytes; JSON
 * knows one. */
static void set_decimal_point(char *number) {
  const char *point = localeconv()->decimal_point;
  char *found = strcmp(point, ".") != 0 ? strstr(number, point) : NULL;
  if (found == NULL) return;
  size_t length = strlen(point);
  memmove(found + 1, found + length, strlen(found + length) + 1);
  *found = '.';
}

static char *put_double(char *at, double value) {
  int digits = DBL_DIG;
  do
    snprintf(at, NUMBER_ROOM, "%.*g", digits, value);
  while (strtod(at, NULL) != value && ++digits <= DBL_DECIMAL_DIG);
  set_decimal_point(at);
  return at + strlen(at);
}

bool dbt_json_write_integer(dbt_json_writer *writer, long long value) {
  char *at = begin(writer, NUMBER_ROOM);
  return at != NULL && finish(writer, put_integer(at, value));
}

bool dbt_json_write_number(dbt_json_writer *writer, double value) {
  static const double exact_integers = 9007199254740992.0; /* 2^53 */
  if (!isfinite(value))
    return dbt_json_write_refuse(writer, DBT_UNENCODABLE,
                                 isnan(value) ? "NaN is not a JSON number"
                                              : "infinity is not a JSON number");
  if (value == 0 && signbit(value)) return write_word(writer, "-0", 2);
  if (fabs(value) <= exact_integers && value == floor(value))
    return dbt_json_write_integer(writer, (long long)value);
  char *at = begin(writer, NUMBER_ROOM);
  if (at == NULL) return false;
  char *end = put_decimals(at, value);
  return finish(writer, end != NULL ? end : put_double(at, value));
}

/* == Strings == */

static char *put_escape(char *at, unsigned char byte) {
  static const char letters[] = {['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n', ['\r'] = 'r',
                                 ['\t'] = 't', ['"'] = '"',  ['\\'] = '\\'};
  *at++ = '\\';
  if (letters[byte] != 0) {
    *at++ = letters[byte];
    return at;
  }
  return at + snprintf(at, ESCAPE_ROOM, "u%04x", byte);
}

/* Writes a string in its quotes; NULL when it is no text or there is no room for it. */
static char *put_quoted(dbt_json_writer *writer, const char *bytes, size_t length,
                        const char *refusal) {
  const unsigned char *at = (const unsigned char *)bytes, *end = at + length, *run = at;
  char *to = begin(writer, length + AROUND);
  if (to == NULL) return NULL;
  *to++ = '"';
  while ((at = dbt_json_skip_plain(at, end)) < end) {
    size_t sequence = *at >= 0x80 ? dbt_json_sequence_length(at, end) : 1;
    if (sequence == 0) return dbt_json_write_refuse(writer, DBT_UNENCODABLE, refusal), NULL;
    if (*at < 0x80) {
      memcpy(to, run, (size_t)(at - run));
      to += at - run;
      writer->text.length = (size_t)(to - writer->text.bytes);
      to = dbt_buffer_reserve(&writer->text, ESCAPE_ROOM + (size_t)(end - at) + AROUND);
      if (to == NULL) return lacks_memory(writer), NULL;
      to = put_escape(to, *at);
      run = at + 1;
    }
    at += sequence;
  }
  memcpy(to, run, (size_t)(end - run));
  to += end - run;
  *to++ = '"';
  return to;
}

static bool count_bytes(dbt_json_writer *writer, size_t length) {
  writer->bytes += length;
  return writer->bytes <= writer->limits.max_bytes ||
         dbt_json_write_refuse(writer, DBT_LIMIT, "too many bytes (max_bytes)");
}

bool dbt_json_write_string(dbt_json_writer *writer, const char *bytes, size_t length) {
  if (!count_bytes(writer, length)) return false;
  const char *at = put_quoted(writer, bytes, length, "a string that is not UTF-8");
  return at != NULL && finish(writer, at);
}

bool dbt_json_write_name(dbt_json_writer *writer, const char *bytes, size_t length) {
  if (!count_bytes(writer, length)) return false;
  char *at = put_quoted(writer, bytes, length, "a key that is not UTF-8");
  if (at == NULL) return false;
  *at++ = ':';
  writer->text.length = (size_t)(at - writer->text.bytes);
  writer->comma = false;
  return true;
}

/* == Arrays and objects == */

bool dbt_json_write_may_nest(dbt_json_writer *writer) {
  return writer->depth < writer->limits.max_depth ||
         dbt_json_write_refuse(writer, DBT_LIMIT, "nested too deeply (max_depth)");
}

bool dbt_json_write_open(dbt_json_writer *writer, char bracket) {
  if (!dbt_json_write_may_nest(writer) || !write_word(writer, &bracket, 1)) return false;
  writer->depth++;
  writer->comma = false;
  return true;
}

bool dbt_json_write_close(dbt_json_writer *writer, char bracket) {
  writer->comma = false;
  char *at = begin(writer, 1);
  if (at == NULL) return false;
  *at = bracket;
  writer->text.length++;
  writer->comma = true;
  writer->depth--;
  return true;
}

void dbt_json_writer_free(dbt_json_writer *writer) {
  dbt_buffer_free(&writer->text);
}
