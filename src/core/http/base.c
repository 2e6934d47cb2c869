#include "http/base.h"

#include <stdlib.h>
#include <string.h>

/* Where the path begins, or would. */
static size_t length_of(const char *text) {
  const char *scheme = strstr(text, "://");
  const char *host = scheme != NULL ? scheme + strlen("://") : text;
  return (size_t)(host - text) + strcspn(host, "/?#");
}

/* The same without what is the request's own. */
static bool copy_url(dbt_url *copy, const dbt_url *url) {
  *copy = *url;
  copy->host = NULL;
  copy->parsed = curl_url_dup(url->parsed);
  return copy->parsed != NULL && curl_url_set(copy->parsed, CURLUPART_PATH, "/", 0) == CURLUE_OK &&
         curl_url_set(copy->parsed, CURLUPART_QUERY, NULL, 0) == CURLUE_OK &&
         curl_url_set(copy->parsed, CURLUPART_FRAGMENT, NULL, 0) == CURLUE_OK &&
         curl_url_get(copy->parsed, CURLUPART_HOST, &copy->host, 0) == CURLUE_OK;
}

static dbt_base *make(const dbt_url *url, const char *text) {
  size_t length = length_of(text);
  dbt_base *base = malloc(sizeof *base + length);
  if (base == NULL) return NULL;
  base->users = 1;
  base->length = length;
  memcpy(base->text, text, length);
  if (copy_url(&base->url, url)) return base;
  dbt_base_release(base);
  return NULL;
}

void dbt_base_release(dbt_base *base) {
  if (base == NULL || --base->users > 0) return;
  dbt_url_free(&base->url);
  free(base);
}

static bool is_base_of(const dbt_base *base, const char *text) {
  return base != NULL && strncmp(text, base->text, base->length) == 0 &&
         strchr("/?#", text[base->length]) != NULL; /* or its end */
}

/* What RFC 3986 lets stand in a path or a query. */
static bool is_plain_byte(unsigned char byte) {
  bool is_letter = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z',
       is_digit = byte >= '0' && byte <= '9';
  return is_letter || is_digit || (byte != '\0' && strchr("/-._~%?=&+:@!$'()*,;", byte) != NULL);
}

/* Whether nothing could be a segment of dots, however written, nor anything else that a parser
   would change. */
static bool is_plain(const char *target) {
  const unsigned char *at = (const unsigned char *)target;
  for (; is_plain_byte(*at); at++) {
    if (at[0] == '/' && at[1] == '.') return false;
    if (at[0] == '%' && at[1] == '2' && (at[2] | 0x20) == 'e') return false;
  }
  return *at == '\0';
}

dbt_base *dbt_bases_find(const dbt_bases *bases, const char *text, const char **target) {
  for (size_t i = 0; i < DBT_BASES_MAX; i++) {
    dbt_base *base = bases->list[i];
    if (!is_base_of(base, text)) continue;
    const char *rest = text + base->length;
    if (*rest != '/' || !is_plain(rest)) return NULL;
    *target = rest;
    base->users++;
    return base;
  }
  return NULL;
}

void dbt_bases_add(dbt_bases *bases, const dbt_url *url, const char *text) {
  for (size_t i = 0; i < DBT_BASES_MAX; i++)
    if (is_base_of(bases->list[i], text)) return;
  dbt_base *base = make(url, text);
  if (base == NULL) return; /* its requests are parsed one by one */
  dbt_base_release(bases->list[bases->next]);
  bases->list[bases->next] = base;
  bases->next = (bases->next + 1) % DBT_BASES_MAX;
}

void dbt_bases_free(dbt_bases *bases) {
  for (size_t i = 0; i < DBT_BASES_MAX; i++)
    dbt_base_release(bases->list[i]);
  *bases = (dbt_bases){.next = 0};
}
