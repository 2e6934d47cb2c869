#include "check.h"
#include "crypto/secret.h"

static void keeps_the_bytes(void) {
  size_t length;
  dbt_secret *secret = dbt_secret_new("a\0b", 3);
  CHECK(secret != NULL);
  const char *bytes = dbt_secret_bytes(secret, &length);
  CHECK(length == 3);
  CHECK(memcmp(bytes, "a\0b", 4) == 0);
  dbt_secret_free(secret);
}

static void an_impossible_length_is_refused(void) {
  CHECK(dbt_secret_new("", (size_t)-1) == NULL);
}

static void freeing_nothing_is_harmless(void) {
  dbt_secret_free(NULL);
}

int main(void) {
  TEST("a secret keeps its bytes, NUL included, and ends in a NUL of its own", keeps_the_bytes);
  TEST("an impossible length is refused, not wrapped around", an_impossible_length_is_refused);
  TEST("freeing nothing is harmless", freeing_nothing_is_harmless);
  return check_summary();
}
