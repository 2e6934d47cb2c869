/* The header lines of a request: checked, laid out for libcurl, wiped when they have been used. */
#ifndef DBT_HEADER_H
#define DBT_HEADER_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "http/transfer.h"

typedef struct dbt_headers {
  struct curl_slist *list; /* the head of the block, which holds all nodes and their text */
  size_t size;
} dbt_headers;

/* Refuses what could smuggle a second line or contradict the body. Where there is a body, adds what
   keeps libcurl from saying more of it on its own: `Expect`, and the type of a web form where the
   caller named no type. */
bool dbt_headers_make(dbt_headers *headers, const dbt_request *request, bool has_body,
                      dbt_error *error);
void dbt_headers_wipe(dbt_headers *headers);

/* Whether text can stand in a header, a URL or a mail command without starting a new line. */
bool dbt_is_one_line(const char *text, size_t length);

#endif
