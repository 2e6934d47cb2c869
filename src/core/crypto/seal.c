#include "crypto/seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

enum { OVERHEAD = DBT_SEAL_NONCE + DBT_SEAL_TAG };
static const char version[] = "s1."; /* another way of sealing gets another one */
#define VERSION_LENGTH (sizeof version - 1)

/* Each context holds its key ready. */
typedef struct prepared_key {
  EVP_CIPHER_CTX *context;
  char head[DBT_SEAL_HEAD + 1]; /* how the records of this key begin */
} prepared_key;

struct dbt_sealer {
  EVP_CIPHER *cipher;
  prepared_key keys[DBT_SEAL_MAX_KEYS];
  size_t count;
};

/* == Keys == */

static bool prepare(prepared_key *prepared, EVP_CIPHER *cipher,
                    const unsigned char key[DBT_SEAL_KEY]) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  if (EVP_Digest(key, DBT_SEAL_KEY, digest, NULL, EVP_sha256(), NULL) != 1) return false;
  snprintf(prepared->head, sizeof prepared->head, "%s%02x%02x%02x%02x.", version, digest[0],
           digest[1], digest[2], digest[3]);
  prepared->context = EVP_CIPHER_CTX_new();
  return prepared->context != NULL &&
         EVP_CipherInit_ex2(prepared->context, cipher, key, NULL, 1, NULL) == 1;
}

static const prepared_key *find_key(const dbt_sealer *sealer, const char *head) {
  for (size_t i = 0; i < sealer->count; i++)
    if (memcmp(sealer->keys[i].head, head, DBT_SEAL_HEAD) == 0) return &sealer->keys[i];
  return NULL;
}

static bool take_key(dbt_sealer *sealer, dbt_seal_key given, size_t number, size_t count,
                     dbt_error *error) {
  /* What the longest text of 32 bytes decodes to, the bytes that padding leaves over included. */
  unsigned char key[DBT_BASE64_SIZE(DBT_SEAL_KEY) / 4 * 3];
  size_t length = 0;
  bool valid = given.length == DBT_BASE64_SIZE(DBT_SEAL_KEY) &&
               dbt_base64_decode(given.base64, given.length, key, &length) &&
               length == DBT_SEAL_KEY;
  prepared_key *prepared = &sealer->keys[sealer->count];
  bool ready = valid && prepare(prepared, sealer->cipher, key);
  OPENSSL_cleanse(key, sizeof key);
  char where[32];
  snprintf(where, sizeof where, "keys[%zu]", number);
  if (!valid)
    return dbt_fail(
        error, DBT_ARGUMENT, where,
        "encryption key %zu of %zu is not 32 bytes in Base64 (44 characters, nothing around them)",
        number, count);
  if (!ready) return dbt_fail(error, DBT_NO_MEMORY, NULL, "OpenSSL cannot prepare a key");
  if (find_key(sealer, prepared->head) != NULL)
    return dbt_fail(error, DBT_ARGUMENT, where,
                    "encryption key %zu of %zu has the id of an earlier one", number, count);
  sealer->count++;
  return true;
}

dbt_sealer *dbt_sealer_new(const dbt_seal_key *keys, size_t count, dbt_error *error) {
  if (count == 0 || count > DBT_SEAL_MAX_KEYS) {
    dbt_fail(error, DBT_ARGUMENT, "keys", "1 to %d encryption keys expected", DBT_SEAL_MAX_KEYS);
    return NULL;
  }
  dbt_sealer *sealer = OPENSSL_zalloc(sizeof *sealer);
  if (sealer != NULL) sealer->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
  bool ready = sealer != NULL && sealer->cipher != NULL;
  if (!ready) dbt_fail(error, DBT_NO_MEMORY, NULL, "OpenSSL cannot provide AES-256-GCM");
  for (size_t i = 0; i < count && ready; i++)
    ready = take_key(sealer, keys[i], i + 1, count, error);
  if (ready) return sealer;
  dbt_sealer_free(sealer);
  return NULL;
}

void dbt_sealer_free(dbt_sealer *sealer) {
  if (sealer == NULL) return;
  for (size_t i = 0; i < DBT_SEAL_MAX_KEYS; i++)
    EVP_CIPHER_CTX_free(sealer->keys[i].context);
  EVP_CIPHER_free(sealer->cipher);
  OPENSSL_free(sealer);
}

/* == Records == */

/* Starts the work on a record. Its head is authenticated as well as its place. */
static bool begin(const prepared_key *key, const unsigned char *nonce, const char *place,
                  size_t place_length, int encrypt) {
  int written;
  return EVP_CipherInit_ex2(key->context, NULL, NULL, nonce, encrypt, NULL) == 1 &&
         EVP_CipherUpdate(key->context, NULL, &written, (const unsigned char *)key->head,
                          DBT_SEAL_HEAD) == 1 &&
         EVP_CipherUpdate(key->context, NULL, &written, (const unsigned char *)place,
                          (int)place_length) == 1;
}

