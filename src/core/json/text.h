/* How reading and writing JSON look at the text of a string. */
#ifndef DBT_JSON_TEXT_H
#define DBT_JSON_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* The first byte that needs a look, or the end: a quote, a backslash, below 0x20 or above 0x7F.
   Eight at a time, as most of a document is plain text inside of strings. The lowest mark is always
   a true one, because a borrow reaches upwards only; where the first byte is not the lowest, bytes
   are looked at one by one. */
static inline const unsigned char *dbt_json_skip_plain(const unsigned char *at,
                                                       const unsigned char *end) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
  static const uint64_t each = UINT64_C(0x0101010101010101), high = UINT64_C(0x8080808080808080);
  uint64_t word;
  for (; end - at >= (ptrdiff_t)sizeof word; at += sizeof word) {
    memcpy(&word, at, sizeof word);
    uint64_t quote = word ^ (each * '"'), backslash = word ^ (each * '\\');
    uint64_t marks = ((word - each * 0x20) | (quote - each) | (backslash - each) | word) & high;
    if (marks != 0) return at + __builtin_ctzll(marks) / 8;
  }
#endif
  while (at < end && *at >= 0x20 && *at < 0x80 && *at != '"' && *at != '\\')
    at++;
  return at;
}

/* The length of the UTF-8 sequence that starts with the non-ASCII byte at `at`, or 0: neither
   overlong forms nor surrogates nor anything past U+10FFFF (Unicode 15, table 3-7). */
static inline size_t dbt_json_sequence_length(const unsigned char *at, const unsigned char *end) {
  size_t length = *at >= 0xF0 ? 4 : *at >= 0xE0 ? 3 : 2;
  if (*at < 0xC2 || *at > 0xF4 || (size_t)(end - at) < length) return 0;
  unsigned char low = *at == 0xE0 ? 0xA0 : *at == 0xF0 ? 0x90 : 0x80;
  unsigned char high = *at == 0xED ? 0x9F : *at == 0xF4 ? 0x8F : 0xBF;
  if (at[1] < low || at[1] > high) return 0;
  for (size_t i = 2; i < length; i++)
    if ((at[i] & 0xC0) != 0x80) return 0;
  return length;
}

#endif
