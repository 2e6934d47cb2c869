#include "http/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <strings.h>

#include "base/domain.h"

typedef struct {
  const char *name;
  dbt_url_use use;
  bool tls;
} scheme;

static const scheme schemes[] = {
    {"https", DBT_URL_HTTP, true},
    {"http", DBT_URL_HTTP, false},
    {"smtps", DBT_URL_MAIL, true},
    {"smtp", DBT_URL_MAIL, false},
};

static const char *const expected[] = {
    [DBT_URL_HTTP] = "https://, or http:// to a loopback host",
    [DBT_URL_MAIL] = "smtps:// or smtp://",
};

bool dbt_address_is_loopback(const struct sockaddr *address) {
  if (address->sa_family == AF_INET) {
    const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)(const void *)address;
    return ntohl(ipv4->sin_addr.s_addr) >> 24 == 127;
  }
  if (address->sa_family == AF_INET6) {
    const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)(const void *)address;
    return memcmp(&ipv6->sin6_addr, &in6addr_loopback, sizeof in6addr_loopback) == 0;
  }
  return false;
}

/* The host comes from libcurl's parser, which has turned 0x7f.1 and its like into 127.0.0.1. An
   IPv4 address within an IPv6 one is not taken for loopback. `localhost` is resolved by libcurl
   itself, never by DNS. */
static bool names_loopback(const char *host) {
  struct in_addr ipv4;
  if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0) return true;
  return inet_pton(AF_INET, host, &ipv4) == 1 && ntohl(ipv4.s_addr) >> 24 == 127;
}

static const scheme *find_scheme(CURLU *parsed, dbt_url_use use) {
  char *name;
  const scheme *found = NULL;
  if (curl_url_get(parsed, CURLUPART_SCHEME, &name, 0) != CURLUE_OK) return NULL;
  for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
    if (schemes[i].use == use && strcmp(schemes[i].name, name) == 0) found = &schemes[i];
  curl_free(name);
  return found;
}

static bool is_ascii(const char *text) {
  for (; *text != '\0'; text++)
    if ((unsigned char)*text >= 0x80) return false;
  return true;
}

static bool refuse(dbt_url *url, dbt_error *error, const char *reason) {
  dbt_url_free(url);
  return dbt_fail(error, DBT_ARGUMENT, "url", "url: %s", reason);
}

/* The host as DNS knows it. libcurl would read one in Unicode as text in the locale's encoding. */
static bool read_host(dbt_url *url, dbt_error *error) {
  char ascii[DBT_DOMAIN_MAX + 1];
  dbt_error reason;
  dbt_error_clear(&reason);
  CURLUcode code = curl_url_get(url->parsed, CURLUPART_HOST, &url->host, 0);
  if (code != CURLUE_OK || url->host[0] == '\0') return refuse(url, error, "no host");
  if (is_ascii(url->host)) return true;
  if (!dbt_domain_to_ascii(url->host, ascii, &reason)) return refuse(url, error, reason.message);
  curl_free(url->host);
  url->host = NULL;
  return (curl_url_set(url->parsed, CURLUPART_HOST, ascii, 0) == CURLUE_OK &&
          curl_url_get(url->parsed, CURLUPART_HOST, &url->host, 0) == CURLUE_OK) ||
         refuse(url, error, "malformed host name");
}

bool dbt_url_parse(dbt_url *url, const char *text, dbt_url_use use, dbt_error *error) {
  *url = (dbt_url){.parsed = curl_url()};
  if (url->parsed == NULL) return dbt_fail(error, DBT_NO_MEMORY, "url", "not enough memory");
  CURLUcode code = curl_url_set(url->parsed, CURLUPART_URL, text,
                                CURLU_DISALLOW_USER | CURLU_NON_SUPPORT_SCHEME);
  if (code == CURLUE_USER_NOT_ALLOWED)
    return refuse(url, error, "a user or password in it is not allowed");
  if (code != CURLUE_OK) return refuse(url, error, curl_url_strerror(code));
  const scheme *found = find_scheme(url->parsed, use);
  if (found == NULL) return refuse(url, error, expected[use]);
  if (!read_host(url, error)) return false;
  url->tls = found->tls;
  url->loopback = names_loopback(url->host);
  if (use == DBT_URL_HTTP && !url->tls && !url->loopback) return refuse(url, error, expected[use]);
  return true;
}

bool dbt_url_is_base(const char *text, dbt_error *error) {
  return strpbrk(text, "?#") == NULL ||
         dbt_fail(error, DBT_ARGUMENT, "url",
                  "url: no '?' and no '#' expected: a path is added to it");
}

void dbt_url_free(dbt_url *url) {
  curl_free(url->host);
  curl_url_cleanup(url->parsed);
  *url = (dbt_url){.parsed = NULL};
}
