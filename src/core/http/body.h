/* The body of a request while libcurl reads it: bytes in memory, borrowed or copied, a file read as
 * it is sent, or a form made of either. */
#ifndef DBT_BODY_H
#define DBT_BODY_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "http/transfer.h"

typedef struct dbt_reader dbt_reader;

typedef struct dbt_body {
  dbt_reader *readers; /* one, or one for each part */
  size_t count;
  curl_off_t size; /* of the bytes, without what makes a form of them */
  curl_mime *form;
} dbt_body;

/* Opens the files and tells libcurl where to read. `failure` is where a read that fails later
   reports. On failure dbt_body_close releases what there is. */
bool dbt_body_open(dbt_body *body, const dbt_request *request, CURL *easy, dbt_error *failure,
                   dbt_error *error);
/* The bytes of a mail, read through the same callbacks. */
bool dbt_body_open_source(dbt_body *body, const dbt_source *source, CURL *easy, dbt_error *failure,
                          dbt_error *error);
/* Back to the first byte; libcurl does that by itself for forms. */
void dbt_body_rewind(dbt_body *body);
/* After the easy handle has let go of it. */
void dbt_body_close(dbt_body *body);

#endif
