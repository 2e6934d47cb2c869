#include "crypto/signature.h"

#include <inttypes.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "crypto/base64.h"

enum {
  MAC_SIZE = 32,
  HEX_SIZE = 2 * MAC_SIZE,
  KEY_MAX = DBT_SIGNATURE_MAX_SECRET / 4 * 3,
  TIMESTAMP_DIGITS = 16 /* of 2^53, the last second that a Lua number counts exactly */
};
static const uint64_t timestamp_max = UINT64_C(1) << 53;

/* Each context holds its secret ready: starting over with the same key costs a third of keying
 * it afresh. */
struct dbt_verifier {
  EVP_MAC *hmac;
  EVP_MAC_CTX *contexts[DBT_SIGNATURE_MAX_SECRETS];
  size_t count;
  dbt_verifier_options options;
};

/* A header taken apart. */
typedef struct parsed {
  uint64_t timestamp;
  char prefix[TIMESTAMP_DIGITS + 2]; /* "{t}.", which is signed before the body */
  size_t prefix_length;              /* 0 until there is a t */
  unsigned char macs[DBT_SIGNATURE_MAX_CANDIDATES][MAC_SIZE];
  size_t count;
} parsed;

/* == Secrets == */

/* What is wrong with a secret, or NULL and the key it stands for. */
static const char *decode_secret(dbt_shared_secret secret, unsigned char key[KEY_MAX],
                                 size_t *length) {
  if (secret.length == 0) return "is empty";
  if (secret.length > DBT_SIGNATURE_MAX_SECRET) return "is longer than 1024 characters";
  for (size_t i = 0; i < secret.length; i++)
    if (secret.base64[i] == ' ' || (secret.base64[i] >= '\t' && secret.base64[i] <= '\r'))
      return "has white space in it or around it";
  return dbt_base64_decode(secret.base64, secret.length, key, length) ? NULL : "is not Base64";
}

/* A context keyed with the secret, or NULL. */
static EVP_MAC_CTX *keyed_context(EVP_MAC *hmac, const unsigned char *key, size_t length) {
  char digest[] = "SHA256";
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                             OSSL_PARAM_construct_end()};
  EVP_MAC_CTX *context = EVP_MAC_CTX_new(hmac);
  if (context != NULL && EVP_MAC_init(context, key, length, parameters) != 1) {
    EVP_MAC_CTX_free(context);
    context = NULL;
  }
  return context;
}

static bool take_secrets(dbt_verifier *verifier, const dbt_shared_secret *secrets, size_t count,
                         dbt_error *error) {
  for (size_t i = 0; i < count; i++) {
    unsigned char key[KEY_MAX];
    size_t length = 0;
    const char *problem = decode_secret(secrets[i], key, &length);
    if (problem == NULL) verifier->contexts[i] = keyed_context(verifier->hmac, key, length);
    OPENSSL_cleanse(key, sizeof key); /* OpenSSL wipes its own copy */
    if (problem != NULL) {
      char where[32];
      snprintf(where, sizeof where, "secrets[%zu]", i + 1);
      return dbt_fail(error, DBT_ARGUMENT, where, "webhook secret %zu of %zu %s", i + 1, count,
                      problem);
    }
    if (verifier->contexts[i] == NULL)
      return dbt_fail(error, DBT_NO_MEMORY, NULL, "OpenSSL cannot prepare a secret");
    verifier->count++;
  }
  return true;
}

dbt_verifier *dbt_verifier_new(const dbt_shared_secret *secrets, size_t count,
                               const dbt_verifier_options *options, dbt_error *error) {
  if (count == 0 || count > DBT_SIGNATURE_MAX_SECRETS) {
    dbt_fail(error, DBT_ARGUMENT, "secrets", "1 to %d webhook secrets expected",
             DBT_SIGNATURE_MAX_SECRETS);
    return NULL;
  }
  dbt_verifier *verifier = OPENSSL_zalloc(sizeof *verifier);
  if (verifier != NULL) verifier->hmac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
  if (verifier == NULL || verifier->hmac == NULL)
    dbt_fail(error, DBT_NO_MEMORY, NULL, "OpenSSL cannot provide HMAC");
  else if (take_secrets(verifier, secrets, count, error)) {
    verifier->options = *options;
    return verifier;
  }
  dbt_verifier_free(verifier);
  return NULL;
}

