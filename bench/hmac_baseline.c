/* What a C program pays for the HMAC of a webhook with a key that is ready: reads the body from
 * standard input, prints CPU nanoseconds for one call. Usage: hmac_baseline times <body */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int count, char **arguments) {
  static unsigned char body[65536], mac[EVP_MAX_MD_SIZE];
  char digest[] = "SHA256";
  OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                             OSSL_PARAM_construct_end()};
  long times = count > 1 ? atol(arguments[1]) : 0;
  size_t length = fread(body, 1, sizeof body, stdin), written;
  EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
  EVP_MAC_CTX *context = EVP_MAC_CTX_new(hmac);
  if (times < 1 || EVP_MAC_init(context, (const unsigned char *)"sample-webhook-secret-001", 25,
                                parameters) != 1)
    return 1;

  clock_t started = clock();
  for (long i = 0; i < times; i++)
    if (EVP_MAC_init(context, NULL, 0, NULL) != 1 || EVP_MAC_update(context, body, length) != 1 ||
        EVP_MAC_final(context, mac, &written, sizeof mac) != 1)
      return 1;
  printf("%.1f\n", (double)(clock() - started) * 1e9 / CLOCKS_PER_SEC / (double)times);
  EVP_MAC_CTX_free(context);
  EVP_MAC_free(hmac);
  return 0;
}
