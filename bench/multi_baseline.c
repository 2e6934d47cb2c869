/* What a plain program does with curl multi: so many GETs of one URL, some of them at once, bodies
 * collected. Usage: multi_baseline url count at_once; prints the seconds that all took together. */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_AT_ONCE = 256 };

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

static double now(void) {
  struct timespec moment;
  clock_gettime(CLOCK_MONOTONIC, &moment);
  return (double)moment.tv_sec + (double)moment.tv_nsec / 1e9;
}

static CURL *prepared(const char *url, text *body) {
  CURL *easy = curl_easy_init();
  if (easy == NULL) return NULL;
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, collect);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, body);
  return easy;
}

/* Takes finished handles out and puts each back in until `left` is used up; returns how many
 * finished, -1 on failure. */
static long turn_over(CURLM *multi, long *left) {
  long finished = 0;
  int queued;
  for (CURLMsg *message; (message = curl_multi_info_read(multi, &queued)) != NULL;) {
    CURL *easy = message->easy_handle;
    long status = 0;
    text *body = NULL;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&body);
    if (message->data.result != CURLE_OK || status != 200) return -1;
    free(body->bytes);
    *body = (text){NULL, 0};
    curl_multi_remove_handle(multi, easy);
    finished++;
    if (*left > 0) {
      (*left)--;
      curl_multi_add_handle(multi, easy);
    }
  }
  return finished;
}

int main(int count, char **arguments) {
  if (count != 4) return 2;
  long calls = strtol(arguments[2], NULL, 10), at_once = strtol(arguments[3], NULL, 10);
  if (at_once < 1 || at_once > MOST_AT_ONCE || at_once > calls) return 2;
  text bodies[MOST_AT_ONCE] = {{NULL, 0}};
  double start = now();
  CURLM *multi = curl_multi_init();
  if (multi == NULL) return 1;
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, at_once);
  CURL *handles[MOST_AT_ONCE];
  for (long i = 0; i < at_once; i++) {
    handles[i] = prepared(arguments[1], &bodies[i]);
    if (handles[i] == NULL || curl_multi_add_handle(multi, handles[i]) != CURLM_OK) return 1;
  }
  long left = calls - at_once, done = 0;
  while (done < calls) {
    int running;
    if (curl_multi_perform(multi, &running) != CURLM_OK) return 1;
    long finished = turn_over(multi, &left);
    if (finished < 0) return 1;
    done += finished;
    if (finished == 0) curl_multi_poll(multi, NULL, 0, 1000, NULL);
  }
  printf("%f\n", now() - start);
  for (long i = 0; i < at_once; i++)
    curl_easy_cleanup(handles[i]);
  curl_multi_cleanup(multi);
  return 0;
}
