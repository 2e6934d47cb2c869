/* Reads what an API answered instead of what was asked for: every form of error that the two APIs,
 * and the proxies in front of them, are known to send, as one value. Reading cannot fail: whatever
 * the body is, the status is understood. */
#ifndef DBT_ENVELOPE_H
#define DBT_ENVELOPE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "json/json.h"

enum {
  DBT_ENVELOPE_MAX_BYTES = 1024 * 1024, /* a larger body is not decoded */
  DBT_ENVELOPE_MAX_VALUES = 100 * 1000,
  DBT_ENVELOPE_MAX_ERRORS = 32,
  DBT_ENVELOPE_MAX_FIELDS = 64,
  DBT_ENVELOPE_MAX_MESSAGES = 8, /* for each field */
  DBT_ENVELOPE_MAX_URL = 4096,
  DBT_ENVELOPE_MAX_WAIT =
      24 * 60 * 60 /* seconds: the longest window of Debitura's rate limits is a day */
};

/* An answer as the transport saw it. The texts may be NULL where there is no such header. */
typedef struct dbt_answer {
  long status;
  const char *retry_after, *date;
  const char *body;
  size_t length;
} dbt_answer;

typedef struct dbt_business_error {
  const char *type, *message, *solution_url; /* each may be NULL */
} dbt_business_error;

typedef struct dbt_field_problem {
  const char *path;
  const char *messages[DBT_ENVELOPE_MAX_MESSAGES];
  size_t count;
} dbt_field_problem;

/* Texts are borrowed from `tree` or are constants; NULL where the answer has none. URLs are
   absolute http(s) URLs without white space or control characters. */
typedef struct dbt_failure {
  const char *kind; /* "conflict", "business", ...: what to do */
  bool retryable;
  const char *type;    /* Debitura's name for the case, spelled one way; unknown ones are kept */
  const char *message; /* what happened and what to do: a constant, with nothing of the body */
  const char *detail;  /* the server's own sentence; may hold personal data */
  const char *approval_url, *signing_url;
  const char *variant; /* of a link request: "approval" or "choice" */
  double retry_after;  /* seconds; negative when unknown */
  dbt_business_error business_errors[DBT_ENVELOPE_MAX_ERRORS];
  size_t business_error_count;
  dbt_field_problem fields[DBT_ENVELOPE_MAX_FIELDS];
  size_t field_count;
  /* The decoded body, of which texts are borrowed; `data.cells` is NULL when it is empty, too large
     or not JSON. */
  dbt_json_document data;
  cJSON *tree; /* what was read of it */
} dbt_failure;

/* Fills `failure`, whatever it held. */
void dbt_envelope_read(const dbt_answer *answer, dbt_failure *failure);
/* Releases what the failure holds, and all its texts with it. */
void dbt_failure_release(dbt_failure *failure);

#endif
