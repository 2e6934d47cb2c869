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

/* Whether the mapping around an address is marked "dd": do not dump. */
static bool stays_out_of_dumps(const void *address) {
  FILE *maps = fopen("/proc/self/smaps", "r");
  char line[512];
  bool inside = false, marked = false;
  while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
    unsigned long first, behind;
    if (sscanf(line, "%lx-%lx ", &first, &behind) == 2)
      inside = first <= (unsigned long)address && (unsigned long)address < behind;
    else if (inside && strncmp(line, "VmFlags:", 8) == 0)
      marked = strstr(line, " dd") != NULL;
  }
  if (maps != NULL) fclose(maps);
  return marked;
}

static void is_kept_out_of_core_files(void) {
  enum { LENGTH = 10000 };
  static const char zeros[LENGTH];
  size_t length;
  dbt_secret *small = dbt_secret_new("key", 3), *large = dbt_secret_new(zeros, LENGTH);
#ifdef __linux__
  CHECK(stays_out_of_dumps(dbt_secret_bytes(small, &length)));
  CHECK(stays_out_of_dumps(dbt_secret_bytes(large, &length) + LENGTH - 1));
#endif
  CHECK(memcmp(dbt_secret_bytes(large, &length), zeros, LENGTH) == 0 && length == LENGTH);
  dbt_secret_free(large);
  CHECK(memcmp(dbt_secret_bytes(small, &length), "key", 4) == 0);
  dbt_secret_free(small);
}

static void compares_all_bytes(void) {
  dbt_secret *secret = dbt_secret_new("a\0b", 3), *empty = dbt_secret_new("", 0);
  CHECK(dbt_secret_equals(secret, "a\0b", 3));
  CHECK(!dbt_secret_equals(secret, "a\0c", 3));
  CHECK(!dbt_secret_equals(secret, "a\0b", 2));
  CHECK(!dbt_secret_equals(secret, "a\0bc", 4));
  CHECK(dbt_secret_equals(empty, "", 0));
  CHECK(!dbt_secret_equals(empty, "a", 1));
  dbt_secret_free(secret);
  dbt_secret_free(empty);
}

int main(void) {
  TEST("a secret is kept out of core files, whatever its length", is_kept_out_of_core_files);
  TEST("a secret keeps its bytes, NUL included, and ends in a NUL of its own", keeps_the_bytes);
  TEST("it equals the same bytes and no others", compares_all_bytes);
  TEST("an impossible length is refused, not wrapped around", an_impossible_length_is_refused);
  TEST("freeing nothing is harmless", freeing_nothing_is_harmless);
  return check_summary();
}
