/* The expected records were made by Node's crypto: key = "sample-encryption-key-number-001" (or
   -002), nonce = "sample-nonce", head = "s1." + sha256(key).hex.slice(0, 8) + ".", additional data
   = head + place; the record is head + base64(nonce + encrypted + tag). */
#include "crypto/seal.h"

#include <stdlib.h>

#include "check.h"
#include "starve.h"

#define KEY_1 "c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wMDE="
#define KEY_2 "c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wMDI="
#define NONCE ((const unsigned char *)"sample-nonce")
#define PLACE "links/payload/acme-1"
#define TEXT "{\"name\":\"Sample Ltd\"}"
#define RECORD_1 "s1.51d16184.c2FtcGxlLW5vbmNlH1k1wyNzTNZrE899vKalqz7G9OwP25txEa6P0PiuCJcBf0x23A=="
#define RECORD_2 "s1.5575d86e.c2FtcGxlLW5vbmNlskVWIhQJeDA/DI9gSa66mY/Q1KHxzFJohKkUjs28bYquMIO4Sg=="
#define RECORD_EMPTY "s1.51d16184.c2FtcGxlLW5vbmNlsoSoPZsiX3c1bPkU8GYHuw=="
#define RECORD_BYTES "s1.51d16184.c2FtcGxlLW5vbmNlBXs5XfZqQVbuvq+Xe8hJwJ97PtU="

static dbt_error error;
static unsigned char room[4096];
static const char *opened;
static size_t opened_length;

static dbt_sealer *new_sealer(const char *first, const char *second) {
  dbt_seal_key keys[] = {{first, strlen(first)}, {second, second != NULL ? strlen(second) : 0}};
  error = (dbt_error){.code = DBT_OK};
  return dbt_sealer_new(keys, second != NULL ? 2 : 1, &error);
}

static dbt_seal_verdict open_at(dbt_sealer *sealer, const char *place, const char *record,
                                size_t length) {
  dbt_seal_verdict verdict = DBT_SEAL_MALFORMED;
  opened = NULL;
  CHECK(dbt_seal_open(sealer, place, strlen(place), record, length, room, &opened, &opened_length,
                      &verdict, &error));
  CHECK((verdict == DBT_SEAL_INTACT) == (opened != NULL));
  return verdict;
}

static bool opens_as(dbt_sealer *sealer, const char *place, const char *record, const char *text,
                     size_t length) {
  return open_at(sealer, place, record, strlen(record)) == DBT_SEAL_INTACT &&
         opened_length == length && memcmp(opened, text, length) == 0;
}

static void seals_as_node_does(void) {
  dbt_sealer *sealer = new_sealer(KEY_1, KEY_2);
  char record[DBT_SEALED_SIZE(64)];
  CHECK(dbt_seal(sealer, PLACE, strlen(PLACE), TEXT, strlen(TEXT), NONCE, record, &error));
  CHECK_TEXT(record, RECORD_1);
  CHECK(DBT_SEALED_SIZE(strlen(TEXT)) == sizeof RECORD_1);
  CHECK(dbt_seal(sealer, "", 0, "", 0, NONCE, record, &error));
  CHECK_TEXT(record, RECORD_EMPTY);
  CHECK(dbt_seal(sealer, "inbox/body/evt-1", 16, "a\0b\xff", 4, NONCE, record, &error));
  CHECK_TEXT(record, RECORD_BYTES);
  dbt_sealer_free(sealer);
}

static void opens_what_node_sealed_with_any_of_its_keys(void) {
  dbt_sealer *sealer = new_sealer(KEY_1, KEY_2);
  CHECK(opens_as(sealer, PLACE, RECORD_1, TEXT, strlen(TEXT)));
  CHECK(opens_as(sealer, PLACE, RECORD_2, TEXT, strlen(TEXT)));
  CHECK(opens_as(sealer, "", RECORD_EMPTY, "", 0));
  CHECK(opens_as(sealer, "inbox/body/evt-1", RECORD_BYTES, "a\0b\xff", 4));
  dbt_sealer_free(sealer);
}

