/* The poller for platforms without epoll: curl_multi_poll, and no descriptor. */
#include "http/poller.h"

#include <stdlib.h>
#include <time.h>

typedef struct {
  dbt_poller base;
  CURLM *multi;
} portable_poller;

static void portable_close(dbt_poller *base) {
  free(base);
}

static int portable_descriptor(dbt_poller *base) {
  (void)base;
  return -1;
}

static CURLMcode portable_start(dbt_poller *base) {
  int running;
  return curl_multi_perform(((portable_poller *)base)->multi, &running);
}

static CURLMcode portable_step(dbt_poller *base, int timeout_ms) {
  CURLM *multi = ((portable_poller *)base)->multi;
  if (timeout_ms != 0) {
    CURLMcode code = curl_multi_poll(multi, NULL, 0, timeout_ms, NULL);
    if (code != CURLM_OK) return code;
  }
  return portable_start(base);
}

static CURLMcode portable_push(dbt_poller *base) {
  int running;
  return curl_multi_socket_action(((portable_poller *)base)->multi, CURL_SOCKET_TIMEOUT, 0,
                                  &running);
}

static void portable_wake(dbt_poller *base) {
  curl_multi_wakeup(((portable_poller *)base)->multi);
}

static bool portable_opened(dbt_poller *base, curl_socket_t socket) {
  (void)base;
  (void)socket;
  return true;
}

static void portable_closing(dbt_poller *base, curl_socket_t socket) {
  (void)base;
  (void)socket;
}

dbt_poller *dbt_poller_portable_new(CURLM *multi, dbt_error *error) {
  static const dbt_poller_kind kind = {
      .close = portable_close,
      .descriptor = portable_descriptor,
      .step = portable_step,
      .start = portable_start,
      .push = portable_push,
      .wake = portable_wake,
      .opened = portable_opened,
      .closing = portable_closing,
  };
  portable_poller *poller = calloc(1, sizeof *poller);
  if (poller == NULL) {
    dbt_fail(error, DBT_NO_MEMORY, NULL, "not enough memory");
    return NULL;
  }
  poller->base.kind = &kind;
  poller->multi = multi;
  return &poller->base;
}

int64_t dbt_microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

dbt_poller *dbt_poller_new(CURLM *multi, bool portable, dbt_error *error) {
#ifdef __linux__
  if (!portable) return dbt_poller_epoll_new(multi, error);
#endif
  (void)portable;
  return dbt_poller_portable_new(multi, error);
}
