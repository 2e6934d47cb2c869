/* What a plain program does with libcurl: GETs of one URL on one kept-alive connection, header and
 * body collected. Usage: curl_baseline url count; prints the microseconds of CPU time that one GET
 * took. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

typedef struct {
  char *bytes;
  size_t length;
} text;

static size_t collect(char *bytes, size_t size, size_t count, void *into) {
  text *collected = into;
  char *grown = realloc(collected->bytes, collected->length + size * count);
  if (grown == NULL) return 0;
  memcpy(grown + collected->length, bytes, size * count);
  collected->bytes = grown;
  collected->length += size * count;
  return size * count;
}

static double cpu_microseconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

static int get(CURL *easy, const char *url) {
  text header = {NULL, 0}, body = {NULL, 0};
  long status = 0;
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &header);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &body);
  CURLcode result = curl_easy_perform(easy);
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  free(header.bytes);
  free(body.bytes);
  return result == CURLE_OK && status == 200;
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  long rounds = strtol(arguments[2], NULL, 10);
  CURL *easy = curl_easy_init();
  if (easy == NULL) return 1;
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, collect);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, collect);
  int ok = get(easy, arguments[1]);
  double start = cpu_microseconds();
  for (long i = 0; i < rounds && ok; i++)
    ok = get(easy, arguments[1]);
  printf("%f\n", (cpu_microseconds() - start) / (double)rounds);
  curl_easy_cleanup(easy);
  return ok ? 0 : 1;
}