static void takes_a_nonce_of_its_own_each_time(void) {
  dbt_sealer *sealer = new_sealer(KEY_1, NULL);
  char one[DBT_SEALED_SIZE(64)], two[DBT_SEALED_SIZE(64)];
  CHECK(dbt_seal(sealer, PLACE, strlen(PLACE), TEXT, strlen(TEXT), NULL, one, &error));
  CHECK(dbt_seal(sealer, PLACE, strlen(PLACE), TEXT, strlen(TEXT), NULL, two, &error));
  CHECK(strcmp(one, two) != 0);
  CHECK(opens_as(sealer, PLACE, one, TEXT, strlen(TEXT)));
  CHECK(opens_as(sealer, PLACE, two, TEXT, strlen(TEXT)));
  dbt_sealer_free(sealer);
}

static void opens_at_its_own_place_only(void) {
  dbt_sealer *sealer = new_sealer(KEY_1, NULL);
  CHECK(open_at(sealer, "links/payload/acme-2", RECORD_1, strlen(RECORD_1)) == DBT_SEAL_BROKEN);
  CHECK(open_at(sealer, "links/url/acme-1", RECORD_1, strlen(RECORD_1)) == DBT_SEAL_BROKEN);
  CHECK(open_at(sealer, "", RECORD_1, strlen(RECORD_1)) == DBT_SEAL_BROKEN);
  dbt_sealer_free(sealer);
}

/* Every character, with each of 255 other values. */
static void notices_any_change(void) {
  dbt_sealer *sealer = new_sealer(KEY_1, KEY_2);
  char record[] = RECORD_1;
  size_t length = strlen(record), intact = 0;
  for (size_t i = 0; i < length; i++) {
    char kept = record[i];
    for (int delta = 1; delta < 256; delta++) {
      record[i] = (char)(kept + delta);
      intact += open_at(sealer, PLACE, record, length) == DBT_SEAL_INTACT;
    }
    record[i] = kept;
  }
  CHECK(intact == 0);
  memcpy(record, RECORD_2, DBT_SEAL_HEAD);
  CHECK(open_at(sealer, PLACE, record, length) == DBT_SEAL_BROKEN);
  dbt_sealer_free(sealer);
}

static void tells_what_a_text_is_instead(void) {
  static const struct {
    const char *record;
    dbt_seal_verdict verdict;
  } cases[] = {
      {"", DBT_SEAL_ABSENT},
      {"s1", DBT_SEAL_ABSENT},
      {TEXT, DBT_SEAL_ABSENT},
      {"s2.51d16184.AAAA", DBT_SEAL_ABSENT},
      {"s1.", DBT_SEAL_MALFORMED},
      {"s1.51d16184", DBT_SEAL_MALFORMED},
      {"s1.51d16184.", DBT_SEAL_MALFORMED},
      {"s1.51D16184.c2FtcGxlLW5vbmNlsoSoPZsiX3c1bPkU8GYHuw==", DBT_SEAL_MALFORMED},
      {"s1.51d16184:c2FtcGxlLW5vbmNlsoSoPZsiX3c1bPkU8GYHuw==", DBT_SEAL_MALFORMED},
      {"s1.51d16184.c2FtcGxlLW5vbmNlsoSoPZsiX3c1bPkU8GYHuw==\n", DBT_SEAL_MALFORMED},
      {"s1.51d16184.c2FtcGxlLW5vbmNlsoSoPZsiX3c1bPkU8GYHuw=", DBT_SEAL_MALFORMED},
      {"s1.51d16184.c2FtcGxlLW5vbmNlsoSoPZsiX3c1bPkU8GYHux==", DBT_SEAL_MALFORMED},
      {"s1.51d16184.====", DBT_SEAL_MALFORMED},
      {"s1.51d16184.c2FtcGxlLW5vbmNlsoSoPZsiX3c1bPkU8GYH", DBT_SEAL_MALFORMED},
      {"s1.00000000.c2FtcGxlLW5vbmNlsoSoPZsiX3c1bPkU8GYHuw==", DBT_SEAL_UNKNOWN_KEY},
      {RECORD_2, DBT_SEAL_UNKNOWN_KEY},
  };
  dbt_sealer *sealer = new_sealer(KEY_1, NULL);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    CHECK_TEXT(
        dbt_seal_verdict_name(open_at(sealer, PLACE, cases[i].record, strlen(cases[i].record))),
        dbt_seal_verdict_name(cases[i].verdict));
  CHECK(open_at(sealer, PLACE, "s1.51d1618\0.AAAA", 16) == DBT_SEAL_MALFORMED);
  dbt_sealer_free(sealer);
}