void dbt_verifier_free(dbt_verifier *verifier) {
  if (verifier == NULL) return;
  for (size_t i = 0; i < verifier->count; i++)
    EVP_MAC_CTX_free(verifier->contexts[i]);
  EVP_MAC_free(verifier->hmac);
  OPENSSL_free(verifier);
}

/* == The header == */

/* Decimal without sign or leading zero, as the sender writes it. */
static const char *parse_timestamp(parsed *header, const char *value, size_t length) {
  if (header->prefix_length > 0) return "more than one t";
  if (length == 0 || length > TIMESTAMP_DIGITS || (value[0] == '0' && length > 1))
    return "t is not a Unix time";
  for (size_t i = 0; i < length; i++) {
    if (value[i] < '0' || value[i] > '9') return "t is not a Unix time";
    header->timestamp = header->timestamp * 10 + (uint64_t)(value[i] - '0');
  }
  if (header->timestamp > timestamp_max) return "t is not a Unix time";
  memcpy(header->prefix, value, length);
  header->prefix[length] = '.';
  header->prefix_length = length + 1;
  return NULL;
}

/* The value of a hex digit with IS_HEX set, 0 for any other byte: a table, because branches on the
   digits of a MAC are mispredicted half of the time. */
enum { IS_HEX = 0x10 };
static const unsigned char hex_digits[256] = {
    ['0'] = 0x10, ['1'] = 0x11, ['2'] = 0x12, ['3'] = 0x13, ['4'] = 0x14, ['5'] = 0x15,
    ['6'] = 0x16, ['7'] = 0x17, ['8'] = 0x18, ['9'] = 0x19, ['a'] = 0x1A, ['b'] = 0x1B,
    ['c'] = 0x1C, ['d'] = 0x1D, ['e'] = 0x1E, ['f'] = 0x1F, ['A'] = 0x1A, ['B'] = 0x1B,
    ['C'] = 0x1C, ['D'] = 0x1D, ['E'] = 0x1E, ['F'] = 0x1F};

static const char *parse_mac(parsed *header, const char *value, size_t length) {
  if (header->count == DBT_SIGNATURE_MAX_CANDIDATES) return "more than 16 v1 signatures";
  if (length != HEX_SIZE) return "a v1 signature is not 64 hex digits";
  unsigned char *mac = header->macs[header->count++];
  const unsigned char *digits = (const unsigned char *)value;
  unsigned all = IS_HEX;
  for (size_t i = 0; i < MAC_SIZE; i++) {
    unsigned high = hex_digits[digits[2 * i]], low = hex_digits[digits[2 * i + 1]];
    all &= high & low;
    mac[i] = (unsigned char)(high << 4 | (low & 15));
  }
  return all == IS_HEX ? NULL : "a v1 signature is not 64 hex digits";
}

static bool is_blank(char byte) {
  return byte == ' ' || byte == '\t';
}

/* One `name=value`; names other than t and v1 are schemes to come and are skipped. */
static const char *parse_item(parsed *header, const char *item, size_t length) {
  while (length > 0 && is_blank(*item))
    item++, length--;
  while (length > 0 && is_blank(item[length - 1]))
    length--;
  const char *equals = memchr(item, '=', length);
  if (equals == NULL || equals == item) return "an item is not name=value";
  size_t name = (size_t)(equals - item);
  const char *value = equals + 1;
  if (name == 1 && item[0] == 't') return parse_timestamp(header, value, length - 2);
  if (name == 2 && memcmp(item, "v1", 2) == 0) return parse_mac(header, value, length - 3);
  return NULL;
}

/* What is wrong with the header, or NULL. */
static const char *parse_header(parsed *header, const char *text, size_t length) {
  if (length > DBT_SIGNATURE_MAX_HEADER) return "longer than 4096 bytes";
  const char *end = text + length;
  for (const char *item = text, *comma; item != NULL; item = comma != NULL ? comma + 1 : NULL) {
    comma = memchr(item, ',', (size_t)(end - item));
    const char *problem = parse_item(header, item, (size_t)((comma != NULL ? comma : end) - item));
    if (problem != NULL) return problem;
  }
  if (header->prefix_length == 0) return "t is missing";
  return header->count > 0 ? NULL : "v1 is missing";
}

static bool is_absent(const char *text, size_t length) {
  for (size_t i = 0; text != NULL && i < length; i++)
    if (!is_blank(text[i])) return false;
  return true;
}

/* == The signature == */

