#include "json/number.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  SAFE_DIGITS = 19, /* as many as uint64_t always holds */
  EXACT_POWER = 22, /* the highest power of ten that is a double without rounding */
  /* No more digits than these decide how a double is rounded, but whether any other follows. */
  DECISIVE_DIGITS = 770,
  EXPONENT_ROOM = 24
};

static const int64_t exact_integers = INT64_C(1) << 53;

/* A number taken apart. Its digits, without the point, times 10^exponent are its absolute value. */
typedef struct decimal {
  bool negative, is_integer;           /* written without point and exponent */
  const unsigned char *first, *behind; /* its digits, perhaps with a point among them */
  size_t digits;
  uint64_t mantissa; /* of all digits; valid up to SAFE_DIGITS */
  int64_t exponent;
} decimal;

static bool is_digit(const unsigned char *at, const unsigned char *end) {
  return at < end && *at >= '0' && *at <= '9';
}

static const unsigned char *take_digits(const unsigned char *at, const unsigned char *end,
                                        decimal *number) {
  const unsigned char *first = at;
  uint64_t mantissa = number->mantissa;
  for (; is_digit(at, end); at++)
    mantissa = mantissa * 10 + (uint64_t)(*at - '0');
  number->mantissa = mantissa;
  number->digits += (size_t)(at - first);
  return at;
}

/* What stands behind the 'e'. */
static const unsigned char *take_exponent(const unsigned char *at, const unsigned char *end,
                                          decimal *number) {
  static const int64_t enough = INT64_C(1) << 40; /* no text has as many digits */
  bool negative = at < end && *at == '-';
  if (negative || (at < end && *at == '+')) at++;
  int64_t exponent = 0;
  for (; is_digit(at, end); at++)
    if (exponent < enough) exponent = exponent * 10 + (*at - '0');
  number->exponent += negative ? -exponent : exponent;
  return at;
}

/* Each part needs a digit of its own; `*at` stops where one is missing. */
static bool take_apart(const unsigned char **at, const unsigned char *end, decimal *number) {
  const unsigned char *next = *at;
  number->negative = *next == '-';
  number->first = next + number->negative;
  number->is_integer = true;
  next = take_digits(number->first, end, number);
  bool valid = number->digits == 1 || (number->digits > 1 && *number->first != '0');
  if (valid && next < end && *next == '.') {
    number->is_integer = false;
    const unsigned char *fraction = next + 1;
    next = take_digits(fraction, end, number);
    number->exponent = fraction - next;
    valid = next > fraction;
  }
  number->behind = next;
  if (valid && next < end && (*next | 0x20) == 'e') {
    number->is_integer = false;
    next = take_exponent(next + 1, end, number);
    valid = is_digit(next - 1, end);
  }
  *at = next;
  return valid;
}

/* Left to strtod, in a form that has no decimal point, which is the locale's. Digits that decide
   nothing are left out, and a 1 in their place says that there were some. */
static double convert(const decimal *number) {
  char text[DECISIVE_DIGITS + 1 + EXPONENT_ROOM];
  size_t count = 0;
  int64_t exponent = number->exponent;
  bool inexact = false;
  for (const unsigned char *at = number->first; at < number->behind; at++) {
    if (*at == '.' || (count == 0 && *at == '0')) continue;
    if (count < DECISIVE_DIGITS) {
      text[count++] = (char)*at;
    } else {
      exponent++;
      inexact = inexact || *at != '0';
    }
  }
  if (inexact) {
    text[count++] = '1';
    exponent--;
  }
  int64_t magnitude = exponent + (int64_t)count;
  if (count == 0 || magnitude < -400) return 0;
  if (magnitude > 400) return INFINITY;
  snprintf(text + count, EXPONENT_ROOM, "e%d", (int)exponent);
  return strtod(text, NULL);
}

static double value_of(const decimal *number) {
  static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                  1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
  int64_t exponent = number->exponent;
  if (number->digits > SAFE_DIGITS || number->mantissa > (uint64_t)exact_integers ||
      exponent < -EXACT_POWER || exponent > EXACT_POWER)
    return convert(number);
  double mantissa = (double)number->mantissa; /* exact, so that one rounding gives the nearest */
  return exponent < 0 ? mantissa / powers[-exponent] : mantissa * powers[exponent];
}

/* 1e3 is an integer too, as far as a double tells integers apart. */
static void store_double(double value, dbt_json_cell *cell) {
  bool whole = fabs(value) <= (double)exact_integers && (double)(int64_t)value == value;
  if (whole && !(value == 0 && signbit(value))) {
    cell->kind = DBT_JSON_INTEGER;
    cell->as.integer = (int64_t)value;
  } else {
    cell->kind = DBT_JSON_NUMBER;
    cell->as.number = value;
  }
}

bool dbt_json_read_number(const unsigned char **at, const unsigned char *end, dbt_json_cell *cell) {
  decimal number = {.mantissa = 0};
  if (!take_apart(at, end, &number)) return false;
  uint64_t mantissa = number.mantissa, most = (uint64_t)INT64_MAX + number.negative;
  bool minus_zero = mantissa == 0 && number.negative;
  if (number.is_integer && number.digits <= SAFE_DIGITS && mantissa <= most && !minus_zero) {
    cell->kind = DBT_JSON_INTEGER;
    cell->as.integer = (int64_t)(number.negative ? 0 - mantissa : mantissa);
    return true;
  }
  double value = value_of(&number);
  store_double(number.negative ? -value : value, cell);
  return true;
}
