/* The expected digests are what `printf ... | openssl dgst -sha256` prints. */
#include "crypto/digest.h"

#include <stdlib.h>

#include "check.h"
#include "starve.h"

static dbt_error error;

static const char *digest(dbt_digester *digester, const char *bytes, size_t length) {
  static char hex[DBT_SHA256_HEX + 1];
  memset(hex, '?', sizeof hex);
  return dbt_sha256(digester, bytes, length, hex, &error) ? hex : error.message;
}

static void hashes_as_openssl_does(void) {
  static const struct {
    const char *bytes;
    size_t length;
    const char *expected;
  } cases[] = {
      {"", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"{\"id\":\"evt_1\"}", 14,
       "40993c639ffb5f13a0a2ef5c93c965f10b405f2b87a379272381da2dbc158dfa"},
      {"a\0b", 3, "59b271ae1bbcb1d31d41929817f4b16fb439eb4f31520b5ad1d5ce98920a7138"},
      {"S\xC3\xB8ren", 6, "939a89a33a6030eec46d41ab37e2bfc56410b1f8d3a7f70ee729a3bc6fc1e25b"},
  };
  dbt_digester *digester = dbt_digester_new(&error);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    CHECK_TEXT(digest(digester, cases[i].bytes, cases[i].length), cases[i].expected);
  dbt_digester_free(digester);
}

static void hashes_long_texts(void) {
  enum { LENGTH = 1000 * 1000 };
  static char letters[LENGTH];
  memset(letters, 'a', LENGTH);
  dbt_digester *digester = dbt_digester_new(&error);
  CHECK_TEXT(digest(digester, letters, LENGTH),
             "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  CHECK_TEXT(digest(digester, letters, 64),
             "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
  dbt_digester_free(digester);
}

static void survives_want_of_memory(void) {
  STARVE_EACH_ALLOCATION(round) {
    char hex[DBT_SHA256_HEX + 1];
    error = (dbt_error){.code = DBT_OK};
    dbt_digester *digester = dbt_digester_new(&error);
    bool done = digester != NULL && dbt_sha256(digester, "abc", 3, hex, &error);
    CHECK(done ? memcmp(hex, "ba7816bf", 8) == 0 : error.code == DBT_NO_MEMORY);
    CHECK(done || starve_struck);
    dbt_digester_free(digester);
  }
  starve_left = -1;
}

int main(void) {
  starve_openssl();
  TEST("a digest is what OpenSSL's command line prints", hashes_as_openssl_does);
  TEST("a text of any length is hashed, one after the other", hashes_long_texts);
  TEST("each allocation may fail without a leak or a wrong digest", survives_want_of_memory);
  return check_summary();
}
