#include "crypto/secret.h"

#include <openssl/crypto.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct dbt_secret {
  size_t length, mapped;
  char bytes[];
};

/* Pages of its own, so that they can be kept out of core files. */
static dbt_secret *map(size_t size) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  size_t mapped = (size + page - 1) / page * page;
  void *pages = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return NULL;
#ifdef MADV_DONTDUMP
  madvise(pages, mapped, MADV_DONTDUMP);
#endif
  dbt_secret *secret = pages;
  secret->mapped = mapped;
  return secret;
}

dbt_secret *dbt_secret_new(const void *bytes, size_t length) {
  if (length > (size_t)-1 / 2) return NULL;
  dbt_secret *secret = map(sizeof *secret + length + 1);
  if (secret == NULL) return NULL;
  secret->length = length;
  if (length > 0) memcpy(secret->bytes, bytes, length);
  secret->bytes[length] = '\0';
  return secret;
}

void dbt_secret_free(dbt_secret *secret) {
  if (secret == NULL) return;
  size_t mapped = secret->mapped;
  OPENSSL_cleanse(secret, sizeof *secret + secret->length);
  munmap(secret, mapped);
}

bool dbt_secret_equals(const dbt_secret *secret, const void *bytes, size_t length) {
  return secret->length == length && CRYPTO_memcmp(secret->bytes, bytes, length) == 0;
}

const char *dbt_secret_bytes(const dbt_secret *secret, size_t *length) {
  *length = secret->length;
  return secret->bytes;
}