static void bounds_what_is_sealed(void) {
  dbt_sealer *sealer = new_sealer(KEY_1, NULL);
  CHECK(!dbt_seal(sealer, "", 0, "", (size_t)DBT_SEAL_MAX_TEXT + 1, NULL, NULL, &error));
  CHECK(error.code == DBT_LIMIT && strcmp(error.where, "text") == 0);
  error = (dbt_error){.code = DBT_OK};
  CHECK(!dbt_seal(sealer, "", (size_t)DBT_SEAL_MAX_PLACE + 1, "", 0, NULL, NULL, &error));
  CHECK(error.code == DBT_LIMIT && strcmp(error.where, "place") == 0);
  dbt_sealer_free(sealer);
}

static bool refuses_key(const char *key, const char *message) {
  dbt_sealer *sealer = new_sealer(KEY_1, key);
  dbt_sealer_free(sealer);
  bool refused = sealer == NULL && error.code == DBT_ARGUMENT &&
                 strcmp(error.message, message) == 0 && strcmp(error.where, "keys[2]") == 0;
  if (!refused) printf("  \"%s\" gives \"%s\"\n", key, error.message);
  return refused;
}

static void refuses_what_is_no_key(void) {
  static const char not_a_key[] =
      "encryption key 2 of 2 is not 32 bytes in Base64 (44 characters, nothing around them)";
  CHECK(refuses_key("", not_a_key));
  CHECK(refuses_key("sample-encryption-key-number-001", not_a_key));
  CHECK(refuses_key(KEY_2 "\n", not_a_key));
  CHECK(refuses_key("c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wMA==", not_a_key));
  CHECK(refuses_key("c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wMDAx", not_a_key));
  CHECK(refuses_key("c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wMDJ=", not_a_key));
  CHECK(refuses_key("c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wM-I=", not_a_key));
  CHECK(refuses_key(KEY_1, "encryption key 2 of 2 has the id of an earlier one"));
  error = (dbt_error){.code = DBT_OK};
  CHECK(dbt_sealer_new(NULL, 0, &error) == NULL && error.code == DBT_ARGUMENT);
  CHECK(dbt_sealer_new(NULL, DBT_SEAL_MAX_KEYS + 1, NULL) == NULL);
}

static void survives_want_of_memory(void) {
  STARVE_EACH_ALLOCATION(round) {
    char record[DBT_SEALED_SIZE(64)];
    dbt_seal_verdict verdict = DBT_SEAL_MALFORMED;
    dbt_sealer *sealer = new_sealer(KEY_1, KEY_2);
    bool done = sealer != NULL &&
                dbt_seal(sealer, PLACE, strlen(PLACE), TEXT, strlen(TEXT), NONCE, record, &error) &&
                dbt_seal_open(sealer, PLACE, strlen(PLACE), record, strlen(record), room, &opened,
                              &opened_length, &verdict, &error);
    CHECK(done ? verdict == DBT_SEAL_INTACT : error.code == DBT_NO_MEMORY);
    CHECK(done || starve_struck);
    dbt_sealer_free(sealer);
  }
  starve_left = -1;
}

int main(void) {
  starve_openssl();
  TEST("a record is what Node makes of the same key, nonce, place and text", seals_as_node_does);
  TEST("what was sealed with any of the keys opens", opens_what_node_sealed_with_any_of_its_keys);
  TEST("each record gets a nonce of its own", takes_a_nonce_of_its_own_each_time);
  TEST("a record opens at the place it was sealed for and at no other",
       opens_at_its_own_place_only);
  TEST("a change of any character is noticed", notices_any_change);
  TEST("a text that is no intact record is told apart", tells_what_a_text_is_instead);
  TEST("text and place are bounded", bounds_what_is_sealed);
  TEST("what is no key is refused without being shown", refuses_what_is_no_key);
  TEST("each allocation may fail without a leak or a false verdict", survives_want_of_memory);
  return check_summary();
}
