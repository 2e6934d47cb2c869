/* The answer of a server while it comes in: header lines and body, each up to its limit. */
#ifndef DBT_RESPONSE_H
#define DBT_RESPONSE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "http/transfer.h"

typedef struct dbt_reception {
  size_t max_body, max_headers, max_fields;
  dbt_error *failure; /* where a broken limit is reported */
  dbt_buffer body;
  dbt_buffer lines; /* the header fields of the last block: name NUL value NUL ... */
  size_t field_count;
  size_t header_bytes; /* of all blocks, interim answers included */
  bool headers_ended;
  bool interim;    /* the last block is of an interim answer */
  bool has_length; /* the last block says how many bytes follow it, before decompression */
  size_t length;
} dbt_reception;

/* CURLOPT_HEADERFUNCTION and CURLOPT_WRITEFUNCTION, with the reception as their data. */
size_t dbt_reception_header(char *line, size_t size, size_t count, void *reception);
size_t dbt_reception_body(char *bytes, size_t size, size_t count, void *reception);

/* Makes the received readable as a response. What libcurl knows is asked of `easy`. */
void dbt_reception_finish(dbt_reception *reception, CURL *easy, dbt_response *response);
void dbt_reception_free(dbt_reception *reception);

#endif
