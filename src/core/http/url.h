/* Which URLs a transfer may go to: encrypted ones, and plain ones on this very machine. */
#ifndef DBT_URL_H
#define DBT_URL_H

#include <curl/curl.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "base/error.h"

typedef enum dbt_url_use { DBT_URL_HTTP, DBT_URL_MAIL } dbt_url_use;

typedef struct dbt_url {
  CURLU *parsed; /* given to libcurl, so that what was checked is what is used */
  char *host;    /* from libcurl; brackets around an IPv6 address */
  bool loopback; /* the host can only be this machine */
  bool tls;      /* from the first byte on */
} dbt_url;

/* Messages never hold the URL, which may itself be a secret. On failure nothing needs freeing. */
bool dbt_url_parse(dbt_url *url, const char *text, dbt_url_use use, dbt_error *error);
void dbt_url_free(dbt_url *url);
/* Whether paths can be added to the text of a URL. */
bool dbt_url_is_base(const char *text, dbt_error *error);

/* Whether a socket address is of this machine: 127.0.0.0/8 or ::1. */
bool dbt_address_is_loopback(const struct sockaddr *address);

#endif
