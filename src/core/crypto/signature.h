/* Webhook signatures: `t={unix seconds},v1={hex}`, where v1 is the HMAC-SHA256 of "{t}.{raw body}"
 * under the Base64-decoded secret. Knows nothing of HTTP or of clocks: the header's value, the raw
 * body and the time are given. */
#ifndef DBT_SIGNATURE_H
#define DBT_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum {
  DBT_SIGNATURE_TOLERANCE = 300, /* seconds a timestamp may be old */
  DBT_SIGNATURE_SKEW = 30,       /* seconds a timestamp may be ahead */
  DBT_SIGNATURE_MAX_SECRETS = 16,
  DBT_SIGNATURE_MAX_SECRET = 1024,
  DBT_SIGNATURE_MAX_HEADER = 4096,
  DBT_SIGNATURE_MAX_CANDIDATES = 16, /* v1 values in one header */
  DBT_SIGNATURE_SIGNED_MAX = 96      /* what dbt_sign writes, NUL included */
};

/* Secrets made ready for use. One thread at a time. */
typedef struct dbt_verifier dbt_verifier;

typedef struct dbt_shared_secret {
  const char *base64;
  size_t length;
} dbt_shared_secret;

typedef struct dbt_verifier_options {
  double tolerance, skew; /* seconds; INFINITY switches the check off */
} dbt_verifier_options;

typedef enum dbt_verdict {
  DBT_SIGNATURE_VALID = 0,
  DBT_SIGNATURE_MISSING,   /* no header, or an empty one */
  DBT_SIGNATURE_MALFORMED, /* `problem` says how */
  DBT_SIGNATURE_NO_MATCH,
  DBT_SIGNATURE_TOO_OLD, /* signed by one of the secrets, but outside the window */
  DBT_SIGNATURE_IN_FUTURE
} dbt_verdict;

typedef struct dbt_verification {
  dbt_verdict verdict;
  const char *problem; /* of a malformed header: a fixed text; else NULL */
  double timestamp; /* from the header; authenticated unless the verdict is missing, malformed or no
                       match */
  double age;       /* seconds; negative when the timestamp is ahead */
  size_t candidates; /* v1 values in the header */
  size_t secrets;    /* that they were tried with */
  size_t secret;     /* the one that matched, from 1; 0 when none did */
} dbt_verification;

/* NULL with DBT_ARGUMENT (`where` is "secrets[2]", counted from 1; the message never shows a
   secret) or DBT_NO_MEMORY. The secrets are copied. */
dbt_verifier *dbt_verifier_new(const dbt_shared_secret *secrets, size_t count,
                               const dbt_verifier_options *options, dbt_error *error);
/* Wipes the secrets. */
void dbt_verifier_free(dbt_verifier *verifier);

/* Every secret is tried with every v1 in constant time, and the signature is judged before the age,
   so that an answer about the age is only ever given to who could sign. `header` may be NULL. False
   only when OpenSSL fails (DBT_NO_MEMORY); the verdict is in `result`. */
bool dbt_verifier_verify(dbt_verifier *verifier, const char *header, size_t header_length,
                         const void *body, size_t body_length, double now, dbt_verification *result,
                         dbt_error *error);

/* "missing", "malformed", "no_match", "too_old", "in_future". */
const char *dbt_verdict_name(dbt_verdict verdict);

/* Writes the header's value for a body sent at `timestamp`. */
bool dbt_sign(dbt_shared_secret secret, const void *body, size_t length, long long timestamp,
              char header[DBT_SIGNATURE_SIGNED_MAX], dbt_error *error);

#endif
