/* One request and what became of it. */
#ifndef DBT_TRANSFER_H
#define DBT_TRANSFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct dbt_transfer dbt_transfer;

/* libcurl's own bound of a header line. */
enum { DBT_HEADER_BYTES_CEILING = 100 * 1024 };

/* All that can end a transfer before its answer is complete. */
typedef struct dbt_limits {
  long connect_timeout_ms;   /* name lookup, connection and TLS together */
  long timeout_ms;           /* from submit to the last byte */
  size_t max_response_bytes; /* of the body, after decompression */
  size_t max_header_bytes;   /* of all header lines together, up to DBT_HEADER_BYTES_CEILING */
  size_t max_header_lines;
} dbt_limits;

dbt_limits dbt_limits_default(void);

typedef struct dbt_field {
  const char *name;
  const char *value; /* ends in a NUL that the length does not count */
  size_t length;
} dbt_field;

/* Bytes to send: in memory, or in a regular file that is read while it is sent. */
typedef struct dbt_source {
  const char *path; /* NULL: in memory */
  const char *bytes;
  size_t length;
  bool copied; /* a copy of the bytes is made, and wiped after use; otherwise they are borrowed */
} dbt_source;

/* One part of a multipart/form-data body. */
typedef struct dbt_part {
  const char *name;
  const char *filename;     /* may be NULL */
  const char *content_type; /* may be NULL */
  dbt_source source;
} dbt_part;

typedef struct dbt_request {
  const char *method; /* GET, HEAD, POST, PUT, PATCH or DELETE */
  const char *url;    /* https, or http to a loopback host */
  const dbt_field *headers;
  size_t header_count;
  const dbt_source *body; /* NULL: none */
  const dbt_part *parts;  /* a form instead of a body */
  size_t part_count;
  dbt_limits limits;
} dbt_request;

/* Seconds each phase took; 0 where there was none, as on a reused connection. */
typedef struct dbt_timing {
  double queue; /* waiting for a connection to be free */
  double dns;
  double connect;
  double tls;
  double first_byte; /* from the request being sent to the first byte of the answer */
  double total;      /* from submit to the end */
} dbt_timing;

typedef struct dbt_response {
  long status;              /* of a mail: the server's last reply code */
  const char *http_version; /* "1.0", "1.1", "2", "3"; "" for mail */
  const char *block;        /* the header: each name, in lower case, and each value ends in a NUL */
  size_t block_length;
  size_t header_count;
  const char *body; /* decompressed by libcurl, which does not mind a compressed stream that stops
                       too early */
  size_t length;
  dbt_timing timing;
  int64_t bytes_up, bytes_down; /* of the bodies, as they went over the wire */
  bool reused;                  /* the connection had served before */
} dbt_response;

/* Steps through the header as it was received: `at` begins as NULL. False at the end. */
bool dbt_response_next(const dbt_response *response, const char **at, dbt_field *field);
/* As the server named it; NULL when it did not. */
const char *dbt_response_request_id(const dbt_response *response);

bool dbt_transfer_done(const dbt_transfer *transfer);
/* NULL while under way and after a failure. Borrowed until dbt_transfer_free. */
const dbt_response *dbt_transfer_response(const dbt_transfer *transfer);
/* NULL unless it failed. */
const dbt_error *dbt_transfer_error(const dbt_transfer *transfer);
/* Whether any byte of the request may have reached the server. */
bool dbt_transfer_sent(const dbt_transfer *transfer);
/* Where a failed transfer was: "dns" (or still waiting for a connection), "connect", "tls", "send",
   "wait" or "receive". NULL for one that did not fail. */
const char *dbt_transfer_phase(const dbt_transfer *transfer);
/* The last reply code of a mail server to a failed transfer, or 0: 4xx may pass, 5xx will not (RFC
 * 5321, 4.2.1). */
long dbt_transfer_reply(const dbt_transfer *transfer);

/* Ends it as cancelled; the engine reports it as finished. Nothing happens when it is done. */
void dbt_transfer_cancel(dbt_transfer *transfer);
/* Cancels it without a report and frees it. Either of engine and transfer may be freed first. */
void dbt_transfer_free(dbt_transfer *transfer);

#endif
