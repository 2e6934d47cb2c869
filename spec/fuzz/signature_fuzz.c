/* No header is accepted that does not carry the one signature that fits. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/signature.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* openssl dgst -sha256 -hmac sample-webhook-secret-001 of "1720000000.{}" */
static const char mac[] = "32b1f0f31e1b0b203d2c65837aae8013d0acb6d6a2d8fc43fe7dcb387682dbe4";

static bool holds_the_mac(const char *header, size_t length) {
  for (size_t i = 0; i + sizeof mac - 1 <= length; i++) {
    size_t same = 0;
    while (same < sizeof mac - 1 && (header[i + same] | 0x20) == (mac[same] | 0x20))
      same++;
    if (same == sizeof mac - 1) return true;
  }
  return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  static const dbt_shared_secret secret = {"c2FtcGxlLXdlYmhvb2stc2VjcmV0LTAwMQ==", 36};
  static const dbt_verifier_options options = {300, 30};
  static dbt_verifier *verifier;
  if (verifier == NULL) verifier = dbt_verifier_new(&secret, 1, &options, NULL);
  const char *header = (const char *)bytes;
  dbt_verification result;
  if (!dbt_verifier_verify(verifier, header, length, "{}", 2, 1720000100, &result, NULL)) abort();
  if ((result.problem != NULL) != (result.verdict == DBT_SIGNATURE_MALFORMED)) abort();
  if (result.verdict == DBT_SIGNATURE_VALID &&
      (result.timestamp != 1720000000 || !holds_the_mac(header, length)))
    abort();
  return 0;
}
