/* Lets each allocation of cJSON, OpenSSL or libcurl fail in turn, through the hooks these libraries
 * offer to a whole program. */
#ifndef STARVE_H
#define STARVE_H

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static long starve_left = -1; /* allocations to go until one fails; negative: all succeed */
static bool starve_struck;

static inline bool starve_now(void) {
  if (starve_left < 0 || starve_left-- > 0) return false;
  starve_struck = true;
  errno = ENOMEM;
  return true;
}

/* Another allocation fails in each round, until a round passes without any of them failing. */
#define STARVE_EACH_ALLOCATION(round) for (long round = 0; starve_begin(round); round++)

static inline bool starve_begin(long round) {
  bool again = round == 0 || starve_struck;
  starve_left = again ? round : -1;
  starve_struck = false;
  return again;
}

static inline void *starve_malloc(size_t size) {
  return starve_now() ? NULL : malloc(size);
}

static inline void starve_cjson(void) {
  cJSON_Hooks hooks = {starve_malloc, free};
  cJSON_InitHooks(&hooks);
}

static inline void *starve_openssl_malloc(size_t size, const char *file, int line) {
  (void)file, (void)line;
  return starve_now() ? NULL : malloc(size);
}

static inline void *starve_openssl_realloc(void *block, size_t size, const char *file, int line) {
  (void)file, (void)line;
  return starve_now() ? NULL : realloc(block, size);
}

static inline void starve_openssl_free(void *block, const char *file, int line) {
  (void)file, (void)line;
  free(block);
}

/* Before anything else of OpenSSL is used. */
static inline void starve_openssl(void) {
  CRYPTO_set_mem_functions(starve_openssl_malloc, starve_openssl_realloc, starve_openssl_free);
}

static inline void *starve_realloc(void *block, size_t size) {
  return starve_now() ? NULL : realloc(block, size);
}

static inline void *starve_calloc(size_t count, size_t size) {
  return starve_now() ? NULL : calloc(count, size);
}

static inline char *starve_strdup(const char *text) {
  return starve_now() ? NULL : strdup(text);
}

/* Before anything else of libcurl is used. */
static inline void starve_curl(void) {
  curl_global_init_mem(CURL_GLOBAL_DEFAULT, starve_malloc, free, starve_realloc, starve_strdup,
                       starve_calloc);
}

#endif
