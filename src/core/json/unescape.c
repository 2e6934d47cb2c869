#include <string.h>

#include "json/json.h"

enum { REPLACEMENT = 0xFFFD };

static unsigned hex_digit(char digit) {
  return (unsigned)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
}

/* The four digits behind "\u". */
static unsigned code_unit(const char *digits) {
  return hex_digit(digits[0]) << 12 | hex_digit(digits[1]) << 8 | hex_digit(digits[2]) << 4 |
         hex_digit(digits[3]);
}

static bool is_high_surrogate(unsigned unit) {
  return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low_surrogate(unsigned unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

static char *put_utf8(char *to, unsigned point) {
  if (point < 0x80) {
    *to++ = (char)point;
  } else if (point < 0x800) {
    *to++ = (char)(0xC0 | point >> 6);
    *to++ = (char)(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    *to++ = (char)(0xE0 | point >> 12);
    *to++ = (char)(0x80 | (point >> 6 & 0x3F));
    *to++ = (char)(0x80 | (point & 0x3F));
  } else {
    *to++ = (char)(0xF0 | point >> 18);
    *to++ = (char)(0x80 | (point >> 12 & 0x3F));
    *to++ = (char)(0x80 | (point >> 6 & 0x3F));
    *to++ = (char)(0x80 | (point & 0x3F));
  }
  return to;
}

/* Moves *at behind the escape whose 'u' it is at, and behind the second one of a pair. */
static unsigned take_point(const char **at, const char *end) {
  unsigned unit = code_unit(*at + 1);
  *at += 5;
  if (is_high_surrogate(unit) && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u') {
    unsigned low = code_unit(*at + 2);
    if (is_low_surrogate(low)) {
      *at += 6;
      return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
  }
  return is_high_surrogate(unit) || is_low_surrogate(unit) ? REPLACEMENT : unit;
}

static char letter_of(char escape) {
  switch (escape) {
  case 'b':
    return '\b';
  case 'f':
    return '\f';
  case 'n':
    return '\n';
  case 'r':
    return '\r';
  case 't':
    return '\t';
  default:
    return escape;
  }
}

size_t dbt_json_unescape(const dbt_json_cell *cell, char *into) {
  const char *at = cell->as.text, *end = at + cell->count;
  char *to = into;
  for (const char *escape; (escape = memchr(at, '\\', (size_t)(end - at))) != NULL;) {
    memcpy(to, at, (size_t)(escape - at));
    to += escape - at;
    at = escape + 1;
    if (*at == 'u')
      to = put_utf8(to, take_point(&at, end));
    else
      *to++ = letter_of(*at++);
  }
  memcpy(to, at, (size_t)(end - at));
  return (size_t)(to - into) + (size_t)(end - at);
}
