#include "crypto/secret.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

struct dbt_secret {
  size_t length;
  char bytes[];
};

dbt_secret *dbt_secret_new(const void *bytes, size_t length) {
  if (length > (size_t)-1 - sizeof(dbt_secret) - 1) return NULL;
  dbt_secret *secret = malloc(sizeof *secret + length + 1);
  if (secret == NULL) return NULL;
  secret->length = length;
  if (length > 0) memcpy(secret->bytes, bytes, length);
  secret->bytes[length] = '\0';
  return secret;
}

void dbt_secret_free(dbt_secret *secret) {
  if (secret == NULL) return;
  OPENSSL_cleanse(secret, sizeof *secret + secret->length);
  free(secret);
}

const char *dbt_secret_bytes(const dbt_secret *secret, size_t *length) {
  *length = secret->length;
  return secret->bytes;
}
