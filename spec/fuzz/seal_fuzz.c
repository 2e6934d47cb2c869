/* Nothing opens but the one record that was sealed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/seal.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* "{}" at "place"; see spec/c/seal_test.c for how it was made. */
static const char sealed[] = "s1.51d16184.c2FtcGxlLW5vbmNlHwaJHkA6WWp6PPLP4Q3kHeQj";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  static const dbt_seal_key key = {"c2FtcGxlLWVuY3J5cHRpb24ta2V5LW51bWJlci0wMDE=", 44};
  static dbt_sealer *sealer;
  if (sealer == NULL) sealer = dbt_sealer_new(&key, 1, NULL);
  const char *text = NULL;
  size_t text_length = 0;
  dbt_seal_verdict verdict;
  unsigned char *room = malloc(length + 1);
  if (room == NULL || !dbt_seal_open(sealer, "place", 5, (const char *)bytes, length, room, &text,
                                     &text_length, &verdict, NULL))
    abort();
  bool same = length == sizeof sealed - 1 && memcmp(bytes, sealed, length) == 0;
  if (same != (verdict == DBT_SEAL_INTACT)) abort();
  if (same && (text_length != 2 || memcmp(text, "{}", 2) != 0)) abort();
  free(room);
  return 0;
}
