/* No text is taken for a plain URL to this machine that the resolver understands as another one. */
#include <netdb.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "http/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static bool is_this_machine(const char *host) {
  char bare[256];
  struct addrinfo hints = {.ai_flags = AI_NUMERICHOST}, *found = NULL;
  size_t length = strlen(host);
  if (strcasecmp(host, "localhost") == 0) return true;
  if (length >= sizeof bare) return false;
  bool bracketed = host[0] == '[';
  memcpy(bare, host + bracketed, length + 1 - bracketed);
  if (bracketed) bare[length - 2] = '\0';
  if (getaddrinfo(bare, NULL, &hints, &found) != 0) return false;
  bool loopback = dbt_address_is_loopback(found->ai_addr);
  freeaddrinfo(found);
  return loopback;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
  char *text = malloc(length + 1);
  memcpy(text, bytes, length);
  text[length] = '\0';
  for (int use = DBT_URL_HTTP; use <= DBT_URL_MAIL; use++) {
    dbt_url url;
    dbt_error error = {.code = DBT_OK};
    if (dbt_url_parse(&url, text, (dbt_url_use)use, &error)) {
      if (use == DBT_URL_HTTP && !url.tls && !url.loopback) abort();
      if (url.loopback && !is_this_machine(url.host)) abort();
      dbt_url_free(&url);
    } else if (error.code != DBT_ARGUMENT || url.parsed != NULL || url.host != NULL) {
      abort();
    }
  }
  free(text);
  return 0;
}
