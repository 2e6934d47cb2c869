/* Sealing: text that lies in a store and must be neither read nor changed there. AES-256-GCM; a
 * record is
 *
 *   s1.{key id, 8 hex digits}.{Base64 of the nonce (12 bytes), the encrypted text, the tag (16
 * bytes)}
 *
 * and opens only at the place it was sealed for, so that records cannot change places. The key id
 * is the beginning of the key's SHA-256: keys need no names, and a wrong key is told from a changed
 * record. Nonces are random: a key should be replaced before it has sealed 2^32 records (NIST SP
 * 800-38D, 8.3). */
#ifndef DBT_SEAL_H
#define DBT_SEAL_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/base64.h"
#include "base/error.h"

enum {
  DBT_SEAL_KEY = 32, /* bytes, which are given in Base64 */
  DBT_SEAL_MAX_KEYS = 16,
  DBT_SEAL_KEY_ID = 8, /* characters */
  DBT_SEAL_HEAD = 3 + DBT_SEAL_KEY_ID + 1,
  DBT_SEAL_NONCE = 12,
  DBT_SEAL_TAG = 16,
  DBT_SEAL_MAX_PLACE = 64 * 1024,
  DBT_SEAL_MAX_TEXT = 64 * 1024 * 1024
};

/* Bytes that a record of `length` bytes takes, its closing NUL included. */
#define DBT_SEALED_SIZE(length)                                                                    \
  (DBT_SEAL_HEAD + DBT_BASE64_SIZE(DBT_SEAL_NONCE + (length) + DBT_SEAL_TAG) + 1)

/* Keys made ready for use. One thread at a time. */
typedef struct dbt_sealer dbt_sealer;

typedef struct dbt_seal_key {
  const char *base64;
  size_t length;
} dbt_seal_key;

typedef enum dbt_seal_verdict {
  DBT_SEAL_INTACT = 0,
  DBT_SEAL_ABSENT,      /* not a record: it does not begin like one */
  DBT_SEAL_MALFORMED,   /* begins like a record and is none */
  DBT_SEAL_UNKNOWN_KEY, /* sealed with a key that was not given */
  DBT_SEAL_BROKEN       /* changed, or sealed for another place */
} dbt_seal_verdict;

/* The first key seals, each of them opens. NULL with DBT_ARGUMENT (`where` is "keys[2]", counted
   from 1; the message never shows a key) or DBT_NO_MEMORY. The keys are copied. */
dbt_sealer *dbt_sealer_new(const dbt_seal_key *keys, size_t count, dbt_error *error);
/* Wipes the keys. */
void dbt_sealer_free(dbt_sealer *sealer);

/* Writes DBT_SEALED_SIZE(length) bytes to `record`. `nonce` is NULL, for a random one, or
   DBT_SEAL_NONCE bytes: two texts under one key and one nonce give both away. DBT_LIMIT when the
   text or the place is too long. */
bool dbt_seal(dbt_sealer *sealer, const char *place, size_t place_length, const char *text,
              size_t length, const unsigned char *nonce, char *record, dbt_error *error);

/* `room` holds `length` bytes; the text is written somewhere in it. False only when OpenSSL fails
   (DBT_NO_MEMORY); nothing is given out unless the verdict is DBT_SEAL_INTACT. */
bool dbt_seal_open(dbt_sealer *sealer, const char *place, size_t place_length, const char *record,
                   size_t length, unsigned char *room, const char **text, size_t *text_length,
                   dbt_seal_verdict *verdict, dbt_error *error);

/* "intact", "absent", "malformed", "unknown_key", "broken". */
const char *dbt_seal_verdict_name(dbt_seal_verdict verdict);

#endif
