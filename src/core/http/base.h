/* Scheme, host and port of the URLs that an engine is asked for: parsed and judged once, then known
 * by their bytes. What stands behind them needs no parser when it can go over the wire as it is. */
#ifndef DBT_BASE_H
#define DBT_BASE_H

#include <stddef.h>

#include "http/url.h"

/* libcurl parses what it is lent when a transfer begins, so that its users hold it. */
typedef struct dbt_base {
  size_t users;
  dbt_url url;   /* without path and query */
  size_t length; /* of the text */
  char text[];   /* as it was written, up to the path */
} dbt_base;

enum { DBT_BASES_MAX = 4 }; /* both APIs, and some more */

/* Those of the last requests. Zeroed it is empty. */
typedef struct dbt_bases {
  dbt_base *list[DBT_BASES_MAX];
  size_t next; /* the one to make room for another */
} dbt_bases;

/* The base of a URL, with one user more, and the URL's path and query within `text`. NULL when it
 * is not known, or when there is something in the URL for a parser to do. */
dbt_base *dbt_bases_find(const dbt_bases *bases, const char *text, const char **target);
/* Remembers the base of a URL that was found sound. */
void dbt_bases_add(dbt_bases *bases, const dbt_url *url, const char *text);
void dbt_bases_free(dbt_bases *bases);
/* NULL is harmless. */
void dbt_base_release(dbt_base *base);

#endif