/* Starting over without a key keeps the one that the context has. */
static bool compute_mac(EVP_MAC_CTX *context, const char *prefix, size_t prefix_length,
                        const void *body, size_t length, unsigned char mac[MAC_SIZE]) {
  size_t written;
  return EVP_MAC_init(context, NULL, 0, NULL) == 1 &&
         EVP_MAC_update(context, (const unsigned char *)prefix, prefix_length) == 1 &&
         EVP_MAC_update(context, body, length) == 1 &&
         EVP_MAC_final(context, mac, &written, MAC_SIZE) == 1;
}

/* Tries everything, whatever has matched already, so that the time taken tells nothing about
 * which one did. */
static bool match(dbt_verifier *verifier, const parsed *header, const void *body, size_t length,
                  size_t *matched) {
  unsigned char mac[MAC_SIZE];
  bool computed = true;
  for (size_t i = 0; i < verifier->count && computed; i++) {
    computed = compute_mac(verifier->contexts[i], header->prefix, header->prefix_length, body,
                           length, mac);
    int different = 1;
    for (size_t j = 0; j < header->count; j++)
      different &= CRYPTO_memcmp(mac, header->macs[j], MAC_SIZE) != 0;
    if (!different) *matched = i + 1;
  }
  OPENSSL_cleanse(mac, sizeof mac);
  return computed;
}

bool dbt_verifier_verify(dbt_verifier *verifier, const char *header, size_t header_length,
                         const void *body, size_t body_length, double now, dbt_verification *result,
                         dbt_error *error) {
  *result = (dbt_verification){.verdict = DBT_SIGNATURE_MISSING};
  if (is_absent(header, header_length)) return true;

  parsed parts;
  parts.timestamp = 0;
  parts.prefix_length = 0;
  parts.count = 0;
  result->verdict = DBT_SIGNATURE_MALFORMED;
  result->problem = parse_header(&parts, header, header_length);
  if (result->problem != NULL) return true;

  result->verdict = DBT_SIGNATURE_NO_MATCH;
  result->timestamp = (double)parts.timestamp;
  result->age = now - result->timestamp;
  result->candidates = parts.count;
  result->secrets = verifier->count;
  size_t matched = 0;
  if (!match(verifier, &parts, body, body_length, &matched))
    return dbt_fail(error, DBT_NO_MEMORY, NULL, "OpenSSL cannot compute a signature");
  result->secret = matched;
  if (matched == 0) return true;

  if (result->age > verifier->options.tolerance)
    result->verdict = DBT_SIGNATURE_TOO_OLD;
  else if (-result->age > verifier->options.skew)
    result->verdict = DBT_SIGNATURE_IN_FUTURE;
  else
    result->verdict = DBT_SIGNATURE_VALID;
  return true;
}

const char *dbt_verdict_name(dbt_verdict verdict) {
  static const char *const names[] = {
      [DBT_SIGNATURE_VALID] = "valid",         [DBT_SIGNATURE_MISSING] = "missing",
      [DBT_SIGNATURE_MALFORMED] = "malformed", [DBT_SIGNATURE_NO_MATCH] = "no_match",
      [DBT_SIGNATURE_TOO_OLD] = "too_old",     [DBT_SIGNATURE_IN_FUTURE] = "in_future",
  };
  return names[verdict];
}

bool dbt_sign(dbt_shared_secret secret, const void *body, size_t length, long long timestamp,
              char header[DBT_SIGNATURE_SIGNED_MAX], dbt_error *error) {
  if (timestamp < 0 || (uint64_t)timestamp > timestamp_max)
    return dbt_fail(error, DBT_ARGUMENT, "timestamp", "a Unix time in seconds expected");
  dbt_verifier_options unused = {0};
  dbt_verifier *keyed = dbt_verifier_new(&secret, 1, &unused, error);
  if (keyed == NULL) return false;
  char prefix[TIMESTAMP_DIGITS + 2];
  unsigned char mac[MAC_SIZE];
  int prefix_length = snprintf(prefix, sizeof prefix, "%lld.", timestamp);
  bool computed = compute_mac(keyed->contexts[0], prefix, (size_t)prefix_length, body, length, mac);
  dbt_verifier_free(keyed);
  if (!computed) return dbt_fail(error, DBT_NO_MEMORY, NULL, "OpenSSL cannot compute a signature");
  int used = snprintf(header, DBT_SIGNATURE_SIGNED_MAX, "t=%lld,v1=", timestamp);
  for (size_t i = 0; i < MAC_SIZE; i++)
    used += snprintf(header + used, DBT_SIGNATURE_SIGNED_MAX - (size_t)used, "%02x", mac[i]);
  return true;
}
