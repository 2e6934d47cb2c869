#include "crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

enum { DIGEST_SIZE = DBT_SHA256_HEX / 2 };

struct dbt_digester {
  EVP_MD *sha256;
  EVP_MD_CTX *context;
};

dbt_digester *dbt_digester_new(dbt_error *error) {
  dbt_digester *digester = OPENSSL_zalloc(sizeof *digester);
  if (digester != NULL) {
    digester->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    digester->context = EVP_MD_CTX_new();
    if (digester->sha256 != NULL && digester->context != NULL) return digester;
  }
  dbt_digester_free(digester);
  dbt_fail(error, DBT_NO_MEMORY, NULL, "OpenSSL cannot provide SHA-256");
  return NULL;
}

void dbt_digester_free(dbt_digester *digester) {
  if (digester == NULL) return;
  EVP_MD_CTX_free(digester->context);
  EVP_MD_free(digester->sha256);
  OPENSSL_free(digester);
}

bool dbt_sha256(dbt_digester *digester, const char *bytes, size_t length,
                char hex[DBT_SHA256_HEX + 1], dbt_error *error) {
  static const char digits[] = "0123456789abcdef";
  unsigned char digest[DIGEST_SIZE];
  if (EVP_DigestInit_ex2(digester->context, digester->sha256, NULL) != 1 ||
      EVP_DigestUpdate(digester->context, bytes, length) != 1 ||
      EVP_DigestFinal_ex(digester->context, digest, NULL) != 1)
    return dbt_fail(error, DBT_NO_MEMORY, NULL, "OpenSSL cannot digest the text");
  for (size_t i = 0; i < DIGEST_SIZE; i++) {
    hex[2 * i] = digits[digest[i] >> 4];
    hex[2 * i + 1] = digits[digest[i] & 15];
  }
  hex[DBT_SHA256_HEX] = '\0';
  return true;
}