/* Writes nonce, encrypted text and tag. */
static bool encrypt(const prepared_key *key, const char *place, size_t place_length,
                    const char *text, size_t length, const unsigned char *nonce,
                    unsigned char *raw) {
  unsigned char *body = raw + DBT_SEAL_NONCE, *tag = body + length;
  int written;
  if (nonce != NULL)
    memcpy(raw, nonce, DBT_SEAL_NONCE);
  else if (RAND_bytes(raw, DBT_SEAL_NONCE) != 1)
    return false;
  return begin(key, raw, place, place_length, 1) &&
         EVP_CipherUpdate(key->context, body, &written, (const unsigned char *)text, (int)length) ==
             1 &&
         EVP_CipherFinal_ex(key->context, tag, &written) == 1 &&
         EVP_CIPHER_CTX_ctrl(key->context, EVP_CTRL_AEAD_GET_TAG, DBT_SEAL_TAG, tag) == 1;
}

bool dbt_seal(dbt_sealer *sealer, const char *place, size_t place_length, const char *text,
              size_t length, const unsigned char *nonce, char *record, dbt_error *error) {
  if (length > DBT_SEAL_MAX_TEXT)
    return dbt_fail(error, DBT_LIMIT, "text", "a text to seal may have 64 MiB at most");
  if (place_length > DBT_SEAL_MAX_PLACE)
    return dbt_fail(error, DBT_LIMIT, "place",
                    "the place of a sealed text may have 64 KiB at most");
  const prepared_key *key = &sealer->keys[0];
  unsigned char *raw = OPENSSL_malloc(OVERHEAD + length);
  bool sealed = raw != NULL && encrypt(key, place, place_length, text, length, nonce, raw);
  if (sealed) {
    memcpy(record, key->head, DBT_SEAL_HEAD);
    dbt_base64_encode(raw, OVERHEAD + length, record + DBT_SEAL_HEAD);
  }
  OPENSSL_free(raw);
  return sealed || dbt_fail(error, DBT_NO_MEMORY, NULL, "OpenSSL cannot seal a text");
}

/* Decrypts in place; `raw` is nonce, encrypted text and tag. False only when OpenSSL
   cannot work. */
static bool decrypt(const prepared_key *key, const char *place, size_t place_length,
                    unsigned char *raw, size_t length, dbt_seal_verdict *verdict) {
  unsigned char *body = raw + DBT_SEAL_NONCE, *tag = raw + length - DBT_SEAL_TAG;
  size_t body_length = length - OVERHEAD;
  int written;
  if (!begin(key, raw, place, place_length, 0) ||
      EVP_CipherUpdate(key->context, body, &written, body, (int)body_length) != 1 ||
      EVP_CIPHER_CTX_ctrl(key->context, EVP_CTRL_AEAD_SET_TAG, DBT_SEAL_TAG, tag) != 1)
    return false;
  bool intact = EVP_CipherFinal_ex(key->context, tag, &written) == 1;
  *verdict = intact ? DBT_SEAL_INTACT : DBT_SEAL_BROKEN;
  if (!intact) OPENSSL_cleanse(body, body_length);
  return true;
}

/* Whether a record begins as one of any key does. */
static bool has_head(const char *record, size_t length) {
  if (length < DBT_SEAL_HEAD || record[DBT_SEAL_HEAD - 1] != '.') return false;
  for (size_t i = VERSION_LENGTH; i < DBT_SEAL_HEAD - 1; i++)
    if (strchr("0123456789abcdef", record[i]) == NULL || record[i] == '\0') return false;
  return true;
}

bool dbt_seal_open(dbt_sealer *sealer, const char *place, size_t place_length, const char *record,
                   size_t length, unsigned char *room, const char **text, size_t *text_length,
                   dbt_seal_verdict *verdict, dbt_error *error) {
  *verdict = DBT_SEAL_ABSENT;
  if (length < VERSION_LENGTH || memcmp(record, version, VERSION_LENGTH) != 0) return true;

  size_t raw_length = 0;
  *verdict = DBT_SEAL_MALFORMED;
  if (!has_head(record, length) || length > DBT_SEALED_SIZE((size_t)DBT_SEAL_MAX_TEXT) ||
      place_length > DBT_SEAL_MAX_PLACE ||
      !dbt_base64_decode(record + DBT_SEAL_HEAD, length - DBT_SEAL_HEAD, room, &raw_length) ||
      raw_length < OVERHEAD)
    return true;

  *verdict = DBT_SEAL_UNKNOWN_KEY;
  const prepared_key *key = find_key(sealer, record);
  if (key == NULL) return true;
  if (!decrypt(key, place, place_length, room, raw_length, verdict))
    return dbt_fail(error, DBT_NO_MEMORY, NULL, "OpenSSL cannot open a sealed text");
  if (*verdict == DBT_SEAL_INTACT) {
    *text = (const char *)room + DBT_SEAL_NONCE;
    *text_length = raw_length - OVERHEAD;
  }
  return true;
}

const char *dbt_seal_verdict_name(dbt_seal_verdict verdict) {
  static const char *const names[] = {
      [DBT_SEAL_INTACT] = "intact",       [DBT_SEAL_ABSENT] = "absent",
      [DBT_SEAL_MALFORMED] = "malformed", [DBT_SEAL_UNKNOWN_KEY] = "unknown_key",
      [DBT_SEAL_BROKEN] = "broken",
  };
  return names[verdict];
}
