#include "crypto/base64.h"

#include <limits.h>
#include <openssl/evp.h>

void dbt_base64_encode(const unsigned char *bytes, size_t length, char *text) {
  EVP_EncodeBlock((unsigned char *)text, bytes, (int)length);
}

static bool is_digit(char digit) {
  return (digit >= 'A' && digit <= 'Z') || (digit >= 'a' && digit <= 'z') ||
         (digit >= '0' && digit <= '9') || digit == '+' || digit == '/';
}

/* EVP_DecodeBlock trims white space, takes '=' for a digit anywhere and ignores the bits that
   padding leaves over: all of that is refused here, so that one text only stands for the bytes. */
bool dbt_base64_decode(const char *text, size_t length, unsigned char *bytes, size_t *count) {
  if (length == 0 || length % 4 != 0 || length > INT_MAX) return false;
  size_t padding = text[length - 1] != '=' ? 0 : text[length - 2] != '=' ? 1 : 2;
  for (size_t i = 0; i < length - padding; i++)
    if (!is_digit(text[i])) return false;
  if (EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)length) < 0) return false;
  size_t whole = length / 4 * 3;
  for (size_t i = whole - padding; i < whole; i++)
    if (bytes[i] != 0) return false;
  *count = whole - padding;
  return true;
}
